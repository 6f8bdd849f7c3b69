from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from detente.articles import extract_articles, read_pages, split_article
from detente.dataset import LabelledDataset
from detente.dataset.labelling.items import Item
from detente.dataset.labelling.sources import SourceOptions, read_items
from detente.errors import ArticleError, InputError, UsageError
from detente.places import SEEDS

ROWS: list[dict[str, Any]] = [
    {"sentence_id": "p#0", "article_id": "p", "text": "Một.", "title": "Đầu đề", "stance_pred": "dialogue"},
    {"sentence_id": "p#9", "article_id": "p", "text": "Hai, “ba”\nbốn.", "title": "Đầu đề", "stance_pred": "neutral"},
    {"sentence_id": "q#0", "article_id": "q", "text": "Năm.", "title": "", "stance_pred": "neutral"},
]


def items(source: Path, **options: Any) -> list[Item]:
    return list(read_items(source, SourceOptions(**options)))


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    import pandas as pd

    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    elif path.suffix == ".csv":
        pd.DataFrame(rows).to_csv(path, index=False)
    else:
        pd.DataFrame(rows).to_parquet(path)
    return path


def test_pages_give_the_sentences_of_build_with_title_and_neighbours() -> None:
    found = items(SEEDS / "articles")
    articles = [article for page in read_pages(SEEDS / "articles") for article in extract_articles(page)[0]]
    sentences = [sentence for article in articles for sentence in split_article(article)]
    assert [(item.sentence_id, item.article_id, item.text) for item in found] == [
        (sentence.sentence_id, sentence.article_id, sentence.text) for sentence in sentences
    ]
    assert found[0].title == "Pháp hoan nghênh nỗ lực đối thoại giữa Mỹ và Nga"
    assert (found[0].before, found[0].after, found[1].before) == ("", found[1].text, found[0].text)
    edge = next(at for at in range(1, len(found)) if found[at].article_id != found[at - 1].article_id)
    assert (found[edge].before, found[edge - 1].after) == ("", "")


