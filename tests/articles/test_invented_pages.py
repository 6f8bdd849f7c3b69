"""The pages of ``benchmarks/pages.py``, in the markup of many kinds of sites, are all read right."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def test_all_invented_pages_are_read_right(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    names = ("pages", "invented_pages", "invented_sites", "invented_kinds", "invented_text")
    pages, invented, sites, kinds = (importlib.import_module(name) for name in names[:4])
    cases = [*invented.cases(), *sites.site_cases(), *kinds.kind_cases()]
    score = pages.Score()
    for case in cases:
        pages.judge(case, pages.read(case, tmp_path), score)
    for name in names:
        del sys.modules[name]
    assert score.wrong == []
    assert len(cases) > 110
    assert score.counts["lists"] == [20, 20]
