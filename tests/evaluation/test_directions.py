"""Every score that a run records has a better end, and what is no score has none."""

from __future__ import annotations

import pytest
from prediction_rows import row

from detente.errors import ConfigError
from detente.evaluation import metric_values
from detente.evaluation.directions import HIGHER, LOWER, direction_of, directions
from detente.evaluation.predictions import predictions_of
from detente.evaluation.scores import evaluate
from label_sets import STANCE_TASK, TASKS


def test_losses_and_flips_are_better_low_and_all_else_high() -> None:
    assert {name for name, direction in directions(TASKS).items() if direction == LOWER} == {
        "log_loss",
        "log_loss_calibrated",
        "brier",
        "flip_rate",
    }
    assert direction_of("sentiment/f1_positive") == HIGHER


@pytest.mark.parametrize(
    "metric", ["n", "n_groups", "temperature", "macro_f1.sd", "confusion_dialogue_as_neutral", "", "x/mcc"]
)
def test_what_has_no_better_end_is_refused(metric: str) -> None:
    with pytest.raises(ConfigError, match="no score that has a better end"):
        direction_of(metric, "tracking.metric")


def test_every_score_of_a_run_is_in_the_table() -> None:
    rows = [row(at, "dnedne"[at], "dnndee"[at], "aabbcc"[at]) for at in range(6)]
    names = {name.removeprefix("oof/") for name in metric_values(evaluate(predictions_of(rows, STANCE_TASK)), "oof")}
    plain = {name for name in names if not name.startswith(("n", "confusion_")) and not name.endswith((".low", ".high"))}
    assert {"macro_f1", "log_loss", "auroc_dialogue"} <= plain
    assert plain <= directions(TASKS).keys()
