"""PhobertTokenizerFast against transformers' PhobertTokenizer, the original it must equal."""

from __future__ import annotations

import json
import lzma
import pickle
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from detente import places
from detente.model.families.phobert_plain import PlainPhobertTokenizer
from detente.model.families.phobert_tokenizer import PhobertTokenizerFast

SNIPPETS = (
    "hoà_bình hòa_bình Nga NATO đàm_phán 🙂 👩\u200d👩\u200d👧 a\u0301 \u0301 \u00a0 \u2028 \x1c \x85 \n \n\n @@ a@@ @@@ </w> "
    "a</w> <s> </s> <pad> <unk> <mask> < > <S> _ __ ﷽ ㅎ\u1112\u1161 \ud800 \ufeff \u200b x@@y 16/1 3,5%"
)
PIECES = st.sampled_from(SNIPPETS.split(" "))
TEXTS = (
    st.text(max_size=60)
    | st.text(st.characters(codec=None), max_size=20)
    | st.lists(PIECES | st.text(max_size=4), max_size=12).map(" ".join)
    | st.lists(PIECES, max_size=12).map("".join)
)


@pytest.fixture(scope="module")
def mini() -> tuple[Any, PhobertTokenizerFast]:
    return both(places.MINI)


@pytest.fixture(scope="module")
def phobert(outside_data: Path) -> tuple[Any, PhobertTokenizerFast]:
    """PhoBERT's real vocabulary."""
    return both(outside_data / "phobert-tokenizer")


@pytest.fixture(scope="module")
def plain() -> PlainPhobertTokenizer:
    return PlainPhobertTokenizer(str(places.MINI / "vocab.txt"), str(places.MINI / "bpe.codes"))


def both(folder: Path) -> tuple[Any, PhobertTokenizerFast]:
    from transformers import PhobertTokenizer

    paths = str(folder / "vocab.txt"), str(folder / "bpe.codes")
    return PhobertTokenizer(*paths), PhobertTokenizerFast(*paths)


@settings(max_examples=200, deadline=None)
@given(st.lists(TEXTS, max_size=4))
@example(["Hai_bên đàm_phán\nhoà_bình .", "", "@@ 🙂 \ud800"])
def test_the_plain_one_gives_the_same_without_transformers(
    mini: tuple[Any, PhobertTokenizerFast], plain: PlainPhobertTokenizer, texts: list[str]
) -> None:
    fast = mini[1]
    assert plain.ids(texts) == fast.ids(texts)
    assert plain.words(texts) == fast.words(texts)
    assert [plain.pieces(text) for text in texts] == [fast.pieces(text) for text in texts]


def test_the_plain_one_is_as_long_and_writes_the_same_files(
    mini: tuple[Any, PhobertTokenizerFast], plain: PlainPhobertTokenizer, tmp_path: Path
) -> None:
    fast = mini[1]
    for name in ("prefix", "suffix", "pad_token_id", "unk_token_id", "mask_token_id", "tokenizer_class"):
        assert getattr(plain, name) == getattr(fast, name), name
    assert len(plain) == len(fast)
    for name, tokenizer in (("plain", plain), ("fast", fast)):
        (tmp_path / name).mkdir()
        tokenizer.write(tmp_path / name)
    files = {path.name: path.read_bytes() for path in (tmp_path / "fast").iterdir()}
    assert {path.name: path.read_bytes() for path in (tmp_path / "plain").iterdir()} == files


def original_ids(slow: Any, text: str) -> list[int]:
    ids: list[int] = slow.convert_tokens_to_ids(slow.tokenize(text))
    return ids


