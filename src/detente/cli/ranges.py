"""The ranges of the numbers that a command takes: what is outside is told before anything is read."""

from __future__ import annotations

import click

COUNT = click.IntRange(0, 10**12)
"""Rows, tokens: 0 for all, or for the engine's own."""
SAMPLE = click.IntRange(1, 10**9)
SEED = click.IntRange(0, 2**32 - 1)
"""What every generator of random numbers takes."""
BATCH = click.IntRange(1, 100_000)
PROCESSES = click.IntRange(0, 1024)
"""Threads or processes: 0 for the cores."""
VERSION = click.IntRange(1, 10**6)
