from __future__ import annotations

from pathlib import Path

import pytest

from detente.articles import read_page, read_pages
from detente.articles.readers import decode
from detente.errors import ArticleError, InputError


def test_pages_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", "notes.md"):
        (tmp_path / name).write_text("Một câu.", encoding="utf-8")
    assert [page.page_id for page in read_pages(tmp_path)] == ["a", "b"]


def test_newlines_are_untouched_and_a_byte_order_mark_goes(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbfm\xe1\xbb\x99t\r\nhai\rba\n")
    assert read_page(path).text == "một\r\nhai\rba\n"


def test_not_utf8_names_line_and_byte(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("một\nhai ".encode() + b"\xff\n")
    with pytest.raises(InputError, match=r"a\.txt:2: not UTF-8 \(byte 0xff at offset 10\)"):
        decode(path)


def test_empty_page_and_missing_folder(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(" \n")
    with pytest.raises(ArticleError, match=r"a\.txt: the file is empty"):
        read_pages(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        read_pages(tmp_path / "none")
    (tmp_path / "a.txt").rename(tmp_path / "a.md")
    with pytest.raises(InputError, match=r"holds no \.txt, no \.html"):
        read_pages(tmp_path)
