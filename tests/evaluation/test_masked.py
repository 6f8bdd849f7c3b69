from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prediction_rows import NAMES, row

from detente.errors import InputError
from detente.evaluation.blocks import Paragraph, Table
from detente.evaluation.masked import Changed, masked_effect, masked_texts, section
from detente.text.actors import read_actors
from label_sets import STANCE_TASK

ACTORS = read_actors()
ROWS = [
    row(1, "d", "d", "a", "Nga đàm phán."),
    row(2, "e", "e", "a", "Mỹ điều quân."),
    row(3, "e", "n", "b", "Quân đội tập trận."),
    row(4, "-", "n", "b", "Pháp im lặng."),
]
LATER = [{**each, "seed": 1} for each in ROWS]


def spell(short: str) -> list[str]:
    return [NAMES[letter] or "" for letter in short]


def test_the_change_worked_by_hand() -> None:
    effect = masked_effect([*LATER, *ROWS], spell("eeeednne"), STANCE_TASK, ACTORS)
    assert (effect.n, effect.n_groups, effect.n_named) == (3, 2, 2)
    assert effect.accuracy == pytest.approx(2 / 3)
    assert effect.accuracy_masked == pytest.approx(1 / 3)
    # As it is: d 1, e 2/3, n 0. Masked: d 1, e 0, n 0.
    assert effect.macro_f1 == pytest.approx((1 + 2 / 3 + 0) / 3)
    assert effect.macro_f1_masked == pytest.approx(1 / 3)
    assert effect.change.value == pytest.approx(-2 / 9)
    assert (effect.change.low, effect.change.reason) == (None, "2 groups, 30 needed")
    assert effect.changed == (Changed("a#2", "Mỹ điều quân.", "escalation", "escalation", "neutral"),)


def test_texts_to_predict_are_parallel_to_the_rows() -> None:
    assert masked_texts(ROWS, ACTORS) == ["X đàm phán.", "X điều quân.", "Quân đội tập trận.", "X im lặng."]


def test_few_groups_claim_nothing_and_many_get_an_interval() -> None:
    few = section(masked_effect(ROWS, spell("dnne"), STANCE_TASK, ACTORS), "stance")
    assert Paragraph("2 groups cannot tell such a change from chance: none is claimed.", "caution") in few.blocks
    assert any(isinstance(block, Table) and block.rows[1] == ("accuracy", "0.667", "0.333", "-0.333") for block in few.blocks)
    assert Paragraph("1 prediction of 2 changed.", "key") in few.blocks
    rows = [row(at, "de"[at % 2], "de"[at % 2], f"g{at // 2}", "Nga.") for at in range(60)]
    effect = masked_effect(rows, spell("dn" * 29 + "de"), STANCE_TASK, ACTORS)
    assert effect.change.low is not None
    assert "Change of macro-F1: -0.645 (95 %, bootstrap over groups," in "".join(
        block.text for block in section(effect, "stance").blocks if isinstance(block, Paragraph)
    )


def test_a_corpus_of_many_changes_shows_the_first() -> None:
    rows = [row(100 + at, "d", "d", "a", "Nga.") for at in range(60)]
    table = section(masked_effect(rows, spell("n" * 60), STANCE_TASK, ACTORS), "stance").blocks[-1]
    assert isinstance(table, Table)
    assert table.caption == "Sentences whose prediction changed: the first 50 of 60 by their ids"
    assert [len(table.rows), table.rows[0][0]] == [50, "a#100"]


def test_unequal_lengths_are_refused() -> None:
    with pytest.raises(InputError, match="1 predictions of masked texts for 4 rows; expected one a row"):
        masked_effect(ROWS, ["dialogue"], STANCE_TASK, ACTORS)
    with pytest.raises(InputError, match="a masked text was predicted 'peace'; expected dialogue, neutral, escalation"):
        masked_effect(ROWS, ["peace"] * 4, STANCE_TASK, ACTORS)


@given(st.lists(st.tuples(st.sampled_from("dne"), st.sampled_from("dne"), st.sampled_from("abc")), min_size=1))
def test_the_same_predictions_change_nothing(made: list[tuple[str, str, str]]) -> None:
    rows = [row(at, *rest) for at, rest in enumerate(made)]
    effect = masked_effect(rows, [each["stance_pred"] for each in rows], STANCE_TASK, ACTORS)
    assert (effect.change.value, effect.changed, effect.accuracy) == (0, (), effect.accuracy_masked)


@given(st.lists(st.tuples(*[st.sampled_from("dne")] * 3), min_size=1, max_size=20))
def test_the_change_is_the_difference_of_the_two_scores(made: list[tuple[str, str, str]]) -> None:
    rows = [row(at, gold, predicted) for at, (gold, predicted, _) in enumerate(made)]
    effect = masked_effect(rows, spell("".join(masked for _, _, masked in made)), STANCE_TASK, ACTORS)
    assert effect.change.value == pytest.approx(effect.macro_f1_masked - effect.macro_f1)
