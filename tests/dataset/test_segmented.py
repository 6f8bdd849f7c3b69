from __future__ import annotations

from pathlib import Path

import pytest

from detente.dataset import segmented
from detente.dataset.segmented import fingerprint, segment_texts
from detente.text import TextPath, segmentation

TEXTS = [f"Bên thứ {n % 40} ký thỏa thuận hòa bình." for n in range(60)]


def test_every_text_has_its_segmentation() -> None:
    path = TextPath()
    assert segment_texts(TEXTS, path) == {text: path(text) for text in TEXTS}


def test_a_large_dataset_is_segmented_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import datasets

    monkeypatch.setattr(segmented, "WORTH_WORKERS", 10)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path / "cache"))
    path = TextPath()
    first = segment_texts(TEXTS, path)
    assert first == {text: path(text) for text in TEXTS}
    monkeypatch.setattr(segmented, "segment_corpus", lambda *arguments: pytest.fail("segmented a second time"))
    assert segment_texts(TEXTS, path) == first
    assert segment_texts([*TEXTS, TEXTS[0]], path) == first


def test_the_fingerprint_tells_texts_and_paths_apart() -> None:
    path = TextPath()
    same = fingerprint(TEXTS, path)
    assert same == fingerprint(list(TEXTS), TextPath())
    others = {fingerprint(TEXTS[1:], path), fingerprint(TEXTS, TextPath(tone_marks="keep")), fingerprint(["a", "b"], path)}
    assert len({same, fingerprint(["ab"], path), *others}) == 5


def test_an_upgrade_of_what_computes_a_segmenter_is_another_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint(TEXTS, TextPath())
    monkeypatch.setattr(segmentation, "_version_or_none", lambda package: "99.0")  # of underthesea-core
    assert fingerprint(TEXTS, TextPath()) != before
