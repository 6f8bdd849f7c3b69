from __future__ import annotations

from pathlib import Path

import pytest

from detente.model.families.phobert_bpe import FIRST_FILLER, read_merges, read_vocabulary, symbols_of, token_of

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")


def files(folder: Path, vocabulary: str, codes: str) -> tuple[Path, Path]:
    (folder / "vocab.txt").write_text(vocabulary, encoding="utf-8")
    (folder / "bpe.codes").write_text(codes, encoding="utf-8")
    return folder / "vocab.txt", folder / "bpe.codes"


def test_ids_stand_in_the_order_of_the_file_between_special_tokens_and_mask(tmp_path: Path) -> None:
    vocabulary, _ = files(tmp_path, "hoà 5\nbì@@ 3\n\u00a0 2\n", "")
    # A token of white space alone strips to nothing but its count, as in transformers.
    with pytest.raises(ValueError, match=r"vocab\.txt:3: expected '<token> <count>', got '2'"):
        read_vocabulary(vocabulary, SPECIAL, "<mask>")
    vocabulary, _ = files(tmp_path, "hoà 5\nbì@@ 3\na\u2028b 1\n", "")
    ids = read_vocabulary(vocabulary, SPECIAL, "<mask>")
    assert ids == {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "hoà": 4, "bì@@": 5, "a\u2028b": 6, "<mask>": 7}


def test_a_merge_with_white_space_inside_never_applies_and_the_last_of_two_counts(tmp_path: Path) -> None:
    _, codes = files(tmp_path, "", "a b 9\n\u00a0x c 8\nc d</w> 7\na b 1\n")
    # "\u00a0x" loses its space to split(), which makes another merge of it, as in transformers.
    assert read_merges(codes) == [("x", "c"), ("c", "d</w>"), ("a", "b")]
    _, codes = files(tmp_path, "", "a\u00a0b c 8\nc d 7\n")
    assert read_merges(codes) == [("c", "d")]


def test_symbols_without_a_token_of_their_own_get_fillers() -> None:
    vocabulary = {"<unk>": 0, "a": 1, "a@@": 2, "b": 3, "x@@": 4}
    symbols = symbols_of(vocabulary, [("a", "b</w>"), ("x", "@@</w>")], "<unk>")
    assert (symbols.ids["a</w>"], symbols.ids["a"], symbols.ids["b</w>"], symbols.ids["x"]) == (1, 2, 3, 4)
    # "ab" is no token: unknown. "x@@</w>" is written like the piece x@@, whose id is taken already.
    assert symbols.ids["ab</w>"] >= FIRST_FILLER
    assert symbols.fillers[symbols.ids["ab</w>"]] == 0
    assert symbols.fillers[symbols.ids["x@@</w>"]] == 4
    assert len(set(symbols.ids.values())) == len(symbols.ids)


def test_notations() -> None:
    assert (token_of("hoà</w>"), token_of("ho")) == ("hoà", "ho@@")
