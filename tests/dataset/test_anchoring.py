from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.dataset.anchoring import anchor_readings, check_mode, page_of
from detente.errors import AnnotationError, ConfigError
from detente.records import Annotation, Sentence
from label_sets import labelled


def reading(sentence_id: str, text: str, annotator: str = "an") -> Annotation:
    return Annotation(sentence_id, text, annotator, "human", labelled("neutral"), "0", 2)


def page(*texts: str, name: str = "p", offset: int = 0) -> dict[str, Sentence]:
    """The sentences of a page, each ten characters after the one before."""
    starts = range(offset, offset + 10 * len(texts), 10)
    return {
        f"{name}#{start}": Sentence(f"{name}#{start}", name, name, text, start, start + 9)
        for start, text in zip(starts, texts, strict=True)
    }


ONE, TWO, THREE = "Hai bên gặp nhau ở thủ đô.", "Họ nối lại đàm phán hòa bình.", "Tàu tuần tra đã bắn cảnh cáo."


def test_what_stands_where_it_stood_stays() -> None:
    readings = [reading("p#0", ONE), reading("p#10", TWO), reading("p#10", TWO, "binh")]
    anchored = anchor_readings(readings, page(ONE, TWO))
    assert (anchored.readings, anchored.moved, anchored.lost) == (readings, {}, [])


def test_readings_move_with_their_sentence_all_annotators_together() -> None:
    readings = [reading("p#0", ONE), reading("p#10", TWO), reading("p#10", TWO, "binh")]
    anchored = anchor_readings(readings, page("Mới.", ONE, TWO, offset=5))
    assert [each.sentence_id for each in anchored.readings] == ["p#15", "p#25", "p#25"]
    assert anchored.moved == {"p#0": "p#15", "p#10": "p#25"}


def test_another_spelling_of_the_text_is_the_same_text() -> None:
    other = unicodedata.normalize("NFD", TWO.replace("hòa", "hoà")).replace(" ", "  ", 1)
    anchored = anchor_readings([reading("p#0", other)], page(ONE, TWO))
    assert [(each.sentence_id, each.text) for each in anchored.readings] == [("p#10", TWO)]


def test_a_text_that_stands_twice_is_matched_in_order() -> None:
    readings = [reading("p#0", ONE), reading("p#20", ONE), reading("p#30", ONE)]
    anchored = anchor_readings(readings, page(TWO, ONE, ONE, offset=0), "skip")
    # p#20 stands; the first of the others takes the free place, and the last one has none.
    assert [each.sentence_id for each in anchored.readings] == ["p#10", "p#20"]
    assert [lost.sentence_id for lost in anchored.lost] == ["p#30"]


def test_texts_do_not_move_to_another_page() -> None:
    anchored = anchor_readings([reading("q#0", ONE)], page(ONE), "skip", {ONE: "p#0"})
    (lost,) = anchored.lost
    assert (lost.elsewhere, lost.nearest, anchored.readings) == ("p#0", None, [])
    assert "stands on another page now, at p#0" in str(lost)


def test_what_is_gone_is_listed_with_the_nearest_sentence() -> None:
    readings = [reading("p#0", ONE.replace("Hai", "Ba")), reading("p#10", THREE), reading("x#0", ONE)]
    said = r"(?s)no longer on their pages: 3.*nearest is p#0.*nothing on the page.*the articles have no page 'x'.*=skip"
    with pytest.raises(AnnotationError, match=said):
        anchor_readings(readings, page(ONE, TWO))
    lost = anchor_readings(readings, page(ONE, TWO), "skip").lost
    assert [(each.sentence_id, each.nearest.sentence_id if each.nearest else None) for each in lost] == [
        ("p#0", "p#0"),
        ("p#10", None),
        ("x#0", None),
    ]


def test_a_long_list_is_cut() -> None:
    with pytest.raises(AnnotationError, match=r"pages: 12 of(?s:.*)  and 2 more"):
        anchor_readings([reading(f"p#{at}", f"Câu số {at}.") for at in range(12)], page(ONE))


def test_error_means_to_the_letter() -> None:
    with pytest.raises(AnnotationError, match=r"Its text now stands at p#10: was the page scraped again\?"):
        anchor_readings([reading("p#7", ONE)], page(TWO, ONE), "error")
    with pytest.raises(ConfigError, match=r"data\.stale_labels: expected error, move, skip, got 'mov'\. Did you mean 'move'"):
        check_mode("mov")


@given(st.lists(st.sampled_from([ONE, TWO, THREE]), max_size=8), st.lists(st.sampled_from([ONE, TWO, THREE]), max_size=8))
def test_no_reading_is_lost_uncounted_and_no_sentence_is_read_twice(before: list[str], after: list[str]) -> None:
    readings = [reading(sentence_id, each.text) for sentence_id, each in page(*before).items()]
    sentences = page(*after, offset=5)
    anchored = anchor_readings(readings, sentences, "skip")
    assert len(anchored.readings) + len(anchored.lost) == len(readings)
    ids = [each.sentence_id for each in anchored.readings]
    assert len(set(ids)) == len(ids)
    assert all(sentences[each.sentence_id].text == each.text for each in anchored.readings)
    for text in (ONE, TWO, THREE):
        assert sum(each.text == text for each in anchored.readings) == min(before.count(text), after.count(text))


def test_the_page_of_a_sentence() -> None:
    assert (page_of("a#b#12"), page_of("x")) == ("a#b", "x")  # ids of a table name no page
