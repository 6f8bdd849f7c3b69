"""Hostile lines of 200,000 characters: what took the square of their length, some of it minutes, is done in a few seconds."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from detente.articles.cleaning import extract_articles
from detente.articles.glued import parts
from detente.articles.lines import page_lines
from detente.articles.outlets import title_parts
from detente.articles.readers import Page
from detente.dataset.labelling.sheets import guarded
from detente.errors import ArticleError
from detente.rows.sheet import _MERGED

N = 200_000
SECONDS = 8


def extracted(text: str) -> None:
    with pytest.raises(ArticleError, match="no article"):
        extract_articles(Page("p", text, Path("p.txt")))


HOSTILE: dict[str, tuple[Callable[[str], object], str]] = {
    "credits of pictures": (extracted, "Ảnh: Anh. Bốn " * (N // 14)),
    "white space in a line": (extracted, f"Hai bên{' ' * N}đàm phán."),
    "pictures without an end": (page_lines, "![" * (N // 2)),
    "pictures without an address": (page_lines, "![a](" * (N // 5)),
    "images without an end": (page_lines, "<image " * (N // 7)),
    "white space in a title": (title_parts, f"Hai bên{' ' * N}đàm phán"),
    "a number that is none": (guarded, "1" * N + "x"),
    "cells that are not merged": (lambda text: _MERGED.findall(text.encode()), "<mergeCell " * (N // 11)),
    "menus": (lambda text: list(parts(text, 0, len(text))), "thế giới " * (N // 9)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_time_grows_with_the_length(name: str) -> None:
    read, text = HOSTILE[name]
    started = time.process_time()
    read(text)
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize("title", ["Hai bên - VnExpress", "Hai bên  |  Tin|Báo", "Hai bên - | Tin", "Hai bên |", "A::B » C"])
def test_the_parts_of_a_title_are_those_of_before(title: str) -> None:
    before = re.split(r"\s+[-–—|»·:]+\s+|\s*\|\s*|::", title)
    assert title_parts(title) == [part for part in reversed(before) if part.strip()]


@pytest.mark.parametrize(
    ("text", "is_guarded"), [("1.000,5", True), ("12/3", True), ("1e5", True), (" 7 % ", True), ("1a", False), ("..", False)]
)
def test_numbers_are_guarded_as_before(text: str, is_guarded: bool) -> None:
    assert guarded(text) == ("'" if is_guarded else "") + text
