"""A vocabulary in PhoBERT's format (vocab.txt, bpe.codes) learnt from segmented text."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

_END = "</w>"


def train_vocabulary(segmented: Iterable[str], size: int, folder: Path) -> int:
    """Learn at most ``size`` subwords with `tokenizers` and write vocab.txt and bpe.codes. Returns how many there are.

    PhoBERT's files come from subword-nmt and fairseq: a merge a line with its count, the end of a word marked ``</w>`` in
    bpe.codes; a token a line with its count in vocab.txt, where every piece but a word's last carries ``@@``.
    """
    from tokenizers import Tokenizer
    from tokenizers.models import BPE
    from tokenizers.pre_tokenizers import WhitespaceSplit
    from tokenizers.trainers import BpeTrainer

    lines = list(segmented)
    trained = Tokenizer(BPE(end_of_word_suffix=_END))
    trained.pre_tokenizer = WhitespaceSplit()
    # The trainer breaks ties by the order in which it met the letters, another one in every run unless it is given.
    letters = sorted({letter for line in lines for letter in line if not letter.isspace()})
    first = [*letters, *(letter + _END for letter in sorted({word[-1] for line in lines for word in line.split()}))]
    trainer = BpeTrainer(vocab_size=size, end_of_word_suffix=_END, special_tokens=first, show_progress=False)
    trained.train_from_iterator(lines, trainer)
    model = json.loads(trained.to_str())["model"]
    merges = [tuple(merge) for merge in model["merges"]]
    # Anew, for the letters are special tokens to the one that was trained.
    tokenizer = Tokenizer(BPE(vocab=model["vocab"], merges=merges, end_of_word_suffix=_END))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    counts: Counter[str] = Counter(dict.fromkeys(model["vocab"], 0))
    for encoding in tokenizer.encode_batch(lines):
        counts.update(encoding.tokens)
    rows = sorted((-count, _fairseq(token)) for token, count in counts.items())
    (folder / "vocab.txt").write_text("".join(f"{token} {-count}\n" for count, token in rows), encoding="utf-8")
    codes = "".join(f"{first} {second} {counts[first + second]}\n" for first, second in merges)
    (folder / "bpe.codes").write_text(codes, encoding="utf-8")
    return len(rows)


def _fairseq(token: str) -> str:
    return token.removesuffix(_END) if token.endswith(_END) else f"{token}@@"
