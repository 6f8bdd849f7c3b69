"""The real `mlflow models serve` on loopback, as far as tests and the benchmark need it; it never outlives its block."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

START_SECONDS = 120


@dataclass(frozen=True)
class Served:
    """Where a server listens, its first process, and the file of what it prints."""

    port: int
    pid: int
    log: Path

    @property
    def url(self) -> str:
        """Where requests go."""
        return f"http://127.0.0.1:{self.port}/invocations"

    def processes(self) -> list[psutil.Process]:
        """The command and all below it."""
        first = psutil.Process(self.pid)
        return [first, *first.children(recursive=True)]


@contextmanager
def mlflow_serve(model: str, folder: Path, store: str = "", *arguments: str) -> Iterator[Served]:
    """`mlflow models serve` of a model's URI, run in a folder; at the end its whole process group is killed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", model, "--env-manager", "local"]
    command += ["-h", "127.0.0.1", "-p", str(port), *arguments]
    # MLflow starts uvicorn by its name alone, which an activated environment has on its path.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "MLFLOW_DISABLE_TELEMETRY": "true"}
    if store:
        env["MLFLOW_TRACKING_URI"] = store
    log = folder / "serve.log"
    with log.open("w") as out:
        server = subprocess.Popen(command, cwd=folder, env=env, stdout=out, stderr=out, start_new_session=True)
        served = Served(port, server.pid, log)
        try:
            _wait(served, server)
            yield served
        finally:
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)
            server.wait(30)


def _wait(served: Served, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{served.port}/ping", timeout=5).close()
            return
        except OSError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server does not answer:\n{served.log.read_text()}") from None
            time.sleep(0.2)
