"""Which options decide what a run predicts: those that its kind of model and its method have a use for."""

from __future__ import annotations

from collections.abc import Mapping

_BY_STEPS = ("finetune", "lora")
BY_METHOD: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("epochs", "batch_size", "learning_rate", "weight_decay", "warmup", "max_grad_norm"), _BY_STEPS),
    **dict.fromkeys(("early_stopping", "layer_decay", "loss", "label_smoothing", "max_minutes"), _BY_STEPS),
    **dict.fromkeys(("freeze_embeddings", "freeze_layers"), ("finetune",)),
    **dict.fromkeys(("lora_rank", "lora_alpha", "lora_dropout"), ("lora",)),
    **dict.fromkeys(("probe_strengths", "probe_layers", "probe_pooling"), ("probe",)),
}
"""Key of ``training`` → the methods it is for; the rest are for all."""

_BY_KIND = {
    **dict.fromkeys(("model.ngram_max", "model.regularisation"), ("tfidf",)),
    **dict.fromkeys(("model.dropout", "model.hub_id", "model.revision", "text.max_tokens"), ("encoder",)),
    "training.class_weights": ("encoder", "tfidf"),
}
"""Option → the kinds of model it is for; other keys of ``training`` are an encoder's, all the rest are for all."""
_NO_PREDICTION = {
    "model.path",
    "model.licence",
    "training.checkpoint_minutes",
    "training.calibration",
    "training.threshold",
}
"""Where files lie, what they are called, how to go on after a stop, and what is made of the predictions afterwards."""


def heeded(config: Mapping[str, str]) -> dict[str, str]:
    """Of a run's flat options (``training.method``, ...) those that decide its predictions, random seeds left out.

    >>> heeded({"model.kind": "tfidf", "model.ngram_max": "2", "training.method": "probe", "tracking.kind": "none"})
    {'model.kind': 'tfidf', 'model.ngram_max': '2'}
    """
    kind, method = config.get("model.kind", ""), config.get("training.method", "")
    return {key: value for key, value in config.items() if _is_heeded(key, kind, method)}


def _is_heeded(key: str, kind: str, method: str) -> bool:
    group, _, name = key.partition(".")
    if group not in ("task", "text", "model", "training") or key in _NO_PREDICTION:
        return False
    of_kinds = _BY_KIND.get(key, ("encoder",) if group == "training" else (kind,))
    return kind in of_kinds and (group != "training" or method in BY_METHOD.get(name, (method,)))
