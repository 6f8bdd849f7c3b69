"""Small models of raw text that stand in for the one that comes with the package."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tiny_encoders
from detente.model import ModelInfo, save_model
from detente.model.encoder import EncoderClassifier
from detente.model.families import load_tokenizer
from detente.model.network import load_network
from detente.text import TextPath
from label_sets import SENTIMENT, STANCE

USE = "Sentences of Vietnamese articles about a dispute. It must not be used for other topics, or to judge a person."
TASKS: Mapping[str, tuple[str, ...]] = {"stance": STANCE, "sentiment": SENTIMENT}


def raw_classifier(
    folder: Path, *, seed: int = 0, tasks: Mapping[str, tuple[str, ...]] = TASKS, **info: Any
) -> EncoderClassifier:
    """A classifier over a tiny encoder that reads raw text, whose files are left in ``folder``; its weights are random."""
    import torch

    if not folder.exists():
        folder.mkdir(parents=True)
        tiny_encoders.bert_unigram(folder)
    n_labels = sum(map(len, tasks.values()))
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = load_network(folder, n_labels, fresh_head=True).eval()
        torch.nn.init.normal_(network.classifier.weight, std=0.5)
    facts = ModelInfo(**{"kind": "encoder", "name": "dispute", "tasks": tasks, "intended_use": USE, **info})
    return EncoderClassifier(network, load_tokenizer(folder), TextPath("raw", "keep"), facts)


def raw_model(folder: Path, **changes: Any) -> Path:
    """The same, saved as a model folder."""
    save_model(raw_classifier(folder.with_name(f"{folder.name}-encoder"), **changes), folder)
    return folder
