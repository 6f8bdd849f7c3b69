"""A Unigram tokenizer with only the tokens that occur in a text: the same pieces on that text, under new ids.

A multilingual vocabulary has 250,002 tokens, of which Vietnamese news uses a tenth; their embeddings are four fifths of a small
encoder. Of a Unigram vocabulary any token may go that no best segmentation of the text has: the others keep their scores, and
what was best among more is best among fewer. That holds for unknown characters too, since the token of the lowest score, from
which their cost is counted, stays.
"""

from __future__ import annotations

import string
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from detente import strict_json
from detente.errors import ModelError
from detente.model.families.family import Tokenizer
from detente.model.families.spelling import WORDS
from detente.text.tones import new_tone_marks

_BATCH = 2000
_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_VOWELS = "aăâeêioôơuưy"
_MARKS = "“”‘’–—…•·°₫«»"
_SPACE = "▁"


@dataclass(frozen=True)
class PrunedTokenizer:
    """``files`` are the tokenizer's files by name; ``kept`` the old id of each new one, ``n_before`` how many ids there were.

    ``share`` is how many of the text's tokens are still there, 1 where nothing that occurs was dropped.
    """

    files: Mapping[str, str]
    kept: tuple[int, ...]
    n_before: int
    share: float

    @property
    def summary(self) -> str:
        """What was done, in a line."""
        return f"{len(self.kept):,} of {self.n_before:,} tokens, which are {self.share:.2%} of those of the text"


def count_tokens(tokenizer: Tokenizer, texts: Iterable[str]) -> Counter[int]:
    """How often each id occurs in texts, as the text path leaves them."""
    counts: Counter[int] = Counter()
    rest = iter(texts)
    while batch := list(islice(rest, _BATCH)):
        for ids in tokenizer.ids(batch):
            counts.update(ids)
    return counts


def prune_tokenizer(
    folder: Path,
    tokenizer: Tokenizer,
    counts: Mapping[int, int],
    *,
    size: int = 0,
    min_count: int = 1,
    stay: Iterable[int] = (),
) -> PrunedTokenizer:
    """The tokenizer of a folder with the ``size`` most frequent tokens of a text, 0 for all that occur ``min_count`` times.

    Those of ``stay``, special tokens, the letters of Vietnamese, digits and marks stay, and so do the pieces of the words by
    which the spelling of tone marks is told. Raises ModelError for a tokenizer that is no Unigram, and for a size too small
    for what has to stay.
    """
    path = folder / "tokenizer.json"
    stored = strict_json.read_object(path, error=ModelError) if path.is_file() else {}
    model = stored.get("model")
    if not isinstance(model, dict) or model.get("type") != "Unigram" or not isinstance(model.get("vocab"), list):
        kind = model.get("type") if isinstance(model, dict) else "none of tokenizer.json"
        raise ModelError(
            f"{folder}: its tokenizer is {strict_json.shown(kind)}; expected a Unigram one, as that of XLM-R, e5 or bge-m3: of "
            "those alone tokens can be taken away without changing how a text is cut."
        )
    always = _always(stored, tokenizer) | set(stay)
    if 0 < size < len(always):
        raise ModelError(
            f"{folder}: a vocabulary of {size:,} is too small: {len(always):,} tokens stay in any case; expected that or more."
        )
    frequent = [n for n in sorted(counts, key=lambda n: (-counts[n], n)) if counts[n] >= min_count and n not in always]
    kept = tuple(sorted(always | set(frequent[: size - len(always)] if size else frequent)))
    place = {old: new for new, old in enumerate(kept)}
    return PrunedTokenizer(
        {"tokenizer.json": strict_json.dumps(_renumbered(stored, place)), **dict(_beside(folder, place))},
        kept,
        len(tokenizer),
        sum(n for token, n in counts.items() if token in place) / max(sum(counts.values()), 1),
    )


def _always(stored: dict[str, Any], tokenizer: Tokenizer) -> set[int]:
    """The ids that stay whatever the text is."""
    vocabulary = stored["model"]["vocab"]
    single = _letters()
    kept = {number for number, (token, _) in enumerate(vocabulary) if token in single}
    kept |= {int(token["id"]) for token in stored.get("added_tokens") or ()}
    kept |= {*tokenizer.prefix, *tokenizer.suffix, tokenizer.pad_token_id}
    kept.add(min(range(len(vocabulary)), key=lambda number: vocabulary[number][1]))
    if (unknown := stored["model"].get("unk_id")) is not None:
        kept.add(unknown)
    words = [word.replace("_", " ") for word in WORDS.values()]
    return kept | {number for ids in tokenizer.ids([*words, *map(new_tone_marks, words)]) for number in ids}


def _letters() -> set[str]:
    """The characters that any Vietnamese text may have, so that no word of it is unknown."""
    vowels = {unicodedata.normalize("NFC", vowel + tone) for vowel in _VOWELS for tone in _TONES}
    small = vowels | {"đ"}
    return {*small, *(letter.upper() for letter in small), *string.printable.strip(), *_MARKS, _SPACE}


def _renumbered(stored: dict[str, Any], place: Mapping[int, int]) -> dict[str, Any]:
    """tokenizer.json with the tokens that have a place."""
    model = dict(stored["model"])
    model["vocab"] = [entry for number, entry in enumerate(model["vocab"]) if number in place]
    if model.get("unk_id") is not None:
        model["unk_id"] = place[model["unk_id"]]
    changed = {**stored, "model": model, "post_processor": _processor(stored.get("post_processor"), place)}
    changed["added_tokens"] = [{**token, "id": place[token["id"]]} for token in stored.get("added_tokens") or ()]
    if stored.get("padding"):
        changed["padding"] = {**stored["padding"], "pad_id": place[stored["padding"]["pad_id"]]}
    return changed


def _processor(stored: Any, place: Mapping[int, int]) -> Any:
    """What puts special tokens around a text, by their new ids."""
    if not isinstance(stored, dict):
        return stored
    changed = dict(stored)
    for name in ("sep", "cls"):
        if name in stored:
            changed[name] = [stored[name][0], place[stored[name][1]]]
    if "processors" in stored:
        changed["processors"] = [_processor(each, place) for each in stored["processors"]]
    if stored.get("type") == "TemplateProcessing":
        special = stored["special_tokens"]
        changed["special_tokens"] = {
            name: {**each, "ids": [place[number] for number in each["ids"]]} for name, each in special.items()
        }
    return changed


def _beside(folder: Path, place: Mapping[int, int]) -> Iterator[tuple[str, str]]:
    """The files beside tokenizer.json, the ids in them renumbered."""
    for name in ("tokenizer_config.json", "special_tokens_map.json"):
        if (folder / name).is_file():
            content = strict_json.read_object(folder / name, error=ModelError)
            if isinstance(added := content.get("added_tokens_decoder"), dict):
                content["added_tokens_decoder"] = {
                    str(place[int(number)]): token for number, token in added.items() if int(number) in place
                }
            yield name, strict_json.dumps(content, indent=2)
