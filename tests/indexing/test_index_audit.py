from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_up import audited, row, write

from detente.dataset import LabelledDataset
from detente.errors import InputError
from detente.indexing import IndexOptions, IndexRow, StanceIndex, stance_index
from detente.indexing.options import ALL
from detente.model import save_model
from detente.training.fitting import fit
from detente.training.options import TrainOptions

OPTIONS = IndexOptions(audit=Path("audit.jsonl"))
N = 400


def corpus() -> list[dict[str, Any]]:
    """All predicted neutral; in truth every fourth is an escalation. Two outlets, two months."""
    return [row(at, outlet="AB"[at % 2], date=f"2025-0{1 + at // 200}-01") for at in range(N)]


def truth(at: int) -> str:
    return "escalation" if at % 4 == 0 else "neutral"


def every(step: int, **changes: Any) -> list[dict[str, Any]]:
    """An audit of every ``step``-th sentence."""
    return [audited(own, truth(at), 1 / step, **changes) for at, own in enumerate(corpus()) if at % step == 0]


def refused(audit: list[dict[str, Any]], options: IndexOptions = OPTIONS) -> str:
    write("audit.jsonl", audit)
    with pytest.raises(InputError) as error:
        stance_index(write("p.jsonl", corpus()), options)
    return str(error.value)


def indexed(audit: list[dict[str, Any]], **options: Any) -> StanceIndex:
    write("audit.jsonl", audit)
    return stance_index(write("p.jsonl", corpus()), replace(OPTIONS, **options))


def figure(index: StanceIndex, period: str = ALL, group: str = ALL, measure: str = "share_escalation") -> IndexRow:
    return next(own for own in index.rows if (own.period, own.group, own.measure) == (period, group, measure))


def test_the_correction_is_the_mean_error_of_the_audited() -> None:
    audit = every(5)
    share = sum(own["stance"] == "escalation" for own in audit) / len(audit)
    index = indexed(audit)
    found = figure(index)
    assert (found.uncorrected, found.n_audited, found.n_audited_articles) == (0.0, 80, 80)
    assert found.corrected == pytest.approx(share) == 0.25
    assert found.low is not None
    assert found.high is not None
    # 20 of 80 wrong, each in an article of its own: t(79) * sqrt(80/79 * 0.8 * 0.25 * 0.75 / 80)
    assert found.high - 0.25 == pytest.approx(0.25 - found.low) == pytest.approx(1.99045 * (0.8 * 0.1875 / 79) ** 0.5, rel=1e-5)
    assert found.correction == "design-based"
    assert index.columns[-1] == "correction"
    decided = figure(index, measure="direction_decided")
    # No audited sentence points to dialogue, so that nothing says how far this figure could be off.
    assert (decided.uncorrected, decided.corrected, decided.low, decided.correction) == (None, -1.0, None, "no error seen")


def test_a_cell_with_too_few_audited_has_no_correction_and_the_whole_has() -> None:
    index = indexed(every(5), by="day", group="outlet")
    assert {own.correction for own in index.rows if own.group == "A" and own.period != ALL} == {"too few audited"}
    cell = figure(index, "2025-01-01", "A")
    assert (cell.n_audited, cell.corrected, cell.low) == (20, None, None)
    assert figure(index, ALL, "A").correction == "design-based"
    assert figure(index).corrected == pytest.approx(0.25)


def test_many_sentences_of_few_articles_are_too_few() -> None:
    rows = [row(at, article_id=f"a{at // 50}") for at in range(N)]
    write("audit.jsonl", [audited(own, truth(at), 1.0) for at, own in enumerate(rows)])
    found = figure(stance_index(write("p.jsonl", rows), OPTIONS))
    assert (found.n_audited, found.n_audited_articles, found.correction) == (400, 8, "too few audited")


def test_without_an_error_seen_there_is_no_interval() -> None:
    index = indexed([{**own, "stance": "neutral"} for own in every(5)])
    found = figure(index)
    assert (found.corrected, found.low, found.high, found.correction) == (0.0, None, None, "no error seen")
    assert figure(index, measure="direction_decided").correction == "not estimable"


def test_few_errors_are_called_rough() -> None:
    audit = [{**own, "stance": "escalation" if at < 4 else "neutral"} for at, own in enumerate(every(5))]
    found = figure(indexed(audit))
    assert found.correction == "design-based, rough"
    assert found.low == pytest.approx(0.05 - 1.99045 * (0.8 * 0.05 * 0.95 / 79) ** 0.5, rel=1e-4)


def test_sentences_that_the_predictions_do_not_have_are_listed() -> None:
    audit = every(5)
    other = [{**own, "sentence_id": f"x{at}"} if at < 12 else own for at, own in enumerate(audit)]
    lines = refused(other).splitlines()
    assert lines[0].startswith("audit.jsonl: 12 of 80 audited sentences are not in the predictions.")
    assert lines[1:3] == ["  x0", "  x1"]
    assert lines[-1] == "  and 2 more"


def test_another_text_is_refused_and_another_spelling_is_not() -> None:
    audit = every(5)
    audit[3] = {**audit[3], "text": "Câu khác."}
    assert refused(audit).splitlines()[0] == "audit.jsonl: 1 of 80 audited sentences have another text in the predictions."
    audit[3] = {**every(5)[3], "text": f"  {every(5)[3]['text']}\u200b"}
    assert figure(indexed(audit)).correction == "design-based"


