from __future__ import annotations

import dataclasses
import unicodedata
from pathlib import Path

import pytest

from detente import places
from detente.cli import main
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
    replaced,
    task_named,
    task_names,
    tasks_named,
    tasks_of_columns,
    usable,
)

IN_QUOTES = "Put it in quotes: without them YAML takes yes, no, on, off and numbers for something else."
POLES = "two of the labels, the one that counts +1 first, poles: [a, b]"
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
        ("labels: [a]", "'labels': expected two or more, got a."),
        ("labels: []", "'labels': expected two or more, got none."),
        ("labels: a", "'labels': expected two or more labels, labels: [a, b], got 'a'."),
        ("labels: {a: x, b: y}", "'labels': expected two or more labels, labels: [a, b], got {'a': 'x', 'b': 'y'}."),
        ("labels: [yes, no]", f"'labels': expected texts, got True. {IN_QUOTES}"),
        ("labels: [1, 2]", f"'labels': expected texts, got 1. {IN_QUOTES}"),
        ("labels: [a, b]\ndescription: [x]", "'description': expected a valid string, got ['x']."),
        ("labels: [a, null]", "'labels': expected texts, got None."),
        ("labels: [a, [b]]", "'labels': expected texts, got ['b']."),
        ("labels: [a, b]\nlabel_descriptions: [x]", "'label_descriptions': expected an object, got ['x']."),
        ("labels: [a, A]", "'labels': expected every label once, whatever its case; 'a' stands there twice."),
        ("labels: [a, ' b']", "'labels': expected texts of 1 to 64 characters in NFC"),
        ('labels: [a, "b\\tc"]', "'labels': expected texts of 1 to 64 characters in NFC"),
        (f"labels: [a, {'b' * 65}]", "'labels': expected texts of 1 to 64 characters in NFC"),
        ("labels: [a, '']", "'labels': expected texts of 1 to 64 characters in NFC"),
        ("labels: [a, b]\nordered: maybe", "'ordered': expected a valid boolean, got 'maybe'."),
        ("labels: [a, b]\norderd: true", "unknown key 'orderd'; expected name, labels, ordered, "),
        ("labels: [a, b]\npoles: [a]", f"'poles': expected {POLES}, got ['a']."),
        ("labels: [a, b]\npoles: a", f"'poles': expected {POLES}, got 'a'."),
        ("labels: [a, b, c]\npoles: [a, b, c]", f"'poles': expected {POLES}, got ['a', 'b', 'c']."),
        ("labels: [a, b]\npoles: [yes, no]", f"'poles': expected texts, got True. {IN_QUOTES}"),
        ("labels: [a, b]\npoles: [a, c]", "'poles': expected two of the labels, a, b; got 'a', 'c'."),
        ("labels: [a, b]\npoles: [a, a]", "'poles': expected two of the labels, a, b; got 'a', 'a'."),
        ("labels: [a, b]\nlabel_descriptions: {c: x}", "'label_descriptions': 'c' is none of the labels, a, b."),
        ("labels: [a, b]\nname: other", "'name': expected tone, as the file is called, or nothing; got 'other'."),
        ("labels: [a, b]\nx: !!python/object:os.system {}", "not YAML (could not determine a constructor for the tag"),
        ("labels: !!set {a, b}", "holds what is no text, number, list or mapping"),
        ("tasks: [stance]", "'tasks': expected two or more tasks, each once, got ['stance']."),
        ("tasks: [stance, stance]", "'tasks': expected two or more tasks, each once, got 'stance' twice."),
        ("tasks: [joint, stance]", "'tasks': expected two or more tasks, each once, got 'stance' twice."),
        ("tasks: stance", "'tasks': expected two or more tasks, tasks: [a, b], got 'stance'."),
        ("tasks: [stance, 3]", "'tasks': expected texts, got 3."),
        ("tasks: [joint, tone]", "'tasks': 'tone' is a joint set that this one is part of; expected tasks."),
        (
            "tasks: [stance, Sentimant]",
            "'tasks': there is no configs/task/Sentimant.yaml; expected tasks, joint, sentiment, stance. "
            "Did you mean 'sentiment'?",
        ),
        ("tasks: [stance, sentiment]\nordered: true", "unknown key 'ordered'; expected tasks, name, description."),
    ],
)
def test_each_mistake_is_one_error_that_names_file_and_key(text: str, message: str) -> None:
    write("tone", text)
    with pytest.raises(ConfigError) as caught:
        tasks_named("tone")
    told = str(caught.value)
    assert told.startswith("configs/task/tone.yaml: ")
    assert message in told
    assert len(told.splitlines()) == 1
    assert len(told) < 260


