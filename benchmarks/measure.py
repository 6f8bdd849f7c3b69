"""What the benchmarks share: alternating rounds, ratios with their spread, and the address every figure needs."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path


def rounds(runs: Mapping[str, Callable[[], object]], n_rounds: int) -> dict[str, list[float]]:
    """Seconds of each run in each round. All runs take turns, so that a busy minute of the machine falls on all of them."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(n_rounds):
        for name, run in runs.items():
            started = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - started)
    return seconds


def rate(seconds: Sequence[float], n: int) -> str:
    """Items a second: the median over the rounds, with the lowest and the highest."""
    rates = sorted(n / each for each in seconds)
    digits = 2 if rates[0] < 10 else 1 if rates[0] < 100 else 0
    return f"{statistics.median(rates):,.{digits}f} ({rates[0]:,.{digits}f}-{rates[-1]:,.{digits}f})"


def ratio(seconds: Sequence[float], reference: Sequence[float]) -> str:
    """How many times faster than the reference, round by round: median, lowest, highest."""
    ratios = sorted(other / own for own, other in zip(seconds, reference, strict=True))
    return f"{statistics.median(ratios):.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f})"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def address(*packages: str) -> str:
    """Machine, commit and versions."""
    root = Path(__file__).parent
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=root, capture_output=True, text=True, check=False)
    status = ["git", "status", "--porcelain", "--untracked-files=no"]
    dirty = subprocess.run(status, cwd=root, capture_output=True, text=True, check=False).stdout
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    return (
        f"commit {commit.stdout.strip()}{' with changes' if dirty else ''}; {cpu()}, {os.cpu_count()} cores; "
        f"Python {platform.python_version()}; {versions}"
    )


def cpu() -> str:
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
