"""PhoBERT's tokenizer in Rust, with the ids of transformers' PhobertTokenizer and what that one lacks.

It is built at load time from ``vocab.txt`` and ``bpe.codes``, of any folder or hub repository that has them, and adds
offsets, ``word_ids`` and a limit of 256 tokens that ``truncation=True`` keeps to.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tokenizers import AddedToken
from tokenizers.processors import TemplateProcessing
from transformers.tokenization_utils_base import BatchEncoding, TruncationStrategy
from transformers.tokenization_utils_tokenizers import TokenizersBackend
from transformers.utils import PaddingStrategy

from detente.model.families.family import Piece, encodable
from detente.model.families.phobert_bpe import CONTINUES, read_merges, read_vocabulary
from detente.model.families.phobert_encodings import LazyEncodings, PhobertEncoding
from detente.model.families.phobert_plain import backend_and_words, ids_by_words

MAX_TOKENS = 256
_BACKEND_ONLY = (
    "is_split_into_words",
    "return_overflowing_tokens",
    "return_special_tokens_mask",
    "return_offsets_mapping",
    "return_token_type_ids",
    "split_special_tokens",
    "sanitize_control_tokens",
)
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
    tokenizer_class = "PhobertTokenizer"

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
        named = dict.fromkeys([*first, str(cls_token), str(sep_token), str(mask_token)])
        self._added = {token: AddedToken(token, special=True, normalized=False) for token in named}
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
        self._tokens = {token_id: token for token, token_id in self._ids.items()}
        self._tokenizer, self._words = backend_and_words(self._ids, self._merges, self._added, unk)

    def _surround(self, cls: str, sep: str) -> None:
        self._tokenizer.post_processor = TemplateProcessing(
            single=f"{cls} $A {sep}",
            pair=f"{cls} $A {sep} {sep} $B {sep}",
            special_tokens=[(cls, self._ids[cls]), (sep, self._ids[sep])],
        )

    # ---- ids ----

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text, without special tokens around them and uncut; the way for large corpora.

        A word is encoded once and remembered, for words repeat; the full call takes its ids from here too.
        """
        return self._words(texts)

    @property
    def prefix(self) -> tuple[int, ...]:
        """The special ids before a text."""
        return (self.cls_token_id,)

    @property
    def suffix(self) -> tuple[int, ...]:
        """The special ids behind a text."""
        return (self.sep_token_id,)

    def pieces(self, text: str) -> list[Piece]:
        """The tokens of a text with their places in it, without special ones around them and uncut."""
        encoded = self(text, add_special_tokens=False, return_offsets_mapping=True)
        rows = zip(encoded.tokens(), encoded["input_ids"], encoded.word_ids(), encoded["offset_mapping"], strict=True)
        return [Piece(token, token_id, word, start, end) for token, token_id, word, (start, end) in rows]

    def words(self, texts: Sequence[str]) -> list[list[list[int]]]:
        """The ids of each text by its words, which white space parts."""
        return ids_by_words(self.ids, texts)

    def write(self, folder: Path) -> None:
        """Write PhoBERT's two files, and the configuration that transformers reads."""
        self.save_pretrained(folder)

    # ---- what transformers calls ----

    def _encode_plus(self, text: Any, text_pair: Any = None, **kwargs: Any) -> Any:
        if text_pair is None and self._is_ids_only(text, kwargs):
            return self._call_by_words(text, **kwargs)
        return super()._encode_plus(encodable(text), encodable(text_pair), **kwargs)

    def _is_ids_only(self, text: Any, asked: dict[str, Any]) -> bool:
        """Whether a call wants nothing that only the backend knows; tokens, words and offsets are found later, if at all."""
        if any(asked.get(name) for name in _BACKEND_ONLY) or self.split_special_tokens or self.truncation_side != "right":
            return False
        limit = asked.get("max_length")
        return (limit is None or limit > 2) and (
            isinstance(text, str)
            or (isinstance(text, list | tuple) and bool(text) and all(isinstance(each, str) for each in text))
        )

    def _call_by_words(
        self,
        text: str | Sequence[str],
        add_special_tokens: bool = True,
        padding_strategy: Any = PaddingStrategy.DO_NOT_PAD,
        truncation_strategy: Any = TruncationStrategy.DO_NOT_TRUNCATE,
        max_length: int | None = None,
        pad_to_multiple_of: int | None = None,
        padding_side: str | None = None,
        return_tensors: Any = None,
        return_attention_mask: bool | None = None,
        return_length: bool = False,
        verbose: bool = True,
        **_: Any,
    ) -> Any:
        texts = [text] if isinstance(text, str) else text
        limit = max_length if truncation_strategy != TruncationStrategy.DO_NOT_TRUNCATE else None
        ids = self.ids(texts)
        if add_special_tokens:
            first, last, room = self._ids[str(self.cls_token)], self._ids[str(self.sep_token)], limit and limit - 2
            ids = [[first, *own[:room], last] for own in ids]
        elif limit is not None:
            ids = [own[:limit] for own in ids]
        if max(map(len, ids)) > self.model_max_length:
            self._eventual_warn_about_too_long_sequence(max(ids, key=len), max_length, verbose)
        columns: dict[str, list[Any]] = {"input_ids": ids}
        if return_attention_mask is not False:
            columns["attention_mask"] = [[1] * len(own) for own in ids]
        if padding_strategy != PaddingStrategy.DO_NOT_PAD:
            columns = dict(
                self.pad(columns, padding_strategy, max_length, pad_to_multiple_of, padding_side, return_attention_mask)
            )
        if return_length:
            columns["length"] = [len(own) for own in columns["input_ids"]]
        side = padding_side or self.padding_side
        again = partial(self._encoding_of, texts, columns["input_ids"], limit, add_special_tokens, side)
        if isinstance(text, str) and return_tensors is None:
            columns = {name: values[0] for name, values in columns.items()}
        return BatchEncoding(columns, LazyEncodings(len(texts), again), tensor_type=return_tensors, n_sequences=1)

    def _encoding_of(
        self, texts: Sequence[str], ids: Sequence[list[int]], limit: int | None, special: bool, side: str, at: int
    ) -> PhobertEncoding:
        """The backend's encoding of one text of a batch whose ids, cut and padded, are known."""
        self._tokenizer.no_padding()
        if limit is None:
            self._tokenizer.no_truncation()
        else:
            self._tokenizer.enable_truncation(limit)
        encoding = self._tokenizer.encode(encodable(texts[at]), add_special_tokens=special)
        encoding.pad(len(ids[at]), direction=side, pad_id=self.pad_token_id, pad_token=str(self.pad_token))
        return PhobertEncoding(encoding, ids[at], self._tokens)

    def _convert_encoding(self, encoding: Any, *args: Any, **kwargs: Any) -> Any:
        columns, encodings = super()._convert_encoding(encoding, *args, **kwargs)
        columns["input_ids"] = [self._words.final(ids) for ids in columns["input_ids"]]
        return columns, [
            PhobertEncoding(each, ids, self._tokens) for each, ids in zip(encodings, columns["input_ids"], strict=True)
        ]

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
        given = [
            token if isinstance(token, AddedToken) else AddedToken(token, special=special_tokens, normalized=False)
            for token in new_tokens
        ]
        fresh = {token.content: token for token in given if token.content not in self._added}
        for token in fresh:
            self._ids.setdefault(token, len(self._ids))
        if fresh:
            self._added.update(fresh)
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
            str(token_id): token.__getstate__() for token_id, token in sorted(self.added_tokens_decoder.items())
        }
        path.write_text(json.dumps(config, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")

    def train_new_from_iterator(self, *args: Any, **kwargs: Any) -> Any:
        """Not here: ``detente.model.families.phobert_vocabulary.train_vocabulary`` learns a vocabulary in this format."""
        raise NotImplementedError(
            "use detente.model.families.phobert_vocabulary.train_vocabulary, which writes vocab.txt and bpe.codes."
        )