def test_a_file_that_is_wrong_stops_who_uses_its_task_alone() -> None:
    write("tone", "labels: [a")
    write("urgent", 'labels: ["yes", "no"]')
    tasks = known_tasks()
    assert list(tasks) == ["stance", "sentiment", "tone", "urgent"]
    assert tasks["urgent"].labels == ("yes", "no")
    assert list(usable(tasks)) == ["stance", "sentiment", "urgent"]
    with pytest.raises(ConfigError, match=r"^configs/task/tone\.yaml: line 1, column 11: not YAML"):
        _ = tasks["tone"]
    with pytest.raises(KeyError):
        _ = tasks["joint"]


def test_a_file_in_place_of_the_packages_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    write("sentiment", (places.CONFIGS / "task/sentiment.yaml").read_text("utf-8"))
    assert replaced() == []  # a copy changes nothing
    write("stance", "labels: [for, against]\npoles: [for, against]\n")
    write("joint", "tasks: [stance, tone]\n")
    write("tone", TONE)
    told = [
        "configs/task/joint.yaml (tasks: stance, tone) stands in place of the package's 'joint'",
        "configs/task/stance.yaml (labels: for, against; poles: for, against) stands in place of the package's 'stance'",
    ]
    assert replaced() == told
    assert main(["label", "agreement", "none.jsonl"]) == 1
    assert capsys.readouterr().err.splitlines()[:2] == [f"note: {line}" for line in told]
    assert main(["diff", "a", "b"]) == 1
    assert "in place of" not in capsys.readouterr().err


def test_a_joint_set_may_hold_another() -> None:
    write("tone", TONE)
    write("all-of-it", "tasks: [tone, joint]\n")
    assert task_names("all-of-it") == ("tone", "stance", "sentiment")
    assert list(known_tasks()) == ["tone", "stance", "sentiment"]
    write("one", "tasks: [tone, two]")
    write("two", "tasks: [stance, one]")
    with pytest.raises(ConfigError, match=r"^configs/task/two\.yaml: 'tasks': 'one' is a joint set that this one is part of"):
        task_names("one")


@pytest.mark.parametrize("name", ["Stance", "ｓtance", "SENTIMENT", "Joint"])
def test_a_name_that_is_anothers_but_for_its_letters_is_refused(name: str) -> None:
    write(name, "labels: [a, b]")
    with pytest.raises(ConfigError) as caught:
        task_named(name)
    package = name.replace("ｓ", "s").lower()
    assert str(caught.value).startswith(f"configs/task/{name}.yaml: 'name': ")
    assert f"'name': the package's {package}.yaml is called the same but for case or the form of its letters" in str(
        caught.value
    )
    assert task_names("stance") == ("stance",)
    assert task_named("sentiment").labels == ("negative", "neutral", "positive")


def test_two_files_of_ones_own_with_one_name_are_refused_both() -> None:
    for names in (("tone", "Tone"), ("giọng", unicodedata.normalize("NFD", "giọng"))):
        for name in names:
            write(name, TONE)
        for name in {*map(unicodedata.normalize, ("NFC", "NFC"), names)}:
            with pytest.raises(ConfigError, match="is called the same but for case or the form of its letters"):
                task_named(name)


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
    with pytest.raises(UsageError, match=r"unknown task 'STANCE'; .* Did you mean 'stance'\?"):
        task_named("STANCE")
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


def test_labels_that_differ_far_down_are_named() -> None:
    labels = tuple(f"l{number}" for number in range(30))
    with pytest.raises(InputError) as caught:
        check_same(Task("tone", labels), "here", (*labels[:-1], "x"), "there")
    assert str(caught.value).splitlines()[3] == "  only in the first: l29; only in the second: x"


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
