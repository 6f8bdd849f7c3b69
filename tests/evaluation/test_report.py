from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prediction_rows import row

from detente.evaluation import evaluate_labels, slices
from detente.evaluation.assessment import Assessment, assess
from detente.evaluation.blocks import Marked, Paragraph, Picture, Report, Section, Table
from detente.evaluation.files import as_json, joined, write_report
from detente.evaluation.html import page
from detente.evaluation.markdown import escape, markdown, markdown_table
from detente.evaluation.pictures import confusion_picture
from detente.evaluation.report import RunFacts, task_report
from detente.evaluation.tables import score_table, short_names, smoke_test_line
from detente.records import Annotation
from detente.text.actors import read_actors
from label_sets import STANCE, STANCE_TASK, labelled

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from browser import PageLog

EVALUATION = evaluate_labels(
    "stance", STANCE, ["dialogue", "neutral", "neutral"], [["dialogue", "neutral", "dialogue"]], ["000_a", "001_b", "001_b"]
)
FACTS = RunFacts(
    model="tiny (untrained encoder)",
    untrained=True,
    licence="AGPL-3.0",
    task="stance",
    dataset="seeds",
    dataset_version="1.0.0",
    digest="sha256:0123456789abcdef",
    run_key="f" * 64,
    version="0.1.0",
    split="out-of-fold predictions",
    n_left_out=8,
    n_truncated=1,
    n_texts=3,
    seeds=(0,),
)
HOSTILE = "<script>alert('x')</script> <img src=http://198.51.100.7/x.png onerror=alert(1)> & \"'`|*_[a](b)\u202e\u0000"


def reading(at: int, annotator: str, label: str, kind: str = "machine") -> Annotation:
    return Annotation(f"a#{at}", f"Câu {at}.", annotator, kind, labelled(label), "0", 2)


def assessment(rows: list[dict[str, Any]] | None = None, readings: tuple[Annotation, ...] = ()) -> Assessment:
    rows = rows or [row(at, gold, predicted) for at, (gold, predicted) in enumerate(["dd", "nn", "nd", "ed"])]
    prior = {"stance_prob_dialogue": 0.5, "stance_prob_neutral": 0.25, "stance_prob_escalation": 0.25}
    majority = [{**own, **prior, "stance_pred": "dialogue"} for own in rows]
    return assess(rows, STANCE_TASK, {"majority": majority}, readings, within_groups=True)


def test_the_report_says_what_a_reader_must_know() -> None:
    report = markdown(task_report(FACTS, assessment()))
    for line in (
        "n = 4 sentences in 1 group.",
        "1 group of articles is a smoke test, not evidence",
        "The encoder is untrained",
        "Left out of a training side because they nearly copy a held-out sentence: 8 sentences.",
        "1 of 3 texts were longer than the model reads",
        "The encoder's licence is AGPL-3.0",
        "| tiny (untrained encoder) | 0.389 | not estimable: 1 group, at least 3 needed |",
        "| majority | 0.133 |",
        "| escalation | not defined | 0.000 | 0.000 | 1 | 0 |",
        "not estimable (4 sentences, 1,000 needed, since fewer show an error by chance)",
        "not estimable (one group only)",
        "quadratic weighted kappa",
    ):
        assert line in report, line


def test_one_reading_is_scored_against_the_other_on_the_same_rows() -> None:
    readings = [reading(at, "model-a", label) for at, label in enumerate(["dialogue", "neutral", "neutral", "escalation"])]
    readings += [reading(at, "model-b", label) for at, label in enumerate(["dialogue", "neutral", "dialogue"])]
    readings += [reading(9, "model-b", "dialogue"), reading(0, "adjudicated", "escalation")]
    found = assessment(readings=tuple(readings))
    (score,) = found.readings
    assert (score.annotators, score.n) == (("model-a", "model-b"), 3)
    assert score.macro_f1.value == pytest.approx((2 / 3 + 2 / 3) / 2)
    report = markdown(task_report(FACTS, found))
    assert "no human ceiling" in report
    assert "| model-a (machine) / model-b (machine) | 0.667 |" in report


