"""PhoBERT's two tokenizer files as a byte-pair encoder of `tokenizers`, which runs in Rust.

PhoBERT's files come from fastBPE and fairseq: ``bpe.codes`` holds a merge a line, the end of a word marked ``</w>``;
``vocab.txt`` holds a token a line, where every piece but a word's last carries ``@@``. `tokenizers` knows only the first
notation, so the encoder works on *symbols* (``x``, ``x</w>``), and this module says which token, and which id, each one is.

What the published files hold beside the plain case, and what transformers' PhobertTokenizer makes of it:

- a merge with white space inside (PhoBERT's 22 hold a no-break space) is read as more than two parts and never applies;
- a merge may produce, or use, a symbol whose token is not in the vocabulary: the piece is then one ``<unk>``.

Such a symbol needs an id of its own while merging, a *filler*, which is exchanged for the token's id afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

END = "</w>"
CONTINUES = "@@"
FIRST_FILLER = 1 << 24
"""Above every id of a vocabulary, so that tokens can be added without moving the fillers."""


@dataclass(frozen=True)
class Symbols:
    """The symbols of the encoder: symbol → id, fillers included, and filler → the id that stands for it."""

    ids: Mapping[str, int]
    fillers: Mapping[int, int]


def read_vocabulary(path: Path, special: Iterable[str], mask: str) -> dict[str, int]:
    """Token → id: the special tokens first, the file's in their order, the mask last. Raises ValueError with the line."""
    ids = {token: at for at, token in enumerate(special)}
    # Universal newlines only: str.splitlines would also split at characters that are tokens.
    with path.open(encoding="utf-8") as stream:
        for number, line in enumerate(stream, start=1):
            token, space, _ = line.strip().rpartition(" ")
            if not space:
                raise ValueError(f"{path}:{number}: expected '<token> <count>', got {line.strip()!r}")
            ids[token] = len(ids)
    ids.setdefault(mask, len(ids))
    return ids


def read_merges(path: Path) -> list[tuple[str, str]]:
    """The merges in order of rank; of one that stands twice the last counts."""
    with path.open(encoding="utf-8") as stream:
        lines = stream.read().split("\n")[:-1]
    ranks = {tuple(line.split()[:-1]): rank for rank, line in enumerate(lines)}
    return [(parts[0], parts[1]) for parts in sorted(ranks, key=ranks.__getitem__) if len(parts) == 2]


def symbols_of(vocabulary: Mapping[str, int], merges: Iterable[tuple[str, str]], unk: str) -> Symbols:
    """Every symbol that can arise: the single characters of the vocabulary, and what merges use and produce."""
    arising: dict[str, None] = {}
    for token in vocabulary:
        bare = token.removesuffix(CONTINUES)
        if len(bare) == 1:
            arising.setdefault(bare)
        if len(token) == 1:
            arising.setdefault(token + END)
    for first, second in merges:
        arising.update(dict.fromkeys((first, second, first + second)))
    ids: dict[str, int] = {unk: vocabulary[unk]}
    fillers: dict[int, int] = {}
    taken = {vocabulary[unk]}
    for symbol in arising:
        final = vocabulary.get(token_of(symbol), vocabulary[unk])
        if final in taken:
            filler = FIRST_FILLER + len(fillers)
            fillers[filler] = final
            ids[symbol] = filler
        else:
            taken.add(final)
            ids[symbol] = final
    return Symbols(ids, fillers)


def token_of(symbol: str) -> str:
    """How PhoBERT writes a symbol: a word's last piece bare, every other one with ``@@``."""
    return symbol.removesuffix(END) if symbol.endswith(END) else symbol + CONTINUES


def build_backend(
    symbols: Symbols, merges: list[tuple[str, str]], special: Mapping[str, int], unk: str, added: Iterable[Any]
) -> Any:
    """The encoder, without special tokens around a text. ``added`` (AddedToken) are those of ``special`` found in a text."""
    from tokenizers import Regex, Tokenizer
    from tokenizers.models import BPE
    from tokenizers.pre_tokenizers import Split

    model = BPE(
        # A special token's string is no symbol: symbols come from merges of characters.
        vocab={**symbols.ids, **special},
        merges=merges,
        unk_token=unk,
        fuse_unk=False,
        end_of_word_suffix=END,
    )
    backend = Tokenizer(model)
    # A newline right behind a word is part of it, and the separators U+001C to U+001F part words: so reads the original.
    backend.pre_tokenizer = Split(Regex(r"[^\s\x1c-\x1f]+\n?"), behavior="removed", invert=True)
    backend.add_tokens(list(added))
    return backend
