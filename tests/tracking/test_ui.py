"""The MLflow UI as a user sees it, in a browser: runs in a table, two of them compared, the report and the tables opened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from detente.dataset import LabelledDataset
from detente.model.options import ModelOptions
from detente.tracking import mlflow_run
from detente.tracking.options import TrackingOptions
from detente.training import TrainOptions, run_name, train
from mlflow_ui import cells, compare, found_runs, mlflow_ui, open_runs, switch_on, tick, values_beside

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from browser import PageLog


def track(dataset: LabelledDataset, model: str) -> None:
    options = TrainOptions(model=ModelOptions(name=model, kind=model))
    with mlflow_run(TrackingOptions(register="stance"), run_name(options)) as recorder:
        train(dataset, options, recorder=recorder)


@pytest.mark.slow
def test_runs_are_compared_in_the_browser(dataset: LabelledDataset, browser_page: tuple[Page, PageLog], tmp_path: Path) -> None:
    page, log = browser_page
    track(dataset, "majority")
    track(dataset, "tfidf")
    with mlflow_ui(tmp_path) as address:
        _the_table_shows_metrics_and_parameters(page, address)
        _two_runs_are_compared(page)
        _report_and_tables_open(page, address)
        _the_card_and_the_alias_are_shown(page, address)
    assert log.outside == []


def _the_table_shows_metrics_and_parameters(page: Page, address: str) -> None:
    open_runs(page, address)
    # Folds are folded into their runs.
    assert page.locator(".ag-pinned-left-cols-container .ag-row").count() == 2
    switch_on(page, ["oof/macro_f1", "oof/n_groups", "model.kind"])
    assert cells(page, "params.`model.kind`") == ["tfidf", "majority"]
    assert [round(float(text), 3) for text in cells(page, "metrics.`oof/macro_f1`")] == [0.311, 0.224]
    assert cells(page, "metrics.`oof/n_groups`") == ["5", "5"]


def _two_runs_are_compared(page: Page) -> None:
    tick(page, "tfidf, stance")
    tick(page, "majority, stance")
    compare(page)
    assert set(values_beside(page, "model.kind")) == {"tfidf", "majority"}
    assert set(values_beside(page, "oof/macro_f1")) == {"0.311", "0.224"}


def _report_and_tables_open(page: Page, address: str) -> None:
    run_id = found_runs(address)["tfidf, stance"]["info"]["run_id"]
    page.goto(f"{address}/#/experiments/1/runs/{run_id}/artifacts/report.html")
    report = page.frame_locator("iframe")
    report.get_by_text("5 groups of articles are a smoke test, not evidence").first.wait_for()
    page.goto(f"{address}/#/experiments/1/runs?compareRunsMode=ARTIFACT")
    page.get_by_text("predictions.json").first.wait_for()


def _the_card_and_the_alias_are_shown(page: Page, address: str) -> None:
    page.goto(f"{address}/#/models/stance/versions/2")
    page.get_by_text("Classifies one sentence of Vietnamese news").first.wait_for()
    page.get_by_text("@ best").first.wait_for()
