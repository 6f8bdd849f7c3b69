"""A training run as an MLflow run: what it is told goes down, and it never stays RUNNING."""

from __future__ import annotations

import io
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from detente.passwords import without_passwords
from detente.tracking.metrics import batches
from detente.tracking.options import TrackingOptions, check_tracking
from detente.tracking.outbox import Outbox
from detente.tracking.registry import card_text, register
from detente.tracking.served import pyfunc_of
from detente.tracking.store import MODEL, experiment_id, open_store
from detente.training.recorder import NullRecorder, Recorder

_MAX_PARAM = 6000


@contextmanager
def mlflow_run(
    options: TrackingOptions, name: str, resume: str | None = None, say: Callable[[str], None] = lambda line: None
) -> Iterator[Recorder]:
    """Open a run and yield its recorder; FINISHED at the end, FAILED after an error, KILLED after Ctrl-C or a signal.

    ``resume`` is the id of a run to go on with, if the store has it. What a store that is lost in the middle does not take is
    sent again later; ``say`` tells of it, and of what was never taken. With ``kind: none`` nothing is recorded. With
    ``register`` a finished run's model is registered. Raises ConfigError, and TrackingError if the store cannot be used.
    """
    check_tracking(options)
    if options.kind == "none":
        yield NullRecorder()
        return
    mlflow = open_store(options.uri)
    experiment = experiment_id(mlflow, options.experiment)
    where: dict[str, Any] = {"experiment_id": experiment, "run_name": options.run_name or name}
    resumed = resume is not None and run_status(mlflow, resume) is not None
    if resumed:
        where = {"run_id": resume}
    outbox = Outbox(say)
    with _run(mlflow, options, outbox, resumed, where) as recorder:
        yield recorder
    register(options, recorder.run_id, say)


def run_status(mlflow: Any, run_id: str) -> str | None:
    """The status of a run; None if the store has no such run, or has it in its bin."""
    from mlflow.exceptions import MlflowException

    try:
        run = mlflow.get_run(run_id)
    except MlflowException:
        return None
    return str(run.info.status) if run.info.lifecycle_stage == "active" else None


@contextmanager
def _run(
    mlflow: Any, options: TrackingOptions, outbox: Outbox, resumed: bool, where: Mapping[str, Any]
) -> Iterator[MlflowRecorder]:
    run = mlflow.start_run(log_system_metrics=False, **where)

    def end(status: str) -> None:
        try:
            mlflow.end_run(status)
        except Exception:  # mlflow has let go of the run; the store has not heard of it
            outbox.send(lambda: mlflow.MlflowClient().set_terminated(run.info.run_id, status))
        outbox.flush(last=not where.get("nested"))

    try:
        yield MlflowRecorder(mlflow, run.info.run_id, run.info.experiment_id, options, outbox, resumed)
    except Exception:
        end("FAILED")
        raise
    except BaseException:  # Ctrl-C, SIGTERM, SystemExit
        end("KILLED")
        raise
    else:
        end("FINISHED")


