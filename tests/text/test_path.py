from __future__ import annotations

import unicodedata

import pytest

from detente.errors import ConfigError, ModelError
from detente.text import TextOptions, TextPath
from detente.text.normalise import VERSION


def test_words_are_joined_and_keep_the_old_spelling() -> None:
    # underthesea's own normaliser would write "hòa_bình", which PhoBERT's vocabulary lacks.
    assert TextPath()("Hai nước ký thỏa thuận hòa bình.") == "Hai nước ký thoả_thuận hoà_bình ."


def test_all_spellings_of_a_sentence_become_one() -> None:
    new = "Ủy ban kêu gọi hòa bình, phản đối đe dọa."
    old = "Uỷ ban kêu gọi hoà bình, phản đối đe doạ."
    path = TextPath()
    assert len({path(form) for text in (new, old) for form in (text, unicodedata.normalize("NFD", text))}) == 1


def test_keep_leaves_the_tone_marks_for_experiments() -> None:
    assert TextPath(segmenter="none", tone_marks="keep")("hòa bình") == "hòa bình"


def test_raw_text_is_cleaned_and_stays_as_it_is_written() -> None:
    path = TextPath(segmenter="raw", tone_marks="keep", max_tokens=512)
    text = unicodedata.normalize("NFD", "Hai nước  ký thỏa\u200b thuận hoà bình.")
    assert path(text) == "Hai nước ký thỏa thuận hoà bình."
    assert path.align(text).text == path(text)
    long = [" ".join(["nước"] * 600)]
    assert path.batch(long) == long  # no complaint that nothing is joined


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ("old", "Uỷ ban: hoà bình, khoẻ, quý, hoàn"),
        ("new", "Ủy ban: hòa bình, khỏe, quý, hoàn"),
        ("keep", "Ủy ban: hoà bình, khoẻ, quý, hoàn"),
    ],
)
def test_tone_marks_of_raw_text(marks: str, expected: str) -> None:
    path = TextPath.from_options(TextOptions("raw", marks, 64))
    assert path("Ủy ban: hoà bình, khoẻ, quý, hoàn") == expected


def test_what_the_options_leave_open_is_as_usual() -> None:
    usual = TextPath("raw", "keep", 2048)
    assert TextPath.from_options(TextOptions(), usual) == usual
    assert TextPath.from_options(TextOptions(max_tokens=128), usual) == TextPath("raw", "keep", 128)
    assert TextPath.from_options(TextOptions()) == TextPath("underthesea", "old", 256)
    assert TextPath.from_options(usual.options) == usual


def test_empty_text() -> None:
    assert TextPath()(" \u200b ") == ""


def test_json_round_trip_names_the_segmenter_and_its_version() -> None:
    path = TextPath(max_tokens=128)
    data = path.to_json()
    assert (data["segmenter"], data["normalise_version"]) == ("underthesea", VERSION)
    assert data["segmenter_version"][0].isdigit()
    assert TextPath.from_json(data) == path


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (TextOptions(segmenter="underthsea"), "Did you mean 'underthesea'"),
        (TextOptions(tone_marks="newer"), "expected auto, old, new, keep, got 'newer'"),
        (TextOptions(max_tokens=3), "expected 4 to 16,384, or 0 for what the encoder reads, got 3"),
    ],
)
def test_bad_options(options: TextOptions, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        TextPath.from_options(options)


def test_a_model_of_a_newer_normalisation_is_refused_and_an_older_one_left_to_its_probes() -> None:
    data = {**TextPath().to_json(), "normalise_version": VERSION + 1}
    with pytest.raises(
        ModelError, match=rf"by version {VERSION + 1} of the normalisation, this installation by version {VERSION};"
    ):
        TextPath.from_json(data)
    assert TextPath.from_json({**data, "normalise_version": VERSION - 1}) == TextPath()


def test_the_path_is_a_value() -> None:
    path = TextPath()
    assert path == TextPath()
    assert hash(path) == hash(TextPath())
    with pytest.raises(AttributeError):
        path.segmenter = "none"  # type: ignore[misc]


def test_a_batch_is_its_texts() -> None:
    path = TextPath()
    assert path.batch(["Hòa bình.", "", "Hết"]) == [path("Hòa bình."), "", "Hết"]


def test_a_text_file_of_another_tool_is_refused() -> None:
    with pytest.raises(ModelError, match="segmenter"):
        TextPath.from_json({"tone_marks": "old"})
