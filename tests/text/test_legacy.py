from __future__ import annotations

from pathlib import Path

import pytest

from detente.text.legacy import DECODERS, LegacyTexts, legacy_encoding, to_unicode

PLAIN = "Hai nước nối lại đối thoại cấp cao sau hai năm gián đoạn"
MISREAD = "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in PLAIN.encode())
AS_STORED = {
    "UTF-8 read as Windows-1252 twice": "".join(
        bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in MISREAD.encode()
    ),
    "Windows-1258 read as Windows-1252": "Hai nýõìc nôìi laòi ðôìi thoaòi câìp cao sau hai nãm giaìn ðoaòn",
    "TCVN3": "Hai n\u00adíc nèi l¹i ®èi tho¹i cÊp cao sau hai n¨m gi¸n ®o¹n",
    "VNI": "Hai nöôùc noái laïi ñoái thoaïi caáp cao sau hai naêm giaùn ñoaïn",
    **{
        name: "".join(bytes([byte]).decode(codec, "ignore") or chr(byte) for byte in PLAIN.encode())
        for name, codec in {
            "UTF-8 read as Windows-1252": "cp1252",
            "UTF-8 read as Windows-1258": "cp1258",
            "UTF-8 read as Mac Roman": "mac_roman",
        }.items()
    },
}


@pytest.mark.parametrize("encoding", DECODERS)
def test_an_encoding_is_named_and_undone(encoding: str) -> None:
    stored = AS_STORED[encoding]
    assert legacy_encoding(stored) == encoding
    assert to_unicode(stored, encoding) == PLAIN
    assert to_unicode(PLAIN.encode().decode("latin-1"), "UTF-8 read as Windows-1252") == PLAIN


def test_misread_text_that_lost_its_control_characters_is_told_too() -> None:
    stored = PLAIN.encode().decode("latin-1")
    assert legacy_encoding("".join(char for char in stored if not 0x80 <= ord(char) < 0xA0)) == "UTF-8 read as Windows-1252"


@pytest.mark.parametrize("stored", [PLAIN, PLAIN.upper(), "Hai ben", "", "1,5 °C", "Ủy ban Á", "hoà bình, thủy quân, quý, gì"])
def test_proper_text_is_in_no_other_encoding(stored: str) -> None:
    assert legacy_encoding(stored) is None


@pytest.mark.parametrize(
    "stored",
    [
        "São Paulo và Curaçao",
        "Les élèves français à Orléans",
        "¿Qué pasó, señor Núñez?",
        "Größe für Mädchen",
        "«đắt quá» và «rẻ quá»",
    ],
)
def test_other_languages_are_no_encoding(stored: str) -> None:
    assert legacy_encoding(stored) is None


def test_twenty_thousand_sentences_give_no_warning(outside_data: Path) -> None:
    import lzma
    from itertools import islice

    with lzma.open(outside_data / "corpus" / "vietnews-sentences.txt.xz", "rt", encoding="utf-8") as lines:
        assert not [line for line in islice(lines, 20_000) if legacy_encoding(line.replace("_", " "))]


def test_warnings_name_the_first_place_and_the_count() -> None:
    found = LegacyTexts()
    found.add_all([("VNI", "a.txt:3"), ("VNI", "a.txt:7"), ("TCVN3", "a.txt:9")])
    assert found.warnings("row") == [
        "warning: 2 rows look like VNI stored as Unicode, the first is a.txt:3: to a model its letters are other ones. Convert "
        "the text first, with UniKey's toolkit or in Python: detente.text.legacy.to_unicode(text, 'VNI')",
        "warning: 1 row looks like TCVN3 stored as Unicode, the first is a.txt:9: to a model its letters are other ones. "
        "Convert the text first, with UniKey's toolkit or in Python: detente.text.legacy.to_unicode(text, 'TCVN3')",
    ]
