from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from detente import places
from detente.dataset import BuildOptions, LabelledDataset, build_dataset, read_annotations, read_dataset
from detente.dataset.build import DataOptions
from detente.dataset.corpus import SkippedPage
from detente.dataset.folder import check_apart
from detente.dataset.manifest import NearDuplicates
from detente.dataset.parquet import columns, features, read_table
from detente.dataset.splits import SplitOptions
from detente.errors import AnnotationError, ArticleError, ConfigError, DatasetError, InputError, UsageError
from label_sets import TASKS

FILES = {"README.md", "manifest.json", "articles.jsonl", "cleaning.jsonl", "annotations.jsonl", "data", ".detente.json"}


def copy_seeds(folder: Path, n_pages: int = 5) -> DataOptions:
    """A user's own folder: some seed pages, and the annotations of their sentences."""
    (folder / "pages").mkdir()
    paths = sorted((places.SEEDS / "articles").iterdir())[:n_pages]
    for path in paths:
        (folder / "pages" / path.name).write_bytes(path.read_bytes())
    lines = (places.SEEDS / "annotations.jsonl").read_text(encoding="utf-8").splitlines()
    own = [line for line in lines if json.loads(line)["sentence_id"].split("#")[0] in {path.stem for path in paths}]
    (folder / "labels.jsonl").write_text("\n".join(own), encoding="utf-8")
    return DataOptions("mine", str(folder / "pages"), str(folder / "labels.jsonl"))


def test_every_reading_stays_in_the_folder(dataset: LabelledDataset) -> None:
    assert dataset.readings == read_annotations(places.SEEDS / "annotations.jsonl")
    assert len(dataset.readings) == 3 * 81


def test_the_seeds_dataset(dataset: LabelledDataset) -> None:
    assert {path.name for path in dataset.folder.iterdir()} == FILES
    assert (len(dataset.rows), dataset.n_folds) == (81, 5)
    counts = dataset.manifest.splits["train"]
    assert counts.labels["stance"] == {"dialogue": 41, "neutral": 21, "escalation": 19}
    assert counts.labels["sentiment"] == {"negative": 14, "neutral": 51, "positive": 16}
    assert counts.n_groups == 5
    pairs = {(pair.left_out[:3], pair.held_out[:3]) for pair in dataset.dropped_pairs}
    assert (len(dataset.dropped_pairs), pairs) == (8, {("001", "002"), ("002", "001")})


def test_each_fold_holds_a_page_out_and_trains_on_no_copy_of_it(dataset: LabelledDataset) -> None:
    sizes = [tuple(map(len, dataset.fold_sides(fold, "stance"))) for fold in range(5)]
    assert sizes == [(62, 19, 0), (66, 11, 4), (48, 29, 4), (68, 13, 0), (72, 9, 0)]


def test_datasets_opens_it_with_typed_features(dataset: LabelledDataset, tmp_path: Path) -> None:
    import datasets

    loaded = datasets.load_dataset(str(dataset.folder), cache_dir=str(tmp_path))["train"]
    assert loaded.num_rows == 81
    assert loaded.features["stance"].names == ["dialogue", "neutral", "escalation"]
    assert loaded.features["date"].dtype == "date32"
    assert loaded[0]["text"] == dataset.rows[0].text
    assert loaded.features["stance"].int2str(loaded[0]["stance"]) == dataset.rows[0].label("stance")


