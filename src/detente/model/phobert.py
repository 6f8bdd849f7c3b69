"""Hugging Face's files of PhoBERT and of every encoder in its format: where they are, and the traps in loading them.

The traps: without ``vocab.txt`` or ``bpe.codes`` transformers builds a tokenizer of five tokens that encodes every text as
the same two ids; 257 ids crash the model; the weights of a hub repository without safetensors start a conversion in the
background. Hence files are resolved to a folder first and loaded from there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detente.errors import ModelError

TOKENIZER_FILES = ("vocab.txt", "bpe.codes")
ENCODER_FILES = ("config.json", "model.safetensors", *TOKENIZER_FILES)


@dataclass(frozen=True)
class Encoded:
    """Token ids of texts, cut at the limit; ``n_tokens`` counts before the cut."""

    ids: list[list[int]]
    n_tokens: list[int]
    truncated: list[bool]


def resolve_encoder(path: str, hub_id: str, revision: str = "main") -> Path:
    """The local folder of an encoder: ``path`` if given, else the hub's snapshot, fetched once. Raises ModelError."""
    folder = Path(path) if path else _snapshot(hub_id, revision)
    if not folder.is_dir():
        raise ModelError(f"{folder}: no such folder; expected an encoder in PhoBERT's format ({', '.join(ENCODER_FILES)}).")
    missing = [name for name in ENCODER_FILES if not (folder / name).is_file()]
    if missing:
        where = str(folder) if path else f"{hub_id} (revision {revision})"
        message = f"{where}: lacks {', '.join(missing)}; expected an encoder in PhoBERT's format ({', '.join(ENCODER_FILES)})."
        if "model.safetensors" in missing and (folder / "pytorch_model.bin").is_file():
            message += (
                " It has pytorch_model.bin, a pickle, which is not read here. Convert it once: "
                f'python -m detente.model.convert "{folder}" OUT, then set model.path=OUT.'
            )
        raise ModelError(message)
    return folder


def _snapshot(hub_id: str, revision: str) -> Path:
    if not hub_id:
        raise ModelError("no encoder named; set model.path=FOLDER or model.hub_id=OWNER/NAME.")
    from huggingface_hub import snapshot_download

    try:
        found: str = snapshot_download(
            hub_id, revision=revision, allow_patterns=[*ENCODER_FILES, "pytorch_model.bin", "LICENSE", "README.md"]
        )
        return Path(found)
    except Exception as error:  # the hub client raises from half a dozen libraries
        raise ModelError(
            f"{hub_id} (revision {revision}): the Hugging Face hub cannot be reached, or has no such model "
            f"({type(error).__name__}). Download it where there is a network (hf download {hub_id} --local-dir FOLDER) and "
            "set model.path=FOLDER, or take the embedded encoder: model=mini"
        ) from error


def encoder_config(folder: Path) -> dict[str, Any]:
    """config.json of an encoder. Raises ModelError unless it is of the RoBERTa family."""
    path = folder / "config.json"
    try:
        config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: not readable as JSON ({error}).") from error
    if config.get("model_type") != "roberta":
        raise ModelError(f"{path}: model_type is '{config.get('model_type')}'; expected 'roberta', which PhoBERT's is.")
    return config


def is_untrained(folder: Path) -> bool:
    """Whether an encoder's config.json says that its weights are random."""
    return bool(encoder_config(folder).get("untrained", False))


def phobert_config(**changes: Any) -> Any:
    """transformers' RobertaConfig of PhoBERT-base's exact shape, but for what is named.

    >>> phobert_config(num_hidden_layers=2).max_position_embeddings
    258
    """
    from transformers import RobertaConfig

    base = {
        "vocab_size": 64001,
        "hidden_size": 768,
        "num_hidden_layers": 12,
        "num_attention_heads": 12,
        "intermediate_size": 3072,
        "max_position_embeddings": 258,  # 256 tokens; positions begin behind the padding index
        "type_vocab_size": 1,
        "layer_norm_eps": 1e-5,
        "pad_token_id": 1,
        "bos_token_id": 0,
        "eos_token_id": 2,
        "tokenizer_class": "PhobertTokenizer",
    }
    return RobertaConfig(**{**base, **changes})


