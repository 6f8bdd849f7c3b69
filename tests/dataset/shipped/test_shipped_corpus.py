"""A labelled corpus of the package, on invented articles in the layout of vietnews; at the end the real one."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from detente import places
from detente.cli import main
from detente.config import load_config
from detente.dataset import LabelledDataset, build_dataset, read_dataset
from detente.dataset.corpus import text_hash
from detente.dataset.publishing import publish_dataset, rebuild_dataset
from detente.errors import ConfigError, DatasetError, InputError

ARTICLES = {
    "train/000001": (
        "Tàu chiến rời cảng ( tối qua )\n\nHải_quân điều ba tàu tới eo biển .\n\n"
        "Hai_bên họp kín suốt đêm tại Geneva .\nÔng từ_chối bình_luận ."
    ),
    "train/000002": ("Giá gạo tăng\n\nNông_dân vui mừng với vụ mùa bội_thu năm nay .\n\nThương_lái trả giá cao ."),
    "val/000003": (
        "Đàm_phán nối lại\n\nNgoại_trưởng hai nước ký thoả_thuận ngừng bắn tại thủ_đô .\n\n"
        "Dân_chúng đổ ra đường ăn_mừng suốt đêm qua ."
    ),
    "test/000004": (
        "Pháo_kích trở lại\n\nNgoại_trưởng hai nước ký thoả_thuận ngừng bắn tại thủ_đô sáng nay .\n\n"
        "Pháo_binh bắn vào làng biên_giới ."
    ),
}
ALT = "Quân nổi dậy bắt giữ hai nhân viên cứu trợ ở miền bắc."
YAML = """
files: [vietnews.jsonl, alt.jsonl]
sources:
- {prefix: vietnews/, name: vietnews, licence: of newspapers, passed_on: false}
- {prefix: alt/, name: ALT, licence: CC BY 4.0, passed_on: true, attribution: "From ALT, changed."}
datasheet: {"Who labelled it?": Language models that saw the guideline.}
"""


def raw(article: str) -> str:
    from detente.dataset.shipped.vietnews import raw_line

    return "\n".join(raw_line(line) for line in ARTICLES[article].split("\n") if line)


def readings(
    article: str, sentence: str, split: str, *, who: str = "model-a", version: int = 3, **cells: Any
) -> dict[str, Any]:
    """A row of the corpus: no text, but where it stands and its hash."""
    start = raw(article).index(sentence)
    return {
        "sentence_id": f"vietnews/{article}#{start}", "group_id": f"vietnews/{article}", "split": split, "start": start,
        "end": start + len(sentence), "text_sha256": text_hash(sentence), "design": "stratified", "stratum": "neutral",
        "inclusion_prob": 0.25, "annotator": who, "annotator_kind": "machine", "stance": "neutral", "sentiment": "neutral",
        "rule": "0", "guideline_version": version, **cells,
    }  # fmt: skip


def rows() -> list[dict[str, Any]]:
    twice = ("train/000001", "Hai bên họp kín suốt đêm tại Geneva.", "train")
    held_out = [
        readings(article, sentence, split, who=who, design="simple", stratum="", inclusion_prob=0.01, **labels)
        for article, sentence, split, labels in (
            ("val/000003", "Ngoại trưởng hai nước ký thoả thuận ngừng bắn tại thủ đô.", "validation", {"stance": "dialogue"}),
            ("val/000003", "Dân chúng đổ ra đường ăn mừng suốt đêm qua.", "validation", {"sentiment": "positive"}),
            (
                "test/000004",
                "Ngoại trưởng hai nước ký thoả thuận ngừng bắn tại thủ đô sáng nay.",
                "test",
                {"stance": "dialogue"},
            ),
            ("test/000004", "Pháo binh bắn vào làng biên giới.", "test", {"stance": "escalation", "rule": "7"}),
        )
        for who in ("model-a", "model-b", "adjudicated")
    ]
    whole = readings("train/000002", "Nông dân vui mừng với vụ mùa bội thu năm nay.", "train", who="model-c", version=2)
    whole = {key: value for key, value in whole.items() if key not in ("start", "end", "design", "stratum", "inclusion_prob")}
    return [
        readings("train/000001", "Hải quân điều ba tàu tới eo biển.", "train", stance="escalation"),
        readings(*twice, stance="dialogue", rule="6"),
        readings(*twice, who="model-c", version=2),
        {**whole, "sentence_id": "vietnews/train/000002", "line": 1},
        *held_out,
    ]


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """seeds/invented with its files."""
    folder = tmp_path / "seeds" / "invented"
    folder.mkdir(parents=True)
    (folder / "corpus.yaml").write_text(YAML, "utf-8")
    alt = {
        "sentence_id": "alt/00001#00002", "group_id": "alt/00001", "split": "train", "line": 2, "text": ALT, "design": "simple",
        "inclusion_prob": 0.8, "annotator": "model-b", "annotator_kind": "machine", "stance": "escalation",
        "sentiment": "negative", "rule": "0", "guideline_version": 3,
    }  # fmt: skip
    write(
        folder / "alt.jsonl",
        [alt, {**alt, "sentence_id": "alt/00003#00004", "group_id": "alt/00003", "text": "Hội nghị bế mạc."}],
    )
    write(folder / "vietnews.jsonl", rows())
    monkeypatch.setattr(places, "SEEDS", tmp_path / "seeds")
    return folder


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    for article, text in ARTICLES.items():
        split, number = article.split("/")
        path = tmp_path / "vietnews" / "data" / f"{split}_tokenized" / f"{number}.txt.seg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n", "utf-8")
    return tmp_path / "vietnews"


def write(path: Path, own: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in own), "utf-8")


def built(*typed: str, said: list[str] | None = None) -> LabelledDataset:
    options = load_config("build", ["data=dispute", "data.corpus=invented", *typed])
    return build_dataset(options, (said if said is not None else []).append)


def test_texts_come_from_vietnews_and_every_hash_is_checked(corpus: Path, clone: Path) -> None:
    said: list[str] = []
    dataset = built(f"data.vietnews={clone}", said=said)
    assert dataset.folder == Path("datasets/dispute")
    assert {row.text for row in dataset.splits["train"]} == {
        "Hải quân điều ba tàu tới eo biển.", "Hai bên họp kín suốt đêm tại Geneva.",
        "Nông dân vui mừng với vụ mùa bội thu năm nay.", ALT, "Hội nghị bế mạc.",
    }  # fmt: skip
    # A near-copy of a test sentence leaves validation; the test stays whole.
    assert [row.text for row in dataset.splits["validation"]] == ["Dân chúng đổ ra đường ăn mừng suốt đêm qua."]
    assert [row.label("stance") for row in dataset.splits["test"]] == ["dialogue", "escalation"]
    assert dataset.manifest.skipped_pages == ()
    assert {row.article_id for row in dataset.splits["test"]} == {"vietnews/test/000004"}
    stored = [json.loads(line) for line in (dataset.folder / "articles.jsonl").read_text("utf-8").splitlines()]
    assert {row["title"] for row in stored} == {
        "Tàu chiến rời cảng (tối qua)",
        "Giá gạo tăng",
        "Đàm phán nối lại",
        "Pháo kích trở lại",
        None,
    }


def test_the_newest_reading_decides_and_both_stay_with_how_they_were_drawn(corpus: Path, clone: Path) -> None:
    dataset = built(f"data.vietnews={clone}")
    of_two = [each for each in dataset.readings if each.text == "Hai bên họp kín suốt đêm tại Geneva."]
    given = [(each.annotator, each.guideline_version, each.label("stance"), each.rule) for each in of_two]
    assert given == [("model-a", 3, "dialogue", "6"), ("model-c", 2, "neutral", "0"), ("adjudicated", 3, "dialogue", "6")]
    assert of_two[-1].note == "on guideline version 3: model-a"
    assert next(row.label("stance") for row in dataset.rows if row.text == of_two[0].text) == "dialogue"
    by_split = {(each.design, each.stratum, each.inclusion_prob) for each in dataset.readings}
    assert by_split == {("stratified", "neutral", 0.25), ("simple", None, 0.01), ("simple", None, 0.8), (None, None, None)}
    card = (dataset.folder / "README.md").read_text("utf-8")
    assert "| stratified | neutral | 0.25 | 2 |" in card
    assert "Of 1 sentences nothing is known of how they were drawn." in card
    assert "| vietnews | 7 | of newspapers | no |" in card
    assert "| ALT | 2 | CC BY 4.0 | yes |\n\nFrom ALT, changed." in card
    assert "- **Who labelled it?** Language models that saw the guideline." in card
    assert "guideline, version 2, 3 (each reading says by which)" in card


def test_readings_on_the_newest_version_have_to_agree(corpus: Path, clone: Path) -> None:
    write(corpus / "vietnews.jsonl", [*rows(), {**rows()[1], "annotator": "model-b", "stance": "neutral"}])
    with pytest.raises(DatasetError, match="on 1 sentence annotators differ"):
        built(f"data.vietnews={clone}")


def test_without_vietnews_the_sentences_with_text_are_built_in_folds(corpus: Path) -> None:
    write(corpus / "alt.jsonl", [
        {**json.loads(line), "sentence_id": f"alt/0000{at}#1", "group_id": f"alt/0000{at}", "text": text}
        for at, text in enumerate(("Quân đội rút lui.", "Hội nghị bế mạc.", "Tàu cá bị bắt.", "Hai bên ký.", "Mưa kéo dài."))
        for line in (corpus / "alt.jsonl").read_text("utf-8").splitlines()[:1]
    ])  # fmt: skip
    said: list[str] = []
    dataset = built(said=said)
    assert {name: len(own) for name, own in dataset.splits.items()} == {"train": 5}
    assert dataset.n_folds == 5
    assert said[0].startswith("note: 7 sentences of vietnews are left out: their texts belong to newspapers and do not ship.")
    assert "git clone https://github.com/ThanhChinhBK/vietnews" in said[0]
    assert "detente build data=dispute data.vietnews=vietnews" in said[0]
    card = (dataset.folder / "README.md").read_text("utf-8")
    assert "7 sentences are left out, since their text was not at hand." in card


def test_what_does_not_fit_is_refused_and_counted_by_place(corpus: Path, clone: Path) -> None:
    (clone / "data" / "train_tokenized" / "000002.txt.seg").unlink()
    path = clone / "data" / "train_tokenized" / "000001.txt.seg"
    path.write_text(path.read_text("utf-8").replace("ba tàu", "bốn tàu"), "utf-8")
    said: list[str] = []
    dataset = built(f"data.vietnews={clone}", said=said)
    assert {(each.place, each.reason) for each in dataset.manifest.skipped_pages} == {
        ("vietnews.jsonl:1", "its text is another now"), ("vietnews.jsonl:2", "its text is another now"),
        ("vietnews.jsonl:3", "its text is another now"), ("vietnews.jsonl:4", "its article is not there"),
    }  # fmt: skip
    assert any("vietnews.jsonl:4: vietnews/train/000002: its article is not there." in line for line in said)
    assert "4 of 18 rows left out: 3 its text is another now, 1 its article is not there" in said
    with pytest.raises(DatasetError, match=r"vietnews\.jsonl:1: .*no text with its sha256 stands where it stood"):
        built(f"data.vietnews={clone}", "data.bad_page=error")


def test_options_that_cannot_be(corpus: Path, clone: Path) -> None:
    with pytest.raises(ConfigError, match=r"data\.corpus: expected one that comes with the package, invented, got 'dispute'"):
        built("data.corpus=dispute")
    with pytest.raises(ConfigError, match=r"data\.reading_columns: expected some of rule"):
        built(f"data.vietnews={clone}", "data.reading_columns=[rules]")
    with pytest.raises(InputError, match="no clone of vietnews"):
        built(f"data.vietnews={corpus}")
    write(corpus / "vietnews.jsonl", [{**rows()[0], "inclusion_prob": 2}])
    with pytest.raises(DatasetError, match=r"vietnews\.jsonl:1: 'inclusion_prob': expected a number above 0, up to 1, got '2'"):
        built(f"data.vietnews={clone}")


def test_it_is_published_without_the_texts_of_others_and_rebuilt(corpus: Path, clone: Path) -> None:
    import datasets

    dataset, said = built(f"data.vietnews={clone}"), list[str]()
    published = publish_dataset(dataset.folder, Path("public"), say=said.append)
    assert "note: the texts of 6 of 8 sentences may not be passed on; hashes stand in their place" in said
    everything = b"".join(path.read_bytes() for path in published.rglob("*.*") if path.suffix != ".parquet").decode()
    for article in ARTICLES:
        assert not any(line in everything for line in raw(article).split("\n"))
    assert ALT in everything
    whole = datasets.load_dataset(str(dataset.folder), split="test")
    assert whole["text"][:] == [row.text for row in dataset.splits["test"]]
    opened = datasets.load_dataset(str(published), split="train")
    assert {row["text"] for row in opened} == {None, ALT, "Hội nghị bế mạc."}
    assert {row["text_sha256"] for row in opened} == {text_hash(row.text) for row in dataset.splits["train"]}
    card = (published / "README.md").read_text("utf-8")
    assert "This copy holds no text of 7 of 9 sentences, which may not be passed on" in card
    with pytest.raises(DatasetError, match="published without its text"):
        read_dataset(published)

    again = rebuild_dataset(published, clone, Path("again"))
    assert again.digest == dataset.digest
    assert again.splits == dataset.splits
    unnoted = [{**vars_of(each), "note": ""} for each in dataset.readings]
    assert [{**vars_of(each), "note": ""} for each in again.readings] == unnoted
    for name in ("articles.jsonl", "README.md"):
        assert (again.folder / name).read_text("utf-8") == (dataset.folder / name).read_text("utf-8")


def vars_of(record: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(record)


def test_published_without_any_text_it_comes_back_too(corpus: Path, clone: Path) -> None:
    dataset = built(f"data.vietnews={clone}")
    published = publish_dataset(dataset.folder, Path("public"), without_text=True)
    assert ALT not in (published / "annotations.jsonl").read_text("utf-8")
    assert rebuild_dataset(published, clone, Path("again")).digest == dataset.digest


def test_a_sentence_that_is_not_there_stops_the_rebuilding(corpus: Path, clone: Path) -> None:
    published = publish_dataset(built(f"data.vietnews={clone}").folder, Path("public"))
    (clone / "data" / "train_tokenized" / "000002.txt.seg").unlink()
    path = clone / "data" / "test_tokenized" / "000004.txt.seg"
    path.write_text(path.read_text("utf-8").replace("biên_giới", "xa"), "utf-8")
    with pytest.raises(DatasetError, match="2 of 9 sentences of the dataset are missing or changed") as raised:
        rebuild_dataset(published, clone, Path("again"))
    assert "vietnews/train/000002: not there" in str(raised.value)
    assert "its text is another now" in str(raised.value)
    assert not Path("again").exists()


def test_the_loop_of_labelling_takes_its_readings(corpus: Path, clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dataset = built(f"data.vietnews={clone}")
    file = str(dataset.folder / "annotations.jsonl")
    assert main(["label", "import", file, "-o", "mine.jsonl"]) == 0
    assert Path("mine.jsonl").read_text("utf-8") == Path(file).read_text("utf-8")
    assert main(["label", "agreement", str(dataset.folder), "--split", "test"]) == 0
    shown = capsys.readouterr().out
    assert "Agreement by rule, where one of them names it" in shown
    assert "stance     model-a / model-b     7          1" in shown
    assert main(["label", "agreement", file, "--split", "test"]) == 2


def test_the_corpus_that_comes_with_the_package_builds_from_what_has_text() -> None:
    said: list[str] = []
    dataset = build_dataset(load_config("build", ["data=dispute"]), said.append)
    assert len(dataset.rows) == 1650
    assert len({row.group_id for row in dataset.rows}) == 200
    assert said[0].startswith("note: 11,683 sentences of vietnews are left out")
    assert dataset.manifest.label_licence == "Apache-2.0"


@pytest.mark.slow
def test_the_real_texts_fit_their_hashes(outside_data: Path) -> None:
    """Of 329 earlier readings the articles are not among those at hand; their text cannot be checked here."""
    source = outside_data / "corpus" / "vietnews-dispute.jsonl.xz"
    dataset = build_dataset(load_config("build", ["data=dispute", f"data.vietnews={source}"]))
    assert Counter(each.reason for each in dataset.manifest.skipped_pages) == {"its article is not there": 329}
    assert {name: len(own) for name, own in dataset.splits.items()} == {"train": 11275, "validation": 590, "test": 1000}
    assert len({pair.left_out for pair in dataset.dropped_pairs}) == 139
    assert dataset.digest.startswith("sha256:08c32be21807b9f5")
    hashes = {
        row["sentence_id"]: row.get("text_sha256")
        for row in map(json.loads, (places.SEEDS / "dispute" / "vietnews.jsonl").open())
    }
    assert all(text_hash(row.text) == hashes.get(row.sentence_id, text_hash(row.text)) for row in dataset.rows)
