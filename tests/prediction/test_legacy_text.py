"""Text of before Unicode that was stored as Unicode is predicted or refused with a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from detente.dataset.corpus import SourceOptions, Wanted, read_corpus
from detente.model import Classifier, ModelInfo
from detente.model.baselines import PIPELINES, BaselineClassifier
from detente.model.options import ModelOptions
from detente.prediction import predict
from detente.text import TextPath
from label_sets import STANCE

FAULTS = Path(__file__).parents[1] / "text" / "faults"
ADVICE = "to a model its letters are other ones. Convert the text first, with UniKey's toolkit or in Python: "


@pytest.fixture(scope="module")
def model() -> Classifier:
    pipeline = PIPELINES["tfidf"](ModelOptions(kind="tfidf"), STANCE, balanced=True, seed=0)
    pipeline.fit(["đàm_phán", "tập_trận", "hoà_bình"], ["dialogue", "escalation", "neutral"])
    return BaselineClassifier(pipeline, TextPath(segmenter="syllables"), ModelInfo("tfidf", "tfidf", {"stance": STANCE}))


@pytest.mark.parametrize("name", ["tcvn3", "vni", "mojibake"])
def test_rows_and_pages_are_told(model: Classifier, name: str) -> None:
    encoding = {"tcvn3": "TCVN3", "vni": "VNI", "mojibake": "UTF-8 read as Windows-1252"}[name]
    stored = (FAULTS / f"13-legacy-{name}.txt").read_text("utf-8")
    Path("in.txt").write_text("Hai bên đàm phán hòa bình.\n" + stored, "utf-8")
    said: list[str] = []
    predict(model, "in.txt", "out.jsonl", say=said.append)
    convert = f"{ADVICE}detente.text.legacy.to_unicode(text, {encoding!r})"
    assert said == [f"warning: 6 rows look like {encoding} stored as Unicode, the first is in.txt:2: {convert}"]

    Path("pages").mkdir()
    Path("pages", "a.txt").write_text(stored, "utf-8")
    said.clear()
    predict(model, "pages", "pages.jsonl", say=said.append)
    rejects = Path("pages.jsonl.rejects.jsonl")
    told = "\n".join(said) + (rejects.read_text("utf-8") if rejects.is_file() else "")
    assert f"like {encoding} stored as Unicode" in told


def test_a_build_tells_the_page(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    body = "Hai bên nhất trí nối lại đàm phán hòa bình vào tuần tới tại thủ đô của nước láng giềng.\n\n" * 3
    (pages / "a.txt").write_text(f"Hai nước nối lại đối thoại\n\n{body}", "utf-8")
    (pages / "b.txt").write_text((FAULTS / "13-legacy-vni.txt").read_text("utf-8"), "utf-8")
    said: list[str] = []
    read_corpus(SourceOptions(pages), Wanted(set(), set()), tmp_path, said.append)
    told = [line for line in said if line.startswith("warning")]
    assert told == [
        "warning: 1 page looks like VNI stored as Unicode, the first is b.txt: "
        f"{ADVICE}detente.text.legacy.to_unicode(text, 'VNI')"
    ]
