from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest

from detente.articles import extract_articles, read_pages
from detente.articles.readers import Page
from detente.articles.sources import iterate_pages, other_files, source_files
from detente.errors import ArticleError, InputError
from saved_pages import BODY, LEAD, TITLE, saved_page

TEXT = "\n\n".join(BODY)


def mixed(folder: Path) -> Path:
    (folder / "b.txt").write_text(TEXT, encoding="utf-8")
    (folder / "a.HTML").write_text(saved_page(), encoding="utf-8")
    (folder / "c.jsonl").write_text(json.dumps({"id": "c1", "text": TEXT}) + "\n", encoding="utf-8")
    (folder / "d.csv").write_text(f'id,text\nd1,"{TEXT}"\n', encoding="utf-8")
    return folder


def test_all_kinds_in_one_folder(tmp_path: Path) -> None:
    pages = read_pages(mixed(tmp_path))
    assert [page.page_id for page in pages] == ["a", "b", "c1", "d1"]
    assert [page.is_extracted for page in pages] == [True, False, True, True]
    assert {len(extract_articles(page)[0][0].paragraphs) for page in pages[1:]} == {5}
    assert LEAD in pages[0].text


def test_one_file_as_the_source(tmp_path: Path) -> None:
    mixed(tmp_path)
    assert [page.page_id for page in read_pages(tmp_path / "d.csv")] == ["d1"]
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    with pytest.raises(InputError, match=r"a\.pdf: expected a folder of pages or a \.txt, \.html"):
        read_pages(tmp_path / "a.pdf")


def test_a_bad_file_is_told_or_raised_and_the_rest_goes_on(tmp_path: Path) -> None:
    mixed(tmp_path)
    (tmp_path / "a0.txt").write_bytes("hòa".encode("cp1252", "ignore") + b"\xff")
    (tmp_path / "a1.txt").write_text("\n")
    (tmp_path / "a2.txt").write_text("chữ " * 260_000, encoding="utf-8")
    (tmp_path / "a3.txt").write_text("chữ " * 2_500_000, encoding="utf-8")
    bad: list[ArticleError] = []
    assert len(read_pages(tmp_path, bad=bad.append)) == 4
    assert [error.reason for error in bad] == ["not UTF-8", "empty", "too large", "too large"]
    with pytest.raises(ArticleError, match=r"a0\.txt:1: not UTF-8"):
        read_pages(tmp_path)


def test_two_pages_of_one_id_name_both_places(tmp_path: Path) -> None:
    mixed(tmp_path)
    (tmp_path / "e.jsonl").write_text('{"id": "b", "text": "x."}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"e\.jsonl:1: a second page 'b' \(the first is .*b\.txt\)"):
        list(iterate_pages(source_files(tmp_path)))
    (tmp_path / "e.jsonl").write_text('{"id": "x", "text": "x."}\n{"id": "x", "text": "y."}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"e\.jsonl:2: a second page 'x' \(the first is .*e\.jsonl:1\)"):
        list(iterate_pages(source_files(tmp_path)))


def test_decomposed_file_names_give_composed_ids(tmp_path: Path) -> None:
    (tmp_path / unicodedata.normalize("NFD", "bài báo.txt")).write_text(TEXT, encoding="utf-8")
    (page,) = iterate_pages(source_files(tmp_path))
    assert isinstance(page, Page)
    assert page.page_id == "bài báo"


def test_what_is_left_alone_is_counted(tmp_path: Path) -> None:
    mixed(tmp_path)
    for name in ("notes.md", "more.md", "Makefile", ".hidden"):
        (tmp_path / name).write_text("x")
    (tmp_path / "old").mkdir()
    files = source_files(tmp_path, leave=[tmp_path / "c.jsonl"])
    assert [path.name for path in files] == ["a.HTML", "b.txt", "d.csv"]
    assert other_files(tmp_path, [*files, tmp_path / "c.jsonl"]) == {".md": 2, "Makefile": 1, "folder": 1}
    (tmp_path / "only").mkdir()
    (tmp_path / "only" / "inside").mkdir()
    with pytest.raises(InputError, match="Folders inside it are not searched"):
        source_files(tmp_path / "only")


def test_html_that_goes_by_the_name_of_text_is_read_as_html(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(saved_page(), encoding="utf-8")
    (page,) = iterate_pages([tmp_path / "a.txt"])
    assert isinstance(page, Page)
    assert (page.title, page.outlet, page.is_extracted) == (TITLE, "Báo Sông", True)