def test_the_three_formats_have_one_content(tmp_path: Path) -> None:
    found = assessment()
    report = task_report(
        FACTS, found, [slices.section(slices.slices(found.predictions.rows, STANCE_TASK, read_actors()), "stance")]
    )
    write_report(report, {"oof/macro_f1": 0.5}, tmp_path)
    content = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert content["metrics"] == {"oof/macro_f1": 0.5}
    text, html = ((tmp_path / name).read_text(encoding="utf-8") for name in ("report.md", "report.html"))
    for section in content["sections"]:
        assert f"## {escape(section['title'])}" in text
        assert f">{section['title']}</h2>" in html
        for block in section["blocks"]:
            if "picture" in block:
                assert (tmp_path / block["picture"]["file"]).read_bytes().startswith(b"\x89PNG")
                assert f"({block['picture']['file']})" in text
            for cells in block.get("table", {}).get("rows", []):
                assert f"| {' | '.join(map(escape, cells))} |" in text
    assert html.count("<img ") == len(list((tmp_path / "pictures").iterdir()))


def test_reports_of_two_tasks_do_not_share_pictures() -> None:
    picture = Picture("confusion", "c", b"\x89PNG")
    one, other = (Report(f"{task}: m", (Section("Per label", (picture,)),)) for task in ("stance", "sentiment"))
    both = joined([one, other])
    assert [section.title for section in both.sections] == ["stance: Per label", "sentiment: Per label"]
    assert [block["picture"]["file"] for own in as_json(both, {})["sections"] for block in own["blocks"]] == [
        "pictures/stance-confusion.png",
        "pictures/sentiment-confusion.png",
    ]
    assert joined([one]) == one


@given(st.text())
def test_html_shows_any_text_and_runs_none_of_it(text: str) -> None:
    blocks = (Paragraph(text), Table((text,), ((text,),), caption=text), Marked(((text, 0.5),), text))
    tags = set(re.findall(r"<(/?\w+)", page(Report(text, (Section(text, blocks),)))))
    plain = page(
        Report("a", (Section("a", (Paragraph("a"), Table(("a",), (("a",),), caption="a"), Marked((("a", 0.5),), "a"))),))
    )
    assert tags <= set(re.findall(r"<(/?\w+)", plain)) | {"span", "/span"}


def test_a_browser_opens_the_report_without_asking_for_anything(tmp_path: Path, browser_page: tuple[Page, PageLog]) -> None:
    rows = [row(at, "dne"[at % 3], "dne"[at % 2], text=f"Câu {at}: {HOSTILE}", group=f"g{at % 4}") for at in range(24)]
    found = assessment(rows)
    more = [
        slices.section(slices.slices(rows, STANCE_TASK, read_actors()), "stance"),
        Section(
            HOSTILE, (Paragraph(HOSTILE, "caution"), Table((HOSTILE,), ((HOSTILE,),)), Marked(((HOSTILE, -0.9),), HOSTILE))
        ),
    ]
    write_report(task_report(FACTS, found, more), {}, tmp_path)
    tab, log = browser_page
    tab.goto((tmp_path / "report.html").as_uri())
    assert log.outside == []
    assert log.errors == []
    assert tab.title() == "stance: tiny (untrained encoder)"
    assert tab.locator("h2").count() == 10
    assert tab.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
    assert "<script>alert('x')</script>" in tab.locator("p.caution").last.inner_text()
    # On a phone nothing but the tables, which scroll by themselves, is wider than the screen.
    tab.set_viewport_size({"width": 390, "height": 800})
    assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert tab.pdf()[:4] == b"%PDF"


def test_group_names_are_shortened_only_where_they_stay_distinct() -> None:
    assert short_names(EVALUATION) == {"000_a": "000", "001_b": "001"}
    same = evaluate_labels("stance", STANCE, ["neutral"] * 2, [["neutral"] * 2], ["x_1", "x_2"])
    assert short_names(same) == {}
    assert score_table({"m": same})[0] == ["model", "macro-F1", "accuracy", "x_1", "x_2"]


def test_markup_in_a_sentence_stays_text() -> None:
    assert markdown_table([["a"], ["b|c"]]) == "| a |\n| --- |\n| b\\|c |"
    assert escape("a|b *c* <d>\n# e") == "a\\|b \\*c\\* &lt;d&gt; \\# e"


def test_one_group_is_one_group() -> None:
    assert smoke_test_line(1).startswith("1 group of articles is a smoke test")


def test_the_picture_is_a_png() -> None:
    assert confusion_picture(EVALUATION, "stance").startswith(b"\x89PNG")