def test_a_page_without_an_article_stops_or_is_told(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    for path in (SEEDS / "articles").iterdir():
        (pages / path.name).write_bytes(path.read_bytes())
    (pages / "zz.txt").write_text("Trang chủ\nThể thao\n", "utf-8")
    with pytest.raises(ArticleError, match="To leave such pages out instead, say --bad-page skip"):
        items(pages, bad_page="error")
    said: list[str] = []
    assert len(list(read_items(pages, SourceOptions(), said.append))) == 81
    assert said[0].startswith("skipped: ")
    assert said[1] == "1 of 6 pages left out"


def test_tables_of_articles_are_read_as_build_reads_them(tmp_path: Path) -> None:
    rows = [{"id": path.stem, "body": path.read_text("utf-8")} for path in sorted((SEEDS / "articles").iterdir())]
    (tmp_path / "news.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    found = items(tmp_path / "news.jsonl", text_column="body")
    assert [(item.sentence_id, item.text) for item in found] == [
        (item.sentence_id, item.text) for item in items(SEEDS / "articles")
    ]
    (tmp_path / "an.csv").write_text("not a table of articles", "utf-8")
    left = SourceOptions(text_column="body", leave=(tmp_path / "an.csv",))
    assert list(read_items(tmp_path, left)) == found
    with pytest.raises(ArticleError, match="A file of sentences has a column 'sentence_id'"):
        items(write(tmp_path / "x.jsonl", [{"text": "Một."}]))


def test_a_table_of_sentences_may_be_separated_by_semicolons(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("sentence_id;article_id;text\np#0;p;Hai, ba.\n", "utf-8-sig")
    assert [item.text for item in items(tmp_path / "x.csv")] == ["Hai, ba."]
    (tmp_path / "x.csv").write_text("sentence_id;article_id;text\np#0;p\n", "utf-8")
    with pytest.raises(InputError, match=r"x.csv:2: 2 cells; expected 3, as in the header"):
        items(tmp_path / "x.csv")


def test_a_table_in_utf_16_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes("sentence_id,article_id,text\np#0,p,Hà Nội".encode("utf-16"))
    assert [item.text for item in items(tmp_path / "x.csv")] == ["Hà Nội"]


def test_a_dataset_gives_its_rows_and_neighbours_only_where_they_touch(dataset: LabelledDataset) -> None:
    found = items(dataset.folder)
    assert {item.sentence_id: item.text for item in found} == {row.sentence_id: row.text for row in dataset.rows}
    by_id = {row.sentence_id: row for row in dataset.rows}
    touching = [item for item in found if item.before]
    assert 0 < len(touching) < len(found)
    for item in touching:
        before = next(row for row in dataset.rows if row.text == item.before and row.article_id == item.article_id)
        assert 0 <= by_id[item.sentence_id].start - before.end <= 4


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_files_of_predictions(tmp_path: Path, suffix: str) -> None:
    found = items(write(tmp_path / f"x{suffix}", ROWS), strata="stance_pred")
    assert [(item.sentence_id, item.article_id, item.text, item.stratum) for item in found] == [
        (row["sentence_id"], row["article_id"], row["text"], row["stance_pred"]) for row in ROWS
    ]
    assert (found[0].after, found[1].before, found[1].after, found[0].title) == (ROWS[1]["text"], "Một.", "", "Đầu đề")


def test_compressed_predictions_and_folders_of_parts(tmp_path: Path) -> None:
    plain = write(tmp_path / "x.jsonl", ROWS)
    expected = items(plain)
    (tmp_path / "x.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))
    parts = tmp_path / "parts"
    parts.mkdir()
    write(parts / "part-000000.parquet", ROWS[:1])
    write(parts / "part-000001.parquet", ROWS[1:])
    (parts / ".part-000002.parquet").write_bytes(b"half of one that a kill has left over")
    (parts / "_manifest.json").write_text("{}")
    with pytest.raises(InputError, match="parts: parts of its predictions are missing"):
        items(parts)
    (parts / "_meta.json").write_text("{}")
    assert items(tmp_path / "x.jsonl.gz") == items(parts) == expected
    (tmp_path / "x.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes())[:-20])
    with pytest.raises(InputError, match=r"x\.jsonl\.gz: the compressed data are damaged or cut short"):
        items(tmp_path / "x.jsonl.gz")


def test_an_id_twice_is_refused_since_it_would_have_two_chances(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"x.jsonl: the sentence p#0 stands there twice"):
        items(write(tmp_path / "x.jsonl", [*ROWS, ROWS[0]]))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"sentence_id": "r#0", "article_id": "r"}, r"x.jsonl:4: no column 'text'; the row has sentence_id, article_id."),
        ({"sentence_id": "r#0", "article_id": "", "text": "x"}, r"x.jsonl:4: 'article_id' is empty"),
        ({"sentence_id": "r#0", "article": "r", "text": "x"}, r"no column 'article_id'.* Did you mean 'article'\?"),
    ],
)
def test_rows_that_lack_something_are_named(tmp_path: Path, row: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        items(write(tmp_path / "x.jsonl", [*ROWS, row]))


def test_what_cannot_be_read_says_so(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_bytes(b"no")
    (tmp_path / "y.csv").write_text("sentence_id,article_id,text\n", "utf-8")
    (tmp_path / "z.jsonl").write_text("{\n", "utf-8")
    for name, message in {
        "x.parquet": "not a readable parquet file",
        "y.csv": "no sentence in it",
        "z.jsonl": "z.jsonl:1: not JSON",
        "none": "no such folder or file",
    }.items():
        with pytest.raises(InputError, match=message):
            items(tmp_path / name)
    (tmp_path / "x.txt").touch()
    with pytest.raises(ArticleError, match=r"no page holds an article \(.*A file of sentences has"):
        items(tmp_path / "x.txt")
    with pytest.raises(UsageError, match=r"--strata outlet: .* is no file of sentences"):
        items(tmp_path, strata="outlet")


def test_columns_of_other_names_decide_what_one_article_is(tmp_path: Path) -> None:
    row = {"id": "a", "noi_dung": "Ông nói: Tin vui.\nBà nói: Tin buồn.", "tieu_de": "Hai tin"}
    (tmp_path / "t.jsonl").write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    found = items(tmp_path / "t.jsonl", text_column="noi_dung", title_column="tieu_de")
    assert [(item.sentence_id, item.title) for item in found] == [("a#0", "Hai tin"), ("a#18", "Hai tin")]
    with pytest.raises(InputError, match=r"no column 'tieude'.*Name it with --title-column"):
        items(tmp_path / "t.jsonl", text_column="noi_dung", title_column="tieude")
