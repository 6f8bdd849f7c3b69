"""Encoders with random weights of every architecture that is read, each with a tokenizer of its own kind, made in a moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

LINES = (
    "Hai bên nhất trí nối lại đàm phán hòa bình vào tuần tới.",
    "Ngoại trưởng hai nước kêu gọi kiềm chế, tránh leo thang căng thẳng.",
    "Bộ Quốc phòng tuyên bố sẽ đáp trả mọi hành động đe dọa, tấn công.",
    "Washington áp đặt thêm trừng phạt với 12 ngân hàng của Nga ngày 16/1.",
    "Đại sứ bị triệu hồi sau vụ tấn công ở TP. Odessa, Ukraine.",
    "Thoả thuận ngừng bắn được ký tại Geneva, Thụy Sĩ (TTXVN).",
)
SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
SPREAD = 0.2
"""Of the weights: texts get probabilities that differ by far more than two ways of computing them."""
_FAIRSEQ = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
_BERT = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def _byte_level(special: Iterable[str]) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=list(special), initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(LINES, trainer)
    return tokenizer


def _unigram(special: Iterable[str], unk: str) -> Any:
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=150, special_tokens=list(special), unk_token=unk, show_progress=False)
    tokenizer.train_from_iterator(LINES, trainer)
    return tokenizer


def _word_piece() -> Any:
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(vocab_size=200, special_tokens=list(_BERT), show_progress=False)
    tokenizer.train_from_iterator(LINES, trainer)
    return tokenizer


def _save(tokenizer: Any, special: Iterable[str], folder: Path) -> int:
    """Write the tokenizer as transformers does, with its special tokens around a text. Returns how many ids there are."""
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    fairseq = "<s>" in special
    first, last = ("<s>", "</s>") if fairseq else ("[CLS]", "[SEP]")
    tokenizer.post_processor = TemplateProcessing(
        single=f"{first} $A {last}",
        pair=f"{first} $A {last} $B {last}",
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in (first, last)],
    )
    names = dict(zip(("pad", "unk", "cls", "sep", "mask"), _BERT, strict=True))
    if fairseq:
        names = {"pad": "<pad>", "unk": "<unk>", "cls": first, "sep": last, "mask": "<mask>", "bos": first, "eos": last}
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **{f"{name}_token": token for name, token in names.items()})
    fast.save_pretrained(folder)
    return int(tokenizer.get_vocab_size())


def _network(folder: Path, config: Any) -> None:
    import torch
    from transformers import AutoModel

    config.untrained = True
    config.initializer_range = SPREAD
    with torch.random.fork_rng():
        torch.manual_seed(0)
        AutoModel.from_config(config).save_pretrained(folder)


def roberta(folder: Path) -> None:
    """RoBERTa with byte-level BPE and 2,048 positions, as BamiBERT is described."""
    from transformers import RobertaConfig

    size = _save(_byte_level(_FAIRSEQ), _FAIRSEQ, folder)
    _network(
        folder, RobertaConfig(vocab_size=size, max_position_embeddings=2050, type_vocab_size=1, layer_norm_eps=1e-5, **SIZES)
    )


def xlm_roberta(folder: Path) -> None:
    """XLM-R: Unigram pieces, 512 positions."""
    from transformers import XLMRobertaConfig

    size = _save(_unigram(_FAIRSEQ, "<unk>"), _FAIRSEQ, folder)
    config = XLMRobertaConfig(vocab_size=size, max_position_embeddings=514, type_vocab_size=1, layer_norm_eps=1e-5, **SIZES)
    _network(folder, config)


def bert(folder: Path) -> None:
    """BERT with WordPiece."""
    from transformers import BertConfig

    _network(folder, BertConfig(vocab_size=_save(_word_piece(), _BERT, folder), **SIZES))


def bert_unigram(folder: Path) -> None:
    """BERT with the tokens of XLM-R, as multilingual-e5-small; config.json and tokenizer pad with different ids."""
    from transformers import BertConfig

    _network(folder, BertConfig(vocab_size=_save(_unigram(_FAIRSEQ, "<unk>"), _FAIRSEQ, folder), pad_token_id=0, **SIZES))


def bert_many_pieces(folder: Path) -> None:
    """The same with some hundred pieces of random scores, parts of words that overlap, most of them in no text."""
    import random

    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers
    from transformers import BertConfig

    draw = random.Random(0)
    words = sorted({f"▁{word}" for line in LINES for word in line.split()})
    parts = {word[start:end] for word in words for start in range(len(word)) for end in range(start + 2, len(word) + 1)}
    letters = sorted({letter for word in words for letter in word} | set("▁bcdfgxyzạảãộ"))
    foreign = [f"▁xx{number}" for number in range(60)]
    scored = [(piece, -draw.uniform(6, 9)) for piece in letters]
    scored += [(piece, -draw.uniform(5, 18)) for piece in [*sorted(parts), *foreign]]
    draw.shuffle(scored)
    tokenizer = Tokenizer(models.Unigram([*((token, 0.0) for token in _FAIRSEQ[:4]), *scored, ("<mask>", 0.0)], unk_id=3))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens(list(_FAIRSEQ))
    _network(folder, BertConfig(vocab_size=_save(tokenizer, _FAIRSEQ, folder) + 7, pad_token_id=0, **SIZES))


def modernbert(folder: Path) -> None:
    """ModernBERT: rotary positions, local attention in two layers of three."""
    from transformers import ModernBertConfig

    size = _save(_byte_level(_BERT), _BERT, folder)
    ids = {"pad_token_id": 0, "bos_token_id": 2, "cls_token_id": 2, "eos_token_id": 3, "sep_token_id": 3}
    sizes = {**SIZES, "num_hidden_layers": 4}
    _network(folder, ModernBertConfig(vocab_size=size, max_position_embeddings=1024, local_attention=16, **sizes, **ids))


def deberta(folder: Path) -> None:
    """DeBERTa-v3: relative positions in buckets, no other."""
    from transformers import DebertaV2Config

    size = _save(_unigram(_BERT, "[UNK]"), _BERT, folder)
    shape = {"relative_attention": True, "position_buckets": 16, "norm_rel_ebd": "layer_norm", "share_att_key": True}
    config = DebertaV2Config(
        vocab_size=size, pos_att_type=["p2c", "c2p"], position_biased_input=False, pooler_hidden_size=32, **shape, **SIZES
    )
    _network(folder, config)


TINY: dict[str, Callable[[Path], None]] = {
    "roberta": roberta,
    "xlm_roberta": xlm_roberta,
    "bert": bert,
    "bert_unigram": bert_unigram,
    "modernbert": modernbert,
    "deberta": deberta,
}
"""Name → what makes the encoder's folder."""
