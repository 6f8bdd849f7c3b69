from __future__ import annotations

import dataclasses
import unicodedata
from pathlib import Path

import pytest

from detente.dataset.annotations import _Line
from detente.dataset.labelling.items import FREE, SAMPLE, SHOWN, Item
from detente.dataset.publishing.records import HashedReading
from detente.errors import ConfigError, InputError, UsageError
from detente.records import Annotation, Article, Example, Sentence, flat, of_columns
from detente.tasks import (
    RESERVED,
    Task,
    check_same,
    first_tasks,
    known_tasks,
    task_named,
    task_names,
    tasks_named,
    tasks_of_columns,
)

TONE = "labels: [vui mừng, lo âu, giận dữ, bình thản]\n"


def write(name: str, text: str) -> Path:
    path = Path("configs/task") / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_package_has_two_tasks_and_a_joint_set() -> None:
    tasks = known_tasks()
    assert {name: (task.labels, task.ordered, task.poles) for name, task in tasks.items()} == {
        "stance": (("dialogue", "neutral", "escalation"), True, ("dialogue", "escalation")),
        "sentiment": (("negative", "neutral", "positive"), True, ("positive", "negative")),
    }
    assert list(tasks) == list(first_tasks()) == ["stance", "sentiment"]
    assert task_names("joint") == ("stance", "sentiment")
    assert task_names(["joint"]) == task_names(("stance", "sentiment"))


def test_a_file_of_ones_own_is_a_task_and_comes_before_the_packages() -> None:
    write("tone", TONE + "description: Giọng điệu\nlabel_descriptions: {lo âu: sợ hãi}\npoles: [vui mừng, giận dữ]\n")
    write("stance", "labels: [for, against]\n")
    write("all-of-it", "tasks: [stance, tone, sentiment]\n")
    tone = task_named("tone")
    assert (tone.name, tone.labels, tone.ordered) == ("tone", ("vui mừng", "lo âu", "giận dữ", "bình thản"), False)
    assert (tone.poles, tone.label_descriptions) == (("vui mừng", "giận dữ"), {"lo âu": "sợ hãi"})
    assert task_named("stance").labels == ("for", "against")
    assert first_tasks()["stance"].labels == ("dialogue", "neutral", "escalation")
    assert list(known_tasks()) == ["stance", "tone", "sentiment"]
    assert [task.name for task in tasks_named("all-of-it")] == ["stance", "tone", "sentiment"]


def test_labels_are_found_whatever_their_case_and_composition() -> None:
    write("tone", unicodedata.normalize("NFD", TONE))
    tone = task_named("tone")
    assert tone.labels[0] == "vui mừng"
    assert tone.label_of(unicodedata.normalize("NFD", " VUI MỪNG ")) == "vui mừng"
    assert tone.label_of("vui mung") is None
    assert tone.problem("vui mung") == (
        "unknown tone 'vui mung'; expected vui mừng, lo âu, giận dữ, bình thản. Did you mean 'vui mừng'?"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no labels; expected two or more, labels: [a, b], or of a joint set tasks: [a, b]."),
        ("[a, b]", "expected key: value, got ['a', 'b']."),
        ("description: x", "no labels; expected two or more"),
        ("labels: [a, b", "line 1, column 14: not YAML (expected ',' or ']', but got '<stream end>')."),
        ("labels: [a, b]\nlabels: [a, c]", "line 1, column 1: not YAML (the key 'labels' stands twice)."),
        ("labels: [a]", "'labels': expected two or more, got ['a']"),
        ("labels: a", "'labels': expected a valid array, got 'a'."),
        ("labels: [yes, no]", "'labels.0': expected a valid string, got True."),
        ("labels: [1, 2]", "Put labels in quotes: without them YAML takes yes, no, on, off and numbers for something else."),
        ("labels: [a, A]", "'labels': 'a' stands there twice (case does not count)"),
        ("labels: [a, ' b']", "'labels': expected texts of 1 to 64 characters in NFC"),
        ('labels: [a, "b\\tc"]', "'labels': expected texts of 1 to 64 characters in NFC"),
        (f"labels: [a, {'b' * 65}]", "'labels': expected texts of 1 to 64 characters in NFC"),
        ("labels: [a, '']", "'labels': expected texts of 1 to 64 characters in NFC"),
        ("labels: [a, b]\nordered: maybe", "'ordered': expected a valid boolean, got 'maybe'."),
        ("labels: [a, b]\norderd: true", "unknown key 'orderd'; expected name, labels, ordered, "),
        ("labels: [a, b]\npoles: [a]", "lacks poles.1."),
        ("labels: [a, b]\npoles: [a, c]", "'poles': expected two of the labels, a, b"),
        ("labels: [a, b]\nlabel_descriptions: {c: x}", "'label_descriptions': 'c' is none of the labels, a, b"),
        ("labels: [a, b]\nname: other", "'name': expected tone, as the file is called, or nothing; got 'other'."),
        ("labels: [a, b]\nx: !!python/object:os.system {}", "not YAML (could not determine a constructor for the tag"),
        ("labels: !!set {a, b}", "holds what is no text, number, list or mapping"),
        ("tasks: [stance]", "'tasks': expected two or more tasks, each once, got ['stance']."),
        ("tasks: [stance, stance]", "'tasks': expected two or more tasks, each once"),
        (
            "tasks: [stance, nix]",
            "'tasks': expected two or more tasks, each once, got ['stance', 'nix']; there is no configs/task/nix",
        ),
        ("tasks: [stance, sentiment]\nordered: true", "unknown key 'ordered'; expected tasks, name, description."),
    ],
)
def test_each_mistake_is_one_error_that_names_file_and_key(text: str, message: str) -> None:
    write("tone", text)
    for read in (lambda: tasks_named("tone"), known_tasks):
        with pytest.raises(ConfigError) as caught:
            read()
        told = str(caught.value)
        assert told.startswith("configs/task/tone.yaml: ")
        assert message in told
        assert len(told.splitlines()) == 1


