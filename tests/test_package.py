from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import detente
from detente import places

LAYERS = [
    {
        "errors",
        "digests",
        "records",
        "tasks",
        "places",
        "outputs",
        "markers",
        "atomic",
        "formats",
        "intervals",
        "passwords",
        "rows",
        "predicted",
        "strict_json",
        "strict_yaml",
        "translator",
        "_version",
    },
    {"text"},
    {"articles"},
    {"dataset"},
    {"model"},
    {"evaluation"},
    {"prediction"},
    {"indexing"},
    {"training"},
    {"tracking"},
    {"config", "config_folders", "overrides"},
    {"cli", "__main__"},
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}


def _imports(path: Path) -> set[str]:
    """The top-level parts of detente that a file imports, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            parts = node.module.split(".")
            if parts[0] == "detente":
                found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names if alias.name in RANK}
    return found


def test_every_module_has_a_layer() -> None:
    parts = {path.stem if path.is_file() else path.name for path in places.PACKAGE.iterdir()}
    assert parts - set(RANK) <= {"__init__", "__pycache__", "py", "configs", "seeds"}


@pytest.mark.parametrize("path", sorted(places.PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(places.PACKAGE)))
def test_imports_never_point_back(path: Path) -> None:
    own = path.relative_to(places.PACKAGE).parts[0].removesuffix(".py")
    if own == "__init__":
        return
    back = {name for name in _imports(path) if RANK[name] > RANK[own]}
    assert not back


def test_the_wheel_stays_below_95_mb() -> None:
    """Of what it carries, before it is compressed; weights hardly shrink. `make test-wheel` looks at the wheel itself."""
    carried = [path for folder in (places.PACKAGE, places.CONFIGS, places.SEEDS) for path in folder.rglob("*")]
    sizes = {path: path.stat().st_size for path in carried if path.is_file() and "__pycache__" not in path.parts}
    largest = sorted(sizes, key=lambda path: -sizes[path])[:5]
    assert sum(sizes.values()) < 95e6, [f"{path}: {sizes[path] / 1e6:.1f} MB" for path in largest]


def test_mlflow_is_imported_by_tracking_alone_and_hydra_by_config_and_cli() -> None:
    allowed = {"mlflow": {"tracking"}, "hydra": {"config", "config_folders", "overrides", "cli"}, "omegaconf": {"config"}}
    for path in places.PACKAGE.rglob("*.py"):
        own = path.relative_to(places.PACKAGE).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            for name in names:
                if (top := name.split(".")[0]) in allowed:
                    assert own in allowed[top], f"{path} imports {top}"


def test_public_surface_is_pinned() -> None:
    assert detente.__all__ == [
        "BuildOptions",
        "DataOptions",
        "DetenteError",
        "ExportOptions",
        "ImportOptions",
        "IndexOptions",
        "LabelledDataset",
        "PhobertTokenizerFast",
        "TextPath",
        "TrainOptions",
        "__version__",
        "agreement",
        "build_dataset",
        "build_table",
        "compare_runs",
        "cross_validate",
        "diff_datasets",
        "evaluate_model",
        "explain",
        "export_sentences",
        "extract_articles",
        "import_labels",
        "load_config",
        "load_model",
        "mlflow_run",
        "normalise",
        "predict",
        "predict_texts",
        "publish_dataset",
        "read_annotations",
        "read_dataset",
        "read_pages",
        "rebuild_dataset",
        "save_model",
        "segment_corpus",
        "split_article",
        "split_sentences",
        "stance_index",
        "train",
    ]
    for name in detente.__all__:
        assert getattr(detente, name) is not None


@pytest.mark.parametrize("code", ["import detente", "import detente.cli; detente.cli.main(['--help'])"])
def test_import_and_help_load_nothing_heavy(code: str) -> None:
    heavy = ["torch", "transformers", "mlflow", "sklearn", "pandas", "datasets", "hydra", "underthesea", "detente.text"]
    program = f"{code}\nimport sys; print([name for name in {heavy!r} if name in sys.modules])"
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert out.splitlines()[-1] == "[]"


def test_no_two_test_files_share_a_name() -> None:
    """pytest would collect the first of them alone."""
    names = Counter(path.name for path in Path(__file__).parent.rglob("test_*.py"))
    assert [name for name, n in names.items() if n > 1] == []
