"""The browser that other tests see pages with: it writes down what it is there to catch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from browser import PageLog


def test_a_page_that_keeps_to_itself(browser_page: tuple[Page, PageLog], tmp_path: Path) -> None:
    page, log = browser_page
    path = tmp_path / "page.html"
    path.write_text('<!doctype html><meta charset="utf-8"><p>hoà bình</p>', encoding="utf-8")
    page.goto(path.as_uri())
    assert page.inner_text("p") == "hoà bình"
    assert log.requests == [path.as_uri()]
    assert (log.outside, log.errors) == ([], [])


def test_requests_to_elsewhere_and_errors_of_console_and_scripts_are_seen(
    browser_page: tuple[Page, PageLog], tmp_path: Path
) -> None:
    page, log = browser_page
    path = tmp_path / "page.html"
    script = "console.error('said'); setTimeout(() => { throw new Error('thrown') })"
    path.write_text(f'<!doctype html><img src="https://elsewhere.test/x.png"><script>{script}</script>', encoding="utf-8")
    page.goto(path.as_uri())
    page.wait_for_timeout(200)
    assert log.outside == ["https://elsewhere.test/x.png"]
    assert "said" in log.errors
    assert any("thrown" in error for error in log.errors)
