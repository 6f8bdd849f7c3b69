from __future__ import annotations

from pathlib import Path

import pytest

from detente.errors import ConfigError
from detente.model.families.phobert_tokenizer import PhobertTokenizerFast
from detente.model.vocabulary_fit import WORDS, VocabularyFit, vocabulary_fit
from detente.text import TextPath


@pytest.fixture(scope="module")
def phobert(outside_data: Path) -> PhobertTokenizerFast:
    folder = outside_data / "phobert-tokenizer"
    return PhobertTokenizerFast(str(folder / "vocab.txt"), str(folder / "bpe.codes"))


def warnings(fit: VocabularyFit) -> list[str]:
    return [line for line in fit.lines("phobert") if line.startswith("warning")]


def test_the_default_path_gives_phobert_whole_words(phobert: PhobertTokenizerFast) -> None:
    path = TextPath()
    fit = vocabulary_fit(phobert, path, path.batch(["Hai bên ký thỏa thuận hòa bình 🙂.", ""]))
    assert (fit.word_pieces, fit.word_pieces_at_best) == (1.0, 1.0)
    assert (fit.misspelt, fit.unjoined, fit.n_texts) == ((), (), 1)
    # Hai bên ký thoả_thuận hoà_bình 🙂 . : seven words, one of them unknown.
    assert (fit.pieces, fit.unknown) == (1.0, pytest.approx(1 / 7))
    assert list(fit.lines("phobert")) == [
        "vocabulary fit of phobert: 1.00 pieces a word of the news, 1.00 over 1 texts (14.29% unknown)"
    ]


def test_a_path_that_keeps_new_tone_marks_is_named(phobert: PhobertTokenizerFast) -> None:
    fit = vocabulary_fit(phobert, TextPath(tone_marks="keep"))
    assert set(fit.misspelt) == {raw for raw in WORDS if WORDS[raw] != raw.replace(" ", "_")}
    assert fit.word_pieces > 1.5
    (line,) = warnings(fit)
    assert line.startswith("warning: tone marks: 8 words")
    assert line.endswith("first 'hòa bình'. Train with text.tone_marks=old.")


def test_text_that_was_never_segmented_is_named(phobert: PhobertTokenizerFast, monkeypatch: pytest.MonkeyPatch) -> None:
    fit = vocabulary_fit(phobert, TextPath(segmenter="none"), ["Hai bên ký thoả thuận hoà bình ."])
    (line,) = warnings(fit)
    assert "word segmentation: 28 of 28 words are not joined" in line
    assert "Segment the texts first" in line
    assert not warnings(vocabulary_fit(phobert, TextPath(segmenter="none"), ["Hai bên ký thoả_thuận ."]))
    monkeypatch.setattr("detente.text.path._load", lambda name: str)
    (line,) = warnings(vocabulary_fit(phobert, TextPath()))
    assert "28 of 28 words are not joined, first 'hòa bình'. Train with another text.segmenter" in line


def test_a_vocabulary_that_holds_no_words_is_named(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("a@@ 1\na 1\n")
    (tmp_path / "bpe.codes").write_text("")
    tokenizer = PhobertTokenizerFast(str(tmp_path / "vocab.txt"), str(tmp_path / "bpe.codes"))
    (line,) = warnings(vocabulary_fit(tokenizer, TextPath()))
    assert line.startswith("warning: vocabulary: even in their best form words fall into 8.")


def test_the_options_still_refuse_a_wrong_name() -> None:
    with pytest.raises(ConfigError):
        vocabulary_fit(None, TextPath.from_options(type("O", (), {"segmenter": "x", "tone_marks": "old", "max_tokens": 256})))
