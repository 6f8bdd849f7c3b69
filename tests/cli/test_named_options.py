"""A message names an option only where every command that can print it has that option, or it says whose option it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import get_type_hints

import click
import pytest

from detente import places
from detente.cli import COMMANDS
from detente.config import APPS

REACHED_BY = {
    "prediction/": ("predict",),
    "indexing/": ("index",),
    "tracking/comparing": ("compare",),
    "tracking/configurations": ("compare",),
    "training/evaluating": ("evaluate",),
    "dataset/publishing/rebuild": ("rebuild",),
    "dataset/labelling/exporting": ("label export",),
    "dataset/labelling/xlsx_file": ("label export",),
    "dataset/labelling/audit": ("label audit",),
    "dataset/labelling/merging": ("label import", "label adjudicate"),
    "dataset/labelling/importing": ("label import",),
    "dataset/labelling/headers": ("label import", "label adjudicate"),
    "dataset/agreement_page": ("label agreement",),
    "dataset/labelling/sources": ("label export",),
    "cli/labelled_files": ("label import",),
    "cli/label_": ("label export", "label import", "label audit", "label adjudicate", "label agreement"),
}
"""Where a message stands → the commands that come there with it. ``label adjudicate`` takes no annotator, and ``label import``
no strata and no page that is bad: it does not come to what names them."""
SHARED = {
    ("dataset/labelling/sources", "--text-column"): ("label export", "label import"),
    ("dataset/labelling/importing", "--guideline-version"): ("label import", "label adjudicate"),
    ("prediction/sources", "--text-column"): ("predict", "explain"),
}
OTHERS = {
    *("--nproc_per_node", "--local-dir", "--porcelain", "--untracked-files", "--backend-store-uri", "--env-manager"),
    *("--help", "--cfg"),
}
"""Options of other programs, and of Hydra."""
OWN_PROGRAMS = ("model/ship", "model/prune")
"""Run as ``python -m detente.model.ship``, with options of their own."""
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
_KEY = re.compile(r"(?<![\w.@/])([a-z_]+(?:\.[a-z_]+)+)=")
_COMMAND = re.compile(rf"\b((?:{'|'.join(COMMANDS)})(?: (?:export|import|audit|adjudicate|agreement))?)\b")


def _texts(path: Path) -> Iterator[str]:
    """The texts of a file that may be printed: no docstrings; of an f-string its fixed parts."""
    tree = ast.parse(path.read_text("utf-8"))
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    joined = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    silent |= {id(part) for node in joined for part in node.values}
    for node in joined:
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield node.value


def _named(pattern: re.Pattern[str], skip: str = "") -> list[tuple[str, str, str]]:
    """(module, option or key, the text that names it)."""
    found = []
    for path in sorted(places.PACKAGE.rglob("*.py")):
        module = path.relative_to(places.PACKAGE).with_suffix("").as_posix()
        if not skip or not module.startswith(skip):
            found += [(module, name, text) for text in _texts(path) for name in pattern.findall(text)]
    return found


def _options(command: str) -> set[str]:
    name, _, sub = command.partition(" ")
    found: click.Command = import_module(f"detente.cli.{name}").command
    if sub:
        assert isinstance(found, click.Group)
        found = found.commands[sub]
    return {option for parameter in found.params for option in parameter.opts}


def _keys(app: str) -> set[str]:
    def walk(kind: type, prefix: str = "") -> Iterator[str]:
        hints = get_type_hints(kind)
        for field in fields(kind):
            yield f"{prefix}{field.name}"
            if is_dataclass(hint := hints[field.name]) and isinstance(hint, type):
                yield from walk(hint, f"{prefix}{field.name}.")

    return set(walk(APPS[app]))


def _commands(module: str, option: str, text: str) -> tuple[str, ...]:
    """Those whose option this is by the text itself, or those that print it."""
    before = text[: text.index(option)]
    if named := re.search(rf"(?:detente|for) {_COMMAND.pattern}[^;,]*$", before):
        return (named[1],)
    if (module, option) in SHARED:
        return SHARED[module, option]
    return next((commands for part, commands in REACHED_BY.items() if module.startswith(part)), ())


IN_MESSAGES = [each for each in _named(_OPTION, skip="cli/") if each[1] not in OTHERS and not each[0].startswith(OWN_PROGRAMS)]


@pytest.mark.parametrize(
    ("module", "option", "text"), IN_MESSAGES, ids=[f"{module} {option}" for module, option, _ in IN_MESSAGES]
)
def test_every_command_that_prints_a_message_has_the_option_that_it_names(module: str, option: str, text: str) -> None:
    commands = _commands(module, option, text)
    assert commands, f"{module}: which commands print {text!r}? Say it in REACHED_BY."
    for command in commands:
        assert option in _options(command), f"{command} has no {option}: {text!r}"


KEYS = _named(_KEY)


@pytest.mark.parametrize(("module", "key", "text"), KEYS, ids=[" ".join(each[:2]) for each in KEYS])
def test_a_key_that_a_message_names_is_one(module: str, key: str, text: str) -> None:
    apps = [app for app in ("build", "train", "distill") if key in _keys(app)]
    assert apps or key.startswith("hydra."), f"no command has {key}=: {text!r}"


SHARED_LAYERS = ("text/", "model/", "tracking/", "rows/", "prediction/", "evaluation/", "dataset/folder", "dataset/manifest")
OF_ONE_APP = {
    ("model/encoder_files", "model.path"): "an encoder is named by a hub id in train alone",
    ("model/encoder_files", "model.hub_id"): "an encoder is named by a hub id in train alone",
    ("tracking/options", "tracking.kind"): "evaluate has no option that comes there",
    ("tracking/options", "tracking.log_model"): "evaluate has no option that comes there",
}


def test_where_commands_without_keys_come_too_a_message_says_whose_key_it_is() -> None:
    for module, key, text in KEYS:
        if module.startswith(SHARED_LAYERS) and (module, key) not in OF_ONE_APP:
            advises = re.search(rf"\b(?:set|use|take|choose|name)\b[^.]*{re.escape(key)}=", text, re.IGNORECASE)
            assert not advises or re.search(r"\b(?:train|build|distill)", text), f"{module}: {text!r}"
