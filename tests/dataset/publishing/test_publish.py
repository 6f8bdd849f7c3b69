from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from detente import places
from detente.articles import extract_articles, read_pages, split_article
from detente.dataset import BuildOptions, LabelledDataset, build_dataset, read_dataset
from detente.dataset.build import DataOptions
from detente.dataset.publishing import publish_dataset, rebuild_dataset
from detente.dataset.splits import SplitOptions
from detente.errors import DatasetError, InputError, UsageError
from saved_pages import BODY, LEAD, saved_page

ARTICLES = places.SEEDS / "articles"


def texts_in(folder: Path) -> Iterator[str]:
    """Everything a reader of the folder could see."""
    for path in folder.rglob("*"):
        if path.suffix == ".parquet":
            yield json.dumps(pq.read_table(path).to_pylist(), ensure_ascii=False, default=str)
        elif path.is_file():
            yield path.read_text(encoding="utf-8")


@pytest.fixture
def published(dataset: LabelledDataset) -> Path:
    return publish_dataset(dataset.folder, Path("published"), without_text=True)


def forget_hashes(folder: Path) -> None:
    """Make its manifest that of an older version, which held no hashes of files."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    del manifest["files"]
    path.write_text(json.dumps(manifest), encoding="utf-8")


def test_nothing_of_the_articles_goes_along(dataset: LabelledDataset, published: Path) -> None:
    seen = "\n".join(texts_in(published))
    lines = [json.loads(line) for line in (dataset.folder / "cleaning.jsonl").read_text(encoding="utf-8").splitlines()]
    titles = [article.title for page in read_pages(ARTICLES) for article in extract_articles(page)[0]]
    for text in [*(row.text for row in dataset.rows), *(line["text"] for line in lines if len(line["text"]) > 15), *titles]:
        assert text
        assert text not in seen
    assert all(reading.note not in seen for reading in dataset.readings if len(reading.note) > 15)
    assert dataset.digest in seen
    assert "holds no text of the articles" in (published / "README.md").read_text(encoding="utf-8")


def test_it_comes_back_with_the_same_digest(dataset: LabelledDataset, published: Path) -> None:
    rebuilt = rebuild_dataset(published, ARTICLES, Path("back"))
    assert rebuilt.digest == dataset.digest
    assert rebuilt.splits == dataset.splits
    assert rebuilt.dropped_pairs == dataset.dropped_pairs
    assert [(r.sentence_id, r.text, r.label("stance")) for r in rebuilt.readings] == [
        (r.sentence_id, r.text, r.label("stance")) for r in dataset.readings
    ]
    for name in ("README.md", "articles.jsonl", "cleaning.jsonl", "data/train.parquet"):
        assert (rebuilt.folder / name).read_bytes() == (dataset.folder / name).read_bytes(), name
    assert replace(rebuilt.manifest, files={}) == replace(dataset.manifest, files={})  # annotators' notes are not published


def test_datasets_opens_the_published_folder_and_detente_says_what_to_do(published: Path, tmp_path: Path) -> None:
    import datasets

    loaded = datasets.load_dataset(str(published), cache_dir=str(tmp_path / "cache"))["train"]
    assert loaded.num_rows == 81
    assert len(loaded[0]["text_sha256"]) == 64
    with pytest.raises(DatasetError, match=r"published without its text.*detente rebuild published ARTICLES -o FOLDER"):
        read_dataset(published)


def test_another_dataset_is_not_replaced_by_a_rebuilt_one(published: Path, tmp_path: Path) -> None:
    other = build_dataset(mixed_dataset(tmp_path))
    before = (other.folder / "manifest.json").read_bytes()
    with pytest.raises(DatasetError, match="another dataset stands there"):
        rebuild_dataset(published, ARTICLES, other.folder)
    assert (other.folder / "manifest.json").read_bytes() == before
    rebuild_dataset(published, ARTICLES, Path("back"))
    assert rebuild_dataset(published, ARTICLES, Path("back")).digest == read_dataset(Path("back")).digest


def test_a_changed_or_missing_page_is_named_and_nothing_is_written(published: Path, tmp_path: Path) -> None:
    shutil.copytree(ARTICLES, tmp_path / "pages")
    first, second, *_ = sorted((tmp_path / "pages").iterdir())
    first.write_text(first.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    second.unlink()
    with pytest.raises(DatasetError, match=r"(?s)2 of 5 pages.*000_\w+: its text is another now.*001_\w+: not there"):
        rebuild_dataset(published, tmp_path / "pages", Path("back"))
    assert not Path("back").exists()


def test_a_row_changed_by_hand_is_noticed(published: Path) -> None:
    path = published / "annotations.jsonl"
    first, rest = path.read_text(encoding="utf-8").split("\n", 1)
    row = {**json.loads(first), "text_sha256": "0" * 64}
    path.write_text(f"{json.dumps(row)}\n{rest}", encoding="utf-8")
    with pytest.raises(DatasetError, match=r"annotations\.jsonl: is not what manifest\.json has the hash of: it was changed"):
        rebuild_dataset(published, ARTICLES, Path("back"))
    forget_hashes(published)
    with pytest.raises(DatasetError, match="a reading's hash is not that of its sentence"):
        rebuild_dataset(published, ARTICLES, Path("back"))
    assert not Path("back").exists()


def test_a_dropped_line_is_not_filled_with_other_text(published: Path) -> None:
    path = published / "cleaning.jsonl"
    first, rest = path.read_text(encoding="utf-8").split("\n", 1)
    row = json.loads(first)
    path.write_text(f"{json.dumps({**row, 'start': row['start'] + 1})}\n{rest}", encoding="utf-8")
    forget_hashes(published)
    with pytest.raises(DatasetError, match=r"000_\w+, line 3: the text at its offsets does not have its hash"):
        rebuild_dataset(published, ARTICLES, Path("back"))
    assert not Path("back").exists()


def test_a_dataset_of_html_and_tables_goes_there_and_back(tmp_path: Path) -> None:
    built = build_dataset(mixed_dataset(tmp_path))
    stored = [json.loads(line) for line in (built.folder / "articles.jsonl").read_text(encoding="utf-8").splitlines()]
    by_page = {row["page_id"]: row for row in stored}
    assert {page_id: row["text"] is None for page_id, row in by_page.items()} == {"h": False, "r": False, "t": True}
    for row in built.rows:
        if text := by_page[row.sentence_id.split("#")[0]]["text"]:
            assert text[row.start : row.end] == row.text
    assert (by_page["h"]["outlet"], by_page["h"]["date"], by_page["h"]["source"]) == ("Báo Sông", "2025-03-12", "h.html")
    published = publish_dataset(built.folder, Path("published"), without_text=True)
    assert LEAD not in "\n".join(texts_in(published))
    rebuilt = rebuild_dataset(published, tmp_path / "pages", Path("back"))
    assert rebuilt.digest == built.digest
    assert (rebuilt.folder / "articles.jsonl").read_bytes() == (built.folder / "articles.jsonl").read_bytes()


def test_the_whole_dataset_is_copied_as_it_is(dataset: LabelledDataset) -> None:
    assert read_dataset(publish_dataset(dataset.folder, Path("whole"))).digest == dataset.digest
    with pytest.raises(DatasetError, match="holds its text already"):
        rebuild_dataset(Path("whole"), ARTICLES, Path("back"))


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("sets/one", r"is the input itself \(sets/one\)"),
        ("sets/../sets/one", r"is the input itself"),
        ("link", r"is the input itself"),
        ("sets", r"sets: holds the input sets/one, which would be removed"),
        ("sets/one/public", r"lies in the input sets/one"),
        ("mine", r"exists and is no dataset folder of détente's; it holds thesis\.txt"),
        ("other", r"other: holds thesis\.txt, not written there by détente"),
        ("mine/thesis.txt", r"is a file; expected a folder"),
    ],
)
@pytest.mark.parametrize("without_text", [True, False])
def test_publishing_overwrites_nothing_but_a_dataset(
    dataset: LabelledDataset, tmp_path: Path, out: str, message: str, without_text: bool
) -> None:
    for name in ("sets/one", "other"):
        shutil.copytree(dataset.folder, name)
    Path("mine").mkdir()
    for name in ("mine", "other"):
        Path(name, "thesis.txt").write_text("x")
    Path("link").symlink_to("sets/one")
    before = files_in(tmp_path)
    with pytest.raises((InputError, UsageError), match=message):
        publish_dataset(Path("sets/one"), Path(out), without_text=without_text)
    assert files_in(tmp_path) == before


@pytest.mark.parametrize("out", ["published", "pages", "pages/back", "published/back", "."])
def test_a_rebuilt_dataset_overwrites_nothing_either(published: Path, tmp_path: Path, out: str) -> None:
    shutil.copytree(ARTICLES, "pages")
    before = files_in(tmp_path)
    with pytest.raises(UsageError, match=r"published|pages"):
        rebuild_dataset(published, Path("pages"), Path(out))
    assert files_in(tmp_path) == before


@pytest.mark.parametrize("name", ["secret.txt", "cleaning.jsonl", "data/train.parquet", "data"])
@pytest.mark.parametrize("without_text", [True, False])
def test_links_are_refused(dataset: LabelledDataset, tmp_path: Path, name: str, without_text: bool) -> None:
    shutil.copytree(dataset.folder, "one")
    outside = tmp_path / "outside"
    if Path("one", name).exists():
        shutil.move(Path("one", name), outside)
    else:
        outside.write_text("secret")
    Path("one", name).symlink_to(outside)
    with pytest.raises(DatasetError, match=f"one/{name}: is a link, and nothing outside the folder is published"):
        publish_dataset(Path("one"), Path("out"), without_text=without_text)
    assert not Path("out").exists()


def test_what_is_no_file_of_the_datasets_is_not_published_and_said(dataset: LabelledDataset) -> None:
    shutil.copytree(dataset.folder, "one")
    Path("one/.git").mkdir()
    for name in (".git/config", "passwords.txt", "data/draft.parquet"):
        Path("one", name).write_text("mine")
    said: list[str] = []
    publish_dataset(Path("one"), Path("out"), say=said.append)
    assert files_in(Path("out")).keys() == files_in(dataset.folder).keys()
    assert "note: not published, being no file of the dataset's: .git/config, data/draft.parquet, passwords.txt" in said


def test_articles_of_one_page_with_two_hashes_are_noticed(published: Path) -> None:
    path = published / "articles.jsonl"
    first = path.read_text(encoding="utf-8").split("\n", 1)[0]
    row = {**json.loads(first), "text_sha256": "0" * 64}
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{json.dumps(row)}\n")
    forget_hashes(published)
    with pytest.raises(DatasetError, match="another hash than that of its page; the folder was changed by hand"):
        rebuild_dataset(published, ARTICLES, Path("back"))


def mixed_dataset(folder: Path) -> BuildOptions:
    """A text page, a saved page and a row of a table, each with two labelled sentences."""
    pages = folder / "pages"
    pages.mkdir()
    # Words of their own, or the pages would be copies of each other.
    texts = {key: [f"{text[:-1].replace(' ', f'{key} ')}." for text in BODY] for key in "thr"}
    (pages / "t.txt").write_text("\n\n".join(texts["t"]), encoding="utf-8")
    (pages / "h.html").write_text(saved_page(tuple(texts["h"])), encoding="utf-8")
    (pages / "r.jsonl").write_text(json.dumps({"id": "r", "text": "\n".join(texts["r"])}), encoding="utf-8")
    rows = []
    for page in read_pages(pages):
        for article in extract_articles(page)[0]:
            for at, sentence in enumerate(split_article(article)[:3]):
                label = {"stance": ("dialogue", "escalation", None)[at], "sentiment": None}
                by = {"annotator": "an", "annotator_kind": "human", "rule": "0", "guideline_version": 2}
                rows.append({"sentence_id": sentence.sentence_id, "text": sentence.text, **by, **label})
    labels = folder / "labels.jsonl"
    labels.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    data = DataOptions("mixed", str(pages), str(labels))
    return BuildOptions(data=data, split=SplitOptions(method="folds", n_folds=2))


def write_lines(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def reading(sentence_id: str, text: str) -> dict[str, object]:
    labels = {"stance": "dialogue", "sentiment": "positive", "rule": "1", "guideline_version": 2, "note": ""}
    return {"sentence_id": sentence_id, "text": text, "annotator": "an", "annotator_kind": "human", **labels}


def test_articles_of_a_table_with_columns_of_other_names_come_back(tmp_path: Path) -> None:
    """Title and date in columns of other names: by them a row is one article, and has its title."""
    known = {"tieu_de": "Nối lại đàm phán", "ngay": "12/03/2025", "bao": "Báo Sông"}
    texts = {"a": "\n".join([LEAD, *BODY]), "b": "Giá dầu hôm nay tăng mạnh.\nMưa lớn ở miền Trung khiến ba xã bị ngập."}
    rows = [{"id": page_id, "noi_dung": text, **known} for page_id, text in texts.items()]
    table = tmp_path / "pages.jsonl"
    write_lines(table, rows)
    write_lines(tmp_path / "an.jsonl", [reading(f"{each}#0", text.split("\n")[0]) for each, text in texts.items()])
    data = DataOptions(
        name="bang",
        articles=str(table),
        annotations=str(tmp_path / "an.jsonl"),
        text_column="noi_dung",
        title_column="tieu_de",
        date_column="ngay",
        outlet="Báo Biển",
    )
    built = build_dataset(BuildOptions(data, SplitOptions(method="folds", n_folds=2)))
    assert built.manifest.pages == data.said
    published = publish_dataset(built.folder, Path("published"), without_text=True)
    rebuilt = rebuild_dataset(published, table, Path("back"))
    assert (rebuilt.folder / "articles.jsonl").read_text("utf-8") == (built.folder / "articles.jsonl").read_text("utf-8")
    stored = json.loads((rebuilt.folder / "articles.jsonl").read_text("utf-8").splitlines()[1])
    assert (stored["title"], stored["date"], stored["outlet"]) == ("Nối lại đàm phán", "2025-03-12", "Báo Biển")

    write_lines(table, [{("tieu-de" if name == "tieu_de" else name): value for name, value in row.items()} for row in rows])
    with pytest.raises(InputError, match=r"no column 'tieu_de'.*Name it with --title-column"):
        rebuild_dataset(published, table, Path("again"))
    again = rebuild_dataset(published, table, Path("again"), title_column="tieu-de")
    assert (again.folder / "articles.jsonl").read_text("utf-8") == (built.folder / "articles.jsonl").read_text("utf-8")
