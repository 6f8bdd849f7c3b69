"""What a configuration says of a model."""

from __future__ import annotations

from dataclasses import dataclass

from detente import places

KINDS = ("encoder", "tfidf", "lexicon", "majority")


@dataclass(frozen=True)
class ModelOptions:
    """Which model. An encoder is the folder ``path``, or the hub's ``hub_id``, or else the embedded one.

    A ``path`` may be a model folder, or the name of a shipped model.

    ``ngram_max`` and ``regularisation`` (C, the inverse strength) are TF-IDF's.
    """

    name: str = "mini"
    kind: str = "encoder"
    path: str = ""
    hub_id: str = ""
    revision: str = "main"
    licence: str = ""
    dropout: float = 0.1
    ngram_max: int = 2
    regularisation: float = 10.0

    @property
    def encoder_path(self) -> str:
        """The local folder asked for; the embedded encoder where neither a folder nor a hub id is named."""
        return self.path or ("" if self.hub_id else str(places.MINI))
