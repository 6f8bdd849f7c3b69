from __future__ import annotations

import gzip
import json
import lzma
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from detente.dataset import build_dataset
from detente.dataset.build import BuildOptions
from detente.dataset.splits import SplitOptions
from detente.errors import InputError
from detente.text import TextPath, normalise
from detente.training.distillation import corpus
from detente.training.distillation.corpus import Corpus, prepare_corpus
from detente.training.distillation.options import CorpusOptions, TeacherOptions
from detente.training.distillation.teacher import teacher_key

RAW = TextPath("raw", "keep")


def prepare(options: CorpusOptions, work: Path) -> Corpus:
    return prepare_corpus(options, TextPath(), work, lambda n: None, lambda line: None)


def raws(found: Corpus) -> list[str]:
    return [text for shard in found.shards for text in pq.read_table(shard)["raw"].to_pylist()]


def test_paragraphs_become_distinct_sentences_without_copies_of_what_is_scored(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.txt").write_text(
        "Hai bên ký thỏa thuận ngừng bắn. Nga rút quân khỏi khu vực biên giới.\nNgắn quá.\n", encoding="utf-8"
    )
    with gzip.open(tmp_path / "raw" / "b.txt.gz", "wt", encoding="utf-8") as stream:
        stream.write("Hai bên ký thoả thuận ngừng bắn.\nBộ trưởng hai nước gặp nhau tại thủ đô Paris hôm thứ hai.\n")
    with lzma.open(tmp_path / "raw" / "c.txt.xz", "wt", encoding="utf-8") as stream:
        stream.write("Theo AFP, bộ trưởng hai nước đã gặp nhau tại thủ đô Paris hôm thứ hai vừa rồi.\n" + "dài " * 200)
    (tmp_path / "raw" / "note.md").write_text("không phải văn bản thô nào cả ở đây")
    scored = tmp_path / "test.jsonl"
    scored.write_text(json.dumps({"text": "Bộ trưởng hai nước gặp nhau tại thủ đô Paris"}) + "\n")
    found = prepare(CorpusOptions(path=str(tmp_path / "raw"), exclude=(str(scored),)), tmp_path / "work")
    # The tone marks are moved, so the two spellings of the first sentence are one.
    assert raws(found) == ["Hai bên ký thoả thuận ngừng bắn.", "Nga rút quân khỏi khu vực biên giới."]
    assert found.segmented(10) == [TextPath()(text) for text in raws(found)]
    assert found.counts == {
        "read": 7,
        "taken": 2,
        "too short or too long": 2,
        "repeated": 1,
        "near-copies of excluded texts": 2,
    }


def test_shards_that_are_there_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "SHARD", 2)
    text = tmp_path / "a.txt"
    text.write_text("".join(f"Đây là câu thứ {n} trong tệp.\n" for n in range(5)), encoding="utf-8")
    options = CorpusOptions(path=str(text))
    found = prepare(options, tmp_path / "work")
    assert [len(found.column(number, "raw")) for number in range(3)] == [2, 2, 1]
    (found.folder / "corpus.json").unlink()
    found.shards[1].unlink()
    done: list[list[str]] = []
    original = corpus.segment_corpus
    monkeypatch.setattr(corpus, "segment_corpus", lambda path, batch: done.append(batch) or original(path, batch))
    assert raws(prepare(options, tmp_path / "work")) == raws(found)
    assert len(done) == 1
    assert raws(prepare(CorpusOptions(path=str(text), limit=3), tmp_path / "work")) == raws(found)[:3]


@pytest.mark.parametrize("content", [None, "", "một hai\n"])
def test_a_folder_without_text(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "a.txt").write_text(content)
    with pytest.raises(InputError, match=r"expected a \.txt file|no sentence of 4 to 120 syllables"):
        prepare(CorpusOptions(path=str(tmp_path)), tmp_path / "work")


def test_a_classifiers_outputs_stand_for_students_of_any_text_path(tmp_path: Path) -> None:
    text = tmp_path / "a.txt"
    text.write_text("".join(f"Đây là câu thứ {n} trong tệp.\n" for n in range(5)), encoding="utf-8")
    options = CorpusOptions(path=str(text))
    words, raw = (prepare_corpus(options, path, tmp_path, lambda n: None, lambda line: None) for path in (TextPath(), RAW))
    assert words.raw_key == raw.raw_key != prepare(CorpusOptions(path=str(text), limit=3), tmp_path).raw_key
    assert words.folder != raw.folder
    assert raws(words) == raws(raw)
    assert raw.segmented(9) != words.segmented(9)
    (tmp_path / "detente.json").write_text("{}")
    classifier = TeacherOptions(kind="classifier", path=(str(tmp_path),))
    assert teacher_key(classifier, words) == teacher_key(classifier, raw)
    encoder = TeacherOptions(path=(str(tmp_path),))
    assert teacher_key(encoder, words) != teacher_key(encoder, raw)
    before = teacher_key(classifier, raw)
    (tmp_path / "detente.json").write_text('{"trained": "again"}')
    assert teacher_key(classifier, raw) != before


def test_what_a_dataset_holds_out_is_left_out_with_its_copies(tmp_path: Path) -> None:
    held_out = build_dataset(BuildOptions(out=str(tmp_path / "sides"), split=SplitOptions(method="holdout")))
    scored = [row.text for name in ("validation", "test") for row in held_out.splits[name]]
    shown = [row.text for row in held_out.splits["train"]]
    copy = f"Theo hãng tin, {scored[0][:1].lower()}{scored[0][1:]}"
    (tmp_path / "a.txt").write_text("\n".join([*scored, copy, *shown]) + "\n", encoding="utf-8")
    said: list[str] = []
    options = CorpusOptions(path=str(tmp_path / "a.txt"), exclude=(str(held_out.folder),), min_syllables=1, max_syllables=999)
    found = prepare_corpus(options, RAW, tmp_path / "work", lambda n: None, said.append)
    assert said[0] == f"corpus.exclude: {len(scored)} sentences of {held_out.folder} (validation, test)"
    assert not set(raws(found)) & {normalise(text) for text in [*scored, copy]}
    assert found.counts["near-copies of excluded texts"] >= len(set(scored)) + 1
    assert found.counts["taken"] > 0.8 * len(shown)


def test_other_text_and_another_encoder_in_the_same_place_are_told_by_their_contents(tmp_path: Path) -> None:
    """Of the same name and size: what had been made of the first was taken for the second's."""
    text, weights = tmp_path / "a.txt", tmp_path / "encoder" / "model.safetensors"
    weights.parent.mkdir()
    text.write_text("Đây là câu thứ nhất trong tệp.\n", encoding="utf-8")
    weights.write_bytes(b"one")
    first, encoder = prepare(CorpusOptions(path=str(text)), tmp_path), TeacherOptions(path=(str(weights.parent),))
    before = teacher_key(encoder, first)
    weights.write_bytes(b"two")
    assert teacher_key(encoder, first) != before
    text.write_text("Đây là câu thứ nhất trong tập.\n", encoding="utf-8")
    second = prepare(CorpusOptions(path=str(text)), tmp_path)
    assert second.raw_key != first.raw_key
    assert raws(second) == ["Đây là câu thứ nhất trong tập."]
