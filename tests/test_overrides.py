from __future__ import annotations

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given
from hypothesis import strategies as st

from detente.config import APPS, load_config
from detente.errors import ConfigError
from detente.overrides import as_typed

TYPED = [
    "báo", "tin-tức", "thử_nghiệm", "pages (1)", "a=b", "tin #1", "tin & báo", "a'b", 'a"b', "2025_03", "1.10", "1e3", "true",
    "null", "[x]", "{x: 1}", "a,b", "range(1,3)", "C:\\tin\\", "a\\'b", "~/báo", "x ", "10%", "🙂", "inf",
]  # fmt: skip


@pytest.mark.parametrize("value", TYPED)
def test_text_arrives_as_it_was_typed(value: str) -> None:
    assert load_config("build", [f"data.articles={value}"]).data.articles == value
    assert load_config("train", [f"tracking.experiment={value}"]).tracking.experiment == value


@given(st.text(st.characters(exclude_characters="$", exclude_categories=["Cs"]), min_size=1))
def test_any_text_goes_through_hydras_grammar(value: str) -> None:
    typed = f"data.articles={value}"
    (quoted,) = as_typed([typed], APPS["build"], sweep=False)
    override = OverridesParser.create().parse_override(quoted)
    if quoted != typed:
        assert override.value() == value


def test_what_is_quoted_and_what_is_no_text_is_left_alone() -> None:
    overrides = [
        "data.articles='a b'",
        'data.name="báo"',
        "out=",
        "split.n_folds=5",
        "data=folder",
        "+hydra.x=a,b",
        "~data.name",
    ]
    assert as_typed(overrides, APPS["build"], sweep=False) == overrides


def test_interpolations_still_work() -> None:
    assert load_config("train", ["tracking.experiment=báo-${task}"]).tracking.experiment == "báo-stance"


@pytest.mark.parametrize(
    ("typed", "values"),
    [
        ("2025_03,1.10", ["2025_03", "1.10"]),
        ("báo, tin tức", ["báo", "tin tức"]),
        ("choice(báo,true)", ["báo", "true"]),
        ("'a,b',c", ["a,b", "c"]),
        ("a'b,c", ["a'b", "c"]),
        ("pages (1),pages (2)", ["pages (1)", "pages (2)"]),
        ("một", ["một"]),
    ],
)
def test_in_a_sweep_a_comma_parts_the_values(typed: str, values: list[str]) -> None:
    (quoted,) = as_typed([f"tracking.experiment={typed}"], APPS["train"], sweep=True)
    override = OverridesParser.create().parse_override(quoted)
    jobs = override.sweep_string_iterator() if override.is_sweep_override() else [override.get_value_element_as_str()]
    assert [load_config("train", [f"tracking.experiment={job}"]).tracking.experiment for job in jobs] == values


def test_functions_of_a_sweep_stay() -> None:
    assert as_typed(["dataset=glob(*)"], APPS["train"], sweep=True) == ["dataset=glob(*)"]


def test_a_list_of_texts() -> None:
    found = load_config("distill", ["corpus.exclude=[báo.txt, 2025_03,'a,b']", "student.layers=[0,2]"])
    assert (found.corpus.exclude, found.student.layers) == (("báo.txt", "2025_03", "a,b"), (0, 2))


def test_numbers_are_numbers() -> None:
    assert load_config("train", ["training.learning_rate=1e-3", "seed=1_0"]).training.learning_rate == 1e-3
    with pytest.raises(ConfigError, match="seed: expected a whole number, got 'một'"):
        load_config("train", ["seed='một'"])


@pytest.mark.parametrize(
    ("typed", "tasks"),
    [("[stance,tông giọng]", ("stance", "tông giọng")), ("stance", ("stance",)), ("null", None), ("['a,b']", ("a,b",))],
)
def test_one_text_is_a_list_of_one(typed: str, tasks: tuple[str, ...] | None) -> None:
    assert load_config("build", [f"data.tasks={typed}"]).data.tasks == tasks


@pytest.mark.parametrize(
    ("typed", "task"),
    [("tone", "tone"), ("[stance,tone]", ("stance", "tone")), ("[tông giọng]", "tông giọng"), ("2025_03", "2025_03")],
)
def test_a_task_is_a_name_or_a_list_of_names(typed: str, task: str | tuple[str, ...]) -> None:
    assert load_config("train", [f"task={typed}"]).task == task


def test_a_sweep_over_tasks_takes_lists_among_names() -> None:
    (quoted,) = as_typed(["task=tone,[stance,tone],choice"], APPS["train"], sweep=True)
    jobs = OverridesParser.create().parse_override(quoted).sweep_string_iterator()
    assert [load_config("train", [f"task={job}"]).task for job in jobs] == ["tone", ("stance", "tone"), "choice"]