@settings(max_examples=400, deadline=None)
@given(TEXTS)
@example("")
@example("a\nb c\n\nd\n")
@example("x<mask>y </s>z")
@example("\x1ca\x1cb")
def test_the_ids_of_any_text_are_those_of_the_original(phobert: tuple[Any, PhobertTokenizerFast], text: str) -> None:
    slow, fast = phobert
    expected = original_ids(slow, text)
    assert fast.ids([text]) == [expected]
    assert fast(text)["input_ids"] == slow(text)["input_ids"] == [0, *expected, 2]


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_so_are_those_of_the_embedded_encoder(mini: tuple[Any, PhobertTokenizerFast], text: str) -> None:
    slow, fast = mini
    assert fast.ids([text]) == [original_ids(slow, text)]
    assert fast.decode(fast(text)["input_ids"]) == slow.decode(slow(text)["input_ids"])


@settings(max_examples=200, deadline=None)
@given(st.lists(TEXTS, max_size=6))
def test_a_batch_is_its_texts_one_by_one(mini: tuple[Any, PhobertTokenizerFast], texts: list[str]) -> None:
    _, fast = mini
    assert fast.ids(texts) == [fast.ids([text])[0] for text in texts]
    if texts:
        assert fast(texts)["input_ids"] == [fast(text)["input_ids"] for text in texts]


@pytest.mark.slow
def test_twenty_thousand_sentences_of_news(phobert: tuple[Any, PhobertTokenizerFast], outside_data: Path) -> None:
    slow, fast = phobert
    with lzma.open(outside_data / "corpus" / "vietnews-sentences.txt.xz", "rt", encoding="utf-8") as stream:
        lines = [line.rstrip("\n") for line in islice(stream, 20_000)]
    found = fast.ids(lines)
    assert len(lines) == len(found) == 20_000
    assert next((line for line, ids in zip(lines, found, strict=True) if ids != original_ids(slow, line)), None) is None


def test_a_line_of_a_hundred_thousand_characters(phobert: tuple[Any, PhobertTokenizerFast]) -> None:
    slow, fast = phobert
    line = "Hai bên ký thoả_thuận hoà_bình , đàm_phán 🙂 kết_thúc . " * 1900
    assert len(line) > 100_000
    assert fast.ids([line]) == [original_ids(slow, line)]
    # One word of that length takes the original minutes; of three thousand characters it is the same.
    assert fast.ids(["hoàbình" * 430]) == [original_ids(slow, "hoàbình" * 430)]
    assert len(fast.ids(["hoàbình" * 15_000])[0]) > 10_000


