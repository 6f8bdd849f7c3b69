from __future__ import annotations

import pytest

from detente.dataset.agreement import agreement
from detente.records import Annotation


def readings(annotator: str, labels: str, rules: str = "") -> list[Annotation]:
    names = {"d": "dialogue", "n": "neutral", "e": "escalation", "-": None}
    return [
        Annotation(f"p#{at}", "x", annotator, "human", names[label], None, (rules or "0" * len(labels))[at], 2)
        for at, label in enumerate(labels)
    ]


def test_kappa_of_a_case_worked_by_hand() -> None:
    # 10 sentences, 7 equal. Shares: a d .5 n .3 e .2, b d .4 n .4 e .2 → expected .5*.4 + .3*.4 + .2*.2 = .36
    rows = agreement(readings("a", "dddddnnnee") + readings("b", "dddnnnndee"))
    assert (rows[0].n, rows[0].n_equal) == (10, 7)
    assert rows[0].raw == pytest.approx(0.7)
    assert rows[0].kappa == pytest.approx((0.7 - 0.36) / (1 - 0.36))


def test_by_rule_of_the_decision() -> None:
    rows = agreement(readings("a", "ddnn") + readings("b", "dnnn") + readings("adjudicated", "ddnn", "6633"))
    by_rule = {row.rule: (row.n, row.n_equal, row.kappa) for row in rows}
    assert by_rule["6"] == (2, 1, 0.0)
    assert by_rule["3"] == (2, 2, None)  # one label throughout: kappa is not defined


def test_only_sentences_that_both_labelled_count() -> None:
    rows = agreement(readings("a", "dn-e") + readings("b", "dne"))
    assert (rows[0].n, rows[0].n_equal) == (2, 2)
    assert agreement(readings("a", "dne")) == []
