"""Which of an encoder's parameters are trained, and how fast."""

from __future__ import annotations

from typing import Any

from detente.errors import ConfigError
from detente.model.architectures import Architecture, architecture_of
from detente.training.options import TrainingOptions


def check_against_encoder(options: TrainingOptions, n_layers: int) -> None:
    """Raise ConfigError where the options ask for more layers than the encoder has."""
    if options.freeze_layers > n_layers:
        raise ConfigError(
            f"training.freeze_layers: the encoder has {n_layers} layers, {options.freeze_layers} cannot be frozen. To train "
            "the head alone: training=probe"
        )


def adapt(network: Any, options: TrainingOptions) -> Any:
    """The network as it is trained: with frozen parts, or with LoRA's small matrices in every query and value projection.

    The source of LoRA is Hu et al. 2021 (arXiv 2106.09685); ``merged`` undoes it.
    """
    if options.method == "lora":
        from detente.training.lora import with_lora

        return with_lora(network, options)
    architecture = architecture_of(network)
    check_against_encoder(options, network.config.num_hidden_layers)
    for name, parameter in network.named_parameters():
        place = _place(name, architecture)
        if place == 0:
            parameter.requires_grad = not (options.freeze_embeddings or options.freeze_layers)
        elif place is not None:
            parameter.requires_grad = place > options.freeze_layers
    return network


def parameter_groups(network: Any, options: TrainingOptions) -> list[dict[str, Any]]:
    """AdamW's groups: ``lr`` by layer, no weight decay for biases and norms.

    With ``layer_decay`` d the head learns at the learning rate and every layer below at d times the one above it (Howard and
    Ruder 2018, arXiv 1801.06146); embeddings are the lowest.
    """
    architecture = architecture_of(network)
    top = network.config.num_hidden_layers + 1
    groups: dict[tuple[int, bool], list[Any]] = {}
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            place = _place(name, architecture)
            groups.setdefault((top if place is None else place, parameter.dim() > 1), []).append(parameter)
    return [
        {
            "params": parameters,
            "lr": options.learning_rate * options.layer_decay ** (top - place),
            "weight_decay": options.weight_decay if decayed else 0.0,
        }
        for (place, decayed), parameters in sorted(groups.items(), key=lambda item: item[0])
    ]


def _place(name: str, architecture: Architecture) -> int | None:
    """0 for the embeddings, 1 for the first layer and so on, None for what stands above the encoder."""
    # peft puts names of its own before the network's.
    _, body, inside = f".{name}".partition(f".{architecture.body}")
    if not body:
        return None
    if inside.startswith(architecture.embeddings):
        return 0
    number = inside.removeprefix(architecture.layers).partition(".")[0]
    return int(number) + 1 if inside.startswith(architecture.layers) else None
