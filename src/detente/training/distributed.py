"""Several processes as one training: each takes its rows of every batch, and the gradients are summed.

`torchrun --nproc_per_node=2 -m detente train ...` starts them; the first one alone writes and records.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any


def launched() -> bool:
    """Whether torchrun started this process beside others."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


def start() -> None:
    """Join the other processes, if torchrun started several."""
    if not launched():
        return
    import torch

    if not torch.distributed.is_initialized():
        if torch.cuda.is_available():
            torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
        torch.distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")


def leave() -> None:
    """Part from the other processes: after success alone, since it waits for all of them.

    A process that ends with its threads of communication still running is aborted now and then.
    """
    if not launched():
        return
    import torch

    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


def rank() -> int:
    """This process's number, 0 if it is alone."""
    return int(os.environ.get("RANK", "0")) if launched() else 0


def world_size() -> int:
    """How many processes train together."""
    return int(os.environ.get("WORLD_SIZE", "1")) if launched() else 1


def is_main() -> bool:
    """Whether this process writes and records."""
    return rank() == 0


def sum_gradients(parameters: Iterable[Any]) -> None:
    """Sum gradients over the processes; one that read no row of a batch has zeros."""
    if world_size() == 1:
        return
    import torch

    for parameter in parameters:
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
        torch.distributed.all_reduce(parameter.grad)


def sum_of(value: float) -> float:
    """The sum of a number over the processes."""
    if world_size() == 1:
        return value
    import torch

    # NCCL sums on GPUs only.
    tensor = torch.tensor(value, dtype=torch.float64, device="cuda" if torch.cuda.is_available() else "cpu")
    torch.distributed.all_reduce(tensor)
    return float(tensor)


def wait() -> None:
    """Until all processes are here."""
    if world_size() == 1:
        return
    import torch

    torch.distributed.barrier()
