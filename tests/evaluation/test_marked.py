from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.evaluation.blocks import Marked
from detente.evaluation.marked import _AGAINST, _FOR, marked_html


class Reader(HTMLParser):
    """What a browser would show, the tags it met, and whether they nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.tags, self.open = "", set(), []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "sup" not in self.open and "figcaption" not in self.open:
            self.text += data


def test_a_weight_shows_as_colour_line_sign_and_words() -> None:
    html = marked_html(Marked((("đe dọa", 0.8), (" ", 0.0), ("hòa bình", -0.4), (" xa", 0.09)), "stance"))
    assert html.count("<mark") == 2
    assert f"rgba({_FOR},0.83)" in html
    assert f"rgba({_AGAINST},0.49)" in html
    assert 'title="for, weight 0.80"' in html
    assert 'aria-label="against, weight 0.40"' in html
    assert "solid" in html
    assert "dotted" in html
    assert re.findall(r"<sup[^>]*>(.)</sup>", html) == ["+", "−"]
    assert ">stance</figcaption>" in html


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("\"a\" & 'b' &amp;", "\"a\" & 'b' &amp;"),
        ("a\u202eb\u2066c", "a⟨U+202E⟩b⟨U+2066⟩c"),
        ("a\x00b\x1bc\x85", "a⟨U+0000⟩b⟨U+001B⟩c⟨U+0085⟩"),
        ("a\ud800", "a⟨U+D800⟩"),
        ("👩\u200d🚀 🙂", "👩\u200d🚀 🙂"),
        (unicodedata.normalize("NFD", "hòa bình"), unicodedata.normalize("NFD", "hòa bình")),
        ("مرحبا", "مرحبا"),
        ("một\nhai\tba", "một\nhai\tba"),
    ],
)
@pytest.mark.parametrize("weight", [0.0, 1.0, -1.0])
def test_whatever_a_text_holds_is_shown_and_never_run(text: str, shown: str, weight: float) -> None:
    read = Reader(marked_html(Marked(((text, weight),), text)))
    assert read.text == shown
    assert read.tags <= {"figure", "p", "mark", "sup", "figcaption"}


@given(st.lists(st.tuples(st.text(max_size=12), st.floats(-1, 1))), st.text(max_size=12))
def test_the_fragment_is_well_formed_utf_8_for_any_text(pieces: list[tuple[str, float]], caption: str) -> None:
    html = marked_html(Marked(tuple(pieces), caption))
    html.encode("utf-8")
    assert not Reader(html).open
    bare = re.sub(r"<[^>]*>", "", html)
    assert "<" not in bare
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", html)


@pytest.mark.parametrize("colour", [_FOR, _AGAINST])
def test_black_on_the_fullest_colour_has_the_contrast_of_wcag_aaa(colour: str) -> None:
    def luminance(channels: list[float]) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    behind = luminance([int(c) / 255 for c in colour.split(", ")])
    text = luminance([0x11 / 255] * 3)
    assert (behind + 0.05) / (text + 0.05) >= 7
