from __future__ import annotations

import random

from prediction_rows import row

from detente.evaluation.blocks import Paragraph, Table
from detente.evaluation.mistakes import mistakes, section
from label_sets import STANCE_TASK

ROWS = [
    row(10, "d", "d", "a", "Một.", prob=0.99),
    row(20, "d", "e", "a", "Hai.", prob=0.7),
    row(30, "-", "e", "a", "Ba.", prob=0.99),
    row(5, "n", "e", "b", "Bốn.", prob=0.9, article_id="b.2"),
    row(6, "e", "n", "c", "Năm.", prob=0.7),
]
ROWS += [{**each, "stance_pred": "neutral", "text": "", "seed": 1} for each in ROWS]


def test_the_surest_mistakes_come_first_with_their_neighbours() -> None:
    found = mistakes(ROWS, STANCE_TASK)
    assert [(m.sentence_id, m.gold, m.predicted, m.prob, m.before, m.after) for m in found] == [
        ("b#5", "neutral", "escalation", 0.9, "", ""),
        ("a#20", "dialogue", "escalation", 0.7, "Một.", "Ba."),
        ("c#6", "escalation", "neutral", 0.7, "", ""),
    ]
    assert mistakes(ROWS, STANCE_TASK, n=1) == found[:1]


def test_the_order_of_the_rows_decides_nothing() -> None:
    shuffled = random.Random(0).sample(ROWS, len(ROWS))
    assert mistakes(shuffled, STANCE_TASK) == mistakes(ROWS, STANCE_TASK)


def test_the_section_shows_every_mistake_in_its_context() -> None:
    shown = section(mistakes(ROWS, STANCE_TASK), "stance")
    (table,) = (block for block in shown.blocks if isinstance(block, Table))
    assert table.rows[0] == ("1", "neutral", "escalation", "0.900", "Bốn.")
    assert all(len(cells) == len(table.header) for cells in table.rows)
    assert Paragraph("2. a#20: Một. ▶ Hai. ◀ Ba.") in shown.blocks
    assert Paragraph("1. b#5 (b.2): (none before) ▶ Bốn. ◀ (none after)") in shown.blocks
    assert section((), "stance").blocks == (Paragraph("No labelled sentence was predicted wrong."),)
