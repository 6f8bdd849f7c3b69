"""Take the pictures of docs/comparing-runs.md: two real runs on the seeds, seen in the real `mlflow ui`.

.venv/bin/python docs/pictures/make.py        # `make pictures`; two minutes, needs Chromium on the PATH
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tests"))

from browser import chromium, open_page  # noqa: E402
from mlflow_ui import compare, found_runs, mlflow_ui, open_runs, switch_on, tick, values_beside  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Page

COLUMNS = ["oof/macro_f1", "oof/macro_f1.low", "oof/macro_f1.high", "oof/n_groups", "model.kind"]
WIDTH, HEIGHT = 1840, 640
MAX_BYTES = 200_000


def main() -> None:
    program = chromium()
    if program is None:
        sys.exit("no chromium on the PATH (apt-get install chromium)")
    with tempfile.TemporaryDirectory() as name, mlflow_ui(Path(name)) as address:
        _train(Path(name), address)
        with open_page(program, width=WIDTH, height=HEIGHT) as (page, _):
            _take_all(page, address)


def _train(folder: Path, address: str) -> None:
    for model in ("tfidf", "mini"):
        command = [sys.executable, "-m", "detente", "train", f"model={model}", "tracking.register=stance"]
        subprocess.run(command, cwd=folder, env={**os.environ, "MLFLOW_TRACKING_URI": address}, check=True)


def _take_all(page: Page, address: str) -> None:
    open_runs(page, address)
    switch_on(page, COLUMNS)
    page.mouse.move(0, 0)
    _take(page, "runs")

    tick(page, "mini, stance")
    tick(page, "tfidf, stance")
    compare(page)
    page.set_viewport_size({"width": WIDTH, "height": 860})
    values_beside(page, "model.kind")
    page.mouse.move(0, 0)
    _take(page, "compare")
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})

    run_id = found_runs(address)["mini, stance"]["info"]["run_id"]
    page.goto(f"{address}/#/experiments/1/runs/{run_id}/artifacts/report.html")
    page.frame_locator("iframe").get_by_text("smoke test, not evidence").first.wait_for()
    _take(page, "report")

    page.goto(f"{address}/#/models/stance/versions/2")
    page.get_by_text("Classifies one sentence of Vietnamese news").first.wait_for()
    _take(page, "version")


def _take(page: Page, name: str) -> None:
    """A PNG of 64 colours, which is all that an interface needs."""
    page.wait_for_timeout(2000)  # until what moves has come to rest
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(64, dither=Image.Dither.NONE)
    path = HERE / f"{name}.png"
    picture.save(path, optimize=True)
    size = path.stat().st_size
    if size > MAX_BYTES:
        sys.exit(f"{path.name}: {size} bytes, expected at most {MAX_BYTES}")
    print(path.name, size)


if __name__ == "__main__":
    main()
