"""A table of labelled sentences → a dataset, by values."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from detente.cli import main
from detente.config import load_config
from detente.dataset import BuildOptions, LabelledDataset, build_dataset, read_dataset
from detente.dataset.from_frame import build_table
from detente.dataset.publishing import diff_datasets, publish_dataset, rebuild_dataset
from detente.dataset.splits import SplitOptions
from detente.errors import ConfigError, DatasetError, InputError, UsageError

SENTENCES = [
    "Hai bên nhất trí nối lại đàm phán hòa bình.",
    "Quân đội nổ súng vào đoàn xe cứu trợ.",
    "Bộ Ngoại giao công bố lịch họp báo tuần tới.",
    "Ngoại trưởng hai nước ký thỏa thuận ngừng bắn.",
    "Tên lửa rơi xuống khu dân cư trong đêm.",
    "Đoàn đại biểu đến thủ đô vào sáng thứ ba.",
    "Tổng thống kêu gọi đối thoại và kiềm chế.",
    "Nước này dọa đáp trả bằng vũ lực.",
    "Hội nghị diễn ra trong hai ngày.",
    "Các bên mở lại đường dây nóng quân sự.",
]
STANCE = ["dialogue", "escalation", "neutral"] * 3 + ["dialogue"]
FOLDS = SplitOptions("folds", n_folds=2)
ROWS = [{"text": text, "stance": stance} for text, stance in zip(SENTENCES, STANCE, strict=True)]


def write(name: str, rows: Sequence[dict[str, Any]] = ROWS) -> str:
    """A table in the working directory."""
    path = Path(name)
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(dict.fromkeys(key for row in rows for key in row)))
            writer.writeheader()
            writer.writerows(rows)
    else:
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return name


def built(rows: Sequence[dict[str, Any]] = ROWS, said: list[str] | None = None, **options: Any) -> LabelledDataset:
    """The dataset of such a table, in two folds unless it says its splits."""
    split = SplitOptions() if "split_column" in options else FOLDS
    return build_table(write("rows.jsonl", rows), split=split, say=(said if said is not None else []).append, **options)


def test_dates_that_cannot_be_read_are_counted_and_said() -> None:
    dates = ["2025-03-12", "hôm qua", "", "12/3/2025", "2025-13-45", None, 1741737600, "?", "2025-03-12", "2025-03-12"]
    said: list[str] = []
    dataset = built([{**row, "date": day} for row, day in zip(ROWS, dates, strict=True)], said)
    assert sum(row.date is None for row in dataset.rows) == 5
    assert dataset.manifest.table is not None
    assert dataset.manifest.table.n_undated == 3
    assert [line for line in said if "date" in line] == [
        "note: 3 dates cannot be read and are left empty, rows.jsonl:2: 'date' is 'hôm qua' the first; expected a day, as in "
        "2025-03-12 or 12/3/2025"
    ]
    card = (dataset.folder / "README.md").read_text("utf-8")
    assert "The dates of 3 sentences cannot be read and are left empty." in card


def own_task(name: str, labels: str) -> None:
    Path("configs/task").mkdir(parents=True, exist_ok=True)
    Path(f"configs/task/{name}.yaml").write_text(f"labels: [{labels}]\n", "utf-8")


def test_every_row_becomes_a_sentence_with_its_label() -> None:
    dataset = built()
    assert {row.text: row.label("stance") for row in dataset.rows} == dict(zip(SENTENCES, STANCE, strict=True))
    assert list(dataset.tasks) == ["stance"]
    manifest = dataset.manifest
    assert (manifest.n_sentences, manifest.n_unlabelled, manifest.skipped_pages) == (10, 0, ())
    assert manifest.table is not None
    assert (manifest.table.files, manifest.table.n_rows) == (("rows.jsonl",), 10)
    assert [(row.start, row.end) for row in dataset.rows] == [(0, len(row.text)) for row in dataset.rows]
    card = (dataset.folder / "README.md").read_text("utf-8")
    assert "Vietnamese sentences from a table, labelled for stance" in card
    assert "10 rows, 10 sentences, of which 0 without a decided label are left out. No row was left out." in card


def test_ids_that_are_made_are_those_of_predictions_on_the_table() -> None:
    from detente.prediction.columns import row_id

    assert {row.sentence_id for row in built().rows} == {row_id(n, text) for n, text in enumerate(SENTENCES, start=1)}


def test_ids_of_the_table_are_kept() -> None:
    rows = [{**row, "mã": f"câu {n}"} for n, row in enumerate(ROWS)]
    assert sorted(row.sentence_id for row in built(rows, id_column="mã").rows) == [f"câu {n}" for n in range(10)]
    with pytest.raises(DatasetError, match=r"rows\.jsonl:11: a second sentence 'câu 0' \(the first is rows\.jsonl:1\)"):
        built([*rows, {**rows[3], "mã": "câu 0"}], id_column="mã")
    said: list[str] = []
    dataset = built([*rows, {**rows[3], "mã": ""}], said, id_column="mã")
    assert [(row.place, row.reason) for row in dataset.manifest.skipped_pages] == [("rows.jsonl:11", "no id")]
    assert "1 of 11 rows left out: 1 no id" in said


def test_a_row_without_text_or_label_is_told_and_counted() -> None:
    said: list[str] = []
    dataset = built(
        [*ROWS, {"text": " ", "stance": "neutral"}, {"text": "Không nhãn.", "stance": ""}, {"stance": "neutral"}], said
    )
    assert len(dataset.rows) == 10
    assert "left out: rows.jsonl:11: 'text' is empty or no text." in said
    assert "left out: rows.jsonl:12: no label in stance." in said
    assert "3 of 13 rows left out: 2 no text in the row, 1 no label in the row" in said
    assert (dataset.manifest.n_sentences, dataset.manifest.n_unlabelled) == (11, 1)
    with pytest.raises(DatasetError, match=r"rows\.jsonl:11: .* set data\.bad_page=skip"):
        built([*ROWS, {"text": "", "stance": "neutral"}], bad_page="error")


def test_columns_and_cells_are_mapped() -> None:
    short = {"dialogue": "Đối thoại", "escalation": "2", "neutral": "0"}
    rows = [{"câu": row["text"], "nhãn": short[row["stance"]]} for row in ROWS]
    values = "{stance: {đối thoại: dialogue, 2: escalation, 0: neutral}}"
    dataset = built(rows, text_column="câu", labels="{stance: nhãn}", values=values)
    assert {row.text: row.label("stance") for row in dataset.rows} == dict(zip(SENTENCES, STANCE, strict=True))
    with pytest.raises(DatasetError) as error:
        built([*rows, {"câu": "Câu nữa.", "nhãn": "đối thoai"}], text_column="câu", labels={"stance": "nhãn"}, values=values)
    assert "rows.jsonl:11: 'nhãn': unknown stance 'đối thoai'; expected dialogue, neutral, escalation." in str(error.value)
    assert "Did you mean 'đối thoại'?" in str(error.value)
    with pytest.raises(ConfigError, match=r"data\.values: 'stance': unknown stance 'peace'"):
        built(rows, text_column="câu", labels={"stance": "nhãn"}, values={"stance": {"0": "peace"}})


def test_an_unknown_label_is_told_with_the_nearest() -> None:
    with pytest.raises(DatasetError, match=r"rows\.jsonl:11: 'stance': unknown stance 'dialog'; .*Did you mean 'dialogue'\?"):
        built([*ROWS, {"text": "Câu nữa.", "stance": "dialog"}])


def test_a_table_without_a_known_column_says_what_to_do() -> None:
    with pytest.raises(DatasetError, match=r"no column is called as a task .*it has text, label\. .*data\.labels="):
        built([{"text": "Một câu.", "label": "x"}])
    with pytest.raises(InputError, match=r"no column 'nhan'; the row has text, stance\.") as error:
        built(labels={"stance": "nhan"})
    assert "data.labels={task: column}" in str(error.value)


def test_a_column_that_the_first_row_lacks_is_seen() -> None:
    rows = [{"text": "Câu đầu.", "sentiment": "neutral"}, *ROWS]
    dataset = built(rows)
    assert sum(dataset.manifest.splits["train"].labels["stance"].values()) == 10
    assert dataset.manifest.splits["train"].labels["sentiment"] == {"negative": 0, "neutral": 1, "positive": 0}
    said: list[str] = []
    built(rows, said, labels={"stance": "stance"})
    assert "labels of sentiment are left out (data.labels, data.tasks)" in said
    assert list(built(rows, tasks=("stance",)).tasks) == ["stance"]


def test_numbers_and_truth_values_are_cells_too() -> None:
    own_task("urgent", '"yes", "no"')
    rows = [{"text": text, "urgent": n % 2 == 0, "stance": 1.0} for n, text in enumerate(SENTENCES)]
    values = {"urgent": {"true": "yes", "false": "no"}, "stance": {"1": "neutral"}}
    dataset = built(rows, values=values)
    assert {row.text: row.labels for row in dataset.rows} == {
        text: {"urgent": "no" if n % 2 else "yes", "stance": "neutral"} for n, text in enumerate(SENTENCES)
    }


def test_near_copies_are_one_group() -> None:
    copy = SENTENCES[0].replace("hòa bình", "hoà bình nay")
    dataset = built(
        [*ROWS, {"text": copy, "stance": "dialogue"}, {"text": "👍", "stance": "neutral"}, {"text": "👍", "stance": "neutral"}]
    )
    groups = {row.sentence_id: row.group_id for row in dataset.rows}
    by_text: dict[str, set[str]] = {}
    for row in dataset.rows:
        by_text.setdefault(row.text, set()).add(groups[row.sentence_id])
    assert by_text[copy] == by_text[SENTENCES[0]]
    assert len(by_text["👍"]) == 1
    assert len({*groups.values()}) == 11


def test_groups_of_the_table_are_never_parted() -> None:
    dataset = built([{**row, "bài": f"b{n // 3}"} for n, row in enumerate(ROWS)], group_column="bài")
    assert {row.group_id for row in dataset.rows} == {"b0", "b1", "b2", "b3"}
    folds: dict[str, set[int | None]] = {}
    for row in dataset.rows:
        folds.setdefault(row.group_id, set()).add(row.fold)
    assert all(len(own) == 1 for own in folds.values())


def test_sentences_of_one_article_are_one_group_with_its_facts() -> None:
    rows = [{**row, "article": f"a{n // 5}", "date": "12/3/2025", "outlet": "VOV"} for n, row in enumerate(ROWS)]
    dataset = built(rows, article_column="article")
    assert {(row.article_id, row.group_id, str(row.date), row.outlet) for row in dataset.rows} == {
        ("a0", "a0", "2025-03-12", "VOV"), ("a1", "a1", "2025-03-12", "VOV"),
    }  # fmt: skip
    assert dataset.manifest.n_articles == 2


def given() -> list[dict[str, Any]]:
    names = ["train"] * 6 + ["dev", "val", "Test", "test"]
    return [{**row, "part": name} for row, name in zip(ROWS, names, strict=True)]


def test_splits_are_taken_as_given_and_copies_left_out_of_training() -> None:
    copy = {"text": SENTENCES[8] + " Tin mới", "stance": "neutral", "part": "train"}
    dataset = built([*given(), copy], split_column="part")
    assert {name: len(rows) for name, rows in dataset.splits.items()} == {"train": 6, "validation": 2, "test": 2}
    assert {row.text for row in dataset.splits["test"]} == set(SENTENCES[8:])
    assert [(pair.left_out[:4], pair.held_out[:3]) for pair in dataset.dropped_pairs] == [("r11-", "r9-")]
    assert dataset.manifest.near_duplicates.n_sentences_left_out == 1
    assert dataset.manifest.split.method == "given"
    assert "The splits are those of the table." in (dataset.folder / "README.md").read_text("utf-8")


def test_what_to_validate_on_is_cut_off_train_where_none_is_given() -> None:
    rows = [{**row, "part": "test" if n > 7 else "train"} for n, row in enumerate(ROWS)]
    dataset = built(rows, split_column="part")
    assert {name: len(rows) for name, rows in dataset.splits.items()} == {"train": 7, "validation": 1, "test": 2}


def test_splits_that_cannot_be_are_told() -> None:
    with pytest.raises(DatasetError, match=r"rows\.jsonl:10: 'part': expected train, validation, test .*got 'tets'.*'test'\?"):
        built([*given()[:9], {**ROWS[9], "part": "tets"}], split_column="part")
    with pytest.raises(DatasetError, match="the table gives labelled sentences of train only"):
        built([{**row, "part": "train"} for row in ROWS], split_column="part")
    with pytest.raises(DatasetError, match=r"1 groups stand in several of the given splits(.|\n)*g: train \(rows\.jsonl:1\)"):
        built([{**row, "g": "g"} for row in given()], split_column="part", group_column="g")
    with pytest.raises(ConfigError, match=r"data\.split_column=part and split\.method=folds"):
        build_table(write("rows.jsonl", given()), split=FOLDS, split_column="part")


def test_files_say_their_split_by_their_names() -> None:
    files = [write("train.jsonl", ROWS[:6]), write("my-dev.csv", ROWS[6:8]), write("test_dedup.jsonl", ROWS[8:])]
    dataset = build_table(files)
    assert {name: [row.text for row in rows] for name, rows in dataset.splits.items() if name != "train"} == {
        "validation": SENTENCES[6:8], "test": SENTENCES[8:],
    }  # fmt: skip
    assert dataset.rows[0].sentence_id.startswith("train-r1-")
    with pytest.raises(InputError, match=r"more\.jsonl: its name says no split"):
        build_table([*files, write("more.jsonl", ROWS[:1])])
    anew = build_table(files, split=FOLDS)
    assert ([*anew.splits], anew.n_folds) == (["train"], 2)


def test_one_text_with_two_labels_is_told() -> None:
    said: list[str] = []
    dataset = built([*ROWS, {"text": SENTENCES[2], "stance": "dialogue"}], said)
    assert "note: 1 text stands there with different labels:\n  rows.jsonl:3, rows.jsonl:11" in said
    assert dataset.manifest.table is not None
    assert dataset.manifest.table.n_conflicts == 1


def test_columns_of_several_annotators() -> None:
    rows = [{"text": text, "an": one, "binh": one, "chi": one} for text, one in zip(SENTENCES, STANCE, strict=True)]
    rows[0] |= {"an": "neutral"}
    rows[1] |= {"an": "neutral", "binh": "dialogue"}
    labels = "{stance: [an, binh, chi]}"
    with pytest.raises(DatasetError) as error:
        built(rows, labels=labels)
    assert "on 2 sentences annotators differ:\n  rows.jsonl:1: an: neutral, binh: dialogue, chi: dialogue\n" in str(error.value)
    assert "data.disputed=majority" in str(error.value)
    dataset = built(rows, labels=labels, disputed="majority")
    by_text = {row.text: row.label("stance") for row in dataset.rows}
    assert by_text[SENTENCES[0]] == "dialogue"
    assert SENTENCES[1] not in by_text
    assert {reading.annotator for reading in dataset.readings} == {"an", "binh", "chi", "adjudicated"}
    assert len(dataset.readings) == 40
    assert dataset.manifest.n_unlabelled == 1
    assert "| an | human | 10 |" in (dataset.folder / "README.md").read_text("utf-8")
    assert len(built(rows, labels=labels, disputed="skip").rows) == 8


def test_a_row_an_annotator() -> None:
    rows = [{**row, "who": who} for row in ROWS for who in ("an", "binh")]
    dataset = built(rows, annotator_column="who")
    assert (len(dataset.rows), len(dataset.readings)) == (10, 30)
    with pytest.raises(DatasetError, match=r"rows\.jsonl:21: 'an' reads the sentence of rows\.jsonl:1 again, and otherwise"):
        built([*rows, {**ROWS[0], "stance": "neutral", "who": "an"}], annotator_column="who")
    said: list[str] = []
    built([*rows, rows[0], {**rows[1], "who": ""}], said, annotator_column="who")
    assert "2 of 22 rows left out: 1 read twice by one annotator, 1 no annotator" in said


@pytest.mark.parametrize("several", [False, True])
def test_published_without_text_it_is_rebuilt_from_the_table(several: bool) -> None:
    if several:
        Path("in").mkdir()
        copies = [*ROWS[:6], {"text": f"{SENTENCES[9]} Tin", "stance": "neutral"}]
        parts = {"train": copies, "dev": ROWS[6:8], "test": ROWS[8:]}
        source = "in"
        for name, rows in parts.items():
            write(f"in/{name}.jsonl", rows)
        dataset = build_table(source)
        assert len(dataset.dropped_pairs) == 1
    else:
        source = "rows.jsonl"
        dataset = built(
            [{**row, "title": f"Tiêu đề {n // 2}", "bài": f"b{n // 2}"} for n, row in enumerate(ROWS)], article_column="bài"
        )
    publish_dataset(dataset.folder, Path("published"), without_text=True)
    for path in Path("published").rglob("*"):
        if path.is_file():
            assert SENTENCES[0].encode() not in path.read_bytes()
    rebuilt = rebuild_dataset(Path("published"), Path(source), Path("rebuilt"))
    assert (rebuilt.digest, rebuilt.splits) == (dataset.digest, dataset.splits)
    assert rebuilt.readings == dataset.readings
    for name in ("articles.jsonl", "README.md"):
        assert (rebuilt.folder / name).read_bytes() == (dataset.folder / name).read_bytes()
    path = Path(source) / "test.jsonl" if several else Path(source)
    path.write_text(path.read_text("utf-8").replace("Hội nghị", "Đại hội"), "utf-8")
    with pytest.raises(DatasetError, match=r"1 of 1[01] sentences of the dataset are missing or changed"):
        rebuild_dataset(Path("published"), Path(source), Path("again"))


def test_versions_are_compared() -> None:
    old = built(out="old")
    new = built([{**ROWS[0], "stance": "neutral"}, *ROWS[2:]], out="new")
    diff = diff_datasets(old, new)
    assert [change.text for change in diff.removed] == [SENTENCES[1]]
    assert [(change.before, change.after) for change in diff.relabelled["stance"]] == [("dialogue", "neutral")]


def test_frames_and_datasets_come_in_from_python() -> None:
    import datasets
    import pandas as pd

    expected = dict(zip(SENTENCES, STANCE, strict=True))
    frame = pd.DataFrame([*ROWS, {"text": None, "stance": "neutral"}]).convert_dtypes()
    dataset = build_table(frame, "frame", split=FOLDS)
    assert {row.text: row.label("stance") for row in dataset.rows} == expected
    assert (dataset.folder, dataset.manifest.sources) == (Path("datasets/frame"), {"DataFrame": 10})
    assert [(row.place, row.reason) for row in dataset.manifest.skipped_pages] == [("DataFrame row 11", "no text in the row")]
    features = datasets.Features({"text": datasets.Value("string"), "stance": datasets.ClassLabel(names=sorted({*STANCE}))})
    whole = datasets.Dataset.from_list(ROWS, features=features)
    assert {row.text: row.label("stance") for row in build_table(whole, split=FOLDS).rows} == expected
    parts = datasets.DatasetDict({"train": whole.select(range(8)), "test": whole.select([8, 9])})
    assert {row.text for row in build_table(parts).splits["test"]} == {*SENTENCES[8:]}
    with pytest.raises(InputError, match="extra: its name says no split"):
        build_table(datasets.DatasetDict({"train": whole, "extra": whole}))
    with pytest.raises(UsageError, match=r"unknown option 'text_colum'; .*Did you mean 'text_column'\?"):
        build_table(frame, text_colum="text")
    with pytest.raises(InputError, match=r"expected a DataFrame, a .* or files, got int"):
        build_table(3)


def test_load_dataset_opens_it() -> None:
    import datasets

    dataset = built(given(), split_column="part")
    loaded = datasets.load_dataset(str(dataset.folder), cache_dir="cache")
    assert {name: part.num_rows for name, part in loaded.items()} == {"train": 6, "validation": 2, "test": 2}
    assert loaded["train"].features["stance"].names == ["dialogue", "neutral", "escalation"]


def test_options_are_typed_as_they_are_said() -> None:
    options: BuildOptions = load_config(
        "build",
        [
            "data=table",
            "data.sentences=[a.csv,b c.csv]",
            "data.labels={stance: nhãn}",
            "data.values={stance:{tích cực:dialogue}}",
        ],
    )
    assert list(options.data.sentences) == ["a.csv", "b c.csv"]
    assert (options.data.labels, options.data.values) == ("{stance: nhãn}", "{stance:{tích cực:dialogue}}")
    options = load_config("build", ["data=table", "data.sentences=bảng.csv"])
    assert options.data.sentences == "bảng.csv"
    write("bảng.csv", [{"text": row["text"], "nhãn": "tích cực"} for row in ROWS])
    said = ["data.labels={stance: nhãn}", "data.values={stance:{tích cực:dialogue}}", "split=folds", "split.n_folds=2"]
    dataset = build_dataset(load_config("build", ["data=table", "data.sentences=bảng.csv", *said]))
    assert {row.label("stance") for row in dataset.rows} == {"dialogue"}


def test_labels_of_a_configuration_file_are_mappings() -> None:
    own_task("urgent", '"yes", "no"')
    Path("configs/data").mkdir()
    Path("configs/data/mine.yaml").write_text(
        "defaults: [table, _self_]\nname: mine\nsentences: [a.jsonl]\nlabels: {urgent: gấp}\n"
        "values: {urgent: {1: 'yes', 0: 'no'}}\n",
        "utf-8",
    )
    write("a.jsonl", [{"text": text, "gấp": n % 2} for n, text in enumerate(SENTENCES)])
    dataset = build_dataset(load_config("build", ["data=mine", "split=folds", "split.n_folds=2"]))
    assert dataset.manifest.splits["train"].labels == {"urgent": {"yes": 5, "no": 5}}


def test_the_whole_way_by_commands(capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str) -> str:
        assert main(list(arguments)) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    own_task("clickbait", "clickbait, non-clickbait")
    rows = [{**row, "label": "Clickbait" if n % 2 else "non-clickbait"} for n, row in enumerate(given())]
    write("câu.csv", rows)
    out = run(
        "build",
        "data=table",
        "data.sentences=câu.csv",
        "data.labels={clickbait: label}",
        "data.split_column=part",
        "data.name=mồi",
    )
    assert out.strip().endswith("datasets/mồi")
    dataset = read_dataset(Path("datasets/mồi"))
    assert dataset.manifest.splits["train"].labels == {"clickbait": {"clickbait": 3, "non-clickbait": 3}}
    run("label", "export", "datasets/mồi", "--task", "clickbait", "-o", "sheet.csv")
    with Path("sheet.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {row["text"] for row in csv.DictReader(file)} == {*SENTENCES}


@pytest.mark.slow
def test_viclickbait_is_built_in_one_command_learnt_and_scored(outside_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str) -> str:
        assert main(list(arguments)) == 0, capsys.readouterr().err
        return capsys.readouterr().err

    own_task("clickbait", "clickbait, non-clickbait")
    corpus = outside_data / "corpora" / "viclickbait2025"
    files = ",".join(str(corpus / name) for name in ("train.jsonl", "dev.jsonl", "test_dedup.jsonl"))
    run("build", "data=table", f"data.sentences=[{files}]", "data.labels={clickbait: label}", "data.name=viclickbait")
    dataset = read_dataset(Path("datasets/viclickbait"))
    assert {name: len(rows) for name, rows in dataset.splits.items()} == {"train": 2339, "validation": 510, "test": 497}
    assert dataset.manifest.near_duplicates.n_sentences_left_out == 53
    err = run("train", "dataset=datasets/viclickbait", "model=tfidf", "task=clickbait", "text=syllables", "tracking=none")
    assert "clickbait: macro-F1 0.7" in err
    (model,) = Path("runs").glob("*/model")
    run("evaluate", str(model), "datasets/viclickbait", "--split", "test", "--no-tracking", "-o", "scored")
    assert "| non-clickbait |" in Path("scored/report.md").read_text("utf-8")
