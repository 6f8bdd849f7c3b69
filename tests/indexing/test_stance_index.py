from __future__ import annotations

import csv
import gzip
import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import LABELS, row, write

from detente.cli import main
from detente.dataset import LabelledDataset
from detente.errors import InputError, UsageError
from detente.indexing import IndexOptions, IndexRow, StanceIndex, stance_index
from detente.indexing.cells import Distinct
from detente.indexing.files import write_index
from detente.indexing.options import ALL, NO_ACTOR, NO_DATE, NO_OUTLET
from detente.indexing.periods import following, period_name, period_start, read_date
from detente.indexing.picture import index_picture
from detente.model.folder import read_info, save_model
from detente.model.options import ModelOptions
from detente.rows.book import write_book
from detente.training.fitting import fit
from detente.training.options import TrainOptions


def figure(index: StanceIndex, period: str, group: str = ALL, measure: str = "direction_all") -> IndexRow:
    return next(own for own in index.rows if (own.period, own.group, own.measure) == (period, group, measure))


def test_shares_and_the_two_directions() -> None:
    labels = ["dialogue"] * 5 + ["neutral"] * 3 + ["escalation"] * 2
    index = stance_index(write("p.jsonl", [row(at, label) for at, label in enumerate(labels)]))
    measures = {own.measure: own for own in index.rows if own.period == "2025-03"}
    assert {name: own.uncorrected for name, own in measures.items()} == {
        "share_dialogue": 0.5,
        "share_neutral": 0.3,
        "share_escalation": 0.2,
        "direction_all": pytest.approx(0.3),
        "direction_decided": pytest.approx(3 / 7),
    }
    one = measures["direction_decided"]
    assert (one.n_sentences, one.n_articles, one.numerator, one.denominator, one.few) == (10, 4, 3.0, 7.0, True)
    assert one.start == date(2025, 3, 1)
    assert "corrected" not in index.columns
    assert figure(index, ALL).uncorrected == pytest.approx(0.3)


def test_sentiment_points_from_negative_to_positive() -> None:
    rows = [row(at, sentiment_pred=label) for at, label in enumerate(["positive", "positive", "negative", "neutral"])]
    index = stance_index(write("p.jsonl", rows), IndexOptions(task="sentiment"))
    assert figure(index, ALL).uncorrected == 0.25
    assert figure(index, ALL, measure="direction_decided").uncorrected == pytest.approx(1 / 3)


def test_without_a_side_there_is_no_direction_of_the_decided() -> None:
    index = stance_index(write("p.jsonl", [row(at) for at in range(40)]))
    assert figure(index, ALL).uncorrected == 0
    assert not figure(index, ALL).few
    decided = figure(index, ALL, measure="direction_decided")
    assert (decided.uncorrected, decided.denominator, decided.few) == (None, 0.0, True)


def test_every_row_is_in_a_period_or_counted() -> None:
    rows = [row(0), row(1, date="hôm qua"), row(2, date=None), row(3, None), row(4, ""), row(5, date="05/04/2025 08:15")]
    index = stance_index(write("p.jsonl", rows))
    assert (index.n_rows, index.n_undated, index.n_unpredicted) == (6, 2, 2)
    sizes = {own.period: own.n_sentences for own in index.rows}
    assert sizes == {"2025-03": 1, "2025-04": 1, NO_DATE: 2, ALL: 4}


def test_outlets_and_everything() -> None:
    rows = [row(0, "dialogue"), row(1, "escalation", outlet=" Báo  B "), row(2, "dialogue", outlet=None)]
    index = stance_index(write("p.jsonl", rows), IndexOptions(group="outlet"))
    totals = {own.group: own.uncorrected for own in index.rows if own.period == ALL and own.measure == "direction_all"}
    assert totals == {"Báo A": 1, "Báo B": -1, NO_OUTLET: 1, ALL: pytest.approx(1 / 3)}


def test_a_person_counts_for_the_state_and_a_sentence_for_each_actor_once() -> None:
    rows = [
        row(0, "dialogue", text="Tổng thống Macron và Paris kêu gọi Nga đối thoại."),
        row(1, "escalation", text="Nga tấn công."),
        row(2, "neutral", text="Giá vàng tăng."),
    ]
    index = stance_index(write("p.jsonl", rows), IndexOptions(group="actor"))
    totals = {own.group: own.n_sentences for own in index.rows if own.period == ALL and own.measure == "direction_all"}
    assert totals == {"France": 1, "Russia": 2, NO_ACTOR: 1, ALL: 3}
    assert figure(index, "2025-03", "Russia").uncorrected == 0


