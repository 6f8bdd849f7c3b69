"""The one door for YAML of a user's: what JSON could say as well, each key once, and no dates."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

from detente import strict_json
from detente.errors import ConfigError


def read_mapping(path: Path) -> dict[str, Any]:
    """The mapping that a file holds, its texts in NFC. Raises ConfigError that names the file, and the place of a mistake."""
    import yaml

    text = unicodedata.normalize("NFC", strict_json.read_text(path, error=ConfigError))
    try:
        value = yaml.load(text, _loader())
        json.dumps(value, allow_nan=False)
    except yaml.YAMLError as wrong:
        mark = getattr(wrong, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise ConfigError(f"{path}: {where}not YAML ({getattr(wrong, 'problem', None) or 'cannot be read'}).") from wrong
    except (TypeError, ValueError, RecursionError) as wrong:
        raise ConfigError(f"{path}: holds what is no text, number, list or mapping; expected key: value.") from wrong
    if value is not None and not isinstance(value, dict):
        raise ConfigError(f"{path}: expected key: value, got {strict_json.shown(value)}.")
    return value or {}


def _loader() -> Any:
    """YAML without dates, and without a key that stands twice."""
    import yaml

    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            keys = [key.value for key, _ in node.value]
            if twice := next((key for key in keys if keys.count(key) > 1), None):
                raise yaml.constructor.ConstructorError(None, None, f"the key '{twice}' stands twice", node.start_mark)
            return super().construct_mapping(node, deep)

    Loader.add_constructor("tag:yaml.org,2002:timestamp", yaml.SafeLoader.construct_yaml_str)
    return Loader
