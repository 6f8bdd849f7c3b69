"""The real `mlflow ui` on loopback, and what a user does in it, as far as tests and pictures need it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

START_SECONDS = 120
PATIENCE = 60_000
"""Milliseconds until something that should appear is missed; the interface is slow on a busy machine."""

_BESIDE = """name => {
    const written = each => [...each.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    const leaves = [...document.querySelectorAll('[role=grid] *, table *')].filter(written);
    const label = leaves.find(each => each.textContent.trim() === name);
    const middle = each => { const box = each.getBoundingClientRect(); return (box.top + box.bottom) / 2; };
    const beside = label ? leaves.filter(each => each !== label && Math.abs(middle(each) - middle(label)) < 8) : [];
    if (beside.length) return beside.map(each => each.textContent.trim());
    // Long lists hold no lines but those in sight. The names follow the values, a step behind.
    for (const grid of document.querySelectorAll('[role=grid]'))
        if (grid.style.overflow.includes('auto')) grid.scrollTop += label ? 1 : 60;
    return false;
}"""


@contextmanager
def mlflow_ui(folder: Path, *arguments: str) -> Iterator[str]:
    """`mlflow ui` over a folder's mlflow.db; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "mlflow", "ui", "--port", address.split(":")[1], "--workers", "1", *arguments]
    # Without its job runners it is up in a third of the time.
    env = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    with (
        (folder / "ui.log").open("w") as log,
        subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log, start_new_session=True) as server,
    ):
        try:
            _wait(f"http://{address}/health")
            yield f"http://{address}"
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(30)


def found_runs(address: str) -> dict[str, Any]:
    """Name → run, children aside, as the server tells them."""
    body = json.dumps({"experiment_ids": ["1"], "filter": "tags.task LIKE '%'"}).encode()
    request = urllib.request.Request(f"{address}/ajax-api/2.0/mlflow/runs/search", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return {run["info"]["run_name"]: run for run in json.load(answer)["runs"]}


def open_runs(page: Page, address: str) -> None:
    """The table of the runs, with the assistant's panel closed."""
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}/#/experiments/1/runs")
    page.locator(".ag-row").first.wait_for()
    page.get_by_role("button", name="Close").first.click()


def switch_on(page: Page, columns: Sequence[str]) -> None:
    """Metrics and parameters as columns, by the button of that name."""
    page.get_by_test_id("column-selection-dropdown").first.click()
    box = page.get_by_placeholder("Search columns")
    for name in columns:
        box.fill(name)
        line = page.locator("[class*=tree-treenode]").filter(has=page.get_by_text(name, exact=True))
        line.locator("[class*=tree-checkbox]").first.click()
    page.keyboard.press("Escape")


def cells(page: Page, column: str) -> list[str]:
    """The cells of a column from top to bottom; one that is off the screen has none."""
    found = page.locator(f'[role=gridcell][col-id="{column}"]')
    found.first.wait_for()
    return [text.strip() for text in found.all_inner_texts()]


def tick(page: Page, name: str) -> None:
    """Tick the run of a name."""
    row = page.locator(".ag-pinned-left-cols-container .ag-row").filter(has_text=name)
    row.locator(".ag-selection-checkbox input").click()


def compare(page: Page) -> None:
    """Press Compare."""
    page.get_by_test_id("runs-compare-button").click()
    page.get_by_role("heading", name="Comparing").wait_for()


def values_beside(page: Page, name: str) -> list[str]:
    """What stands on the line of a parameter or metric in a comparison; lines are known by their height alone."""
    handle = page.wait_for_function(_BESIDE, arg=name, polling=100)
    return [str(text) for text in handle.json_value()]


def _wait(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