def load_tokenizer(folder: Path, vocab_size: int) -> Any:
    """PhobertTokenizerFast from PhoBERT's two files. Raises ModelError if it does not fit a model of ``vocab_size`` rows."""
    from detente.model.tokenizer import PhobertTokenizerFast

    missing = [name for name in TOKENIZER_FILES if not (folder / name).is_file()]
    if missing:
        raise ModelError(
            f"{folder}: lacks {', '.join(missing)}; without PhoBERT's own two files transformers would load a tokenizer of "
            "five tokens that reads every text as the same ids. Copy them from the encoder the model was trained from."
        )
    try:
        tokenizer = PhobertTokenizerFast(str(folder / "vocab.txt"), str(folder / "bpe.codes"))
    except Exception as error:  # a damaged file surfaces as whatever its parser meets
        raise ModelError(f"{folder}: vocab.txt or bpe.codes cannot be read as PhoBERT's tokenizer ({error}).") from error
    if len(tokenizer) != vocab_size:
        raise ModelError(
            f"{folder}: the tokenizer has {len(tokenizer):,} tokens, the model {vocab_size:,} embeddings: these files belong "
            "to another model. Copy vocab.txt and bpe.codes from the encoder the model was trained from."
        )
    return tokenizer


def encode(tokenizer: Any, segmented: Sequence[str], max_tokens: int) -> Encoded:
    """Ids of segmented texts with <s> and </s>, at most ``max_tokens`` a text."""
    pieces = tokenizer.ids(segmented)
    n_tokens = [len(own) + 2 for own in pieces]
    first, last = tokenizer.cls_token_id, tokenizer.sep_token_id
    ids = [[first, *own[: max_tokens - 2], last] for own in pieces]
    return Encoded(ids, n_tokens, [n > max_tokens for n in n_tokens])


def load_network(
    folder: Path, n_labels: int, *, dropout: float | None = None, fresh_head: bool = False, probe: bool = False
) -> Any:
    """The encoder with a classification head, in float32, from safetensors. Raises ModelError.

    With ``fresh_head`` the head is drawn from torch's current generator: seed it first; ``probe`` says that it is to be a
    linear layer on ``<s>`` and the mean. A saved head is known by the architecture in config.json.
    """
    import torch
    from safetensors import SafetensorError
    from transformers import RobertaConfig, RobertaForSequenceClassification

    from detente.model.probe import ARCHITECTURE, RobertaForProbing

    stored = encoder_config(folder).get("architectures") or []
    kind = RobertaForProbing if probe or (ARCHITECTURE in stored and not fresh_head) else RobertaForSequenceClassification
    config = RobertaConfig.from_pretrained(folder, num_labels=n_labels)
    if dropout is not None:
        config.classifier_dropout = dropout
    config.architectures = [kind.__name__]
    try:
        # That the head is new is the point of fine-tuning, not worth a table of warnings; lost weights are checked below.
        with quiet():
            network, report = kind.from_pretrained(
                folder, config=config, dtype=torch.float32, use_safetensors=True, output_loading_info=True
            )
    except (SafetensorError, OSError, RuntimeError, ValueError) as error:
        raise ModelError(f"{folder}: the weights cannot be loaded ({error}).") from error
    heads = ("classifier.", "probe.")
    lost = sorted(key for key in report["missing_keys"] if not (fresh_head and key.startswith(heads)))
    if lost:
        raise ModelError(
            f"{folder}: model.safetensors lacks {len(lost)} of the model's tensors, first {lost[0]}; expected all. The file "
            "belongs to another architecture, or was cut short."
        )
    return network


@contextmanager
def quiet() -> Iterator[None]:
    """transformers without warnings and progress bars, and as talkative as before afterwards."""
    from transformers.utils import logging

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()
