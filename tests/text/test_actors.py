from __future__ import annotations

import json
import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente import places
from detente.errors import InputError, UsageError
from detente.text import TextPath, normalise
from detente.text.actors import MASK, Actor, mask, mentions, named, read_actors

ACTORS = read_actors()
ALIASES = [alias for actor in ACTORS for alias in actor.aliases]
TRAPS = [phrase for actor in ACTORS for phrase in actor.exceptions]
PIECES = [*ALIASES, *TRAPS, *(" ", "-", ", ", "X", "n", "\u200b", "\u0301", "\u0332", "_", "“", "🙂") * 20]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=3)).map("".join)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Nga và Mỹ đối thoại với Liên minh châu Âu (EU).", ("Russia", "United States", "European Union")),
        ("Điện Kremlin, Moskva, Mátxcơva và Moscow", ("Russia",)),
        ("Nhà Trắng và Lầu Năm Góc", ("United States",)),
        ("Ukraina, Kiev, Kyiv", ("Ukraine",)),
        ("ông Macron gặp Thủ tướng Olaf Scholz", ("France", "Germany")),
        ("biên giới Nga-Ukraine", ("Russia", "Ukraine")),
        ("thỏa thuận với Thuỵ Sĩ", ("Switzerland",)),
        ("Hoa\n  Kỳ", ("United States",)),
        ("Pháp và Đức đàm phán về các thỏa thuận Minsk.", ("France", "Germany")),
    ],
)
def test_who_is_named(text: str, names: tuple[str, ...]) -> None:
    assert named(text, ACTORS) == names
    assert named(unicodedata.normalize("NFD", text), ACTORS) == names


@pytest.mark.parametrize(
    "text",
    [
        "mỹ thuật, anh ấy, pháp luật, đức tin, nga ngố",
        "Mỹ thuật Việt, Pháp luật, Đức Phật, Anh ấy, chị Thúy Nga",
        "châu Mỹ, Ấn Độ Dương, Nam Mỹ",
        "theo giờ Hà Nội",
        "Ngang Mỹa Anhs",
        "NGA MY",
    ],
)
def test_traps_name_nobody(text: str) -> None:
    assert named(text, ACTORS) == ()


def test_a_mention_points_into_the_raw_text() -> None:
    text = "  Ông “Pu\u200btin” gặp Hoa  Ky\u0300\u0309 - Nga."
    text = text.replace("Ky\u0300\u0309", unicodedata.normalize("NFD", "Kỳ"))
    assert [(text[m.start : m.end], m.actor.party) for m in mentions(text, ACTORS)] == [
        ("Pu\u200btin", "Russia"),
        (unicodedata.normalize("NFD", "Hoa  Kỳ"), "United States"),
        ("Nga", "Russia"),
    ]


def test_masking_leaves_the_rest_as_it_was() -> None:
    text = "Hòa bình: Tổng thống Mỹ Joe Biden\u200b gặp Tổ chức Hiệp ước Bắc Đại Tây Dương (NATO); Mỹ thuật."
    assert mask(text, ACTORS) == "Hòa bình: Tổng thống X X\u200b gặp X (X); Mỹ thuật."
    assert mask("Nga", (), "X") == "Nga"


@given(TEXTS)
def test_masking_twice_is_masking_once_and_leaves_no_name(text: str) -> None:
    once = mask(text, ACTORS)
    assert mask(once, ACTORS) == once
    assert not mentions(once, ACTORS)


@given(TEXTS)
def test_mentions_are_in_order_apart_and_their_spans_hold_a_name(text: str) -> None:
    found = mentions(text, ACTORS)
    assert all(a.end <= b.start for a, b in pairwise(found))
    for mention in found:
        span = normalise(text[mention.start : mention.end])
        assert span in {normalise(alias) for alias in mention.actor.aliases}


def test_every_alias_of_the_list_is_found() -> None:
    for alias in ALIASES:
        (mention,) = mentions(f"ông nói {alias}, và", ACTORS)
        assert alias in mention.actor.aliases


def test_every_exception_holds_a_name_and_names_nobody_itself() -> None:
    bare = tuple(Actor(actor.name, actor.kind, actor.aliases) for actor in ACTORS)
    for phrase in TRAPS:
        assert not mentions(f"là {phrase}.", ACTORS)
        assert mentions(f"là {phrase}.", bare), phrase


def test_the_mask_is_one_token_and_no_name() -> None:
    vocabulary = (places.MINI / "vocab.txt").read_text(encoding="utf-8").splitlines()
    assert MASK in {line.split(" ")[0] for line in vocabulary}
    assert TextPath()(mask("Tổng thống Nga gặp Thủ tướng Đức.", ACTORS)) == "Tổng_thống X gặp Thủ_tướng X ."
    with pytest.raises(UsageError, match="expected one word that names no actor, got 'Nga'"):
        mask("Nga", ACTORS, "Nga")
    with pytest.raises(UsageError, match="expected one word"):
        mask("Nga", ACTORS, "một bên")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["{"], r"a\.jsonl:1: not JSON"),
        (["[]"], r"a\.jsonl:1: expected a JSON object"),
        ([{"name": "A", "kind": "state", "alias": ["A"]}], "unknown key 'alias'.*Did you mean 'aliases'"),
        (
            [{"name": "A", "kind": "country", "aliases": ["A"]}],
            "'kind': expected 'state', .* got 'country'",
        ),
        ([{"name": "A", "kind": "state", "aliases": "A"}], "'aliases': expected a valid array, got 'A'"),
        ([{"name": "A", "kind": "state", "aliases": []}], "expected a name and at least one alias"),
        ([{"name": n, "kind": "state", "aliases": ["C"]} for n in "AB"], "'C' names both A and B"),
        ([{"name": "A", "kind": "person", "aliases": ["A"], "of": "B"}], "A is of 'B', which is not listed"),
    ],
)
def test_a_list_that_is_wrong_is_refused(rows: list[object], message: str) -> None:
    Path("a.jsonl").write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), "utf-8")
    with pytest.raises(InputError, match=message):
        read_actors(Path("a.jsonl"))
    with pytest.raises(InputError, match=r"none\.jsonl: no such file"):
        read_actors(Path("none.jsonl"))
