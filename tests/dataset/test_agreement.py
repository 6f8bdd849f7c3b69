from __future__ import annotations

import json

import pytest

from detente.dataset.agreement import agreement
from detente.dataset.agreement_page import agreement_page
from detente.dataset.disagreement import confusions, most_disputed
from detente.errors import AnnotationError
from detente.records import Annotation
from label_sets import TASKS, labelled


def readings(annotator: str, labels: str, rules: str = "", kind: str = "human", per_page: int = 100) -> list[Annotation]:
    names = {"d": "dialogue", "n": "neutral", "e": "escalation", "-": None}
    return [
        Annotation(f"p{at // per_page}#{at}", "x", annotator, kind, labelled(names[label]), (rules or "0" * len(labels))[at], 2)
        for at, label in enumerate(labels)
    ]


def test_kappa_of_a_case_worked_by_hand() -> None:
    # 10 sentences, 7 equal. Shares: a d .5 n .3 e .2, b d .4 n .4 e .2 → expected .5*.4 + .3*.4 + .2*.2 = .36
    rows = agreement(readings("a", "dddddnnnee") + readings("b", "dddnnnndee"))
    assert (rows[0].n, rows[0].n_equal) == (10, 7)
    assert rows[0].raw.value == pytest.approx(0.7)
    assert rows[0].kappa.value == pytest.approx((0.7 - 0.36) / (1 - 0.36))
    assert rows[0].raw.reason == "1 group, at least 3 needed"


def test_alpha_of_a_case_worked_by_hand() -> None:
    # Two annotators, four sentences: dd, dn, nn, ee. Coincidences: d 3, n 3, e 2 labels, n = 8; observed disagreement 2/8.
    # Nominal: expected (3·3 + 3·2 + 3·2)·2 / (8·7) = 42/56, so 1 - (1/4) / (3/4) = 2/3.
    rows = agreement(readings("a", "ddne") + readings("b", "dnne"))
    assert rows[0].alpha.value == pytest.approx(2 / 3)
    # Ordinal: squared distances d-n (3/2 + 3/2)² = 9, n-e (3/2 + 2/2)² = 6.25, d-e (3/2 + 3 + 2/2)² = 30.25.
    expected = 2 * (3 * 3 * 9 + 3 * 2 * 6.25 + 3 * 2 * 30.25) / (8 * 7)
    assert rows[0].alpha_ordinal.value == pytest.approx(1 - (2 * 9 / 8) / expected)


def test_by_rule_of_the_decision_and_figures_that_are_not_defined_say_why() -> None:
    rows = agreement(readings("a", "ddnn") + readings("b", "dnnn") + readings("adjudicated", "ddnn", "6633"))
    by_rule = {row.rule: row for row in rows}
    assert (by_rule["6"].n, by_rule["6"].n_equal, by_rule["6"].kappa.value) == (2, 1, 0.0)
    assert (by_rule["3"].n, by_rule["3"].n_equal) == (2, 2)
    for figure in (by_rule["3"].kappa, by_rule["3"].alpha, by_rule["3"].alpha_ordinal):
        assert (figure.value, figure.reason) == (None, "one label throughout")


def test_agreement_throughout_has_no_interval() -> None:
    rows = agreement(readings("a", "dne" * 4, per_page=3) + readings("b", "dne" * 4, per_page=3))
    for figure in (rows[0].raw, rows[0].kappa, rows[0].alpha, rows[0].alpha_ordinal):
        assert (figure.value, figure.low, figure.reason) == (1.0, None, "no disagreement seen")


def test_three_annotators_are_compared_in_pairs_and_together() -> None:
    rows = agreement(readings("a", "ddn-") + readings("b", "dnne") + readings("c", "ddne"))
    assert [row.annotators for row in rows] == [("a", "b"), ("a", "c"), ("b", "c"), ("a", "b", "c")]
    together = rows[-1]
    # Pairs of labels: 3 on each of three sentences, 1 on the last; equal 3 + 1 + 3 + 1 of 10.
    assert together.raw.value == pytest.approx(8 / 10)
    assert (together.n, together.n_equal) == (4, 3)
    assert together.kappa.reason == "of pairs only"
    assert together.alpha.value is not None


def test_only_sentences_that_both_labelled_count() -> None:
    rows = agreement(readings("a", "dn-e") + readings("b", "dne"))
    assert (rows[0].n, rows[0].n_equal) == (2, 2)
    assert agreement(readings("a", "dne")) == []


def test_intervals_go_over_pages_or_given_groups() -> None:
    both = readings("a", "dnednednedne", per_page=3) + readings("b", "dnednndnedee", per_page=3)
    rows = agreement(both)
    assert rows[0].n_groups == 4
    assert rows[0].kappa.method == "rough 95 %"
    assert rows[0].kappa.low < rows[0].kappa.value < rows[0].kappa.high
    one = agreement(both, {reading.sentence_id: "g" for reading in both})
    assert (one[0].n_groups, one[0].kappa.low) == (1, None)


