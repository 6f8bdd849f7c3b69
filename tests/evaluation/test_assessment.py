"""One scale of probabilities in all that is said of a model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from prediction_rows import row

from detente.evaluation.assessment import Assessment, assess, on_one_scale
from detente.evaluation.markdown import markdown
from detente.evaluation.mistakes import mistakes
from detente.evaluation.report import RunFacts, task_report
from detente.evaluation.report_probabilities import scale_line
from label_sets import STANCE_TASK

PRIOR = {"stance_prob_dialogue": 0.5, "stance_prob_neutral": 0.25, "stance_prob_escalation": 0.25}
FACTS = RunFacts("m", False, "", "stance", "d", "1", "sha256:0", "0", "0", "out-of-fold predictions", 0, 0, 60, (0,))


def too_sure() -> list[dict[str, Any]]:
    """Six groups of ten sentences: said with .95, right in six of ten; one sentence more has no gold label."""
    rows = [
        row(at, "dne"[(at + (at % 10 > 5)) % 3], "dne"[at % 3], group=f"g{at // 10}", prob=0.95 - at / 1000) for at in range(60)
    ]
    return [*rows, {**row(60, "d", "d", group="g5", prob=0.95), "stance": None}]


def assessed(**options: Any) -> Assessment:
    majority = [{**own, **PRIOR, "stance_pred": "dialogue"} for own in too_sure()]
    return assess(too_sure(), STANCE_TASK, {"majority": majority}, within_groups=True, **options)


def test_what_is_kept_is_the_scale_of_every_figure() -> None:
    found = assessed(threshold=0.6)
    assert found.is_kept
    assert found.calibration is not None
    assert found.temperature == found.calibration.fitted > 1.5
    assert found.evaluation.probabilities is not None
    assert found.evaluation.probabilities.log_loss == pytest.approx(found.calibration.log_loss_after.value)
    assert found.baselines["majority"].probabilities is not None
    assert found.baselines["majority"].probabilities.log_loss_skill.value == 0
    rows = on_one_scale(too_sure(), {"stance": found})
    assert found.predictions.probs is not None
    assert found.abstention is not None
    told = {own["sentence_id"]: max(own[f"stance_prob_{name}"] for name in found.predictions.labels) for own in rows}
    expected = dict(zip(found.predictions.sentence_ids, found.predictions.probs[0].max(axis=1).tolist(), strict=True))
    assert {name: told[name] for name in expected} == pytest.approx(expected, abs=1e-6)
    assert found.abstention.curve[0].threshold == pytest.approx(min(expected.values()))
    assert max(expected.values()) < 0.9
    assert told["g5#60"] < 0.9  # no gold label: the model's own temperature
    assert {m.prob for m in mistakes(rows, STANCE_TASK)} <= set(told.values())
    assert [own["stance_abstain"] for own in rows] == [told[own["sentence_id"]] < 0.6 for own in rows]
    assert [own["stance_pred"] for own in rows] == [own["stance_pred"] for own in too_sure()]


def test_an_evaluation_tells_of_a_temperature_and_changes_nothing() -> None:
    found = assessed(temperature="check", threshold=0.92)
    assert found.calibration is not None
    assert found.calibration.helps
    assert (found.is_kept, found.temperature, found.threshold) == (False, 1.0, 0.92)
    assert found.evaluation.probabilities is not None
    assert found.evaluation.probabilities.log_loss == pytest.approx(found.calibration.log_loss_before)
    rows = on_one_scale(too_sure(), {"stance": found})
    assert [own["stance_prob_neutral"] for own in rows] == pytest.approx(
        [own["stance_prob_neutral"] for own in too_sure()], abs=1e-6
    )
    report = markdown(task_report(FACTS, found))
    assert "the model is left as it is, and so are the probabilities" in report
    assert "The model abstains below a probability of 0.920." in report


def test_the_scale_is_said_once() -> None:
    kept, none, own = assessed(), assessed(temperature="none"), assessed(temperature="check")
    assert f"after the temperature that the model keeps, {kept.temperature:.2f}:" in scale_line(kept, 1.0)
    assert "but for the column “before” under Calibration. A baseline's are after one of its own" in scale_line(kept, 1.0)
    assert scale_line(none, 1.0) == "All probabilities in this report are as the model gives them, without a temperature."
    assert "as the model gives them, at its temperature 0.63, but for the column “after” under Calibration." in scale_line(
        own, 0.63
    )
    assert markdown(task_report(FACTS, kept)).count("All probabilities in this report are") == 1


def test_the_reference_has_no_temperature() -> None:
    rows = [{**own, **PRIOR, "stance_pred": "dialogue"} for own in too_sure()]
    found = assess(rows, STANCE_TASK, {}, within_groups=True, is_reference=True)
    assert (found.calibration, found.temperature) == (None, 1.0)
    assert found.evaluation.probabilities is not None
    assert found.evaluation.probabilities.log_loss_skill.value == 0
    assert np.allclose(found.predictions.probs, [0.5, 0.25, 0.25])
