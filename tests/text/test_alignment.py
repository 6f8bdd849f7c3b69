from __future__ import annotations

import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from detente.text import Aligned, TextPath, normalise
from detente.text.alignment import align_segmented
from detente.text.normalise import align_normalised


def slices(source: str, aligned: Aligned) -> dict[str, str]:
    """Word of the derived text → what it stands for in the source."""
    found, at = {}, 0
    for word in aligned.text.split():
        at = aligned.text.index(word, at)
        start, end = aligned.span(at, at + len(word))
        found[word] = source[start:end]
        at += len(word)
    return found


def test_words_stand_for_what_the_source_says() -> None:
    source = "  Ông kêu gọi hòa\u200b  bi\u0300nh, phản đối đe dọa(NATO)."
    assert slices(source, TextPath().align(source)) == {
        "Ông": "Ông",
        "kêu_gọi": "kêu gọi",
        "hoà_bình": "hòa\u200b  bi\u0300nh",
        ",": ",",
        "phản_đối": "phản đối",
        "đe_doạ": "đe dọa",
        "(": "(",
        "NATO": "NATO",
        ")": ")",
        ".": ".",
    }


def test_joints_at_the_ends_of_a_span_do_not_count() -> None:
    aligned = align_segmented("hoà bình .", "hoà_bình .")
    assert aligned.span(3, 5) == (4, 5)  # "_b"
    assert aligned.span(0, 4) == (0, 3)  # "hoà_"
    assert aligned.span(3, 4) == (3, 4)  # "_" alone
    assert aligned.span(5, 5) == (5, 5)


def test_what_a_segmenter_puts_in_has_an_empty_span() -> None:
    aligned = align_segmented("hết.", "hết .")
    assert aligned.span(3, 4) == (3, 3)
    assert aligned.span(4, 5) == (3, 4)


def test_letters_exchanged_added_and_lost() -> None:
    exchanged = align_segmented("Ðể dành", "Để_dành")
    assert exchanged.span(0, 2) == (0, 2)
    added = align_segmented("a b", "a xyz b")
    assert added.span(2, 5) == (2, 2)
    assert added.span(6, 7) == (2, 3)
    lost = align_segmented("abc xyz d", "abc d")
    assert lost.span(4, 5) == (8, 9)


def test_empty_texts() -> None:
    path = TextPath(segmenter="none")
    for source in ("", " \u200b\n"):
        assert path.align(source) == Aligned("", (), ())
        assert path.align(source).span(0, 0) == (0, 0)


def test_steps_are_composed() -> None:
    first = align_normalised("  x   y", "x y")
    assert first.then(align_segmented("x y", "x_y")) == Aligned("x_y", (2, 3, 6), (3, 6, 7))


OPEN = st.text(max_size=40) | st.text(
    alphabet="aoeòa hn\u0300\u0301\u0323\u200b\u00a0\n_.ㅎ\u1112\u1161\u11ab\ud800", max_size=30
)


@given(OPEN)
@example("\u1112\u1161\u11ab")  # three jamo, one syllable
@example("\u0b47\u0b3e")  # two vowel signs that compose, neither of them combining
@example("e\u200b\u0301")
def test_every_character_of_a_normalised_text_comes_from_its_span(source: str) -> None:
    normalised = normalise(source)
    aligned = align_normalised(source, normalised)
    assert len(aligned.starts) == len(aligned.ends) == len(normalised)
    assert list(aligned.starts) == sorted(aligned.starts)
    for char, start, end in zip(normalised, aligned.starts, aligned.ends, strict=True):
        assert 0 <= start < end <= len(source)
        # But for the place of a tone mark, the span alone normalises to the character, or to the letters it composes with.
        bare = unicodedata.normalize("NFD", char)[0]
        assert char == " " or bare in unicodedata.normalize("NFD", normalise(source[start:end]) + "\ufffd")


@given(st.text(alphabet="abòạ.,_ ", max_size=30), st.data())
def test_any_joining_and_parting_is_followed(text: str, data: st.DataObject) -> None:
    source = normalise(text)
    segmented = "".join(
        data.draw(st.sampled_from([" ", "_", "_ "])) if char == " " else char + data.draw(st.sampled_from(["", "", " "]))
        for char in source
    ).strip()
    aligned = align_segmented(source, segmented)
    letters = [(c, source[a:b]) for c, a, b in zip(segmented, aligned.starts, aligned.ends, strict=True) if c not in " _"]
    assert all(char == behind for char, behind in letters)
    assert "".join(char for char, _ in letters) == source.replace(" ", "").replace("_", "")
    assert all(0 <= a <= b <= len(source) for a, b in zip(aligned.starts, aligned.ends, strict=True))


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_segmenter_breaks_the_alignment(text: str, segmented: str) -> None:
    aligned = align_segmented(text, segmented)
    assert len(aligned.starts) == len(aligned.ends) == len(segmented)
    assert all(0 <= a <= b <= len(text) for a, b in zip(aligned.starts, aligned.ends, strict=True))
    start, end = aligned.span(0, len(segmented))
    assert 0 <= start <= end <= len(text)
