"""Against what Label Studio 1.23.2 itself wrote; record_label_studio.py made the files."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from record_label_studio import ITEMS, LABELS

from detente.dataset.labelling.importing import ImportOptions, Readings, parse_readings, read_label_file
from detente.dataset.labelling.items import Blank
from detente.dataset.labelling.label_studio import interface, read_users, write_tasks
from detente.dataset.labelling.merging import merge
from detente.errors import AnnotationError
from detente.records import flat
from label_sets import TASKS

BOTH = tuple(replace(task, label_descriptions={}) for task in TASKS.values())
"""As they were when the files were recorded: without what is shown of a label."""
RECORDED = Path(__file__).parent / "label_studio"
NAMES = {"1": "an", "2": "binh"}
TEXTS = {item.sentence_id: item.text for item in ITEMS}


def read(path: Path, **options: Any) -> Readings:
    return parse_readings(read_label_file(path), ImportOptions(**{"names": NAMES, **options}))


def given(file: Readings) -> dict[tuple[str, str], dict[str, str | None]]:
    return {
        (reading.sentence_id, reading.annotator): {
            name: value for name, value in flat(reading, TASKS).items() if name in (*TASKS, "rule", "note") and value
        }
        for _, reading in file.readings
    }


EXPECTED = {
    (sentence_id, annotator): fields
    for sentence_id, by_annotator in LABELS.items()
    for annotator, fields in by_annotator.items()
    if fields
}


@pytest.mark.parametrize("name", ["export.json", "export-min.json", "export.csv"])
def test_every_label_comes_back_with_its_text_to_the_letter(name: str) -> None:
    file = read(RECORDED / name)
    assert not file.problems
    assert given(file) == EXPECTED
    assert all(reading.text == TEXTS[reading.sentence_id] for _, reading in file.readings)
    assert {reading.guideline_version for _, reading in file.readings} == {2}
    assert file.n_unchecked == 0
    assert file.ignored == ()


def test_skipped_empty_and_unread_are_counted() -> None:
    file = read(RECORDED / "export.json")
    assert (file.n_skipped, file.n_empty, file.n_blank) == (1, 1, 1)
    minimal = read(RECORDED / "export-min.json")
    assert (minimal.n_skipped, minimal.n_empty, minimal.n_blank) == (0, 1, 1)  # JSON_MIN leaves out what was skipped


def test_the_interface_and_the_tasks_are_those_that_label_studio_took() -> None:
    tasks = io.StringIO()
    write_tasks(ITEMS, Blank(BOTH, guideline_version=2), tasks)
    assert interface(Blank(BOTH, guideline_version=2)) == (RECORDED / "interface.xml").read_text("utf-8")
    assert tasks.getvalue() == (RECORDED / "tasks.json").read_text("utf-8")


@pytest.mark.parametrize("blank", [Blank(BOTH), Blank(BOTH, decides=True), Blank(BOTH[:1], free=("holder",))])
def test_every_variable_of_the_interface_stands_in_every_task(blank: Blank) -> None:
    tasks = io.StringIO()
    write_tasks(ITEMS, blank, tasks)
    tree = ElementTree.fromstring(interface(blank))
    variables = {value[1:] for element in tree.iter() if (value := element.get("value", "")).startswith("$")}
    assert "text" in variables
    assert ("readings" in variables) == blank.decides
    for task in json.loads(tasks.getvalue()):
        assert variables <= task["data"].keys()


def test_users_of_the_api_are_named_without_their_address() -> None:
    assert read_users((RECORDED / "users.json").read_text("utf-8"), "users.json") == NAMES
    assert read_users('{"7": "Trần, An"}', "x") == {"7": "Trần, An"}
    twice = json.dumps([{"id": at, "username": "an", "email": f"{at}@b.c"} for at in (1, 2)])
    with pytest.raises(AnnotationError, match="several ids are named 'an'"):
        read_users(twice, "users.json")
    for wrong in ("[1]", '{"1": ""}', "{"):
        with pytest.raises(AnnotationError, match=r"users.json: (expected|not JSON)"):
            read_users(wrong, "users.json")


def test_an_id_without_a_name_is_a_problem_and_ids_are_kept_where_no_map_is_given() -> None:
    assert read(RECORDED / "export.json", names={"1": "an"}).problems[0] == (
        "task 1",
        "annotator '2' is not among the users (1)",
    )
    assert {reading.annotator for _, reading in read(RECORDED / "export.json", names={}).readings} == {"1", "2"}


def changed(tmp_path: Path, change: Any) -> Path:
    tasks = json.loads((RECORDED / "export.json").read_text("utf-8"))
    change(tasks)
    path = tmp_path / "export.json"
    path.write_text(json.dumps(tasks), "utf-8")
    return path


def test_labels_that_the_interface_does_not_know_are_refused(tmp_path: Path) -> None:
    def change(tasks: list[dict[str, Any]]) -> None:
        results = tasks[0]["annotations"][0]["result"]
        results[0]["value"]["choices"] = ["dialog"]  # the API takes it
        results[1]["value"]["choices"] = ["neutral", "positive"]
        tasks[1]["annotations"][0]["result"][0]["from_name"] = "mood"

    problems = read(changed(tmp_path, change)).problems
    assert problems[0] == (
        "task 2",
        "the field 'mood' is not of détente's interface (stance, sentiment, rule, note, relation, voice, holder, target); a "
        "task of your own is a file configs/task/mood.yaml",
    )
    assert problems[1][1].startswith(
        "unknown stance 'dialog'; expected dialogue, neutral, escalation. Did you mean 'dialogue'?"
    )
    assert problems[2] == ("task 1", "unknown sentiment ['neutral', 'positive']; expected negative, neutral, positive.")


def test_two_readings_of_one_user_that_differ_are_refused(tmp_path: Path) -> None:
    def change(tasks: list[dict[str, Any]]) -> None:
        for annotation in tasks[4]["annotations"]:
            annotation["completed_by"] = {"id": 1, "email": "an@example.org"}

    with pytest.raises(AnnotationError, match=r"task 5: p2#60 by 'an' stands twice .*stance 'escalation' / 'neutral'"):
        merge([], [read(changed(tmp_path, change))])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("{}", "no list of tasks"),
        ("[]", "no task in it"),
        (
            '[{"data": {"text": "x"}}]',
            "tasks without annotations; expected Label Studio's export as JSON or JSON_MIN, not the tasks",
        ),
    ],
)
def test_what_is_no_export_says_so(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text, "utf-8")
    with pytest.raises(AnnotationError, match=message):
        read(path)