def test_words_are_remembered_no_further_than_the_limit(
    mini: tuple[Any, PhobertTokenizerFast], monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, fast = mini
    monkeypatch.setattr("detente.model.families.phobert_words.MAX_WORDS", 50)
    monkeypatch.setattr("detente.model.families.phobert_words.BATCH", 7)
    texts = [f"từ{n} và từ{n + 1}" for n in range(200)]
    assert fast.ids(texts) == [original_ids(slow, text) for text in texts]
    assert len(fast._words.known) <= 50


def test_several_threads_get_what_one_gets(mini: tuple[Any, PhobertTokenizerFast], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where they meet the same new words at the same moment, and drive each other's out of the memory."""
    _, fast = mini
    texts = [[f"từ{n}a và từ{n * turn % 997}b" for n in range(1000)] for turn in range(1, 9)]
    expected = [fast.ids(own) for own in texts]
    for limit in (1 << 17, 3000):
        monkeypatch.setattr("detente.model.families.phobert_words.MAX_WORDS", limit)
        with ThreadPoolExecutor(8) as pool:
            for _ in range(4):
                fast._words.known = {}
                assert list(pool.map(fast.ids, texts)) == expected


def test_tokens_words_and_offsets(phobert: tuple[Any, PhobertTokenizerFast]) -> None:
    slow, fast = phobert
    text = "Thỏa_thuận 🙂 hoà_bình </s>"
    found = fast(text, return_offsets_mapping=True)
    assert found.tokens() == ["<s>", "Th@@", "ỏ@@", "a_th@@", "uận", "<unk>", "hoà_bình", "</s>", "</s>"]
    assert slow.tokenize(text) == ["Th@@", "ỏ@@", "a_th@@", "uận", "🙂", "hoà_bình", "</s>"]
    assert found.word_ids() == [None, 0, 0, 0, 0, 1, 2, 3, None]
    assert [text[a:b] for a, b in found["offset_mapping"]] == ["", "Th", "ỏ", "a_th", "uận", "🙂", "hoà_bình", "</s>", ""]
    assert fast.convert_ids_to_tokens(found["input_ids"]) == found.tokens()
    assert fast.convert_tokens_to_ids(["hoà_bình", "hòa_bình"]) == slow.convert_tokens_to_ids(["hoà_bình", "hòa_bình"])
    assert fast(text).tokens() == found.tokens()
    assert fast(text).word_ids() == found.word_ids()
    assert found.char_to_token(0) == fast(text).char_to_token(0) == 1
    assert found.word_to_tokens(0).end == 5


@pytest.mark.parametrize("n_words", [253, 254, 255, 600])
def test_truncation_cuts_at_256_without_being_told_the_number(mini: tuple[Any, PhobertTokenizerFast], n_words: int) -> None:
    slow, fast = mini
    text = "Nga " * n_words
    cut = fast(text, truncation=True)["input_ids"]
    assert len(cut) == min(n_words + 2, 256)
    assert (cut[0], cut[-1]) == (0, 2)
    # The trap this closes: the original cuts nothing, and 257 ids crash the model.
    assert len(slow(text, truncation=True)["input_ids"]) == n_words + 2
    assert fast.ids([text]) == [original_ids(slow, text)]  # and the limit does not stick to the next call


def test_pairs_padding_and_tensors(mini: tuple[Any, PhobertTokenizerFast]) -> None:
    slow, fast = mini
    assert fast("Nga", "NATO")["input_ids"] == slow("Nga", "NATO")["input_ids"]
    texts = ["Nga", "Hai bên nhất_trí"]
    expected, found = slow(texts, padding=True, return_tensors="pt"), fast(texts, padding=True, return_tensors="pt")
    assert set(found) == set(expected) == {"input_ids", "attention_mask"}
    assert all((found[name] == expected[name]).all() for name in found)
    assert found.word_ids(0) == [None, 0, None, *[None] * (len(found.word_ids(1)) - 3)]
    assert found.tokens(0)[2:] == ["</s>", *["<pad>"] * (len(found.tokens(1)) - 3)]
    for options in (
        {"padding": "max_length", "max_length": 9, "truncation": True},
        {"padding": True, "padding_side": "left", "return_length": True},
        {"padding": True, "pad_to_multiple_of": 8, "add_special_tokens": False},
        {"truncation": True, "max_length": 3, "return_attention_mask": False},
    ):
        # Asked for the tokens after special ones too, a call takes the backend's way; both ways agree.
        by_words, by_backend = fast(texts, **options), fast(texts, return_special_tokens_mask=True, **options)
        assert all(by_words[name] == by_backend[name] for name in by_words), options
        for at in range(2):
            assert by_words.tokens(at) == by_backend.tokens(at), options
            assert by_words.word_ids(at) == by_backend.word_ids(at), options
            assert by_words[at].offsets == by_backend[at].offsets, options
    assert fast(texts).encodings[-1].tokens[-1] == "</s>"
    assert len(fast(texts).encodings[0:2]) == 2
    assert fast(["Nga", "và", "NATO"], is_split_into_words=True)["input_ids"] == fast("Nga và NATO")["input_ids"]


def test_sizes_and_vocabulary_are_the_originals(phobert: tuple[Any, PhobertTokenizerFast]) -> None:
    slow, fast = phobert
    assert (len(fast), fast.vocab_size) == (len(slow), slow.vocab_size) == (64001, 64000)
    assert fast.get_vocab() == slow.get_vocab()
    assert fast.all_special_ids == slow.all_special_ids
    assert (fast.is_fast, fast.model_max_length) == (True, 256)


def test_added_tokens_get_the_ids_of_the_original_and_are_saved(tmp_path: Path) -> None:
    from tokenizers import AddedToken

    slow, fast = both(places.MINI)
    new = ["@USER", "Nga", AddedToken("HĐBA", single_word=True)]
    assert fast.add_tokens(new) == slow.add_tokens(new)
    assert fast("xHĐBA HĐBA")["input_ids"] == slow("xHĐBA HĐBA")["input_ids"]
    text = "Nga và @USER họp"
    assert fast(text)["input_ids"] == slow(text)["input_ids"]
    assert fast.ids([text]) == [original_ids(slow, text)]
    fast.save_pretrained(tmp_path)
    again = PhobertTokenizerFast.from_pretrained(tmp_path)
    assert (len(again), again(text)["input_ids"]) == (len(slow), slow(text)["input_ids"])


def files_of_text() -> Iterator[str]:
    yield from ("Hai bên nhất_trí .", "hòa_bình </s> 🙂", "")


def test_saved_and_loaded_through_transformers(tmp_path: Path, mini: tuple[Any, PhobertTokenizerFast]) -> None:
    from transformers import AutoTokenizer, PhobertTokenizer

    slow, fast = mini
    fast.save_pretrained(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bpe.codes", "tokenizer_config.json", "vocab.txt"]
    assert json.loads((tmp_path / "tokenizer_config.json").read_text())["tokenizer_class"] == "PhobertTokenizer"
    again = PhobertTokenizerFast.from_pretrained(tmp_path)
    # Without detente the folder is PhoBERT's own tokenizer, with the limit it used to lack.
    (tmp_path / "config.json").write_text((places.MINI / "config.json").read_text())
    plain = AutoTokenizer.from_pretrained(tmp_path)
    assert type(plain) is PhobertTokenizer
    assert again.model_max_length == plain.model_max_length == 256
    for text in files_of_text():
        assert again(text)["input_ids"] == plain(text)["input_ids"] == slow(text)["input_ids"]


def test_a_folder_of_the_original_has_no_limit_but_the_models(tmp_path: Path, mini: tuple[Any, PhobertTokenizerFast]) -> None:
    slow, _ = mini
    slow.save_pretrained(tmp_path)
    assert PhobertTokenizerFast.from_pretrained(tmp_path).model_max_length == 256
    assert PhobertTokenizerFast.from_pretrained(tmp_path, model_max_length=128).model_max_length == 128


def test_pickled_for_worker_processes(mini: tuple[Any, PhobertTokenizerFast]) -> None:
    slow, fast = mini
    again = pickle.loads(pickle.dumps(fast))
    for text in files_of_text():
        assert again.ids([text]) == [original_ids(slow, text)]
        assert again(text).tokens() == fast(text).tokens()


def test_training_another_vocabulary_points_to_the_function_that_does(mini: tuple[Any, PhobertTokenizerFast]) -> None:
    with pytest.raises(NotImplementedError, match="train_vocabulary"):
        mini[1].train_new_from_iterator(["a"], 10)


def test_products_outside_the_vocabulary_and_merges_with_spaces(tmp_path: Path) -> None:
    """What PhoBERT's own files hold: here by itself, where every case is sure to come up."""
    (tmp_path / "vocab.txt").write_text("a@@ 9\nb 8\nc 7\nab@@ 6\nabc@@ 5\n@@ 2\n", encoding="utf-8")
    (tmp_path / "bpe.codes").write_text(
        "a b 9\nb c</w> 8\nab c 7\nab c</w> 6\nabc d</w> 5\nx\u00a0y z 4\n@ @</w> 3\na b 1\n", encoding="utf-8"
    )
    slow, fast = both(tmp_path)
    for text in ("abc", "abcd", "ab", "bc", "abcab", "xyz x\u00a0yz", "aabbcc", "@@ a@@ @", "dabc abcabc", "<unk>"):
        assert fast.ids([text]) == [original_ids(slow, text)], text
        assert fast(text)["input_ids"] == slow(text)["input_ids"]
    shutil.rmtree(tmp_path)
