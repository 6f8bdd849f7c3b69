from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from detente import places
from detente.articles import extract_articles, read_pages, split_article
from detente.dataset import read_annotations
from detente.dataset.annotations import check_texts, decisions
from detente.records import Sentence
from label_sets import STANCE

SHA256 = {
    "000_c76ca8b9e518c9a5.txt": "a572b1f95f0f39e57e9e333dbeaf52e5df28c15884205a29c91d8cee5364e065",
    "001_d94c0c49a8f30f67.txt": "2bc89cae70361f6d10c5d12afd5d34d8c26d3223c1de120ea16d85abbbf0c5de",
    "002_c84f80db09605238.txt": "d1d289e59ac1a4d3e1c3d154eb7394aab8171c0c476c144a1c31d87bd898d0bd",
    "003_00630478e2dfe282.txt": "6e9d25777e71ab7e8424429e0f784d995fe0baeefe86a57f3c91ec63bf5eca85",
    "004_69618f5613592a6f.txt": "eac03dafbcae6f9b2e7b21bb31efc4fb0c3587f23e59d15cc2f9222fead33699",
}


@pytest.fixture(scope="module")
def sentences() -> dict[str, Sentence]:
    found = [s for page in read_pages(places.SEEDS / "articles") for a in extract_articles(page)[0] for s in split_article(a)]
    return {sentence.sentence_id: sentence for sentence in found}


def test_articles_are_kept_byte_for_byte() -> None:
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (places.SEEDS / "articles").iterdir()}
    assert found == SHA256


def test_articles_equal_the_scraped_ones(outside_data: Path) -> None:
    for name in SHA256:
        assert (outside_data / "seeds" / name).read_bytes() == (places.SEEDS / "articles" / name).read_bytes()


def test_every_sentence_is_read_twice_and_decided(sentences: dict[str, Sentence]) -> None:
    readings = read_annotations(places.SEEDS / "annotations.jsonl")
    check_texts(readings, sentences)
    by_annotator = {
        name: {r.sentence_id for r in readings if r.annotator == name} for name in ("model-a", "model-b", "adjudicated")
    }
    assert all(ids == sentences.keys() for ids in by_annotator.values())
    assert {r.annotator_kind for r in readings} == {"machine"}
    assert {r.guideline_version for r in readings} == {2}
    assert all(r.label("stance") and r.label("sentiment") and r.rule in "012345678" for r in decisions(readings).values())


def test_offsets_point_into_the_file(sentences: dict[str, Sentence]) -> None:
    texts = {page.page_id: page.path.read_bytes().decode("utf-8") for page in read_pages(places.SEEDS / "articles")}
    assert len(sentences) == 81
    for sentence in sentences.values():
        assert texts[sentence.page_id][sentence.start : sentence.end] == sentence.text
        assert sentence.sentence_id == f"{sentence.page_id}#{sentence.start}"


def test_the_guideline_is_version_three_and_keeps_the_rules_of_version_two() -> None:
    text = (places.SEEDS / "GUIDELINE.md").read_text(encoding="utf-8")
    assert text.startswith("# Annotation guideline, version 3")
    rules, decisions_of_three = text.split("## What version 3 decides")
    assert re.findall(r"^(\d)\. \*\*", rules, re.MULTILINE) == [*"12345678"]
    assert re.findall(r"^- \*\*([a-z]) \(", decisions_of_three, re.MULTILINE) == [*"abcdefghijkl"]


def test_the_labelled_corpus_is_whole() -> None:
    folder = places.SEEDS / "dispute"
    vietnews = [json.loads(line) for line in (folder / "vietnews.jsonl").read_text(encoding="utf-8").splitlines()]
    alt = [json.loads(line) for line in (folder / "alt.jsonl").read_text(encoding="utf-8").splitlines()]
    assert (len(vietnews), len({row["sentence_id"] for row in vietnews}), len(alt)) == (14_898, 11_683, 1_650)
    assert not any("text" in row for row in vietnews)
    assert {row["split"] for row in alt} == {"train"}
    assert "Asian Language Treebank" in (places.PACKAGE.parents[1] / "NOTICE").read_text(encoding="utf-8")


def test_the_challenge_is_frozen_and_well_formed() -> None:
    path = places.SEEDS / "challenge.jsonl"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == "74859438f904c1e8f3624bcfaf7e562fad4d312731076eedb67be4ef46125640"
    items = {item["item_id"]: item for item in map(json.loads, path.read_text(encoding="utf-8").splitlines())}
    assert len(items) == 150
    assert len({item["text"] for item in items.values()}) == 150
    for item in items.values():
        assert item["stance"] in STANCE
        assert re.fullmatch("[0-8]", item["rule"])
        if item["pair"]:
            assert items[item["pair"]]["stance"] == item["stance"]
            assert items[item["pair"]]["pair"] is None
