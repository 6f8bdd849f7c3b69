"""An encoder exported to ONNX once and run by onnxruntime: what stands in for torch where a processor predicts.

Exports lie in the model folder as ``onnx/<digest>/fp32.onnx`` and ``int8.onnx``, each with its receipt. The digest is over the
weights and the configuration, so that a model trained anew under the same name is exported anew; the receipt (fp32.json) says
of which model the file is, and its sha256, so that a torn or a foreign one is.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from detente import strict_json
from detente._version import __version__
from detente.atomic import new_file, write_text
from detente.digests import sha256_of
from detente.errors import ModelError, UsageError
from detente.model.classifier import ModelInfo
from detente.model.encoder import EncoderClassifier, Forward
from detente.model.encoder_config import encoder_config
from detente.model.exporting import export, quantise
from detente.model.families import load_tokenizer
from detente.model.graph import fill, strip
from detente.model.names import is_shipped
from detente.text import TextPath
from detente.text.pool import n_cores

Say = Callable[[str], None]

FORMAT = 1
"""Part of the digest; raise it when a network is exported or quantised in another way."""
MAX_PADDED = 384
"""Tokens of a batch with the padding: few enough to stay in a core's cache (experiments/006-engines)."""


def load_onnx(
    folder: Path,
    text_path: TextPath,
    info: ModelInfo,
    *,
    precision: str = "fp32",
    n_threads: int = 0,
    anew: bool = False,
    say: Say = lambda line: None,
) -> EncoderClassifier:
    """The classifier of a model folder, run by onnxruntime; exported first where there is no export yet, or ``anew``.

    ``n_threads`` is the number of cores of this process by default. Raises UsageError for a model that is no encoder or without
    the packages, ModelError for a folder that cannot be exported.
    """
    check_kind(folder, info.kind)
    encoder_config(folder).check_length(text_path.max_tokens, folder)
    path = exported(folder, sum(map(len, info.tasks.values())), precision, say, anew=anew)
    tokenizer = load_tokenizer(folder)
    forward = forward_of(start_session(path, n_threads), tokenizer.pad_token_id)
    return EncoderClassifier(None, tokenizer, text_path, info, forward=forward, max_padded=MAX_PADDED)


def check_kind(folder: Path, kind: str) -> None:
    """Raise UsageError for a model that is no encoder."""
    if kind != "encoder":
        raise UsageError(f"{folder}: engine 'onnx' runs encoders; this model's kind is '{kind}'. Use engine 'torch'.")


def exported(folder: Path, n_labels: int, precision: str, say: Say = lambda line: None, *, anew: bool = False) -> Path:
    """The ONNX file of a model folder: in the folder or, if that cannot be written, in the cache.

    It is made if it is not there, or ``anew``, or if its receipt does not fit it, which is said.
    """
    digest = digest_of(folder)
    candidates = _places(folder, digest, precision)
    for path in candidates if not anew else ():
        if not (problem := _problem(path, digest)):
            return path
        if path.exists():
            say(f"{path}: {problem}; not used, exported anew")
    require_packages(folder, precision, anew=True)
    make = _maker(folder, n_labels, precision, digest, say, anew=anew)
    for path in candidates[1:] if is_shipped(folder) else candidates:  # the package stays as it was installed
        try:
            _write_once(path, digest, make, anew=anew)
        except OSError as error:
            say(f"{path}: cannot be written ({error.strerror or error})")
        else:
            say(f"{path}: exported")
            return path
    raise ModelError(f"{folder}: no place for its export; set XDG_CACHE_HOME to a folder that can be written.")


def _maker(folder: Path, n_labels: int, precision: str, digest: str, say: Say, *, anew: bool) -> Callable[[Path], None]:
    """What writes an export: from its float32 if it is int8; from the graph that came with the model; else by torch."""
    if precision == "int8":
        return partial(quantise, exported(folder, n_labels, "fp32", say, anew=anew))
    graph = graph_of(folder, digest)
    return partial(fill, graph, folder / "model.safetensors") if graph else partial(export, folder, n_labels)


def graph_of(folder: Path, digest: str) -> Path | None:
    """The graph of a model folder, if it is there and whole."""
    path = folder / "onnx" / digest / "graph.onnx"
    return None if _problem(path, digest) else path


def keep_graph(folder: Path, n_labels: int) -> Path:
    """Export a model folder, and keep in it the graph alone, from which ``exported`` needs no torch. Raises what that does."""
    digest = digest_of(folder)
    path = folder / "onnx" / digest / "graph.onnx"
    with tempfile.TemporaryDirectory() as temporary:
        whole = Path(temporary) / "fp32.onnx"
        export(folder, n_labels, whole)
        _write_once(path, digest, partial(strip, whole, folder / "model.safetensors"), anew=True)
    (path.parent / ".lock").unlink()
    return path


def _places(folder: Path, digest: str, precision: str) -> list[Path]:
    """Where an export may lie: in the folder, or in the cache."""
    return [root / digest / f"{precision}.onnx" for root in (folder / "onnx", cache_folder())]


