"""Make of a model folder the form that ships: weights in fp16, its card, and the graph of its export.

    python -m detente.model.ship FOLDER OUT [--name NAME] [--intended-use TEXT] [--card FILE] [--weights fp16]

OUT predicts what the rounded weights say, which is what its probe sentences are checked against; how far that is from FOLDER is
told, and so are the sizes. The graph (onnx/) is an export without weights, from which engine onnx needs no torch. TEXT says in
one or two sentences what the model is for and what it must not be used for: every command that uses it passes it on.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from detente import strict_json
from detente.errors import DetenteError, UsageError
from detente.model.about import MAX_USE
from detente.model.folder import load_model, read_info, save_model
from detente.model.half import Stored
from detente.model.names import named_folder
from detente.model.onnx import keep_graph
from detente.model.probes import PROBES
from detente.outputs import check_outputs

Say = Callable[[str], None]


@dataclass(frozen=True)
class ShipOptions:
    """What the shipped form says of itself where it is not what the model said: empty is as it was; ``card`` is a file."""

    name: str = ""
    intended_use: str = ""
    card: str = ""
    weights: Stored = "fp16"


def ship_model(folder: Path | str, out: Path, options: ShipOptions | None = None, say: Say = lambda line: None) -> None:
    """Write the shipped form of a model folder. Raises ModelError, InputError, UsageError; nothing is written then."""
    options = options or ShipOptions()
    folder = named_folder(folder)
    read_info(folder)  # whether it is one is told before its card is looked for
    check_outputs([folder], folders=[out])
    use = " ".join(options.intended_use.split())
    if len(use) > MAX_USE:
        raise UsageError(f"intended use: {len(use):,} characters; expected at most {MAX_USE:,}, for every command prints it.")
    card = strict_json.read_text(Path(options.card) if options.card else folder / "README.md")
    classifier = load_model(folder)
    before = classifier.score(PROBES).probs
    info = classifier.info
    classifier.info = replace(info, name=options.name or info.name, intended_use=use or info.intended_use)
    save_model(classifier, out, card, weights=options.weights)
    shipped = load_model(out)  # which checks the probe sentences by the weights as they are stored
    after = shipped.score(PROBES).probs
    moved = max(float(abs(before[task] - after[task]).max()) for task in before)
    say(f"weights in {options.weights}: a probability of the {len(PROBES)} probe sentences moves by {moved:.6f} at most")
    if info.kind == "encoder":
        keep_graph(out, sum(map(len, info.tasks.values())))
    for path in sorted(path for path in out.rglob("*") if path.is_file()):
        say(f"{path.stat().st_size / 1e6:8.2f} MB  {path.relative_to(out)}")
    say(f"{_size(out) / 1e6:8.2f} MB  {out} (was {_size(folder) / 1e6:.2f})")


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main(arguments: Sequence[str]) -> int:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m detente.model.ship", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder")
    parser.add_argument("out", type=Path)
    parser.add_argument("--name", default="", help="what the model is called [as it was]")
    parser.add_argument("--intended-use", default="", metavar="TEXT", help="[as it was]")
    parser.add_argument("--card", default="", metavar="FILE", help="README.md of OUT [FOLDER's]")
    parser.add_argument("--weights", default="fp16", choices=["fp16", "fp32"])
    told = parser.parse_args(arguments)
    options = ShipOptions(told.name, told.intended_use, told.card, told.weights)
    try:
        ship_model(told.folder, told.out, options, say=lambda line: print(line, file=sys.stderr))
    except (DetenteError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
