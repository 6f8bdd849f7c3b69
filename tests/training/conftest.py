from __future__ import annotations

import pytest

from detente.dataset import BuildOptions, LabelledDataset, build_dataset
from detente.dataset.annotations import write_annotations
from detente.dataset.build import DataOptions
from detente.dataset.splits import SplitOptions
from detente.records import Annotation
from label_sets import labelled


@pytest.fixture(scope="session")
def held_out(tmp_path_factory: pytest.TempPathFactory) -> LabelledDataset:
    """Thirty made-up pages, split into train, validation and test."""
    folder = tmp_path_factory.mktemp("many")
    (folder / "pages").mkdir()
    readings = []
    words = ["đàm phán", "tập trận", "khí đốt"]
    for page in range(30):
        lines = [f"Cuộc họp số {page} bàn về nhiều chuyện khác nhau"]
        offset = len(lines[0]) + 1
        for at, label in enumerate(("dialogue", "escalation", "neutral")):
            where = f"của nước thứ {page * 3 + at} lo việc {words[at]} ở vùng {page * 11}"
            text = f"Ngày {page + at * 31}, phái đoàn mã {page * 7 + at * 13} {where}."
            readings.append(Annotation(f"p{page:02}#{offset}", text, "an", "human", labelled(label), "0", 2))
            lines.append(text)
            offset += len(text) + 1
        (folder / "pages" / f"p{page:02}.txt").write_text("\n".join(lines), encoding="utf-8")
    (folder / "labels.jsonl").write_text(write_annotations(readings), encoding="utf-8")
    data = DataOptions("many", str(folder / "pages"), str(folder / "labels.jsonl"))
    return build_dataset(BuildOptions(data=data, out=str(folder / "built"), split=SplitOptions(validation=0.2, test=0.2)))
