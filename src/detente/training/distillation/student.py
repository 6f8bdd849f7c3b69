"""The student: layers of its teacher with a vocabulary of its own in PhoBERT's format or with the teacher's tokens that occur,
or any encoder that is there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from detente.atomic import new_folder, weights_written
from detente.errors import ConfigError, ModelError
from detente.model.architectures import architecture_of
from detente.model.encoder_config import encoder_config
from detente.model.families import Tokenizer, load_tokenizer
from detente.model.families.phobert import load_phobert_tokenizer, phobert_config
from detente.model.families.phobert_vocabulary import train_vocabulary
from detente.model.families.pruning import count_tokens
from detente.model.network import body_of, load_network, save_network
from detente.model.prune import prune_encoder
from detente.training.distillation.options import StudentOptions

N_SPECIAL = 5  # <s> <pad> </s> <unk> <mask>
_DROPOUTS = {"hidden_dropout_prob", "attention_probs_dropout_prob"}


def make_vocabulary(segmented: Sequence[str], size: int, folder: Path) -> None:
    """Learn vocab.txt and bpe.codes of ``size`` tokens, special ones included, from segmented text; kept if they are there."""
    if folder.is_dir():
        return
    with new_folder(folder, "vocabulary") as temporary:
        train_vocabulary(segmented, size - N_SPECIAL, temporary)


def start_from_teacher(teacher: Any, layers: Sequence[int], vocabulary: Path) -> tuple[Any, Any]:
    """A RobertaModel with layers, positions and norms of the teacher, and its tokenizer.

    A token's embedding is the mean of the teacher's embeddings of its text's pieces. Raises ConfigError for a layer the teacher
    lacks, ModelError for a teacher that is not built like BERT.
    """
    import torch
    from transformers import RobertaModel

    model, source = teacher.model, teacher.model.config
    if not hasattr(model, "embeddings") or not hasattr(getattr(model, "encoder", None), "layer"):
        raise ModelError(f"a student starts from layers of a teacher built like BERT; {type(model).__name__} is not.")
    _check_layers(layers, len(model.encoder.layer))
    vocab_size = N_SPECIAL + len((vocabulary / "vocab.txt").read_text(encoding="utf-8").split("\n")) - 1
    tokenizer = load_phobert_tokenizer(vocabulary, vocab_size)
    config = phobert_config(
        vocab_size=vocab_size,
        hidden_size=source.hidden_size,
        num_hidden_layers=len(layers),
        num_attention_heads=source.num_attention_heads,
        intermediate_size=source.intermediate_size,
        hidden_act=source.hidden_act,
        layer_norm_eps=source.layer_norm_eps,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    student = RobertaModel(config, add_pooling_layer=False)
    theirs, ours = model.embeddings, student.embeddings
    with torch.no_grad():
        ours.word_embeddings.weight.copy_(_token_embeddings(teacher, tokenizer))
        # RoBERTa's positions begin behind the padding index, BERT's at 0.
        first = source.pad_token_id + 1 if "roberta" in source.model_type else 0
        ours.position_embeddings.weight[2:].copy_(theirs.position_embeddings.weight[first : first + 256].float())
        ours.token_type_embeddings.weight.copy_(theirs.token_type_embeddings.weight[:1].float())
        ours.LayerNorm.load_state_dict(theirs.LayerNorm.state_dict())
        for own, layer in zip(student.encoder.layer, layers, strict=True):
            own.load_state_dict(model.encoder.layer[layer].state_dict())
    return student, tokenizer


def prune_start(
    source: Path, corpus: Callable[[], Iterable[str]], options: StudentOptions, folder: Path, say: Callable[[str], None]
) -> None:
    """Write an encoder with the tokens of ``source`` that occur in the corpus, as its text path leaves it; kept if it is there.

    Raises ModelError for a tokenizer that cannot be pruned.
    """
    if folder.is_dir():
        return
    counts = count_tokens(load_tokenizer(source), corpus())
    pruned = prune_encoder(source, counts, folder, size=options.vocab_size, min_count=options.min_count)
    say(f"vocabulary: {pruned.summary}")


def keep_layers(network: Any, layers: Sequence[int]) -> None:
    """Leave a network some layers of its encoder, from which a student starts. Raises ConfigError, ModelError."""
    from torch.nn import ModuleList

    body = body_of(network, architecture_of(network)) if hasattr(network, "classifier") else network
    if not hasattr(getattr(body, "encoder", None), "layer"):
        raise ModelError(f"a student starts from layers of a teacher built like BERT; {type(body).__name__} is not.")
    _check_layers(layers, len(body.encoder.layer))
    body.encoder.layer = ModuleList(body.encoder.layer[layer] for layer in layers)
    network.config.num_hidden_layers = body.config.num_hidden_layers = len(layers)


def _check_layers(layers: Sequence[int], n_layers: int) -> None:
    if wrong := [layer for layer in layers if not 0 <= layer < n_layers]:
        raise ConfigError(f"student.layers: the teacher has layers 0 to {n_layers - 1}, not {wrong[0]}.")


def has_head(folder: Path) -> bool:
    """Whether an encoder's weights are a classifier's, with transformers' head."""
    config = encoder_config(folder)
    return config.architecture.network in config.head


