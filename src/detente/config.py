"""The only door from Hydra's configuration to typed options.

Configuration files lie in the package; a user's own ``./configs`` is searched first. A typo, a wrong type or a missing value
is one ConfigError that names the key and offers the near miss. ``configs/task/`` is no config group: its files are records of
``detente.tasks``, and ``task`` is a plain value, one name or a list.
"""

from __future__ import annotations

import copy
import dataclasses
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException
from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import InterpolationResolutionError, OmegaConfBaseException

from detente import places
from detente.config_folders import search_own_configs_first
from detente.dataset import BuildOptions
from detente.errors import ConfigError, near_miss
from detente.overrides import as_typed
from detente.strict_json import shown
from detente.tasks import FOLDER
from detente.tracking.comparing import CompareOptions
from detente.tracking.options import TrackingOptions
from detente.training import TrainOptions
from detente.training.distillation.options import DistillOptions

T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class TrainConfig(TrainOptions):
    """Everything ``detente train`` can be told. An empty ``dataset`` is the seeds', built if absent."""

    dataset: str = ""
    # OmegaConf knows no text or list; to_options reads it.
    task: str | tuple[str, ...] = dataclasses.field(default="stance", metadata={"omegaconf_ignore": True})
    tracking: TrackingOptions = dataclasses.field(default_factory=TrackingOptions)


APPS: dict[str, Any] = {
    "build": BuildOptions,
    "compare": CompareOptions,
    "distill": DistillOptions,
    "train": TrainConfig,
}
"""Configuration → the type of its options; `compare` takes ordinary arguments beside its own."""


def load_config(name: str, overrides: Sequence[str] = ()) -> Any:
    """The options of an app (``train``, ``build``) with overrides as on its command line.

    >>> load_config("train", ["task=sentiment", "seed=1"]).task
    'sentiment'
    """
    return to_options(_compose(name, as_typed(overrides, APPS[name], sweep=False)), APPS[name])


def to_options(config: DictConfig, options: type[T]) -> T:
    """A composed configuration as a frozen dataclass. Raises ConfigError that lists every key that is wrong."""
    problems = [*_unknown_keys(OmegaConf.to_container(config, resolve=False), options), *_nameless(config)]
    schema = OmegaConf.structured(options)
    _thaw(schema)
    try:
        # A missing value would give way to the default of its field without a word.
        problems += [
            f"{key}: not set. Give it on the command line: {key}=..." for key in sorted(OmegaConf.missing_keys(config))
        ]
        if problems:
            raise ConfigError("\n".join(problems))
        resolved = copy.deepcopy(config)  # what refers to a plain field finds it, before it is taken out
        OmegaConf.set_readonly(resolved, False)
        OmegaConf.resolve(resolved)
        plain = {name: _names(resolved[name], name) for name in _plain_fields(options) if name in resolved}
        rest = OmegaConf.masked_copy(resolved, [str(key) for key in resolved if key not in plain])
        found: T = dataclasses.replace(_with_tuples(OmegaConf.to_object(OmegaConf.merge(schema, rest))), **plain)
    except OmegaConfBaseException as error:
        key = getattr(error, "full_key", "") or "configuration"
        raise ConfigError(f"{key}: {_cause(error, config, schema, key)}") from error
    return found


_KINDS = {"Integer": "a whole number", "Float": "a number", "bool": "true or false"}
_NO_KIND = re.compile(r"Value '(.*?)'(?: of type '\w+')? .*?(?:converted to|not a valid) (Integer|Float|bool)", re.DOTALL)


def _cause(error: OmegaConfBaseException, config: DictConfig, schema: Any, key: str) -> str:
    """What OmegaConf could not take, in the words of who typed it."""
    message = str(error.msg).splitlines()[0] if error.msg else str(error)
    if isinstance(error, InterpolationResolutionError):
        return f"{message}. ${{...}} stands for another key's value; a backslash before it keeps it as text: \\${{...}}"
    if "is not a ListConfig" in message:
        usual = OmegaConf.select(schema, key)
        as_in = f", as in {key}=[{','.join(map(str, usual))}]" if isinstance(usual, ListConfig) else ""
        return f"expected a list{as_in}, got {shown(OmegaConf.select(config, key))}."
    if kind := _NO_KIND.match(message):
        return f"expected {_KINDS[kind[2]]}, got {shown(kind[1])}."
    return message


def check_overrides(name: str, overrides: Sequence[str], *, sweep: bool) -> Any:
    """Find what is wrong with the overrides of a run or sweep before anything starts; the options of the first job.

    Raises ConfigError.

    Of a swept key the first value stands for all.
    """
    return to_options(_compose(name, _first_job(name, overrides, sweep=sweep)), APPS[name])