def copied() -> list[dict[str, object]]:
    """A sentence three times (twice in one outlet), once more in the next month, and one sentence alone."""
    wire = {"text": "Hai bên  hoà đàm."}
    return [
        row(0, "dialogue", **wire),
        row(1, "dialogue", text="Hai bên hòa đàm."),
        row(2, "dialogue", outlet="Báo B", **wire),
        row(3, "dialogue", date="2025-04-01", **wire),
        row(4, "escalation"),
    ]


@pytest.mark.parametrize(
    ("copies", "march", "outlet_a"), [("count", 3 - 1, 2 - 1), ("once", 1 - 1, 1 - 1), ("share", 1 - 1, 2 / 3 - 1)]
)
def test_copies_weigh_as_asked(copies: str, march: float, outlet_a: float) -> None:
    options = IndexOptions(group="outlet", copies=copies)
    index = stance_index(write("p.jsonl", copied()), options)
    assert figure(index, "2025-03", "Báo A").numerator == pytest.approx(outlet_a)
    assert figure(index, "2025-03", "Báo A").n_sentences == 3
    assert figure(index, ALL).numerator == pytest.approx(march + 1)
    plain = stance_index(Path("p.jsonl"), IndexOptions(copies=copies))
    assert figure(plain, "2025-03").numerator == pytest.approx(march)


@given(st.lists(st.tuples(st.sampled_from(LABELS), st.integers(0, 3), st.integers(0, 5)), min_size=1, max_size=30))
def test_counts_add_up_whatever_the_order(tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[str, int, int]]) -> None:
    rows = [
        row(at, label, outlet=f"Báo {outlet}", text=f"Câu {text}.", date=f"2025-0{1 + text}-01")
        for at, (label, outlet, text) in enumerate(drawn)
    ]
    folder = tmp_path_factory.mktemp("index")
    for copies in ("count", "once", "share"):
        options = IndexOptions(group="outlet", copies=copies)
        index = stance_index(write(str(folder / "p.jsonl"), rows), options)
        cells = [own for own in index.rows if own.period != ALL and own.measure == "share_neutral"]
        totals = [own for own in index.rows if own.period == ALL and own.group != ALL and own.measure == "share_neutral"]
        assert sum(own.n_sentences for own in cells) == sum(own.n_sentences for own in totals) == len(rows)
        assert sum(own.denominator for own in cells) == pytest.approx(sum(own.denominator for own in totals))
        if copies != "count":
            assert figure(index, ALL).denominator == pytest.approx(len({own["text"] for own in rows}))
        turned = stance_index(write(str(folder / "turned.jsonl"), rows[::-1]), options)
        assert [own.denominator for own in turned.rows] == pytest.approx([own.denominator for own in index.rows])
        assert [own.n_articles for own in turned.rows] == [own.n_articles for own in index.rows]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2025-03-12T08:15:00+07:00", date(2025, 3, 12)),
        ("2025-03-12 08:15", date(2025, 3, 12)),
        ("12/3/2025", date(2025, 3, 12)),
        (datetime(2025, 3, 12, 23, 59), date(2025, 3, 12)),
        (date(2025, 3, 12), date(2025, 3, 12)),
        ("31/02/2025", None),
        ("1741766400", None),
        (1741766400, None),
    ],
)
def test_dates(value: object, expected: date | None) -> None:
    assert read_date(value) == expected


def test_weeks_are_iso_weeks_and_periods_follow_each_other() -> None:
    start = period_start(date(2027, 1, 3), "week")
    assert (start, period_name(start, "week")) == (date(2026, 12, 28), "2026-W53")
    assert following(date(2025, 12, 1), "month") == date(2026, 1, 1)
    assert following(start, "week") == date(2027, 1, 4)
    assert period_name(period_start(date(2025, 3, 5), "day"), "day") == "2025-03-05"


@given(st.lists(st.integers(0, 50), max_size=200))
def test_distinct_ids_are_counted_in_any_order(numbers: list[int]) -> None:
    counter = Distinct()
    counter._compact_at = 4
    for number in numbers:
        counter.add(f"a{number}")
    counter.add("")
    assert len(counter) == len(set(numbers))


