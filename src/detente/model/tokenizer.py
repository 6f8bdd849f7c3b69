"""PhoBERT's tokenizer in Rust, with the ids of transformers' PhobertTokenizer and what that one lacks.

It is built at load time from ``vocab.txt`` and ``bpe.codes``, of any folder or hub repository that has them, and adds
offsets, ``word_ids`` and a limit of 256 tokens that ``truncation=True`` keeps to.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from transformers.tokenization_utils_tokenizers import TokenizersBackend

from detente.model.bpe import CONTINUES, FIRST_FILLER, build_backend, read_merges, read_vocabulary, symbols_of

MAX_TOKENS = 256
# Words remembered at most, and texts looked at together: they bound memory over a corpus of any length.
_MAX_WORDS = 1 << 17
_BATCH = 1024
_WORDS_A_CALL = 256
_FILES = {"vocab_file": "vocab.txt", "merges_file": "bpe.codes"}


class PhobertTokenizerFast(TokenizersBackend):  # type: ignore[misc]
    """transformers' PhobertTokenizer, fast: identical ids for every text, and offsets into it.

    ``PhobertTokenizerFast.from_pretrained(folder_or_hub_id)`` and ``save_pretrained(folder)`` are transformers' own. What is
    saved is PhoBERT's two files and a configuration that names transformers' PhobertTokenizer, so that an installation
    without detente reads it too. Text must be word-segmented, as the text path leaves it.

    Where the original goes wrong this one differs, in the open: it cuts at 256 tokens where ``truncation=True`` asks for
    that (there ``model_max_length`` is 1e30), and it takes lone surrogates for unknown characters in every call.
    """

    vocab_files_names = _FILES
    model_input_names = ("input_ids", "attention_mask")

    def __init__(
        self,
        vocab_file: str,
        merges_file: str,
        bos_token: str = "<s>",
        eos_token: str = "</s>",
        sep_token: str = "</s>",
        cls_token: str = "<s>",
        unk_token: str = "<unk>",
        pad_token: str = "<pad>",
        mask_token: str = "<mask>",
        model_max_length: int = MAX_TOKENS,
        **kwargs: Any,
    ) -> None:
        self.vocab_file, self.merges_file = vocab_file, merges_file
        # transformers hands over the paths a second time, under the names of its own formats.
        for name in ("vocab", "merges", "tokenizer_file"):
            kwargs.pop(name, None)
        first = tuple(map(str, (bos_token, pad_token, eos_token, unk_token)))
        self._ids = read_vocabulary(Path(vocab_file), first, str(mask_token))
        self._merges = read_merges(Path(merges_file))
        self._n_base = len(self._ids)
        self._added: list[str] = list(dict.fromkeys([*first, str(cls_token), str(sep_token), str(mask_token)]))
        self._build(str(unk_token))
        super().__init__(
            bos_token=bos_token,
            eos_token=eos_token,
            sep_token=sep_token,
            cls_token=cls_token,
            unk_token=unk_token,
            pad_token=pad_token,
            mask_token=mask_token,
            # A configuration saved by the original says 1e30, which is no limit: the model has 256 positions.
            model_max_length=min(int(model_max_length), MAX_TOKENS),
            **kwargs,
        )
        self._surround(str(cls_token), str(sep_token))

    def _build(self, unk: str) -> None:
        symbols = symbols_of(self._ids, self._merges, unk)
        self._fillers = symbols.fillers
        self._tokens = {token_id: token for token, token_id in self._ids.items()}
        special = {token: self._ids[token] for token in self._added}
        self._tokenizer = build_backend(symbols, self._merges, special, unk)
        self._marks = {"\n", *(token[0] for token in self._added)}
        self._words: dict[str, tuple[int, ...]] = {}

    def _surround(self, cls: str, sep: str) -> None:
        from tokenizers.processors import TemplateProcessing

        self._tokenizer.post_processor = TemplateProcessing(
            single=f"{cls} $A {sep}",
            pair=f"{cls} $A {sep} {sep} $B {sep}",
            special_tokens=[(cls, self._ids[cls]), (sep, self._ids[sep])],
        )

    # ---- ids ----

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text, without special tokens around them and uncut; the way for large corpora.

        A word is encoded once and remembered, for words repeat: several times faster than the full call, same ids.
        """
        found: list[list[int]] = []
        for start in range(0, len(texts), _BATCH):
            found += self._batch_ids(texts[start : start + _BATCH])
        return found

    def _batch_ids(self, texts: Sequence[str]) -> list[list[int]]:
        # White space alone parts a text, but for a newline, which belongs to its word, and a special token in the text.
        broken = self._broken(texts)
        encodings = self._encode([texts[at] for at in broken])
        whole = {at: self._final(encoding.ids) for at, encoding in zip(broken, encodings, strict=True)}
        lines = [text.split() for text in texts]
        for at in whole:
            lines[at] = []
        known, words = self._words, set().union(*lines)
        if len(known) + len(words) > _MAX_WORDS:
            known.clear()
        new = list(words.difference(known))
        known.update(zip(new, self._encode_words(new), strict=True))
        ids = [list(chain.from_iterable(map(known.__getitem__, line))) for line in lines]
        for at, own in whole.items():
            ids[at] = own
        return ids

    def _broken(self, texts: Sequence[str]) -> list[int]:
        """The texts that hold a newline or a special token."""
        if not any(mark in "".join(texts) for mark in self._marks):
            return []
        return [at for at, text in enumerate(texts) if "\n" in text or any(token in text for token in self._added)]

    def _encode_words(self, words: Sequence[str]) -> list[tuple[int, ...]]:
        # Many words as one text, for a call costs more than a word; several texts, for they run on all cores.
        found: list[tuple[int, ...]] = []
        for encoding in self._encode([" ".join(words[at : at + _WORDS_A_CALL]) for at in range(0, len(words), _WORDS_A_CALL)]):
            pairs = zip(encoding.word_ids, self._final(encoding.ids), strict=True)
            found += [tuple(token_id for _, token_id in group) for _, group in groupby(pairs, key=itemgetter(0))]
        return found

    def _encode(self, texts: Sequence[str]) -> list[Any]:
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        encodings: list[Any] = self._tokenizer.encode_batch(_encodable(list(texts)), add_special_tokens=False)
        return encodings

    def _final(self, ids: list[int]) -> list[int]:
        """Exchange fillers for the ids they stand for."""
        if ids and max(ids) >= FIRST_FILLER:
            return [self._fillers.get(token_id, token_id) for token_id in ids]
        return ids

    # ---- what transformers calls ----

    def _encode_plus(self, text: Any, text_pair: Any = None, **kwargs: Any) -> Any:
        return super()._encode_plus(_encodable(text), _encodable(text_pair), **kwargs)

    def _convert_encoding(self, encoding: Any, *args: Any, **kwargs: Any) -> Any:
        columns, encodings = super()._convert_encoding(encoding, *args, **kwargs)
        columns["input_ids"] = [self._final(ids) for ids in columns["input_ids"]]
        return columns, [_Encoding(each, ids, self._tokens) for each, ids in zip(encodings, columns["input_ids"], strict=True)]

    def _decode(self, token_ids: Any, skip_special_tokens: bool = False, **_: Any) -> str:
        tokens = self.convert_ids_to_tokens([token_ids] if isinstance(token_ids, int) else token_ids, skip_special_tokens)
        return self.convert_tokens_to_string(tokens)

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        """Segmented text again."""
        return " ".join(tokens).replace(f"{CONTINUES} ", "").strip()

    def convert_ids_to_tokens(self, ids: Any, skip_special_tokens: bool = False) -> Any:
        """Ids → tokens as PhoBERT writes them, every piece but a word's last with ``@@``."""
        if isinstance(ids, int):
            return self._convert_id_to_token(ids)
        skipped = set(self.all_special_ids) if skip_special_tokens else set()
        return [self._convert_id_to_token(int(token_id)) for token_id in ids if int(token_id) not in skipped]

    def _convert_id_to_token(self, index: int) -> str:
        return self._tokens.get(index, str(self.unk_token))

    def _convert_token_to_id_with_added_voc(self, token: str) -> int:
        return self._ids.get(token, self._ids[str(self.unk_token)])

    @property
    def vocab_size(self) -> int:
        """Tokens without the mask and without tokens added later, as the original counts."""
        return self._n_base - 1

    def __len__(self) -> int:
        return len(self._ids)

    def get_vocab(self) -> dict[str, int]:
        """Token → id."""
        return dict(self._ids)

    def _add_tokens(self, new_tokens: Sequence[Any], special_tokens: bool = False) -> int:
        """Tokens get the next ids; the backend is built anew, since its fillers know all tokens."""
        known = len(self._ids)
        fresh = [token for token in map(str, new_tokens) if token not in self._added]
        for token in fresh:
            self._ids.setdefault(token, len(self._ids))
        if fresh:
            self._added += fresh
            processor = self._tokenizer.post_processor
            self._build(str(self.unk_token))
            self._tokenizer.post_processor = processor
        return len(self._ids) - known

    def save_vocabulary(self, save_directory: str, filename_prefix: str | None = None) -> tuple[str, ...]:
        """Copy the two files."""
        saved = []
        for name, source in ((_FILES["vocab_file"], self.vocab_file), (_FILES["merges_file"], self.merges_file)):
            target = Path(save_directory) / (f"{filename_prefix}-{name}" if filename_prefix else name)
            if not (target.exists() and target.samefile(source)):
                shutil.copyfile(source, target)
            saved.append(str(target))
        return tuple(saved)

    def _save_pretrained(
        self, save_directory: Any, file_names: tuple[str, ...], legacy_format: Any = None, filename_prefix: Any = None
    ) -> tuple[str, ...]:
        # No tokenizer.json: read by another class it would give fillers and symbols for ids and tokens.
        if len(self._ids) > self._n_base:
            self._save_added(Path(save_directory) / "tokenizer_config.json")
        return file_names + self.save_vocabulary(str(save_directory), filename_prefix)

    def _save_added(self, path: Path) -> None:
        """transformers expects tokens added to a fast tokenizer in tokenizer.json, which there is none of."""
        config = json.loads(path.read_text(encoding="utf-8"))
        config["added_tokens_decoder"] = {
            str(token_id): {**token.__getstate__(), "__type": "AddedToken"}
            for token_id, token in sorted(self.added_tokens_decoder.items())
        }
        path.write_text(json.dumps(config, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")

    def train_new_from_iterator(self, *args: Any, **kwargs: Any) -> Any:
        """Not here: ``detente.model.vocabulary.train_vocabulary`` learns a vocabulary in this format."""
        raise NotImplementedError("use detente.model.vocabulary.train_vocabulary, which writes vocab.txt and bpe.codes.")

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_words": {}}


class _Encoding:
    """An encoding of the backend that shows ids and tokens as PhoBERT has them; everything else is the backend's own."""

    def __init__(self, encoding: Any, ids: list[int], tokens: dict[int, str]) -> None:
        self._encoding = encoding
        self.ids = ids
        self._names = tokens

    @property
    def tokens(self) -> list[str]:
        return [self._names[token_id] for token_id in self.ids]

    def __len__(self) -> int:
        return len(self.ids)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "_encoding":
            raise AttributeError(name)
        return getattr(self._encoding, name)


def _encodable(text: Any) -> Any:
    """Lone surrogates, which UTF-8 and so Rust cannot hold, as U+FFFF: a code point that is no character in any vocabulary."""
    if isinstance(text, str):
        try:
            text.encode()
        except UnicodeEncodeError:
            return "".join("\uffff" if "\ud800" <= char <= "\udfff" else char for char in text)
        return text
    if isinstance(text, list | tuple):
        return type(text)(_encodable(each) for each in text)
    return text
