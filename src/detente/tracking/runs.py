"""A training run as an MLflow run: what it is told goes down, and it never stays RUNNING."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from detente._version import __version__
from detente.errors import ConfigError
from detente.model.folder import read_info
from detente.tracking.options import TrackingOptions
from detente.tracking.store import MODEL, experiment_id, open_store
from detente.training.recorder import NullRecorder, Recorder

_MAX_PARAM = 6000


@contextmanager
def mlflow_run(options: TrackingOptions, name: str) -> Iterator[Recorder]:
    """Open a run and yield its recorder; FINISHED at the end, FAILED after an error, KILLED after Ctrl-C or a signal.

    With ``kind: none`` nothing is recorded. Raises TrackingError if the store cannot be used.
    """
    if options.kind not in ("mlflow", "none"):
        raise ConfigError(f"tracking.kind: expected mlflow or none, got '{options.kind}'.")
    if options.kind == "none":
        yield NullRecorder()
        return
    mlflow = open_store(options.uri)
    experiment = experiment_id(mlflow, options.experiment)
    with _run(mlflow, options, options.run_name or name, experiment_id=experiment) as recorder:
        yield recorder


@contextmanager
def _run(mlflow: Any, options: TrackingOptions, name: str, **where: Any) -> Iterator[MlflowRecorder]:
    run = mlflow.start_run(run_name=name, log_system_metrics=False, **where)
    try:
        yield MlflowRecorder(mlflow, run.info.run_id, run.info.experiment_id, options)
    except Exception:
        mlflow.end_run("FAILED")
        raise
    except BaseException:  # Ctrl-C, SIGTERM, SystemExit
        mlflow.end_run("KILLED")
        raise
    else:
        mlflow.end_run("FINISHED")


class MlflowRecorder:
    """The open MLflow run."""

    def __init__(self, mlflow: Any, run_id: str, experiment_id: str, options: TrackingOptions) -> None:
        self.run_id: str | None = run_id
        self._experiment_id = experiment_id
        self._mlflow = mlflow
        self._options = options

    def params(self, values: Mapping[str, Any]) -> None:
        """Flat parameters; an empty text reads as such."""
        self._mlflow.log_params({key: str(value)[:_MAX_PARAM] if value != "" else "(empty)" for key, value in values.items()})

    def tags(self, values: Mapping[str, str]) -> None:
        """Tags to search by."""
        self._mlflow.set_tags(dict(values))

    def metrics(self, values: Mapping[str, float], step: int | None = None) -> None:
        """Metrics named ``<split>/<metric>``."""
        self._mlflow.log_metrics({key: float(value) for key, value in values.items()}, step=step)

    def dataset(self, name: str, digest: str, rows: Sequence[Mapping[str, Any]], source: str) -> None:
        """The data the run used, under our own digest: mlflow's covers the first 10,000 rows only."""
        import pandas as pd
        from mlflow.data.pandas_dataset import from_pandas

        frame = pd.DataFrame([{key: value for key, value in row.items() if key not in ("start", "end")} for row in rows])
        # mlflow keeps 36 characters of a digest.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that a folder could be two kinds of source
            data = from_pandas(frame.astype("string"), source=source, name=name, digest=digest.removeprefix("sha256:")[:36])
        self._mlflow.log_input(data, context="training")

    def text(self, name: str, text: str) -> None:
        """A text file."""
        self._mlflow.log_text(text, name)

    def table(self, name: str, columns: Mapping[str, Sequence[Any]]) -> None:
        """A table that the UI compares across runs."""
        import pandas as pd

        self._mlflow.log_table(pd.DataFrame(dict(columns)), name)

    def picture(self, name: str, png: bytes) -> None:
        """A picture."""
        from PIL import Image

        self._mlflow.log_image(Image.open(io.BytesIO(png)), artifact_file=name)

    def model(self, folder: Path) -> None:
        """The model folder as a pyfunc from code that takes raw text; the folder stays readable by `detente predict`."""
        if not self._options.log_model:
            return
        from mlflow.models import ModelSignature
        from mlflow.types import ColSpec, Schema

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that no input example is given: it would run the model now
            self._mlflow.pyfunc.log_model(
                name=MODEL,
                python_model=str(Path(__file__).with_name("pyfunc_model.py")),
                artifacts={MODEL: str(folder.absolute())},
                signature=ModelSignature(inputs=Schema([ColSpec("string", "text")]), outputs=_outputs(folder)),
                pip_requirements=[f"detente=={__version__}"],
            )

    @contextmanager
    def child(self, name: str) -> Iterator[Recorder]:
        """A nested run."""
        # Without its experiment named, a nested run lands in mlflow's "Default".
        with _run(self._mlflow, self._options, name, nested=True, experiment_id=self._experiment_id) as recorder:
            yield recorder


def _outputs(folder: Path) -> Any:
    """The types of the prediction columns."""
    from mlflow.types import ColSpec, Schema

    columns = []
    for task, labels in read_info(folder).tasks.items():
        columns += [ColSpec("string", f"{task}_pred"), *(ColSpec("double", f"{task}_prob_{label}") for label in labels)]
        columns += [ColSpec("boolean", f"{task}_abstain")]
    return Schema([*columns, ColSpec("long", "n_tokens"), ColSpec("boolean", "truncated")])