def test_all_formats_and_parts_give_one_index() -> None:
    rows = [row(at, LABELS[at % 3], date=f"2025-0{1 + at % 3}-07", sentence_id=f"00{at}") for at in range(12)]
    plain = write("p.jsonl", rows)
    expected = stance_index(plain).records()
    Path("q.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))
    with Path("q.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    Path("q.csv.gz").write_bytes(gzip.compress(Path("q.csv").read_bytes()))
    pq.write_table(pa.Table.from_pylist([{**own, "date": read_date(own["date"])} for own in rows]), "q.parquet")
    with pa.CompressedOutputStream("q.jsonl.zst", "zstd") as stream:
        stream.write(plain.read_bytes())
    Path("parts").mkdir()
    write("parts/part-0.jsonl", rows[:5])
    Path("parts/part-1.jsonl.gz").write_bytes(gzip.compress(write("rest.jsonl", rows[5:]).read_bytes()))
    Path("parts/.part-2.jsonl").write_text("half", encoding="utf-8")
    for source in ("q.jsonl.gz", "q.jsonl.zst", "q.csv", "q.csv.gz", "q.parquet", "parts"):
        assert stance_index(source).records() == expected


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"stance_pred": "dialog"},
            "p.jsonl:2: unknown stance 'dialog'; expected dialogue, neutral, escalation, or nothing. Did",
        ),
        (
            {"date": ...},
            "p.jsonl:2: no column 'date'; the row has sentence_id, article_id, outlet, text, stance_pred. Name it with",
        ),
        ({"stance_pred": ...}, "p.jsonl:2: no column 'stance_pred'; the row has"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(change: dict[str, object], message: str) -> None:
    broken = {name: value for name, value in {**row(1), **change}.items() if value is not ...}
    with pytest.raises(InputError) as error:
        stance_index(write("p.jsonl", [row(0), broken]))
    assert str(error.value).startswith(message)


def test_every_format_and_what_programs_write_for_no_outlet() -> None:
    rows = [row(at, LABELS[at % 3], outlet=outlet) for at, outlet in enumerate(["Báo A", "nan", "None", "", "Báo A", "NaN"])]
    expected = stance_index(write("p.jsonl", rows), IndexOptions(group="outlet")).rows
    assert {own.group for own in expected} == {"Báo A", NO_OUTLET, ALL}
    names = list(rows[0])
    text = "\n".join(";".join(map(str, line)) for line in [names, *(each.values() for each in rows)])
    Path("p.csv").write_bytes(text.encode("utf-16"))
    Path("p.TSV").write_text(text.replace(";", "\t"), "utf-8")
    pq.write_table(pa.Table.from_pylist([{**each, "outlet": each["outlet"] or None} for each in rows]), "p.parquet")
    write_book(rows, names, Path("p.xlsx"))
    for name in ("p.csv", "p.TSV", "p.parquet", "p.xlsx"):
        assert stance_index(name, IndexOptions(group="outlet")).rows == expected, name


def facts(poles: list[str] | None, labels: tuple[str, ...] = LABELS) -> dict[str, object]:
    """What a prediction says of itself, as far as an index reads it."""
    return {"model": {"id": "x", "tasks": {"stance": {"labels": list(labels), "ordered": True, "poles": poles}}}}


def own_task(text: str, name: str = "stance") -> None:
    Path("configs/task").mkdir(parents=True, exist_ok=True)
    Path(f"configs/task/{name}.yaml").write_text(text, "utf-8")


def test_poles_are_those_of_the_model_that_predicted() -> None:
    rows = [row(0, "dialogue"), row(1, "dialogue"), row(2, "escalation")]
    source = write("p.jsonl", rows)
    Path("p.jsonl.meta.json").write_text(json.dumps(facts(["dialogue", "escalation"])), "utf-8")
    assert (figure(plain := stance_index(source), ALL).uncorrected, plain.notes) == (pytest.approx(1 / 3), ())
    own_task("labels: [dialogue, neutral, escalation]\nordered: true\npoles: [escalation, dialogue]\n")
    turned = stance_index(source)
    assert figure(turned, ALL).uncorrected == pytest.approx(1 / 3)
    assert turned.notes == (
        "the poles of 'stance' are those of the model that predicted, +1 dialogue, -1 escalation (p.jsonl.meta.json); "
        "configs/task/stance.yaml has +1 escalation, -1 dialogue by now",
    )
    own_task("labels: [dialogue, neut")
    assert stance_index(source).records() == plain.records()  # which needs no file


def test_poles_go_from_the_task_through_model_and_prediction_to_the_index(dataset: LabelledDataset) -> None:
    options = TrainOptions(model=ModelOptions(name="majority", kind="majority"))
    task = replace(dataset.tasks["stance"], poles=("neutral", "dialogue"))
    save_model(fit(dataset.labelled("stance"), options, tasks=[task], seed=0, encoder=None), Path("model"))
    assert json.loads(Path("model/detente.json").read_text("utf-8"))["poles"] == {"stance": ["neutral", "dialogue"]}
    assert read_info(Path("model")).poles == {"stance": ("neutral", "dialogue")}
    write("in.jsonl", [{"text": "Hai bên gặp nhau.", "date": "2025-03-05"}])
    for out in ("out.csv", "out.parquet"):
        assert main(["predict", "model", "in.jsonl", "-o", out]) == 0
        told = json.loads(Path(f"{out}.meta.json").read_text("utf-8"))["model"]["tasks"]
        assert told == {"stance": {"labels": list(LABELS), "ordered": True, "poles": ["neutral", "dialogue"]}}
        assert "+1 neutral, -1 dialogue" in stance_index(out).notes[0]
        Path(f"{out}.meta.json").unlink()
    assert "+1 neutral, -1 dialogue" in stance_index("out.parquet").notes[0]
    assert "the predictions do not say theirs" in stance_index("out.csv").notes[0]


def test_parquet_and_folders_say_their_poles_too() -> None:
    rows = [row(0, "dialogue"), row(1, "dialogue"), row(2, "escalation")]
    told = json.dumps(facts(["escalation", "dialogue"]))
    table = pa.Table.from_pylist(rows).replace_schema_metadata({"detente": told})
    pq.write_table(table, "p.parquet")
    Path("parts").mkdir()
    write("parts/part-000000.jsonl", rows)
    for name in ("_manifest.json", "_meta.json"):
        Path("parts", name).write_text(told, "utf-8")
    for source in ("p.parquet", "parts"):
        index = stance_index(source)
        assert figure(index, ALL).uncorrected == pytest.approx(-1 / 3)
        assert "the package's stance.yaml has +1 dialogue, -1 escalation by now" in index.notes[0]


def test_predictions_that_do_not_say_their_poles_take_those_of_the_file_and_say_so() -> None:
    source = write("p.jsonl", [row(0, "dialogue")])
    assert stance_index(source).notes == (
        "the poles of 'stance' are those of the package's stance.yaml, +1 dialogue, -1 escalation; the predictions do not say "
        "theirs",
    )
    Path("p.jsonl.meta.json").write_text(json.dumps(facts(None)), "utf-8")
    assert stance_index(source).notes[0].endswith("-1 escalation; the model that predicted knew none")


def test_a_task_without_poles_says_that_it_has_no_direction() -> None:
    rows = [{**row(0), "tone_pred": "vui", "tone_prob_vui": 0.6, "tone_prob_lo": 0.4}]
    for before in (lambda: None, lambda: own_task("labels: [vui, lo]", "tone")):
        before()
        index = stance_index(write("p.jsonl", rows), IndexOptions(task="tone"))
        assert {own.measure for own in index.rows} == {"share_vui", "share_lo"}
        assert index.notes == (
            "'tone' has no poles, so there are shares and no direction; poles: [A, B] in configs/task/tone.yaml says which "
            "label counts +1 and which -1",
        )


def test_parts_of_models_with_other_poles_are_no_one_index() -> None:
    Path("days").mkdir()
    for day, poles in (("1", ["dialogue", "escalation"]), ("2", ["escalation", "dialogue"])):
        write(f"days/{day}.jsonl", [row(int(day), "dialogue")])
        Path(f"days/{day}.jsonl.meta.json").write_text(json.dumps(facts(poles)), "utf-8")
    with pytest.raises(InputError) as error:
        stance_index("days")
    assert str(error.value).splitlines() == [
        "days: predictions of models that differ in 'stance':",
        "  days/1.jsonl.meta.json: dialogue, neutral, escalation; +1 dialogue, -1 escalation",
        "  days/2.jsonl.meta.json: dialogue, neutral, escalation; +1 escalation, -1 dialogue",
        "Make an index of each, or predict all of it with one model.",
    ]
    Path("days/2.jsonl.meta.json").write_text(json.dumps(facts(["a", "b"])), "utf-8")
    with pytest.raises(InputError, match=r"2\.jsonl\.meta\.json: 'model\.tasks\.stance': 'poles': expected two of the labels"):
        stance_index("days")


def test_labels_of_the_model_and_of_the_file_are_shown_where_they_differ() -> None:
    source = write("p.jsonl", [row(0, "dialogue")])
    Path("p.jsonl.meta.json").write_text(json.dumps(facts(None, ("dialogue", "escalation"))), "utf-8")
    with pytest.raises(
        InputError, match=r"the labels of 'stance' are not the same:\n  the package's stance\.yaml: .*\n  p\.jsonl\.meta"
    ):
        stance_index(source)


@pytest.mark.parametrize("second", ["parts/part-1.jsonl", "parts/part-0.jsonl"])
def test_a_sentence_that_stands_twice_is_an_error_that_names_both_places(second: str) -> None:
    Path("parts").mkdir()
    rows = {"parts/part-0.jsonl": [row(at) for at in range(3)], "parts/part-1.jsonl": [row(at) for at in range(3, 6)]}
    rows[second] = [*rows[second], row(1)]
    for path, each in rows.items():
        write(path, each)
    n = len(rows[second])
    with pytest.raises(InputError) as error:
        stance_index("parts")
    assert str(error.value) == (
        f"{second}:{n}: the sentence s1 stands there twice, first at parts/part-0.jsonl:2; each would count twice. Remove the "
        "copies, or, of different sentences, predict with ids of their own (a column sentence_id in the input)."
    )
    write(second, [*rows[second], row(2, "dialogue")])
    with pytest.raises(InputError, match=r"\(so do 1 more sentences\)"):
        stance_index("parts")
    write(second, [*rows[second][:-1], row(7, sentence_id=""), row(8, sentence_id=None)])
    assert stance_index("parts").n_rows == 8


def test_a_file_that_was_cut_is_no_shorter_corpus() -> None:
    whole = gzip.compress(write("p.jsonl", [row(at) for at in range(500)]).read_bytes())
    Path("cut.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"cut.jsonl.gz: the compressed data are damaged or cut short"):
        stance_index("cut.jsonl.gz")
    Path("cut.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match=r"cut.parquet: not a readable parquet file"):
        stance_index("cut.parquet")
    Path("cut.csv").write_text('sentence_id,date,stance_pred\ns1,2025-01-01,"neu', encoding="utf-8")
    with pytest.raises(InputError, match=r"cut.csv:2: not readable as CSV \(unexpected end of data\)"):
        stance_index("cut.csv")


def test_what_is_asked_wrongly() -> None:
    with pytest.raises(UsageError, match=r"by: expected day, week, month, got 'weeks'. Did you mean 'week'"):
        stance_index("p.jsonl", IndexOptions(by="weeks"))
    with pytest.raises(UsageError, match="model: is of an audit, and there is none"):
        stance_index("p.jsonl", IndexOptions(model=Path("model")))
    with pytest.raises(InputError, match=r"none of its 1 rows has a prediction"):
        stance_index(write("p.jsonl", [row(0, None)]))


def test_files_hold_the_table_and_no_formula() -> None:
    index = stance_index(write("p.jsonl", [row(0, outlet="=1+1"), row(1, date="?")]), IndexOptions(group="outlet"))
    for name in ("o.csv", "o.jsonl", "o.parquet"):
        write_index(index, Path(name))
    table = pq.read_table("o.parquet")
    assert table.column_names == list(index.columns)
    assert table.to_pylist() == index.records()
    assert table.schema.field("start").type == pa.date32()
    lines = [json.loads(line) for line in Path("o.jsonl").read_text("utf-8").splitlines()]
    assert [own["start"] for own in lines[:1]] == [None]
    assert {own["group"] for own in lines} == {"=1+1", "Báo A", ALL}
    with Path("o.csv").open(encoding="utf-8", newline="") as file:
        assert {own["group"] for own in csv.DictReader(file)} == {"'=1+1", "Báo A", ALL}
    with pytest.raises(UsageError, match=r"unknown format '.xlsx'; expected .parquet, .csv, .jsonl"):
        write_index(index, Path("o.xlsx"))


@pytest.mark.parametrize("n_outlets", [1, 3, 12])
def test_a_picture_of_any_number_of_groups(n_outlets: int) -> None:
    rows = [row(at, outlet=f"Báo ${at % n_outlets}$", date=f"2025-01-{1 + at % 9:02}") for at in range(40)]
    index = stance_index(write("p.jsonl", rows), IndexOptions(group="outlet", by="day"))
    assert index_picture(index).startswith(b"\x89PNG")


def test_a_picture_without_any_date() -> None:
    assert index_picture(stance_index(write("p.jsonl", [row(0, date="")]))).startswith(b"\x89PNG")


@pytest.mark.parametrize("by", ["day", "week", "month"])
@pytest.mark.parametrize("dates", [["0001-01-01"], ["9999-12-31"], ["0001-01-01", "9999-12-31"]])
def test_the_first_and_the_last_year_of_the_calendar(dates: list[str], by: str) -> None:
    index = stance_index(write("p.jsonl", [row(at, date=date) for at, date in enumerate(dates)]), IndexOptions(by=by))
    assert index_picture(index).startswith(b"\x89PNG")
    assert [row.period[:5] for row in index.rows if row.measure == "direction_all"] == [
        *(f"{date[:4]}-" for date in dates),
        ALL,
    ]