def test_a_file_that_is_no_text_is_named() -> None:
    write("tone", "").write_bytes(b"labels: [\xff]")
    with pytest.raises(ConfigError, match=r"^configs/task/tone\.yaml: not UTF-8 \(byte 0xff\)"):
        task_named("tone")


@pytest.mark.parametrize("name", ["text", "Rule", "fold", "note", "x_pred", "x_abstain", "a_prob_b", "a.b", "a b", "x" * 41])
def test_names_that_would_clash_or_be_no_column_are_refused(name: str) -> None:
    write(name, "labels: [a, b]")
    with pytest.raises(ConfigError, match="'name': "):
        task_named(name)


def test_no_column_of_a_file_can_be_a_task() -> None:
    kinds = (Annotation, Example, Article, Sentence, Item, HashedReading, _Line)
    columns = {field.name for kind in kinds for field in dataclasses.fields(kind)} | {*FREE, *SAMPLE, *SHOWN}
    assert columns - RESERVED <= {"labels", "paragraphs"}


def test_unknown_tasks_say_what_there_is() -> None:
    with pytest.raises(UsageError) as caught:
        task_named("stanse")
    assert str(caught.value) == (
        "unknown task 'stanse'; expected joint, sentiment, stance, or a task of your own: its labels in a file "
        "configs/task/stanse.yaml. Did you mean 'stance'?"
    )
    with pytest.raises(UsageError, match="'joint' is a joint set; expected one of its tasks, stance or sentiment"):
        task_named("joint")
    with pytest.raises(UsageError, match="task: 'stance' stands there twice"):
        task_names(["joint", "stance"])
    with pytest.raises(UsageError, match="task: names none"):
        task_names([])


def test_label_sets_that_differ_are_one_error_that_shows_both() -> None:
    check_same(Task("tone", ("a", "b", "c")), "here", ("c", "a", "b"), "there")
    with pytest.raises(InputError) as caught:
        check_same(Task("tone", ("a", "b", "c")), "datasets/mine", ("a", "b", "d"), "the model x")
    assert str(caught.value).splitlines()[:3] == [
        "the labels of 'tone' are not the same:",
        "  datasets/mine: a, b, c",
        "  the model x: a, b, d",
    ]
    with pytest.raises(InputError, match="are not the same"):
        check_same(Task("tone", ("a", "b", "c"), ordered=True), "here", ("c", "a", "b"), "there")


def test_columns_of_predictions_say_their_tasks() -> None:
    columns = ["text", "tone", "tone_pred", "tone_prob_lo âu", "tone_prob_vui", "tone_pred_masked", "tone_abstain", "x_pred"]
    assert tasks_of_columns(columns) == {"tone": ("lo âu", "vui"), "x": ()}


def test_records_are_flat_in_files() -> None:
    row = Example("p#0", "p", "p", "Câu.", 0, 4, None, None, {"tone": "lo âu"})
    columns = flat(row, ["stance", "tone"])
    assert list(columns) == [
        "sentence_id", "article_id", "group_id", "text", "start", "end", "date", "outlet", "stance", "tone", "fold",
    ]  # fmt: skip
    assert (columns["stance"], columns["tone"]) == (None, "lo âu")
    assert of_columns(Example, columns, ["stance", "tone"]) == row
