"""An encoder of transformers with its own fast tokenizer (tokenizer.json): raw text, whatever the subwords are."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from detente.errors import ModelError
from detente.model.encoder_config import EncoderConfig
from detente.model.families.family import Family, Piece, Tokenizer, encodable

TOKENIZER_FILES = ("tokenizer.json",)
_BESIDE = ("tokenizer_config.json", "special_tokens_map.json")
"""What transformers reads beside it where it is there: which of the tokens is which special one."""


class FastTokenizer:
    """A tokenizer of transformers that runs in Rust, as what the loops need of it."""

    tokenizer_class: str | None = None

    def __init__(self, tokenizer: Any, folder: Path) -> None:
        self.fast = tokenizer
        self._backend = tokenizer.backend_tokenizer
        self._backend.no_truncation()
        self._backend.no_padding()
        self._files = {name: (folder / name).read_bytes() for name in _BESIDE if (folder / name).is_file()}
        bare, whole = (self._backend.encode("a", add_special_tokens=special).ids for special in (False, True))
        start = next((at for at in range(len(whole)) if whole[at : at + len(bare)] == bare), 0)
        self.prefix, self.suffix = tuple(whole[:start]), tuple(whole[start + len(bare) :])
        self.pad_token_id: int = tokenizer.pad_token_id
        self.unk_token_id: int | None = tokenizer.unk_token_id
        self.mask_token_id: int | None = tokenizer.mask_token_id

    def __len__(self) -> int:
        """How many ids there are, tokens added later included."""
        return len(self.fast)

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text, without special ones around them and uncut."""
        encodings = self._backend.encode_batch_fast([encodable(text) for text in texts], add_special_tokens=False)
        return [encoding.ids for encoding in encodings]

    def pieces(self, text: str) -> list[Piece]:
        """The tokens of a text with their places in it; a word is what white space parts."""
        text = encodable(text)
        encoding = self._backend.encode(text, add_special_tokens=False)
        pieces = []
        for token, token_id, (start, end) in zip(encoding.tokens, encoding.ids, encoding.offsets, strict=True):
            # Many tokenizers count the space before a word to its first token.
            lead = len(text[start:end]) - len(text[start:end].lstrip())
            start = min(start + lead, end)
            pieces.append((token, token_id, start, end))
        starts = _word_starts(text)
        return [
            Piece(token, token_id, max(bisect_right(starts, max(start, end - 1)) - 1, 0), start, end)
            for token, token_id, start, end in pieces
        ]

    def words(self, texts: Sequence[str]) -> list[list[list[int]]]:
        """The ids of each text by its words; a token over several words is the last one's."""
        found = []
        for text in texts:
            words: list[list[int]] = [[] for _ in _word_starts(text)]
            for piece in self.pieces(text):
                words[piece.word].append(piece.token_id)
            found.append(words)
        return found

    def write(self, folder: Path) -> None:
        """Write tokenizer.json, and beside it what the encoder's folder had."""
        self._backend.save(str(folder / "tokenizer.json"))
        for name, content in self._files.items():
            (folder / name).write_bytes(content)


def _word_starts(text: str) -> list[int]:
    return [at for at, char in enumerate(text) if not char.isspace() and (at == 0 or text[at - 1].isspace())]


def _load(folder: Path, config: EncoderConfig) -> Tokenizer:
    """The fast tokenizer of a folder. Raises ModelError if it is damaged, slow, or does not fit the encoder."""
    from transformers import AutoTokenizer

    from detente.model.network import quiet

    if not (folder / "tokenizer.json").is_file():
        raise ModelError(f"{folder}: lacks tokenizer.json. Copy it from the encoder the model was trained from.")
    try:
        with quiet():
            loaded = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
            if not loaded.is_fast or loaded.pad_token_id is None:
                raise ModelError(f"{folder}: the tokenizer is not a fast one, or has no padding token; expected both.")
            tokenizer = FastTokenizer(loaded, folder)
    except ModelError:
        raise
    except Exception as error:  # a damaged file surfaces as whatever its parser meets
        lines = str(error).splitlines() or [type(error).__name__]
        raise ModelError(f"{folder}: the tokenizer cannot be loaded ({lines[0][:200]}). Copy its files again.") from error
    _check_fit(tokenizer, folder, config)
    return tokenizer


def _check_fit(tokenizer: FastTokenizer, folder: Path, config: EncoderConfig) -> None:
    if (highest := max(tokenizer.fast.get_vocab().values(), default=0)) >= config.vocab_size:
        raise ModelError(
            f"{folder}: the tokenizer has ids up to {highest:,}, the model {config.vocab_size:,} embeddings: the files belong "
            "to different models. Copy the tokenizer of the encoder the model was trained from."
        )
    if config.architecture.padding_is_fixed and tokenizer.pad_token_id != config.pad_token_id:
        raise ModelError(
            f"{folder}: the tokenizer pads with {tokenizer.pad_token_id}, config.json says {config.pad_token_id}, behind which "
            "positions begin: every text would be read at other positions. Copy the encoder's files again."
        )


OWN_TOKENIZER = Family(
    name="own_tokenizer",
    described="an encoder of transformers with its own fast tokenizer",
    files=TOKENIZER_FILES,
    segmenter="raw",
    tone_marks=None,
    max_tokens=0,
    pooling="first_mean",
    load=_load,
)
