"""A headless browser for tests of pages: what it asked for and what it complained of is written down."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",  # in a container the system's own sandbox is not to be had
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # a request to elsewhere is seen, and goes nowhere
)


@dataclass
class PageLog:
    """URLs in the order they were asked for; errors of the console and of scripts."""

    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def outside(self) -> list[str]:
        """The requests that would have left this machine."""
        return [url for url in self.requests if not _is_local(url)]


def chromium() -> Path | None:
    """The system's Chromium; ``DETENTE_CHROMIUM`` names another."""
    found = os.environ.get("DETENTE_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    return Path(found) if found else None


@contextmanager
def open_page(program: Path, width: int = 1600, height: int = 900) -> Iterator[tuple[Page, PageLog]]:
    """A page of a browser of its own, with a fresh profile.

    One browser a test: playwright keeps an event loop running for as long as it is open, and notebooks want their own.
    """
    from playwright.sync_api import sync_playwright

    log = PageLog()

    def complaint(message: ConsoleMessage) -> None:
        if message.type == "error":
            log.errors.append(message.text)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(program), args=list(FLAGS))
        try:
            context = browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
            context.on("request", lambda request: log.requests.append(request.url))
            context.on("console", complaint)
            context.on("weberror", lambda error: log.errors.append(str(error.error)))
            yield context.new_page(), log
        finally:
            browser.close()


def _is_local(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("file", "data", "blob", "about") or parts.hostname == "127.0.0.1"
