"""Write the stand-in encoder at src/detente/model/mini: PhoBERT's architecture, small, with random weights.

python experiments/000-untrained-mini/make_mini.py OUT
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from transformers import RobertaConfig, RobertaModel

from detente import places
from detente.articles import extract_articles, read_pages, split_article
from detente.model.families import load_tokenizer
from detente.model.families.phobert_vocabulary import train_vocabulary
from detente.text import TextPath

CARD = """---
language: vi
license: apache-2.0
---

# mini: an untrained stand-in

RoBERTa's architecture as PhoBERT uses it, small ({n_parameters:,} parameters: {layers} layers, width {width}), with **random
weights**: it has read no text and knows nothing of Vietnamese. It is not PhoBERT. It exists so that the whole way from
articles to predictions runs offline; what it scores after fine-tuning is what {n_tokens:,} subwords and a few labelled
sentences can teach it, and no more. Wherever it shows it is called untrained.

The vocabulary ({n_tokens:,} tokens with the special ones, PhoBERT's file format) was learnt from the articles in `seeds/`, test
folds included, which is one more reason to read nothing into its scores. Made by
`experiments/000-untrained-mini/make_mini.py`, seed 0.
"""


def main(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    text_path = TextPath()
    pages = read_pages(places.SEEDS / "articles")
    sentences = [text_path(s.text) for page in pages for a in extract_articles(page)[0] for s in split_article(a)]
    n_tokens = train_vocabulary(sentences, 2000, out) + 5  # <s> <pad> </s> <unk> <mask>
    config = RobertaConfig(
        vocab_size=n_tokens,
        hidden_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=512,
        max_position_embeddings=258,
        type_vocab_size=1,
        layer_norm_eps=1e-5,
        pad_token_id=1,
        bos_token_id=0,
        eos_token_id=2,
        tokenizer_class="PhobertTokenizer",
        untrained=True,
    )
    torch.manual_seed(0)
    model = RobertaModel(config, add_pooling_layer=False)
    model.half().save_pretrained(out)
    load_tokenizer(out)
    card = CARD.format(
        n_parameters=model.num_parameters(),
        layers=config.num_hidden_layers,
        width=config.hidden_size,
        n_tokens=n_tokens,
    )
    (out / "README.md").write_text(card, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
