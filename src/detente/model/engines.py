"""What computes a model's predictions: torch or onnxruntime, in which number format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from detente.errors import ModelError, UsageError
from detente.model.classifier import Classifier
from detente.model.encoder import EncoderClassifier
from detente.model.folder import load_model, read_info
from detente.model.int8 import Int8Check, Int8Limits, check_int8
from detente.model.names import is_shipped, named_folder
from detente.model.onnx import check_kind, has_place, load_onnx, missing_packages, require_packages
from detente.model.probes import TOLERANCE, ProbabilityError

ENGINES = {"torch": ("fp32", "bf16", "fp16"), "onnx": ("fp32", "int8")}
"""Engine → the precisions it computes in."""
AUTO = "auto"
"""Stands for the engine that ``chosen_engine`` says."""
INT8_TOLERANCE = 0.3
"""Of a probability of the probe sentences: past it int8 is another model, what it may cost is ``admit_int8``'s to say."""
PRECISIONS = ("fp32", "int8", "bf16", "fp16")


@dataclass(frozen=True)
class EngineOptions:
    """``bf16`` and ``fp16`` need a GPU (untested); ``n_threads`` is the number of cores of the process by default."""

    engine: str = "torch"
    precision: str = "fp32"
    n_threads: int = 0


def check_engine(options: EngineOptions) -> None:
    """Raise UsageError unless the engine is known and computes in the precision."""
    if options.engine not in ENGINES:
        raise UsageError(f"engine: expected {', '.join(ENGINES)}, got '{options.engine}'.")
    if options.precision not in PRECISIONS:
        raise UsageError(f"precision: expected {', '.join(PRECISIONS)}, got '{options.precision}'.")
    if options.precision not in ENGINES[options.engine]:
        able = next(engine for engine, precisions in ENGINES.items() if options.precision in precisions)
        raise UsageError(
            f"engine '{options.engine}' computes in {', '.join(ENGINES[options.engine])}, not in {options.precision}; "
            f"engine '{able}' does."
        )


def chosen_engine(folder: Path | str, options: EngineOptions) -> EngineOptions:
    """``auto`` as the engine that it comes to: onnx for int8, and in fp32 for a shipped model where it can run; else torch.

    int8 is never chosen unasked: what a text gets would then depend on which exports happen to be there.
    """
    if options.engine != AUTO:
        return options
    folder = named_folder(folder)
    shipped = options.precision == "fp32" and is_shipped(folder)
    quick = shipped and not missing_packages(folder, options.precision) and has_place(folder, options.precision)
    return replace(options, engine="onnx" if quick or options.precision == "int8" else "torch")


def load_engine(
    folder: Path | str, options: EngineOptions | None = None, say: Callable[[str], None] = lambda line: None
) -> Classifier:
    """Load a model folder, or a shipped model by its name, to predict with: on the GPU if there is one, else on the processor.

    Baselines have no engine: they are loaded as they are, and ``onnx`` is refused. int8 is to be admitted (``admit_int8``)
    before its predictions are used. Raises UsageError, ModelError.
    """
    folder = named_folder(folder)
    options = chosen_engine(folder, options or EngineOptions())
    check_engine(options)
    check_model(folder, options)
    if options.engine == "onnx":
        return _load_onnx(folder, options, say)
    classifier = load_model(folder)
    if isinstance(classifier, EncoderClassifier):
        _place(classifier.network, options)
    return classifier


def check_model(folder: Path, options: EngineOptions) -> None:
    """Raise UsageError where the engine is not for this kind of model or not for this machine; nothing is loaded for it."""
    kind = read_info(folder).kind
    if options.engine == "onnx":
        check_kind(folder, kind)
        require_packages(folder, options.precision)
    elif kind != "encoder" and options.precision != "fp32":
        raise UsageError(f"{folder}: a model of kind '{kind}' has no precision to choose; leave it at fp32.")
    elif options.precision != "fp32" and not _has_gpu():
        raise UsageError(
            f"precision {options.precision} is for a GPU, and there is none here. On a processor use fp32, or engine 'onnx' "
            "with int8."
        )


def _load_onnx(folder: Path, options: EngineOptions, say: Callable[[str], None]) -> Classifier:
    """By an export that says of the probe sentences what the model says; one that does not is made anew."""
    load = partial(load_onnx, precision=options.precision, n_threads=options.n_threads, say=say)
    tolerance = INT8_TOLERANCE if options.precision == "int8" else TOLERANCE
    try:
        return load_model(folder, load, tolerance)
    except ProbabilityError as error:
        say(f"{error}\n{folder}: its export is not used, and made anew")
        return load_model(folder, partial(load, anew=True), tolerance)


def admit_int8(
    folder: Path | str,
    quantised: Classifier,
    texts: Sequence[str],
    limits: Int8Limits | None = None,
    options: EngineOptions | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Int8Check:
    """Compare a model's int8 with its float32 on texts, and tell the figures. Raises ModelError with them past the limits."""
    reference = load_engine(folder, replace(options or EngineOptions(), engine="onnx", precision="fp32"), say)
    check = check_int8(reference, quantised, texts, limits)
    for line in check.lines:
        say(line)
    if check.refusal:
        raise ModelError(f"{folder}: {check.refusal}")
    return check


def _place(network: Any, options: EngineOptions) -> None:
    """Move a network to the GPU if there is one, and to its precision."""
    import torch

    if options.n_threads:
        torch.set_num_threads(options.n_threads)
    dtype = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[options.precision]
    network.to(device="cuda" if _has_gpu() else "cpu", dtype=dtype)


def _has_gpu() -> bool:
    import torch

    return bool(torch.cuda.is_available())
