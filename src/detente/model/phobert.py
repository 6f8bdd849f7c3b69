"""Hugging Face's files of PhoBERT and of every encoder in its format: where they are, and the traps in loading them.

The traps: without ``vocab.txt`` or ``bpe.codes`` transformers builds a tokenizer of five tokens that encodes every text as
the same two ids; 257 ids crash the model; the weights of a hub repository without safetensors start a conversion in the
background. Hence files are resolved to a folder first and loaded from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detente.errors import ModelError
from detente.model.encoder_config import ATTENTION, encoder_config
from detente.model.weights import read_weights
from detente.strict_json import shown

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
                f'python -m detente.model.convert "{folder}" OUT, then name OUT in its place.'
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


def is_untrained(folder: Path) -> bool:
    """Whether an encoder's config.json says that its weights are random."""
    return encoder_config(folder).untrained


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
        raise ModelError(
            f"{folder}: vocab.txt or bpe.codes cannot be read as PhoBERT's tokenizer ({shown(str(error))}). Copy them again."
        ) from error
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
    from transformers import RobertaForSequenceClassification

    from detente.model.probe import ARCHITECTURE, RobertaForProbing

    stored = encoder_config(folder)
    is_probe = probe or (ARCHITECTURE in (stored.architectures or ()) and not fresh_head)
    kind = RobertaForProbing if is_probe else RobertaForSequenceClassification
    config = stored.network_config(n_labels, kind.__name__, dropout)
    with torch.device("meta"):
        shapes = {name: tuple(tensor.shape) for name, tensor in kind(config).state_dict().items()}
    weights = read_weights(folder / "model.safetensors", shapes, fresh_head=fresh_head)
    # Tensors instead of the folder: in a folder transformers looks for adapters, shards and more, and takes what it finds.
    # That the head is new is the point of fine-tuning, not worth a table of warnings.
    with quiet():
        return kind.from_pretrained(None, config=config, state_dict=weights, dtype=torch.float32, attn_implementation=ATTENTION)


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