def test_thirty_pages_are_bootstrapped() -> None:
    rows = agreement(readings("a", "dne" * 20, per_page=2) + readings("b", "dnd" * 20, per_page=2))
    assert rows[0].n_groups == 30
    assert "bootstrap" in rows[0].alpha_ordinal.method
    assert rows[0].alpha_ordinal.low <= rows[0].alpha_ordinal.value <= rows[0].alpha_ordinal.high


def test_confusions_of_pairs_and_beside_the_decision() -> None:
    found = confusions(readings("a", "ddne") + readings("b", "dnne") + readings("adjudicated", "dnne", "6600"), TASKS)
    assert [(row.first, row.second, row.rule) for row in found][:3] == [("a", "b", None), ("a", "b", "0"), ("a", "b", "6")]
    assert found[0].counts == ((1, 1, 0), (0, 1, 0), (0, 0, 1))
    assert found[0].specific() == {"dialogue": pytest.approx(2 / 3), "neutral": pytest.approx(2 / 3), "escalation": 1.0}
    assert found[2].specific()["escalation"] is None
    beside = {(row.first, row.second): row.counts for row in found if row.rule is None}
    assert beside[("b", "adjudicated")] == ((1, 0, 0), (0, 2, 0), (0, 0, 1))


def test_a_rule_is_counted_where_one_of_them_names_it() -> None:
    rows = agreement(readings("a", "ddne", "6600") + readings("b", "dnne", "6660"), named=True)
    assert [(row.rule, row.n, row.n_equal, row.named) for row in rows if row.task == "stance"] == [
        ("0", 2, 2, True),
        ("6", 3, 2, True),
    ]


def test_agreement_on_a_label_has_an_interval_over_groups() -> None:
    row = agreement(readings("a", "dne" * 20, per_page=2) + readings("b", "dnd" * 20, per_page=2))[0]
    assert row.on_labels["neutral"].reason == "no disagreement seen"
    dialogue = row.on_labels["dialogue"]
    assert dialogue.value == pytest.approx(2 * 20 / 60)
    assert 0 < dialogue.low < dialogue.value < dialogue.high < 1
    assert row.on_labels["escalation"].value == 0
    few = agreement(readings("a", "dd") + readings("b", "dn"))[0]
    assert [*few.on_labels] == ["dialogue", "neutral"]


def test_the_sentences_furthest_apart_come_first() -> None:
    found = most_disputed(readings("a", "dnd") + readings("b", "ded"), TASKS, 5) + most_disputed(
        readings("a", "dd") + readings("b", "ne"), TASKS, 1
    )
    assert [(dispute.sentence_id, dispute.distance) for dispute in found] == [("p0#1", 1), ("p0#1", 2)]
    assert found[0].labels["stance"] == {"a": "neutral", "b": "escalation"}


def test_the_page_says_whose_agreement_it_is() -> None:
    people, model = readings("an", "dnde"), readings("m", "dnee", kind="machine")
    page = agreement_page(people + model, None, 10)
    assert page.caution.startswith("Human and machine readings")
    assert page.kinds == {"an": "human", "m": "machine"}
    machines = agreement_page(readings("k", "dnde", kind="machine") + model, None, 10)
    assert machines.caution.startswith("Consistency of machine readings")
    assert agreement_page(people + readings("b", "dnde"), None, 10).caution == "Agreement of human readings."
    written = json.loads(page.json())
    assert written["agreement"][0]["raw"]["value"] == 0.75
    assert written["disputes"][0]["sentence_id"] == "p0#2"
    assert "by rule of the decision" not in page.markdown()
    decided = agreement_page([*people, *model, *readings("adjudicated", "dnde", "6600")], None, 10).markdown()
    assert "| stance | an / m | 6 | dialogue | 1.000 |" in decided
    assert "| stance | an / m | 6 | escalation | not defined: given by neither |" in decided
    assert "| stance | an / m | all | 4 | 1 | 3 | 0.750" in page.markdown()


def test_names_and_texts_are_no_markdown() -> None:
    pair = [
        Annotation("p#0", "a | b <i>", name, "human", labelled(label), "0", 2)
        for name, label in (("x|y", "neutral"), ("z", None))
    ]
    pair[1] = Annotation("p#0", "a | b <i>", "z", "human", labelled("dialogue"), "0", 2)
    shown = agreement_page(pair, None, 5).markdown()
    assert r"x\|y / z" in shown
    assert r"a \| b \<i\>" in shown


def test_one_annotator_alone_agrees_with_nobody() -> None:
    with pytest.raises(AnnotationError, match="no two annotators labelled a common sentence"):
        agreement_page(readings("a", "dne"), None, 5)