def check_keys(name: str, overrides: Sequence[str], *, sweep: bool) -> None:
    """Find overrides that cannot be read and keys that are not there; values may be missing. Raises ConfigError."""
    config = _compose(name, _first_job(name, overrides, sweep=sweep))
    if problems := list(_unknown_keys(OmegaConf.to_container(config, resolve=False), APPS[name])):
        raise ConfigError("\n".join(problems))


def _first_job(name: str, overrides: Sequence[str], *, sweep: bool) -> list[str]:
    """The overrides of a sweep's first job, or of the run. Raises ConfigError for what cannot be read."""
    for override in overrides:
        _check_shape(name, override)
    parsed = [
        _parsed(typed, quoted) for typed, quoted in zip(overrides, as_typed(overrides, APPS[name], sweep=sweep), strict=True)
    ]
    swept = [typed for typed, override in zip(overrides, parsed, strict=True) if override.is_sweep_override()]
    if swept and not sweep:
        raise ConfigError(
            f"{swept[0]}: several values in a single run. Add -m to run one job each: detente {name} -m {swept[0]}"
        )
    return [
        f"{override.input_line.split('=', 1)[0]}={next(iter(override.sweep_string_iterator()))}"
        if override.is_sweep_override()
        else override.input_line
        for override in parsed
    ]


_KEY = re.compile(r"[\w@:/$-]{1,100}(?:\.[\w@:/$-]{1,100}){0,20}", re.ASCII)
"""What may stand before the '=': names joined by stops. Hydra's grammar stumbles over others, and looks for a file of any."""


def _check_shape(name: str, override: str) -> None:
    key, equals, value = override.partition("=")
    if not equals and not override.startswith("~"):
        known = [f"{key}=..." for key in _known_keys(name)]
        raise ConfigError(f"{shown(override)}: expected key=value, as in task=sentiment.{near_miss(override, known)}")
    bare = key.lstrip("+~")
    if not bare or key != key.strip() or value[:1].isspace():
        raise ConfigError(f"{shown(override)}: expected key=value without spaces around the '='.")
    if not _KEY.fullmatch(bare):
        known = _known_keys(name)
        raise ConfigError(f"{shown(bare)}: unknown key.{near_miss(bare, known)} `detente {name} --cfg job` prints all keys.")


def _parsed(typed: str, quoted: str) -> Any:
    try:
        return OverridesParser.create().parse_override(quoted)
    except (HydraException, ValueError) as error:
        key, _, value = typed.lstrip("+~").partition("=")
        _check_group(key, value)
        cause = _first_line(error)
        raise ConfigError(
            f"{typed}: cannot be read ({cause}). Expected a number, a word, true, false, null or a [list]; put quotes inside "
            f"the shell's around anything else: '{typed.split('=', 1)[0]}=\"...\"'"
        ) from error


def _compose(name: str, overrides: Sequence[str]) -> DictConfig:
    search_own_configs_first()
    try:
        with _fresh_hydra(), initialize_config_dir(version_base="1.3", config_dir=str(places.CONFIGS)):
            config: DictConfig = compose(name, overrides=list(overrides))
            return config
    except (HydraException, OmegaConfBaseException, ValueError) as error:
        raise ConfigError(_explain(name, overrides, error)) from error


def _explain(name: str, overrides: Sequence[str], error: Exception) -> str:
    """Hydra's message, shortened, with the near miss of the key or the option that it could not place."""
    message = _first_line(error)
    chosen = [override for override in overrides if _check_group(*override.lstrip("+~").partition("=")[::2])]
    known = _known_keys(name, chosen)
    for override in overrides:
        key = override.lstrip("+~").partition("=")[0]
        if override in chosen:
            continue
        if key not in known and not key.startswith("hydra"):
            hint = _of_other_choices(key) or near_miss(key, known)
            return f"{key}: unknown key.{hint} `detente {name} --cfg job` prints all keys."
        if key in message:
            cause = _first_line(error.__cause__) if error.__cause__ else message
            return f"{override}: {cause}"
    return str(explained(error))


def _check_group(key: str, value: str) -> bool:
    """Whether a key is a group of configurations. Raises ConfigError if it is, and the value is none of them."""
    if key == str(FOLDER) or not (places.CONFIGS / key).is_dir():
        return False
    if value not in (found := _group_options(key)):
        raise ConfigError(f"{key}={value}: no such configuration; expected one of {', '.join(found)}.{near_miss(value, found)}")
    return True


_TASK = " A task is a plain value: write `task: NAME` below the defaults in place of `override /task: NAME`."