def start_from_encoder(folder: Path) -> tuple[Any, Tokenizer]:
    """The network of an encoder without a head and without dropout, and its tokenizer. Raises ModelError."""
    network = load_network(folder, n_labels=2, fresh_head=True)
    architecture = architecture_of(network)
    for name in _dropouts(network.config.to_dict()):
        setattr(network.config, name, 0.0)
    student = architecture.encoder_of(network.config)
    # A pooler, where the network has one, is no part of what is distilled.
    student.load_state_dict(body_of(network, architecture).state_dict(), strict=False)
    return student, load_tokenizer(folder)


def _dropouts(config: dict[str, Any]) -> list[str]:
    return [name for name, value in config.items() if "dropout" in name and isinstance(value, float)]


def _token_embeddings(teacher: Any, tokenizer: Any) -> Any:
    import torch

    table = teacher.model.embeddings.word_embeddings.weight.detach().float()
    pieces = teacher.tokenizer
    own = {"<s>": pieces.cls_token_id, "</s>": pieces.sep_token_id, "<pad>": pieces.pad_token_id}
    own |= {"<unk>": pieces.unk_token_id, "<mask>": pieces.mask_token_id}
    names = [token for token, _ in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])]
    texts = [name.removesuffix("@@").replace("_", " ").strip() or "_" for name in names]
    found = pieces(texts, add_special_tokens=False)["input_ids"]
    rows = []
    for name, ids in zip(names, found, strict=True):
        if own.get(name) is not None:
            rows.append(table[own[name]])
        else:
            rows.append(table[ids].mean(0) if ids else table[own["<unk>"]])
    return torch.stack(rows)


def save_encoder(student: Any, tokenizer: Tokenizer, folder: Path, card: str, facts: dict[str, Any]) -> None:
    """Write the encoder, weights in fp16, whole or not at all."""
    import copy

    import torch

    with new_folder(folder, "encoder") as temporary, weights_written(folder / "model.safetensors"):
        tokenizer.write(temporary)
        save_network(copy.deepcopy(student).to(torch.float16), temporary, tokenizer.tokenizer_class)
        config = json.loads((temporary / "config.json").read_text(encoding="utf-8"))
        # Dropout was off for distillation; fine-tuning wants it. The weights are read as float32 whatever they are stored in.
        config |= dict.fromkeys(_DROPOUTS & config.keys(), 0.1)
        (temporary / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
        (temporary / "README.md").write_text(card, encoding="utf-8")
        (temporary / "recipe.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