class MlflowRecorder:
    """The open MLflow run."""

    def __init__(
        self, mlflow: Any, run_id: str, experiment_id: str, options: TrackingOptions, outbox: Outbox, resumed: bool
    ) -> None:
        self.run_id: str | None = run_id
        self._outbox, self._resumed = outbox, resumed
        self._experiment_id = experiment_id
        self._mlflow = mlflow
        self._options = options

    def params(self, values: Mapping[str, Any]) -> None:
        """Flat parameters; an empty text reads as such."""
        params = {
            key: without_passwords(str(value))[:_MAX_PARAM] if value != "" else "(empty)" for key, value in values.items()
        }
        self._send(lambda: self._mlflow.log_params(params, run_id=self.run_id))

    def tags(self, values: Mapping[str, str]) -> None:
        """Tags to search by."""
        client, run_id = self._mlflow.MlflowClient(), self.run_id
        for key, value in values.items():
            self._send(partial(client.set_tag, run_id, key, without_passwords(value)))

    def metrics(self, values: Mapping[str, float], step: int | None = None) -> None:
        """Metrics named ``<split>/<metric>``."""
        now = time.time_ns() // 1_000_000
        for metrics in batches(values):
            self._send(partial(self._mlflow.log_metrics, metrics, step=step, run_id=self.run_id, timestamp=now))

    def dataset(self, name: str, digest: str, rows: Sequence[Mapping[str, Any]], source: str) -> None:
        """The data the run used, under our own digest: mlflow's covers the first 10,000 rows only."""
        import pandas as pd
        from mlflow.data.pandas_dataset import from_pandas

        frame = pd.DataFrame([{key: value for key, value in row.items() if key not in ("start", "end")} for row in rows])
        # mlflow keeps 36 characters of a digest.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that a folder could be two kinds of source
            data = from_pandas(frame.astype("string"), source=source, name=name, digest=digest.removeprefix("sha256:")[:36])
        self._send(lambda: self._mlflow.log_input(data, context="training"))

    def text(self, name: str, text: str) -> None:
        """A text file."""
        shown = without_passwords(text)
        self._send(lambda: self._mlflow.log_text(shown, name, run_id=self.run_id))

    def table(self, name: str, columns: Mapping[str, Sequence[Any]]) -> None:
        """A table that the UI compares across runs."""
        import pandas as pd

        frame = pd.DataFrame(dict(columns))

        def send() -> None:
            # mlflow appends to a table that is there: a run that was cut while it was recorded must not hold its rows twice.
            there = self._resumed and any(item.path == name for item in self._mlflow.MlflowClient().list_artifacts(self.run_id))
            if not there:
                self._mlflow.log_table(frame, name, run_id=self.run_id)

        self._send(send)

    def picture(self, name: str, png: bytes) -> None:
        """A picture."""
        from PIL import Image

        picture = Image.open(io.BytesIO(png))
        self._send(lambda: self._mlflow.MlflowClient().log_image(self.run_id, picture, artifact_file=name))

    def model(self, folder: Path) -> None:
        """The model folder as a pyfunc from code that takes raw text; the folder stays readable by `detente predict`."""
        if not self._options.log_model:
            return
        told, card = pyfunc_of(folder), card_text(folder)

        def send() -> None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # that no input example is given: it would run the model now
                self._mlflow.pyfunc.log_model(
                    name=MODEL,
                    tags={"mlflow.note.content": card},  # what the UI shows as description
                    **told,
                )

        self._send(send)

    @contextmanager
    def child(self, name: str) -> Iterator[Recorder]:
        """A nested run; the one of this name that was left open, where this run is gone on with."""
        # Without its experiment named, a nested run lands in mlflow's "Default".
        where: dict[str, Any] = {"run_name": name, "experiment_id": self._experiment_id, "nested": True}
        try:
            if self._resumed and (open_one := self._child_id(name)):
                where = {"run_id": open_one, "nested": True}
            opened = _run(self._mlflow, self._options, self._outbox, self._resumed, where)
            recorder = opened.__enter__()
        except Exception as error:  # the store is lost
            self._outbox.lost(f"the run '{name}'", error)
            yield NullRecorder()
            return
        try:
            yield recorder
        except BaseException as error:
            opened.__exit__(type(error), error, error.__traceback__)
            raise
        opened.__exit__(None, None, None)

    def _child_id(self, name: str) -> str | None:
        found = self._mlflow.search_runs(
            [self._experiment_id],
            filter_string=f"tags.`mlflow.parentRunId` = '{self.run_id}' and attributes.run_name = '{name}'",
            output_format="list",
        )
        return next((str(run.info.run_id) for run in found), None)

    def _send(self, call: Callable[[], object]) -> None:
        self._outbox.send(call)