def test_every_dropped_line_stands_in_cleaning_jsonl(dataset: LabelledDataset) -> None:
    lines = [json.loads(line) for line in (dataset.folder / "cleaning.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(lines) == dataset.manifest.n_dropped_lines == 172
    assert all(line["reason"] and line["text"] for line in lines)


def test_the_card_says_where_the_labels_come_from(dataset: LabelledDataset) -> None:
    card = (dataset.folder / "README.md").read_text(encoding="utf-8")
    assert "*stance*: The direction of the reported act" in card.partition("## ")[0]
    assert "All readings were made by language models" in card
    assert "no human ceiling" in card
    assert dataset.digest in card


def test_building_twice_gives_the_same_bytes(dataset: LabelledDataset, tmp_path: Path) -> None:
    again = build_dataset(BuildOptions(out=str(tmp_path / "seeds")))
    assert again.digest == dataset.digest
    for name in ("README.md", "manifest.json", "cleaning.jsonl", "data/train.parquet"):
        assert (again.folder / name).read_bytes() == (dataset.folder / name).read_bytes()


def test_a_folder_of_ones_own(tmp_path: Path) -> None:
    data = copy_seeds(tmp_path, 3)
    built = build_dataset(BuildOptions(data=data, split=SplitOptions(n_folds=3)))
    assert built.folder == Path("datasets/mine")
    assert (built.name, built.n_folds, len(built.rows)) == ("mine", 3, 59)


def test_fewer_groups_than_folds(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"3 groups of articles for 5 folds"):
        build_dataset(BuildOptions(data=copy_seeds(tmp_path, 3)))
    assert not Path("datasets/mine").exists()


def test_a_page_without_an_article_stops_or_is_skipped(tmp_path: Path) -> None:
    data = copy_seeds(tmp_path, 5)
    (tmp_path / "pages" / "menu.txt").write_text("Trang chủ\nThế giới\n", encoding="utf-8")
    with pytest.raises(ArticleError, match=r"menu\.txt: no article on this page.*data\.bad_page=skip"):
        build_dataset(BuildOptions(data=replace(data, bad_page="error")))
    said: list[str] = []
    built = build_dataset(BuildOptions(data=data), say=said.append)
    assert len(built.rows) == 81
    assert said[0].startswith("skipped: ")
    assert said[1] == "1 of 6 pages left out: 1 no article on this page"
    assert built.manifest.skipped_pages == (SkippedPage("menu.txt", "no article on this page"),)
    assert "1 pages were left out: 1 no article on this page (named" in (built.folder / "README.md").read_text(encoding="utf-8")
    assert "Apache" not in (built.folder / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["..", "../up", "/abs", "", ".hidden", "a/b"])
def test_a_name_is_no_path(name: str) -> None:
    with pytest.raises(ConfigError, match=r"data\.name: expected letters"):
        build_dataset(BuildOptions(data=DataOptions(name=name)))
    assert list(Path().iterdir()) == []


def test_replacing_a_dataset_is_said(tmp_path: Path) -> None:
    data = copy_seeds(tmp_path, 5)
    said: list[str] = []
    build_dataset(BuildOptions(data=data), say=said.append)
    build_dataset(BuildOptions(data=data), say=said.append)
    assert not any("replaced" in line for line in said)
    build_dataset(BuildOptions(data=data, split=SplitOptions(n_folds=4)), say=said.append)
    assert "replaced the dataset that was there" in said[-1]


def test_a_changed_article_names_annotation_and_sentence(tmp_path: Path) -> None:
    data = copy_seeds(tmp_path)
    path = next((tmp_path / "pages").glob("003*"))
    path.write_text(path.read_text(encoding="utf-8").replace("1.800 binh sĩ", "2.800 binh sĩ"), encoding="utf-8")
    with pytest.raises(AnnotationError, match=r"(?s)003_.*annotated:.*1\.800.*sentence:.*2\.800"):
        build_dataset(BuildOptions(data=replace(data, stale_labels="error")))
    with pytest.raises(
        AnnotationError, match=r"(?s)1 of the sentences that were read.*1\.800.*nearest is 003_.*2\.800.*stale_labels=skip"
    ):
        build_dataset(BuildOptions(data=data))


def test_a_folder_that_is_no_dataset_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.md").write_text("years of work")
    with pytest.raises(InputError, match=r"exists and is no dataset folder of détente's; it holds chapter\.md"):
        build_dataset(BuildOptions(out=str(tmp_path / "thesis")))
    assert (tmp_path / "thesis" / "chapter.md").read_text() == "years of work"


def test_a_file_that_was_added_to_a_dataset_is_not_replaced_with_it(tmp_path: Path) -> None:
    options = BuildOptions(out=str(tmp_path / "seeds"))
    build_dataset(options)
    build_dataset(options)
    (tmp_path / "seeds" / "data" / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match=r"seeds: holds data/notes\.txt, not written there by détente"):
        build_dataset(options)
    assert (tmp_path / "seeds" / "data" / "notes.txt").read_text() == "mine"


def test_a_folder_inside_that_of_the_pages_is_no_page(tmp_path: Path) -> None:
    options = BuildOptions(data=copy_seeds(tmp_path), out=str(tmp_path / "pages" / "datasets" / "set"))
    first = build_dataset(options)
    assert build_dataset(options).digest == first.digest


@pytest.mark.parametrize("out", ["pages", ".", "../{name}", "labels.jsonl"])
def test_the_folder_never_takes_the_place_of_its_pages_or_labels(tmp_path: Path, out: str) -> None:
    data = copy_seeds(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises((UsageError, InputError), match=r"pages|labels\.jsonl"):
        build_dataset(BuildOptions(data=data, out=str(tmp_path / out.format(name=tmp_path.name))))
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_articles_of_ones_own_need_their_annotations(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"data\.annotations: not set"):
        build_dataset(BuildOptions(data=DataOptions("mine", str(tmp_path))))


def test_a_dataset_changed_by_hand_is_noticed(tmp_path: Path) -> None:
    folder = build_dataset(BuildOptions(out=str(tmp_path / "seeds"))).folder
    manifest = (folder / "manifest.json").read_text(encoding="utf-8")
    (folder / "manifest.json").write_text(manifest.replace('"digest": "sha256:', '"digest": "sha256:0'), encoding="utf-8")
    with pytest.raises(DatasetError, match="do not give the digest"):
        read_dataset(folder)
    (folder / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(DatasetError, match=r"manifest\.json: not JSON"):
        read_dataset(folder)
    (folder / "manifest.json").write_text(manifest, encoding="utf-8")
    (folder / "data" / "train.parquet").write_bytes(b"PAR1 torn")
    with pytest.raises(DatasetError, match="not a readable parquet file"):
        read_dataset(folder)
    (folder / "data" / "train.parquet").unlink()
    with pytest.raises(DatasetError, match=r"train\.parquet: missing"):
        read_dataset(folder)
    with pytest.raises(DatasetError, match=r"no manifest\.json"):
        read_dataset(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sentence_id": None}, "lacks the column sentence_id."),
        ({"start": pa.array([0.5])}, "the column 'start' is double; expected int64."),
        ({"text": pa.array([["a"]])}, "the column 'text' is list<element: string>; expected string."),
        ({"text": pa.array([None], pa.string())}, "the column 'text' has empty cells."),
        ({"stance": pa.array(["dialogue"])}, "the column 'stance' is string; expected int64."),
        ({"stance": pa.array([9])}, "row 1 has the stance label 9; expected 0 to 2."),
        (
            {"date": pa.array([10**6 * 3], pa.int32()).cast(pa.date32())},
            "not a readable parquet file (date value out of range).",
        ),
    ],
)
def test_a_table_changed_by_hand_is_one_line(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = tmp_path / "train.parquet"
    row = dict.fromkeys(columns(TASKS), "a") | {"start": 0, "end": 1, "date": None, "stance": 0, "sentiment": 0, "fold": 0}
    table = pa.table({name: [value] for name, value in row.items()}, schema=features(TASKS).arrow_schema)
    for name, values in change.items():
        table = table.drop_columns([name])
        table = table if values is None else table.append_column(name, values)
    pq.write_table(table, path)
    with pytest.raises(DatasetError, match=f"^{re.escape(f'{path}: {message}')}"):
        read_table(path, TASKS)


def test_a_sentence_on_both_sides_is_an_error_that_shows_it(dataset: LabelledDataset) -> None:
    row = dataset.rows[0]
    with pytest.raises(DatasetError, match=r"(?s)are the same sentence: .Theo phóng viên"):
        check_apart([replace(row, sentence_id="copy#1", group_id="other")], [row])
    with pytest.raises(DatasetError, match="stands on both sides"):
        check_apart([replace(row, text="khác")], [row])


def test_unknown_split_and_task(dataset: LabelledDataset) -> None:
    with pytest.raises(DatasetError, match=r"no split 'trian'; it has train\. Did you mean 'train'"):
        dataset.labelled("stance", "trian")
    with pytest.raises(DatasetError, match=r"no split 'test'; it has train\. It has folds, .* with split=holdout"):
        dataset.labelled("stance", "test")


def test_a_page_that_was_scraped_again_keeps_its_labels(tmp_path: Path) -> None:
    data = copy_seeds(tmp_path)
    before = build_dataset(BuildOptions(data=data, out="before"))
    path = next((tmp_path / "pages").glob("003*"))
    path.write_text("Menu mới\n" + path.read_text(encoding="utf-8").replace("1.800", "2.800"), encoding="utf-8")
    said: list[str] = []
    built = build_dataset(BuildOptions(data=replace(data, stale_labels="skip")), say=said.append)
    assert [row.text for row in built.rows] == [row.text for row in before.rows if "1.800" not in row.text]
    assert len(built.readings) == 3 * 80
    readings = built.manifest.readings
    assert (readings.n, len(readings.moved)) == (240, 12)
    (lost,) = readings.lost
    assert lost.annotators == ("model-a", "model-b", "adjudicated")
    assert (lost.sentence_id.split("#")[1], str(lost.nearest).split("#")[1]) == ("2423", "2432")
    assert any(line.startswith("12 sentences stand elsewhere") for line in said)
    assert "labels of 12 sentences moved along" in (built.folder / "README.md").read_text(encoding="utf-8")


def test_rows_do_not_depend_on_the_form_or_the_order_of_the_files(tmp_path: Path) -> None:
    data = copy_seeds(tmp_path)
    of_files = build_dataset(BuildOptions(data=data))
    pages = [{"id": path.stem, "text": path.read_bytes().decode("utf-8")} for path in (tmp_path / "pages").iterdir()]
    rows = [json.dumps(page) for page in sorted(pages, key=lambda page: page["id"], reverse=True)]
    (tmp_path / "pages.jsonl").write_text("\n".join(rows), encoding="utf-8")
    of_rows = build_dataset(BuildOptions(data=replace(data, articles=str(tmp_path / "pages.jsonl")), out="rows"))
    assert of_rows.digest == of_files.digest
    assert of_rows.manifest.sources == {"jsonl": 5}


def test_labels_that_lie_among_the_pages_are_no_page(tmp_path: Path) -> None:
    data = copy_seeds(tmp_path)
    (tmp_path / "labels.jsonl").rename(tmp_path / "pages" / "labels.jsonl")
    built = build_dataset(BuildOptions(data=replace(data, annotations=str(tmp_path / "pages" / "labels.jsonl"))))
    assert (built.manifest.skipped_pages, built.manifest.files_not_read) == ((), {})


def test_many_bad_files_are_counted_by_reason_and_not_all_shown(tmp_path: Path) -> None:
    data = copy_seeds(tmp_path)
    for at in range(12):
        (tmp_path / "pages" / f"x{at}.txt").write_bytes(b"" if at % 2 else b"\xff")
    said: list[str] = []
    built = build_dataset(BuildOptions(data=data), say=said.append)
    assert sum(line.startswith("skipped: ") for line in said) == 10
    assert said[10].startswith("12 of 17 pages left out: 6 not UTF-8, 6 empty; 2 of them are not shown above")
    assert len(built.manifest.skipped_pages) == 12
    for path in (tmp_path / "pages").iterdir():
        path.write_bytes(b"")
    with pytest.raises(ArticleError, match=r"no page holds an article \(17 empty\)"):
        build_dataset(BuildOptions(data=data))
    assert len(read_dataset(Path("datasets/mine")).rows) == 81


@pytest.mark.parametrize("version", ["1", "1.0", "v1.0.0", "1.0.0.0", "01.0.0", "1.0.0\n", "１.0.0", ""])
def test_a_version_is_semantic(version: str) -> None:
    with pytest.raises(ConfigError, match="expected a semantic version"):
        build_dataset(BuildOptions(version=version))


def test_the_card_has_a_datasheet(dataset: LabelledDataset) -> None:
    card = (dataset.folder / "README.md").read_text(encoding="utf-8")
    assert "- **Who labelled it?** 0 humans and 2 machines, and decided between them by a machine." in card
    assert "- **In what form did the pages come?** 5 text files." in card
    assert "2 pages" not in card
    assert dataset.manifest.near_duplicates == NearDuplicates(n_groups=5, n_sentences_left_out=8)


def test_an_outlet_and_a_day_that_are_told_hold_for_every_article(tmp_path: Path) -> None:
    told = DataOptions(outlet="Báo  Sông", date="12/3/2025", bad_page="error", stale_labels="error")
    built = build_dataset(BuildOptions(told, out=str(tmp_path / "told")))
    assert {(row.outlet, row.date) for row in built.rows} == {("Báo Sông", date(2025, 3, 12))}
    with pytest.raises(ConfigError, match=r"data\.date: expected a day, as in 2025-03-12 or 12/3/2025, got 'hôm nay'"):
        build_dataset(BuildOptions(DataOptions(date="hôm nay")))
