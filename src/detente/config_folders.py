"""Where Hydra looks for configuration files: the user's folder, then the package's; configs/task/ is none of its groups."""

from __future__ import annotations

from pathlib import Path

from hydra._internal.core_plugins.file_config_source import FileConfigSource
from hydra._internal.sources_registry import SourcesRegistry
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.plugins import Plugins
from hydra.plugins.search_path_plugin import SearchPathPlugin

from detente import places
from detente.tasks import FOLDER


class _Configs(FileConfigSource):  # type: ignore[misc]
    """A folder of configuration files of which configs/task/ is no group: to Hydra ``task=`` would be a choice of one file."""

    @staticmethod
    def scheme() -> str:
        return "detente"

    def is_group(self, config_path: str) -> bool:
        return config_path != str(FOLDER) and bool(super().is_group(config_path))


class _OwnConfigsFirst(SearchPathPlugin):  # type: ignore[misc]
    """Puts ./configs of the working directory before the package's, and both into our hands."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        for element in search_path.get_path():
            if element.provider == "main":
                element.path = f"detente://{element.path.removeprefix('file://')}"
        own = Path("configs").absolute()
        if own.is_dir() and own != places.CONFIGS:
            search_path.prepend(provider="detente-own", path=f"detente://{own}")


def search_own_configs_first() -> None:
    """Make Hydra look into ./configs before the package's configs, and leave configs/task/ to us."""
    SourcesRegistry.instance().register(_Configs)
    Plugins.instance().register(_OwnConfigsFirst)
