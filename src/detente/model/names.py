"""What a MODEL argument names, apart from MLflow: a model that comes with the package, or a folder."""

from __future__ import annotations

from pathlib import Path

from detente import places
from detente.errors import ModelError, UsageError
from detente.model.about import ABOUT

DEFAULT = "dispute"
"""The model that predicts where none is named."""
SHIPPED = {DEFAULT: places.PACKAGE / "model" / DEFAULT}
"""Name → its folder in the package."""


def named_folder(model: Path | str) -> Path:
    """The folder of a model: that of a shipped one for its bare name, else what is given.

    A Path, and a text with a slash in it, is always a folder. Raises UsageError for a name that is both a shipped model's and
    that of a model folder here, so that the same call does not mean two models in two places; ModelError where the package
    has been installed without the model, and there is no folder of its name.
    """
    if isinstance(model, Path) or model not in SHIPPED:
        return Path(model)
    shipped, here = SHIPPED[model], Path(model)
    if not is_model_folder(shipped):
        if is_model_folder(here):
            return here
        raise ModelError(
            f"{model}: the model of this name is not in this installation (there is no {shipped}): a checkout may lack it. "
            "Install détente from a wheel, or name a model folder, as `detente train` writes."
        )
    if is_model_folder(here) and not here.samefile(shipped):
        raise UsageError(
            f"{model}: is the model that comes with détente ({shipped}), and a model folder here. For the folder write "
            f"./{model}, for the other its whole path."
        )
    return shipped


def is_shipped(folder: Path) -> bool:
    """Whether a folder is that of a model that comes with the package."""
    return any(shipped.is_dir() and folder.exists() and folder.samefile(shipped) for shipped in SHIPPED.values())


def is_model_folder(folder: Path) -> bool:
    """Whether a folder says that it is a model."""
    return (folder / ABOUT).is_file()


def is_uri(name: str) -> bool:
    """Whether a MODEL argument names something in MLflow rather than a folder."""
    if Path(name).exists():
        return False
    return name.startswith(("runs:/", "models:/")) or (len(name) == 32 and all(c in "0123456789abcdef" for c in name))


def is_model(name: str) -> bool:
    """Whether an argument is a model, as far as can be told without opening it, and not a file or folder to be predicted."""
    return is_uri(name) or is_model_folder(Path(name)) or (name in SHIPPED and not Path(name).exists())