@pytest.mark.parametrize(
    ("audit", "message"),
    [
        (every(5)[:-1], "the audit was drawn from 395 sentences, and the predictions have 400."),
        (every(5, design="clustered"), "the audit was drawn from 400 articles, and the predictions have 134."),
    ],
)
def test_an_audit_of_another_corpus_is_refused(audit: list[dict[str, Any]], message: str) -> None:
    assert message in refused(audit)


def test_a_clustered_audit_is_of_articles() -> None:
    rows = corpus()
    write("p.jsonl", rows)
    chosen = {f"a{at}" for at in range(0, 134, 2)}
    audit = [audited(own, truth(at), 0.5, design="clustered") for at, own in enumerate(rows) if own["article_id"] in chosen]
    index = indexed(audit)
    assert index.audit is not None
    assert (index.audit.design, figure(index).n_audited_articles) == ("clustered", 67)


def test_sentences_without_a_label_are_refused_or_left_out_and_counted() -> None:
    audit = every(5)
    audit[0] = {**audit[0], "stance": None}
    assert refused(audit).splitlines()[0].startswith("audit.jsonl: 1 of 80 audited sentences have no stance.")
    index = indexed(audit, allow_unlabelled=True)
    assert index.audit is not None
    assert (index.audit.n_unlabelled, figure(index).n_audited) == (1, 79)
    none = [{**own, "stance": None} for own in audit]
    assert refused(none, replace(OPTIONS, allow_unlabelled=True)).startswith("audit.jsonl: 80 of 80")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"inclusion_prob": 0}, "audit.jsonl:2: inclusion_prob 0; expected a number above 0 and up to 1."),
        ({"inclusion_prob": "0.2"}, "audit.jsonl:2: 'inclusion_prob': expected a valid number, got '0.2'."),
        ({"stance": "dialog"}, "audit.jsonl:2: unknown stance 'dialog'; expected dialogue, neutral, escalation. Did you mean"),
        ({"design": "handpicked"}, "audit.jsonl:2: unknown design 'handpicked'; expected simple, stratified, clustered."),
        ({"design": "clustered"}, "audit.jsonl: sentences of several designs, clustered, simple; expected one sample."),
        ({"sentence_id": "s0"}, "audit.jsonl:2: s0 stands there twice"),
    ],
)
def test_a_wrong_row_of_the_audit_is_named(change: dict[str, Any], message: str) -> None:
    audit = every(5)
    audit[1] = {**audit[1], **change}
    assert refused(audit).startswith(message)


def test_a_file_that_is_no_audit_says_what_it_lacks() -> None:
    message = refused([{"sentence_id": "s0", "stance": "neutral"}])
    assert message.startswith(
        "audit.jsonl:1: lacks article_id, text, inclusion_prob, design, stratum, annotator, annotator_kind."
    )
    assert message.endswith("Expected a file of `detente label audit`.")
    Path("audit.jsonl").write_text("\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"audit.jsonl: no row in it"):
        stance_index("p.jsonl", OPTIONS)


def test_an_audited_sentence_that_stands_twice_in_the_predictions_is_refused() -> None:
    write("audit.jsonl", every(5))
    with pytest.raises(InputError, match=r"p.jsonl:401: the audited sentence s5 stands there twice"):
        stance_index(write("p.jsonl", [*corpus(), row(5)]), OPTIONS)


def test_copies_weigh_the_audited_too() -> None:
    # Half of the sentences are one wire text, predicted wrong everywhere; by share they weigh as one.
    rows = [row(at, text="Tin hãng." if at % 2 else f"Câu {at}.") for at in range(N)]
    gold = ["escalation" if at % 2 else "neutral" for at in range(N)]
    write("audit.jsonl", [audited(own, label, 1.0) for own, label in zip(rows, gold, strict=True)])
    write("p.jsonl", rows)
    assert figure(stance_index("p.jsonl", OPTIONS)).corrected == pytest.approx(0.5)
    for copies in ("once", "share"):
        found = figure(stance_index("p.jsonl", replace(OPTIONS, copies=copies)))
        assert found.corrected == pytest.approx(1 / 201)
        assert found.low == pytest.approx(found.high)


def test_sentences_that_the_model_was_trained_on_are_refused(dataset: LabelledDataset, tfidf: TrainOptions) -> None:
    save_model(fit(dataset.labelled("stance"), tfidf, seed=0, encoder=None), Path("model"))
    known = dataset.labelled("stance")[0].text
    rows = corpus()
    rows[5]["text"] = known.upper()
    audit = [audited(own, truth(at), 1 / 5) for at, own in enumerate(rows) if at % 5 == 0]
    write("audit.jsonl", audit)
    write("p.jsonl", rows)
    assert stance_index("p.jsonl", OPTIONS).audit is not None
    with pytest.raises(InputError) as error:
        stance_index("p.jsonl", replace(OPTIONS, model=Path("model")))
    assert str(error.value).splitlines()[0].startswith("audit.jsonl: the model was trained on 1 of 80 audited sentences")
    assert str(error.value).splitlines()[1] == "  s5"


def test_who_labelled_is_known() -> None:
    index = indexed(every(5, annotator_kind="machine"))
    assert index.audit is not None
    assert not index.audit.is_human
    assert json.loads(Path("audit.jsonl").read_text("utf-8").splitlines()[0])["annotator_kind"] == "machine"
