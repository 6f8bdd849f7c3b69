"""A model folder, or a shipped model, as a folder that MLflow serves, without a tracking store.

python -m detente.tracking.served MODEL OUT
mlflow models serve -m OUT --env-manager local -p 5001
"""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from detente._version import __version__
from detente.errors import DetenteError, InputError
from detente.model.folder import read_info
from detente.outputs import check_outputs, folders_made
from detente.prediction.columns import prediction_schema
from detente.tracking.models import find_model
from detente.tracking.store import MODEL


def pyfunc_of(folder: Path) -> dict[str, Any]:
    """What MLflow is told of a model folder: the code that loads it, the folder, what goes in and what comes out."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    kinds = {str: "string", float: "double", int: "long", bool: "boolean"}
    columns = prediction_schema(read_info(folder))
    return {
        "python_model": str(Path(__file__).with_name("pyfunc_model.py")),
        "artifacts": {MODEL: folder.absolute().as_uri()},  # of a path mlflow would undo %20 as well
        "signature": ModelSignature(
            inputs=Schema([ColSpec("string", "text")]),
            outputs=Schema([ColSpec(kinds[kind], name) for name, kind in columns.items()]),
        ),
        "pip_requirements": [f"detente=={__version__}"],
    }


def save_served(model: str, out: Path) -> None:
    """Write a folder that MLflow serves, whole or not at all.

    Raises ModelError, UsageError; InputError where something stands at ``out``.
    """
    folder = find_model(model).folder
    read_info(folder)
    check_outputs([folder], folders=[out])
    if out.exists():
        raise InputError(f"{out}: exists; expected a name that is not taken. Remove it, or choose another output.")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # before the import, which is when mlflow decides
    import mlflow

    with folders_made(out.parent), tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as temporary:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that no input example is given: it would run the model now
            mlflow.pyfunc.save_model(path=f"{temporary}/model", **pyfunc_of(folder))
        Path(temporary, "model").replace(out)


def main(arguments: Sequence[str]) -> int:
    """Run it from the command line."""
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        save_served(arguments[0], Path(arguments[1]))
    except (DetenteError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"wrote {arguments[1]}: mlflow models serve -m {arguments[1]} --env-manager local", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
