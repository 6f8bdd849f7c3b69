"""A vocabulary with the tokens of a text alone: the same pieces, the same numbers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from detente.dataset import LabelledDataset
from detente.errors import InputError, ModelError, UsageError
from detente.model.encoder_config import encoder_config
from detente.model.families import load_tokenizer, text_path_of
from detente.model.families.pruning import count_tokens, prune_tokenizer
from detente.model.folder import load_model, save_model
from detente.model.network import load_network
from detente.model.prune import main, prune
from detente.training.fitting import fit
from detente.training.options import TrainOptions
from tiny_encoders import LINES, TINY, bert_many_pieces

SEEN = LINES[:3]


def tokens(folder: Path, texts: tuple[str, ...]) -> list[list[str]]:
    tokenizer = load_tokenizer(folder)
    return [[piece.token for piece in tokenizer.pieces(text)] for text in texts]


@pytest.mark.parametrize("make", [bert_many_pieces, TINY["xlm_roberta"], TINY["deberta"]])
def test_an_encoder_computes_the_same_on_the_text_it_was_pruned_by(tmp_path: Path, make: Callable[[Path], None]) -> None:
    full, small = tmp_path / "full", tmp_path / "small"
    make(full)
    pruned = prune(full, SEEN, small)
    assert pruned.share == 1
    assert len(pruned.kept) == encoder_config(small).vocab_size == len(load_tokenizer(small)) < encoder_config(full).vocab_size
    assert tokens(small, SEEN) == tokens(full, SEEN)
    assert text_path_of(small) == text_path_of(full)
    tables = [load_network(folder, 2, fresh_head=True).get_input_embeddings().weight for folder in (full, small)]
    assert torch.equal(tables[1], tables[0][list(pruned.kept)])
    states = []
    for folder in (full, small):
        tokenizer, network = load_tokenizer(folder), load_network(folder, 2, fresh_head=True).eval()
        ids = [*tokenizer.prefix, *tokenizer.ids(SEEN[:1])[0], *tokenizer.suffix]
        with torch.inference_mode():
            states.append(network(input_ids=torch.tensor([ids]), output_hidden_states=True).hidden_states[-1])
    assert torch.equal(states[0], states[1])
    # Ids of special tokens are the new ones everywhere; config.json may name another to pad with, as e5's does.
    first, second = load_tokenizer(full), load_tokenizer(small)
    assert [pruned.kept[n] for n in (*second.prefix, *second.suffix, second.pad_token_id)] == [
        *first.prefix,
        *first.suffix,
        first.pad_token_id,
    ]
    assert second.mask_token_id is not None
    assert pruned.kept[second.mask_token_id] == first.mask_token_id
    assert pruned.kept[encoder_config(small).pad_token_id] == encoder_config(full).pad_token_id


def test_transformers_reads_a_pruned_folder_alike(tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    bert_many_pieces(tmp_path / "full")
    prune(tmp_path / "full", SEEN, tmp_path / "small")
    theirs = AutoTokenizer.from_pretrained(tmp_path / "small")
    ours = load_tokenizer(tmp_path / "small")
    assert theirs(SEEN[0])["input_ids"] == [*ours.prefix, *ours.ids(SEEN[:1])[0], *ours.suffix]
    assert theirs.mask_token_id == ours.mask_token_id
    assert theirs.pad_token_id == ours.pad_token_id


def test_letters_stay_and_frequent_tokens_go_first_into_a_size(tmp_path: Path) -> None:
    bert_many_pieces(tmp_path / "full")
    tokenizer = load_tokenizer(tmp_path / "full")
    counts = count_tokens(tokenizer, LINES)
    everything = prune_tokenizer(tmp_path / "full", tokenizer, counts)
    least = prune_tokenizer(tmp_path / "full", tokenizer, Counter())
    size = len(least.kept) + 5
    some = prune_tokenizer(tmp_path / "full", tokenizer, counts, size=size)
    assert len(some.kept) == size < len(everything.kept)
    chosen = set(some.kept) - set(least.kept)
    left_out = set(everything.kept) - set(some.kept)
    assert min(counts[n] for n in chosen) >= max(counts[n] for n in left_out)
    assert 0 < some.share < 1
    letters = {piece for piece, _ in json.loads(everything.files["tokenizer.json"])["model"]["vocab"] if len(piece) == 1}
    kept = {piece for piece, _ in json.loads(least.files["tokenizer.json"])["model"]["vocab"]}
    assert {letter for letter in letters if letter.isalpha()} <= kept
    twice = prune_tokenizer(tmp_path / "full", tokenizer, counts, min_count=2)
    assert all(counts[n] >= 2 for n in set(twice.kept) - set(least.kept))
    with pytest.raises(ModelError, match=rf"of 9 is too small: {len(least.kept)} tokens stay in any case"):
        prune_tokenizer(tmp_path / "full", tokenizer, counts, size=9)


def test_every_sentence_is_cut_as_before_where_all_that_occurs_stays_and_most_are_where_it_does_not(tmp_path: Path) -> None:
    bert_many_pieces(tmp_path / "full")
    unknown = ("Giá 5 € ở 東京 tăng.", "Nga và 日本 đàm phán.")  # characters that are in no token
    texts = (*LINES, *unknown)
    pruned = prune(tmp_path / "full", texts, tmp_path / "small")
    assert len(pruned.kept) < 0.6 * pruned.n_before
    assert tokens(tmp_path / "small", texts) == tokens(tmp_path / "full", texts)
    prune(tmp_path / "full", SEEN, tmp_path / "fewer")
    same = [a == b for a, b in zip(tokens(tmp_path / "fewer", LINES), tokens(tmp_path / "full", LINES), strict=True)]
    assert same[:3] == [True, True, True]
    assert not all(same)
    tokenizer = load_tokenizer(tmp_path / "fewer")
    assert tokenizer.unk_token_id not in tokenizer.ids(["Hoãn cuộc gặp, xả ly."])[0]


@pytest.mark.parametrize(("name", "kind"), [("bert", "WordPiece"), ("roberta", "BPE")])
def test_another_tokenizer_is_refused(tmp_path: Path, name: str, kind: str) -> None:
    TINY[name](tmp_path / "full")
    with pytest.raises(ModelError, match=rf"its tokenizer is '{kind}'; expected a Unigram one"):
        prune(tmp_path / "full", SEEN, tmp_path / "small")
    assert not (tmp_path / "small").exists()


def test_a_classifier_gives_the_same_probabilities(
    tmp_path: Path, dataset: LabelledDataset, quick: TrainOptions, capsys: pytest.CaptureFixture[str]
) -> None:
    bert_many_pieces(tmp_path / "start")
    options = replace(quick, model=replace(quick.model, path=str(tmp_path / "start")))
    rows = dataset.labelled("stance")[:16]
    save_model(fit(rows, options, seed=0, encoder=tmp_path / "start"), tmp_path / "full")
    texts = [row.text for row in rows]
    (tmp_path / "text.txt").write_text("\n".join([*texts, ""]) + "\n", encoding="utf-8")
    assert main([str(tmp_path / "full"), str(tmp_path / "text.txt"), "-o", str(tmp_path / "small")]) == 0
    assert "wrote" in (said := capsys.readouterr().err)
    assert "which are 100.00% of those of the text; passed over 1 rows (no text in the row)" in said
    full, small = load_model(tmp_path / "full"), load_model(tmp_path / "small")
    assert small.info.training_hashes == full.info.training_hashes
    assert small.text_path == full.text_path
    assert np.array_equal(small.score(texts).probs["stance"], full.score(texts).probs["stance"])
    sizes = [(folder / "model.safetensors").stat().st_size for folder in (tmp_path / "full", tmp_path / "small")]
    assert sizes[1] < sizes[0]
    assert main([str(tmp_path / "full"), str(tmp_path / "text.txt"), "-o", str(tmp_path / "start")]) == 1


def test_a_corpus_without_text_and_sizes_that_cannot_be_are_refused(tmp_path: Path) -> None:
    bert_many_pieces(tmp_path / "encoder")
    with pytest.raises(InputError, match="holds no text"):
        prune(tmp_path / "encoder", [], tmp_path / "out")
    with pytest.raises(UsageError, match=r"size -5, min_count 1: expected a size of 0"):
        prune(tmp_path / "encoder", ["Nga."], tmp_path / "out", size=-5)
    assert not (tmp_path / "out").exists()
