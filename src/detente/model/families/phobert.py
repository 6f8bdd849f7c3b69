"""PhoBERT's format: word-segmented text, and the two files of fastBPE and fairseq.

The trap: without ``vocab.txt`` or ``bpe.codes`` transformers builds a tokenizer of five tokens that encodes every text as the
same two ids; and 257 ids crash the model.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from detente.errors import ModelError
from detente.model.encoder_config import EncoderConfig
from detente.model.families.family import Family, Tokenizer
from detente.strict_json import shown

TOKENIZER_FILES = ("vocab.txt", "bpe.codes")


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


def load_phobert_tokenizer(folder: Path, vocab_size: int) -> Tokenizer:
    """PhobertTokenizerFast from PhoBERT's two files. Raises ModelError if it does not fit a model of ``vocab_size`` rows."""
    from detente.model.families.phobert_tokenizer import PhobertTokenizerFast

    return _loaded(folder, vocab_size, PhobertTokenizerFast)


def _loaded(folder: Path, vocab_size: int, make: Callable[[str, str], Tokenizer]) -> Tokenizer:
    missing = [name for name in TOKENIZER_FILES if not (folder / name).is_file()]
    if missing:
        raise ModelError(
            f"{folder}: lacks {', '.join(missing)}; without PhoBERT's own two files transformers would load a tokenizer of "
            "five tokens that reads every text as the same ids. Copy them from the encoder the model was trained from."
        )
    try:
        tokenizer = make(str(folder / "vocab.txt"), str(folder / "bpe.codes"))
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


def _load(folder: Path, config: EncoderConfig) -> Tokenizer:
    from detente.model.families.phobert_plain import PlainPhobertTokenizer

    return _loaded(folder, config.vocab_size, PlainPhobertTokenizer)


PHOBERT = Family(
    name="phobert",
    described="an encoder in PhoBERT's format",
    files=TOKENIZER_FILES,
    segmenter="underthesea",
    tone_marks="old",
    max_tokens=256,
    pooling="first_mean",
    load=_load,
)
