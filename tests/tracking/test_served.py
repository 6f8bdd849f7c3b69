from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from detente.model import load_model, names
from detente.prediction import predict_texts
from detente.tracking.served import main
from shipped_models import raw_model

TEXT = "Hai bên nhất trí nối lại đàm phán hòa bình."


def test_the_shipped_model_as_a_folder_of_mlflow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import mlflow

    monkeypatch.setitem(names.SHIPPED, "dispute", raw_model(tmp_path / "package" / "dispute"))
    assert main(["dispute", "served"]) == 0
    assert sorted(path.name for path in Path().iterdir()) == ["package", "served"]
    found = mlflow.pyfunc.load_model("served").predict(pd.DataFrame({"text": [TEXT]}))
    expected = predict_texts(load_model("dispute"), [TEXT]).drop(columns="text")
    pd.testing.assert_frame_equal(found.reset_index(drop=True), expected, check_exact=False, atol=1e-5)
    assert main(["dispute", "served"]) == 1
    assert capsys.readouterr().err.endswith(
        "error: served: exists; expected a name that is not taken. Remove it, or choose another output.\n"
    )
    assert main(["none", "other"]) == 1
    assert "none: no such folder; expected a model folder" in capsys.readouterr().err
