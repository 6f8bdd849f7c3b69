"""Whatever is in a label file, it is read or refused with a message; nothing else is raised, and nothing half-read is kept."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detente.dataset import read_annotations
from detente.dataset.labelling.importing import ImportOptions
from detente.dataset.labelling.merging import import_labels
from detente.errors import DetenteError

RECORDED = Path(__file__).parent / "label_studio"
EXPORT = json.loads((RECORDED / "export.json").read_text("utf-8"))
MINIMAL = json.loads((RECORDED / "export-min.json").read_text("utf-8"))
ROW = {
    "sentence_id": "p#0",
    "text": "Câu.",
    "stance": "neutral",
    "sentiment": None,
    "rule": "0",
    "annotator": "an",
    "guideline_version": 2,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
SETTINGS = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, part in inner for place in places(part, (*path, key)))]


def with_value(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    changed = copy.deepcopy(value)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = new
    return changed


def refused_or_whole(path: Path) -> None:
    """Import; if it is taken, what was written can be read, and importing again changes nothing."""
    out = path.parent / "annotations.jsonl"
    out.unlink(missing_ok=True)
    try:
        import_labels([path], out, ImportOptions(annotator="", guideline_version=2))
    except DetenteError:
        assert not out.exists()
        return
    if out.exists():
        before = out.read_bytes()
        assert read_annotations(out)
        again, _ = import_labels([path], out, ImportOptions(guideline_version=2))
        assert not again.changed
        assert out.read_bytes() == before


@pytest.mark.parametrize("export", [EXPORT, MINIMAL], ids=["json", "json_min"])
@given(data=st.data())
@SETTINGS
def test_label_studios_export_with_any_value_anywhere(tmp_path: Path, export: Any, data: st.DataObject) -> None:
    changed = with_value(export, data.draw(st.sampled_from(places(export))), data.draw(JSON))
    path = tmp_path / "x.json"
    path.write_text(json.dumps(changed), "utf-8")
    refused_or_whole(path)


@given(place=st.sampled_from(sorted(ROW)), value=JSON)
@SETTINGS
def test_a_line_with_any_value_anywhere(tmp_path: Path, place: str, value: Any) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps({**ROW, place: value}) + "\n", "utf-8")
    refused_or_whole(path)


@given(cells=st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=9), max_size=4))
@SETTINGS
def test_a_sheet_with_any_cells(tmp_path: Path, cells: list[list[str]]) -> None:
    path = tmp_path / "x.csv"
    lines = [",".join(ROW), *(",".join(f'"{cell}"' for cell in row) for row in cells)]
    path.write_bytes("\n".join(lines).encode())
    refused_or_whole(path)


@given(data=st.binary(max_size=300))
@SETTINGS
@pytest.mark.parametrize("suffix", [".csv", ".json", ".jsonl", ".xlsx"])
def test_any_bytes(tmp_path: Path, suffix: str, data: bytes) -> None:
    path = tmp_path / f"x{suffix}"
    path.write_bytes(data)
    refused_or_whole(path)