def explained(error: Exception) -> ConfigError:
    """What Hydra or OmegaConf raised, as an error of ours."""
    message = _first_line(error).split(", set env var")[0]
    return ConfigError(message + (_TASK if "Could not override 'task'" in message else ""))


def _plain_fields(options: Any) -> list[str]:
    """Fields of a type that OmegaConf does not know: a text, or several."""
    return [field.name for field in dataclasses.fields(options) if field.metadata.get("omegaconf_ignore")]


def _names(value: Any, key: str) -> str | tuple[str, ...]:
    """One name or several. Raises ConfigError."""
    names = list(value) if isinstance(value, ListConfig) else [value]
    if not names or not all(isinstance(name, str) and name for name in names):
        raise ConfigError(
            f"{key}: expected a name or a list of names, as in {key}=stance or {key}=[stance,sentiment], got {value}."
        )
    return names[0] if len(names) == 1 else tuple(names)


def _group_options(group: str) -> list[str]:
    folders = [Path("configs") / group, places.CONFIGS / group]
    return sorted({path.stem for folder in folders if folder.is_dir() for path in folder.glob("*.yaml")})


def _of_other_choices(key: str) -> str:
    """What to say of a key that other choices of its group have."""
    group, _, name = key.partition(".")
    line = re.compile(rf"^{re.escape(name)}:", re.MULTILINE)
    files = sorted((places.CONFIGS / group).glob("*.yaml")) if name and group.isidentifier() else []
    having = [f"{group}={path.stem}" for path in files if line.search(path.read_text(encoding="utf-8"))]
    return f" It is a key of {' and '.join(having)}." if having else ""


def _known_keys(name: str, chosen: Sequence[str] = ()) -> list[str]:
    with _fresh_hydra(), initialize_config_dir(version_base="1.3", config_dir=str(places.CONFIGS)):
        try:
            config = compose(name, overrides=list(chosen))
        except (HydraException, OmegaConfBaseException, ValueError):
            config = compose(name)
    groups = [path.name for path in places.CONFIGS.iterdir() if path.is_dir() and path.name != str(FOLDER)]
    return [*groups, *_flat(OmegaConf.to_container(config, resolve=False))]


def _flat(config: Any, prefix: str = "") -> Iterator[str]:
    for key, value in config.items():
        yield f"{prefix}{key}"
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")


def _unknown_keys(config: Any, options: Any, prefix: str = "") -> Iterator[str]:
    fields = {field.name: field for field in dataclasses.fields(options)}
    for key, value in config.items():
        if key not in fields:
            names = [f"{prefix}{name}" for name in fields]
            yield f"{prefix}{key}: unknown key; expected one of {', '.join(names)}.{near_miss(f'{prefix}{key}', names)}"
        elif isinstance(value, dict) and (nested := _nested(fields[key])):
            yield from _unknown_keys(value, nested, f"{prefix}{key}.")


def _nameless(config: DictConfig) -> Iterator[str]:
    """What to say of a file of `configs/model` without a name: the field's default is another model's."""
    if isinstance(config.get("model"), DictConfig) and "name" not in config.model:
        yield (
            "model: its file gives it no name. An encoder has the keys name, kind (encoder), hub_id, revision, path, "
            "licence and dropout, as model=xlmr_base has."
        )


def _nested(field: dataclasses.Field[Any]) -> Any:
    factory = field.default_factory
    return factory if isinstance(factory, type) and dataclasses.is_dataclass(factory) else None


def _with_tuples(found: Any) -> Any:
    """Fields declared as tuples come out of OmegaConf as lists; put tuples back, at every level."""
    changes = {}
    for field in dataclasses.fields(found):
        value = getattr(found, field.name)
        if dataclasses.is_dataclass(value):
            changes[field.name] = _with_tuples(value)
        elif isinstance(value, list):
            changes[field.name] = tuple(value)
    return dataclasses.replace(found, **changes)


def _thaw(config: DictConfig) -> None:
    """Frozen dataclasses come out of OmegaConf read-only at every level; nothing could be merged into them."""
    OmegaConf.set_readonly(config, False)
    for key in config:
        if isinstance(config._get_node(key), DictConfig):
            _thaw(config[key])


@contextmanager
def _fresh_hydra() -> Iterator[None]:
    """Hydra keeps one global state; inside a job that another Hydra runs, put it back afterwards."""
    before = GlobalHydra.instance().hydra
    GlobalHydra.instance().clear()
    try:
        yield
    finally:
        GlobalHydra.instance().clear()
        if before is not None:
            GlobalHydra.instance().initialize(before)


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
