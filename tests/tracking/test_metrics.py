from __future__ import annotations

import pytest

from detente.tracking import mlflow_run
from detente.tracking.metrics import MAX_BATCH, batches, metric_key
from detente.tracking.options import TrackingOptions


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("oof/macro_f1", "oof/macro_f1"),
        ("oof/f1_vui mừng", "oof/f1_vui mừng"),
        ("oof/f1_thật à?", "oof/f1_thật à_"),
        ("oof/f1_N/A", "oof/f1_N/A"),
        ("oof/f1_a//b", "oof/f1_a__b"),
        ("oof/f1_a/", "oof/f1_a_"),
        ("oof/f1_50 % (một nửa)", "oof/f1_50 _ _một nửa_"),
    ],
)
def test_any_label_gives_a_name_that_mlflow_takes(name: str, key: str) -> None:
    from mlflow.utils.validation import _validate_metric_name

    assert metric_key(name) == key
    _validate_metric_name(key)


def test_no_metric_is_lost_and_no_call_is_too_large() -> None:
    values = {f"oof/confusion_{a}_as_{b}": float(a * 40 + b) for a in range(40) for b in range(40)}
    found = list(batches({**values, "oof/f1_a?": 0.1, "oof/f1_a!": 0.2}))
    assert max(map(len, found)) == MAX_BATCH
    together = {name: value for each in found for name, value in each.items()}
    assert {name: together[name] for name in values} == values
    assert (together["oof/f1_a_"], together["oof/f1_a_ 2"]) == (0.1, 0.2)


def test_a_run_with_such_labels_is_tracked() -> None:
    with mlflow_run(TrackingOptions(), "labels") as recorder:
        recorder.metrics({"oof/f1_thật à?": 0.5, **{f"oof/f1_{at}": 0.1 for at in range(1200)}})
        run_id = recorder.run_id
    import mlflow

    assert mlflow.get_run(run_id).data.metrics["oof/f1_thật à_"] == 0.5
    assert len(mlflow.get_run(run_id).data.metrics) == 1201