@dataclass(frozen=True)
class Receipt:
    """What stands beside an export: the digest of its model, its own sha256, and what it was made with."""

    model: str
    sha256: str
    made_with: dict[str, str]


def _problem(path: Path, digest: str) -> str:
    """Why an export is not that of the model with this digest; empty if it is."""
    if not path.is_file():
        return "no file"
    try:
        receipt = strict_json.read(path.with_suffix(".json"), Receipt, error=ModelError)
    except ModelError:
        return f"has no {path.stem}.json that says what it is"
    if receipt.model != digest:
        return "is of another model"
    return "" if receipt.sha256 == sha256_of(path) else "is not what was exported (its sha256 is another)"


def _receipt(path: Path, digest: str) -> str:
    made_with = {name: version(name) for name in ("torch", "onnx", "onnxruntime")}
    return strict_json.dumps(Receipt(digest, sha256_of(path), {"detente": __version__, **made_with}), indent=1) + "\n"


def digest_of(folder: Path) -> str:
    """16 hexadecimal digits over the weights, the configuration and the way of exporting."""
    digest = hashlib.sha256(f"detente export {FORMAT}".encode())
    for name in ("config.json", "model.safetensors"):
        digest.update(bytes.fromhex(sha256_of(folder / name)))
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """The user's cache of exports, where model folders are read-only."""
    if not (base := os.environ.get("XDG_CACHE_HOME")):
        try:
            base = str(Path.home() / ".cache")
        except RuntimeError:  # a user without a home, as in a container, has no cache: nothing can be written there
            base = os.devnull
    return Path(base, "detente", "onnx")


def has_place(folder: Path, precision: str) -> bool:
    """Whether an export is there, or there is a folder where one can be made."""
    shipped = is_shipped(folder)
    return any(
        path.is_file() or (_is_writable(_nearest(path)) and not (shipped and folder in path.parents))
        for path in _places(folder, digest_of(folder), precision)
    )


def _is_writable(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK)


def _nearest(path: Path) -> Path:
    """The lowest folder above a path that is there."""
    return next((each for each in path.parents if each.exists()), Path("/"))


def _write_once(path: Path, digest: str, write: Callable[[Path], None], *, anew: bool) -> None:
    """Write an export and its receipt, whole or not at all; of several processes that want it one does, and the others wait."""
    from filelock import FileLock

    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.parent / ".lock"):
        if anew or _problem(path, digest):
            with new_file(path) as temporary:
                write(temporary)
            # After the file: a receipt of the one before fits it no more, and it is exported again.
            write_text(path.with_suffix(".json"), _receipt(path, digest))


def start_session(path: Path, n_threads: int = 0) -> Any:
    """onnxruntime's session of an ONNX file, on a CUDA GPU if this onnxruntime has one (untested), else on the processor.

    Raises ModelError if the file is damaged.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = n_threads or n_cores()
    options.log_severity_level = 3
    # Threads that spin while they wait take the time of whoever segments the next texts.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    wanted = ["CPUExecutionProvider"] if path.stem == "int8" else ["CUDAExecutionProvider", "CPUExecutionProvider"]
    providers = [name for name in wanted if name in onnxruntime.get_available_providers()]
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=providers)
    except Exception as error:  # a class of its own for every way a file can be damaged
        raise ModelError(f"{path}: onnxruntime cannot load it ({error}). Delete it; it is exported anew.") from error


def forward_of(session: Any, pad_id: int) -> Forward:
    """What computes logits (n, n_labels) float64 from the ids of a batch."""
    import numpy as np

    def forward(ids: Sequence[Sequence[int]]) -> Any:
        input_ids = np.full((len(ids), max(map(len, ids))), pad_id, dtype=np.int64)
        attention_mask = np.zeros_like(input_ids)
        for at, row in enumerate(ids):
            input_ids[at, : len(row)] = row
            attention_mask[at, : len(row)] = 1
        (logits,) = session.run(["logits"], {"input_ids": input_ids, "attention_mask": attention_mask})
        return logits.astype(np.float64)

    return forward


def missing_packages(folder: Path, precision: str, *, anew: bool = False) -> list[str]:
    """The packages of the extra ``onnx`` that are not here: of an export that is there onnxruntime alone is asked for."""
    from importlib.util import find_spec

    needed, digest = ["onnxruntime"], digest_of(folder)
    if anew or not any(path.is_file() for path in _places(folder, digest, precision)):
        needed += ["onnx"] if graph_of(folder, digest) else ["onnx", "onnxscript"]
    return [name for name in needed if find_spec(name) is None]


def require_packages(folder: Path, precision: str, *, anew: bool = False) -> None:
    """Raise UsageError unless the packages are here that a model's export needs to run or, if there is none, to be made."""
    if missing := missing_packages(folder, precision, anew=anew):
        raise UsageError(f"engine 'onnx' needs {', '.join(missing)}: pip install 'detente[onnx]'")
