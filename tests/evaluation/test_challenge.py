from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.errors import InputError
from detente.evaluation.blocks import Paragraph, Picture, Table
from detente.evaluation.challenge import (
    ORIGIN,
    ChallengeItem,
    GroupResult,
    read_challenge,
    refuse_trained,
    score_challenge,
    section,
)
from detente.model.classifier import sentence_hashes
from label_sets import STANCE

ITEMS = (
    ChallengeItem("c1", "denials", "Nga bác bỏ cáo buộc.", "stance", "neutral", "3", None),
    ChallengeItem("c2", "denials", "Kiev dọa đáp trả.", "stance", "escalation", "5", None),
    ChallengeItem("c3", "missing tone marks", "Nga bac bo cao buoc.", "stance", "neutral", "3", "c1"),
    ChallengeItem("c4", "missing tone marks", "Kiev doa dap tra.", "stance", "escalation", "5", "c2"),
)
ROW = {"item_id": "c1", "group": "g", "text": "Câu.", "stance": "neutral", "rule": "0", "pair": None}


def test_passes_and_consistency_worked_by_hand() -> None:
    result = score_challenge(ITEMS, ["dialogue", "escalation", "dialogue", "neutral"])
    assert result.groups == (GroupResult("denials", 2, 1, 0, 0), GroupResult("missing tone marks", 2, 0, 2, 1))
    assert [(each.item.item_id, each.predicted) for each in result.failed] == [
        ("c1", "dialogue"),
        ("c3", "dialogue"),
        ("c4", "neutral"),
    ]
    with pytest.raises(InputError, match="3 predictions for 4 items; expected one an item"):
        score_challenge(ITEMS, ["neutral"] * 3)


def test_the_section_says_where_it_comes_from_and_sums_nothing_up() -> None:
    shown = section(score_challenge(ITEMS, ["dialogue", "escalation", "dialogue", "neutral"]))
    assert shown.blocks[0] == Paragraph(ORIGIN, "caution")
    passes, pairs, failed = (block for block in shown.blocks if isinstance(block, Table))
    assert passes.rows == (("denials", "1/2"), ("missing tone marks", "0/2"))
    assert pairs.rows == (("missing tone marks", "1/2"),)
    assert failed.rows[0] == ("c1", "denials", "3", "neutral", "dialogue", "Nga bác bỏ cáo buộc.")
    (picture,) = (block for block in shown.blocks if isinstance(block, Picture))
    assert picture.png.startswith(b"\x89PNG")
    assert "denials 1 of 2" in picture.alt
    said = json.dumps([getattr(block, "text", "") or getattr(block, "rows", "") for block in shown.blocks])
    assert "1/4" not in said
    assert "of 4" not in picture.alt


def test_the_seeds_challenge_passes_itself() -> None:
    items = read_challenge()
    result = score_challenge(items, [item.label for item in items])
    assert sum(group.n for group in result.groups) == 150
    assert all((group.n_passed, group.n_same) == (group.n, group.n_pairs) for group in result.groups)
    assert {group.group: group.n_pairs for group in result.groups if group.n_pairs} == {
        "old spelling of tone marks": 14,
        "missing tone marks": 20,
        "actors swapped": 20,
    }
    assert section(result).blocks[-1] == Paragraph("No item failed.")


def test_a_model_that_was_trained_on_an_item_is_refused_in_any_spelling() -> None:
    items = read_challenge()
    refuse_trained(items, sentence_hashes(["Hai bên đàm phán."]))
    with pytest.raises(InputError, match="trained on 2 items of the challenge, first c001: 'Người dân"):
        refuse_trained(items, sentence_hashes([items[0].text.upper()]))


@given(st.lists(st.sampled_from(STANCE), min_size=4, max_size=4))
def test_failed_and_passed_are_all(predicted: list[str]) -> None:
    result = score_challenge(ITEMS, predicted)
    assert sum(group.n_passed for group in result.groups) + len(result.failed) == len(ITEMS)
    assert all(group.n_same <= group.n_pairs <= group.n for group in result.groups)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["{"], r"c\.jsonl:1: not JSON"),
        ([], "no item"),
        ([{**ROW, "task": "stance"}], r"c\.jsonl:1: lacks label\."),
        ([{**ROW, "stance": None}], "'label': expected a valid string, got None"),
        ([{**ROW, "text": None}], "'text': expected a valid string, got None"),
        ([{"item_id": "c1"}], r"c\.jsonl:1: lacks group, text, task, label\."),
        ([ROW, ROW], r"c\.jsonl:2: the item_id 'c1' stands twice"),
        ([{**ROW, "pair": "c2"}], "c1 is paired with 'c2', which is no item"),
    ],
)
def test_a_file_that_is_wrong_is_refused(rows: list[str | Mapping[str, Any]], message: str) -> None:
    Path("c.jsonl").write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), "utf-8")
    with pytest.raises(InputError, match=message):
        read_challenge(Path("c.jsonl"))
