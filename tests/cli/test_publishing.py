from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from detente import cli, places
from detente.dataset import BuildOptions, LabelledDataset, build_dataset
from detente.dataset.splits import SplitOptions


def test_publish_and_rebuild(dataset: LabelledDataset, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["publish", str(dataset.folder), "-o", "out", "--without-text"]) == 0
    assert cli.main(["rebuild", "out", str(places.SEEDS / "articles"), "-o", "back"]) == 0
    captured = capsys.readouterr()
    assert captured.out == "out\nback\n"
    assert f"back: 81 rows, digest {dataset.digest} as published" in captured.err
    assert "every label was made by a machine" in captured.err
    assert cli.main(["rebuild", "out", "nowhere", "-o", "again"]) == 1
    assert cli.main(["publish", "out", "-o", "again"]) == 1
    assert "published without its text" in capsys.readouterr().err
    assert not Path("again").exists()


def test_diff(dataset: LabelledDataset, capsys: pytest.CaptureFixture[str]) -> None:
    other = build_dataset(BuildOptions(out="other", version="1.1.0", split=replace(SplitOptions(), n_folds=4)))
    capsys.readouterr()
    assert cli.main(["diff", str(dataset.folder), str(other.folder)]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "seeds 1.0.0, 81 sentences → seeds 1.1.0, 81 sentences"
    moved = sum(a.fold != b.fold for a, b in zip(dataset.rows, other.rows, strict=True))
    assert moved > 20
    assert out[1] == f"unchanged: {81 - moved}"
    assert f"other split or fold: {moved}" in out
    assert out[-1] == f"  and {moved - 20} more; --json prints all"
    assert cli.main(["diff", str(dataset.folder), str(other.folder), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["n_same"], len(found["resplit"]), found["new"]) == (81 - moved, moved, "seeds 1.1.0")
    assert cli.main(["diff", str(dataset.folder), "nowhere"]) == 1
