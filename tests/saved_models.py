"""Model folders changed by hand, with or without the sha256 that belong to the change."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any


def edit(path: Path, **changes: Any) -> None:
    """Replace keys of a JSON file's object; None takes a key out."""
    value = {**json.loads(path.read_text(encoding="utf-8")), **changes}
    path.write_text(json.dumps({key: each for key, each in value.items() if each is not None}), encoding="utf-8")


def sealed(folder: Path) -> Path:
    """The folder with the sha256 of its files as they are now: what a fault looks like that the hashes do not tell."""
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.is_file()}
    edit(folder / "detente.json", files={name: files[name] for name in files if name not in ("detente.json", "README.md")})
    return folder


def without_hashes(folder: Path) -> Path:
    """The folder as an earlier version saved it: format 1, without hashes and probabilities."""
    text = json.loads((folder / "text.json").read_text(encoding="utf-8"))
    for probe in text["probes"]:
        del probe["probs"]
    (folder / "text.json").write_text(json.dumps(text), encoding="utf-8")
    about = json.loads((folder / "detente.json").read_text(encoding="utf-8"))
    del about["files"]
    (folder / "detente.json").write_text(json.dumps({**about, "format": 1}), encoding="utf-8")
    return folder
