"""An encoder of transformers with its own fast tokenizer (tokenizer.json): raw text, whatever the subwords are.

tokenizer.json alone says what a text's ids are. transformers would let ``tokenizer_class`` or ``do_lower_case`` of the file
beside it, or the architecture where there is none, put another normaliser in its place: a cased Vietnamese vocabulary then
loses its capitals and tones without a word.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from detente import strict_json
from detente.errors import ModelError
from detente.model.encoder_config import EncoderConfig
from detente.model.families.family import Family, Piece, Tokenizer, encodable

TOKENIZER_FILES = ("tokenizer.json",)
_BESIDE = ("tokenizer_config.json", "special_tokens_map.json")
"""What says, where it is there, which of the tokens is which special one."""
_USUAL = {"pad_token": ("<pad>", "[PAD]"), "unk_token": ("<unk>", "[UNK]"), "mask_token": ("<mask>", "[MASK]")}


class FastTokenizer:
    """A tokenizer of `tokenizers`, in Rust, as what the loops need of it; ``special`` is the id of each named special token."""

    tokenizer_class: str | None = None

    def __init__(self, backend: Any, special: Mapping[str, int], files: Mapping[str, bytes]) -> None:
        self._backend = backend
        self._files = files
        backend.no_truncation()
        backend.no_padding()
        bare, whole = (backend.encode("a", add_special_tokens=added).ids for added in (False, True))
        start = next((place for place in range(len(whole)) if whole[place : place + len(bare)] == bare), 0)
        self.prefix, self.suffix = tuple(whole[:start]), tuple(whole[start + len(bare) :])
        self.pad_token_id = special["pad_token"]
        self.unk_token_id = special.get("unk_token")
        self.mask_token_id = special.get("mask_token")

    def __len__(self) -> int:
        """How many ids there are, tokens added later included."""
        return int(self._backend.get_vocab_size())

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
    """The fast tokenizer of a folder. Raises ModelError if it is damaged, or does not fit the encoder."""
    from tokenizers import Tokenizer as Backend

    path = folder / "tokenizer.json"
    if not path.is_file():
        raise ModelError(f"{folder}: lacks tokenizer.json. Copy it from the encoder the model was trained from.")
    try:
        backend = Backend.from_file(str(path))
    except Exception as error:  # the parser's own, with the place
        raise ModelError(f"{path}: cannot be read ({strict_json.shown(str(error))}). Copy it again.") from error
    files = {name: (folder / name).read_bytes() for name in _BESIDE if (folder / name).is_file()}
    tokenizer = FastTokenizer(backend, _special(backend, folder), files)
    _check_fit(tokenizer, backend, folder, config)
    return tokenizer


def _special(backend: Any, folder: Path) -> dict[str, int]:
    """The ids of the special tokens: as the files beside tokenizer.json name them, else by their usual names."""
    named: dict[str, object] = {}
    for name in reversed(_BESIDE):
        if (folder / name).is_file():
            named |= strict_json.read_object(folder / name, error=ModelError)
    ids = {}
    for token, usual in _USUAL.items():
        value = named.get(token)
        content = value.get("content") if isinstance(value, dict) else value
        choices = usual if content is None else (str(content),)
        found = next((number for each in choices if (number := backend.token_to_id(each)) is not None), None)
        if found is not None:
            ids[token] = found
        elif token == "pad_token":
            raise ModelError(
                f"{folder}: tokenizer.json has no padding token ({' or '.join(choices)}); expected one, named by pad_token in "
                "tokenizer_config.json. The two files belong to different models, or one was changed."
            )
    return ids


def _check_fit(tokenizer: FastTokenizer, backend: Any, folder: Path, config: EncoderConfig) -> None:
    if (highest := max(backend.get_vocab().values(), default=0)) >= config.vocab_size:
        raise ModelError(
            f"{folder}: the tokenizer has ids up to {highest:,}, the model {config.vocab_size:,} embeddings: the files belong "
            "to different models. Copy the tokenizer of the encoder the model was trained from."
        )
    if config.architecture.padding_is_fixed and tokenizer.pad_token_id != config.pad_token_id:
        raise ModelError(
            f"{folder}: the tokenizer pads with {tokenizer.pad_token_id}, config.json says {config.pad_token_id}, behind which "
            "positions begin: every text would be read at other positions. Copy the encoder's files again."
        )
    if not tokenizer.prefix and not tokenizer.suffix:
        raise ModelError(
            f"{folder}: tokenizer.json puts no special tokens around a text, which the encoder was made with; expected a "
            "post_processor in it. Copy it again from the encoder, or make it anew with python -m detente.model.convert."
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
