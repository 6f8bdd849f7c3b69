"""Parts over the machines of a Ray cluster, or over processes of this machine, by Ray Data.

What travels to a worker is the number of a part; it reads the input itself, so that input and model must lie at the same path
everywhere (a shared file system). What comes back is the finished part, which this process writes. Reading past a part costs
little beside predicting one, so that every worker may read the whole input.
"""

from __future__ import annotations

import logging
import os
import pickle
import secrets
import socket
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from detente import errors
from detente.errors import DetenteError, InputError, UsageError
from detente.model import Classifier
from detente.model.engines import EngineOptions, load_engine
from detente.prediction.job import Job
from detente.prediction.options import PredictOptions
from detente.prediction.parts import Part, Recipe, make_part
from detente.prediction.sources import Source, Unit
from detente.text.pool import n_cores

ADDRESS = "RAY_ADDRESS"
_RESTARTS = 5
"""A worker that dies is replaced so often; what kills every worker that touches it must not go round for ever."""
_OBJECT_STORE = 256 * 2**20  # bytes, of a Ray of this machine; what lies in it are parts on their way here

Say = Callable[[str], None]


@dataclass(frozen=True)
class RayRunner:
    """Workers that each load the model of ``folder`` and make whole parts, in ``engine.n_threads`` threads (1 by default).

    With ``RAY_ADDRESS`` in the environment they are on that cluster, else on a Ray of this machine, which listens on loopback
    alone, asks for a token and ends with the prediction. A Ray that this process has started itself is used and left as it is.
    Their number is ``PredictOptions.n_workers``; by default the processors allow, or one a GPU where the cluster has some.
    """

    folder: Path
    engine: EngineOptions = field(default_factory=EngineOptions)
    say: Say = print

    def __call__(
        self, classifier: Classifier, job: Job, numbers: Sequence[int], options: PredictOptions
    ) -> Generator[tuple[int, Part]]:
        """Parts as they are done. Raises UsageError without Ray, what a worker raises, and DetenteError if Ray gives up."""
        engine = replace(self.engine, n_threads=self.engine.n_threads or 1)
        source = replace(job.source, path=job.source.path.absolute())
        maker = (self.folder.absolute(), engine, source, job.recipe)
        with _ray(engine.n_threads, options.n_workers or n_cores() // engine.n_threads or 1) as ray:
            n_gpus = int(ray.cluster_resources().get("GPU", 0)) if engine.engine == "torch" else 0
            n_workers = self._n_workers(ray, engine, options.n_workers, n_gpus)
            try:
                yield from _mapped(numbers, maker, min(n_workers, len(numbers)), engine.n_threads, n_gpus=min(n_gpus, 1))
            except ray.exceptions.RayError as error:
                raise DetenteError(
                    f"Ray gave up: {_first_line(error)} The parts that are done are kept; the same command goes on."
                ) from error

    def _n_workers(self, ray: Any, engine: EngineOptions, wanted: int, n_gpus: int) -> int:
        n_processors = int(ray.cluster_resources().get("CPU", 0))
        n_workers = wanted or n_gpus or max(1, n_processors // engine.n_threads)
        self.say(f"ray: workers {n_workers}, threads each {engine.n_threads}")
        if n_workers * engine.n_threads > n_processors:
            self.say(f"ray: its {n_processors} processors are too few for all of them; the others wait until it grows")
        return n_workers


def check_ray(*, is_piped: bool) -> None:
    """Raise UsageError, before a model is loaded, if Ray is not installed or a pipe is read or written."""
    if find_spec("ray") is None:
        raise UsageError("--runner ray: Ray is not installed; pip install 'detente[ray]'.")
    if is_piped:
        raise UsageError("--runner ray: its workers cannot read a pipe, and a pipe takes parts in order; name two files.")


def _mapped(
    numbers: Sequence[int], maker: tuple[Any, ...], n_workers: int, n_threads: int, n_gpus: int
) -> Iterator[tuple[int, Part]]:
    import ray
    from ray.data import ActorPoolStrategy, DataContext

    logging.getLogger("ray.data").setLevel(logging.ERROR)  # not before: its import sets it
    context = DataContext.get_current()
    context.enable_progress_bars = context.print_on_execution_start = False
    # The number of restarts has no other way in yet; the extra bounds Ray's version for that.
    warnings.filterwarnings("ignore", message=".*ray_remote_args_fn")
    # A block a part: what shares a block is done by one worker.
    dataset = ray.data.from_items(list(numbers), override_num_blocks=len(numbers)).map(
        _PartMaker,
        fn_constructor_args=maker,
        compute=ActorPoolStrategy(size=n_workers),
        num_cpus=n_threads,
        num_gpus=n_gpus or None,
        ray_remote_args_fn=lambda: {"max_restarts": _RESTARTS, "max_task_retries": _RESTARTS},
    )
    for row in dataset.iter_rows():
        made = pickle.loads(row["made"])  # of our own worker, over Ray, which moves everything so
        if row["error"]:
            raise getattr(errors, row["error"], DetenteError)(made)
        yield row["number"], made


class _PartMaker:
    """Lives in a worker. The model is loaded with the first part: what goes wrong comes back as an answer, not as a death."""

    def __init__(self, folder: Path, engine: EngineOptions, source: Source, recipe: Recipe) -> None:
        self._folder, self._engine = folder, engine
        self._recipe, self._reader = recipe, _Reader(source)
        self._classifier: Any = None

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        number = int(row["item"])
        try:
            made: Any = make_part(self._loaded(), self._reader.part(number), self._recipe)
            error = ""
        except DetenteError as raised:
            made, error = str(raised), type(raised).__name__
        return {"number": number, "made": pickle.dumps(made), "error": error}

    def _loaded(self) -> Classifier:
        if self._classifier is None:
            self._classifier = load_engine(self._folder, self._engine)
        found: Classifier = self._classifier
        return found


class _Reader:
    """The units of a part; parts that rise cost one reading of the input."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._parts: Iterator[tuple[int, list[Unit]]] = iter(())
        self._next = 0

    def part(self, number: int) -> list[Unit]:
        """Raises InputError where there is no such part."""
        if number < self._next or not self._next:
            self._parts, self._next = self._source.parts(), 0
        for found, units in self._parts:
            self._next = found + 1
            if found == number:
                return units
        self._next = 0
        raise InputError(f"{self._source.path}: has no part {number} where a worker reads it; is it the same file everywhere?")


@contextmanager
def _ray(n_threads: int, n_workers: int) -> Iterator[Any]:
    """Ray, connected; what was started here is stopped at the end. Raises UsageError if it is missing or cannot be reached."""
    check_ray(is_piped=False)
    set_environment()
    import ray

    if ray.is_initialized():
        yield ray
        return
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    address = _cluster()
    try:
        if address:
            _knock(address)
            ray.init(address=address, **quiet)
        else:
            ray.init(
                address="local",
                num_cpus=n_threads * n_workers,
                include_dashboard=False,
                object_store_memory=_OBJECT_STORE,
                **quiet,
            )
    except Exception as error:  # a bare one where Ray takes longer to start than it allows itself
        where = f"the Ray cluster at {ADDRESS}={address}" if address else "a Ray of this machine"
        raise UsageError(f"--runner ray: {where} cannot be used ({_first_line(error)}).") from error
    try:
        yield ray
    finally:
        ray.shutdown()


def _cluster() -> str:
    """The address of the cluster to use; empty for a Ray of this machine, which Ray calls "local" too."""
    address = os.environ.get(ADDRESS, "")
    return "" if address == "local" else address


def _knock(address: str) -> None:
    """Raise OSError if nobody listens at host:port: Ray itself would try for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        with socket.create_connection((host.strip("[]"), int(port)), timeout=10):
            pass


def set_environment() -> None:
    """Set what Ray reads from the environment when it is imported, where nobody has set it: nothing phones home; a Ray of this
    machine listens on loopback alone and serves nobody without its token, which goes with it."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if not _cluster():
        # Ray's own switch, named after the systems where it is off by default.
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
        if "RAY_AUTH_MODE" not in os.environ:
            os.environ["RAY_AUTH_MODE"] = "token"
            os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
