"""Fixtures. Nothing here reaches the network; outside data comes by DETENTE_TEST_DATA or the test is skipped."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# Before huggingface_hub is imported, which reads it then: the commands are called in this process.
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from browser import chromium, open_page
from detente import places
from detente.dataset import LabelledDataset, build_dataset
from detente.dataset.build import BuildOptions
from detente.dataset.splits import SplitOptions
from detente.model.families.phobert import phobert_config
from detente.model.options import ModelOptions
from detente.tracking import open_store
from detente.training import train
from detente.training.options import TrainingOptions, TrainOptions
from tracking_database import share_migrations

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from browser import PageLog


_LONG = ("test_on_ray.py", "test_resume.py", "02-compare-runs.ipynb", "00-quickstart.ipynb")
"""Files whose single tests take longest: begun first, so that no worker of pytest-xdist is left with one at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in _LONG)


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_is_heeded() -> Iterator[None]:
    """A shell ignores SIGINT for what it runs in the background, and every process started there inherits that."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session", autouse=True)
def _template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where mlflow's tables lie with nothing in them, once the first store was made; all later ones begin as copies."""
    template = tmp_path_factory.mktemp("mlflow") / "template.db"
    with pytest.MonkeyPatch.context() as patch:
        share_migrations(template, patch)
        yield template


@pytest.fixture(scope="session")
def migrated(_template: Path) -> Path:
    """A database of mlflow's tables with nothing in them, for a process of its own to begin with."""
    if not _template.exists():
        open_store(f"sqlite:///{_template.with_name('first.db')}")
    return _template


@pytest.fixture(autouse=True)
def _own_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test runs in an empty folder, since the commands write where they are run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture(scope="session")
def outside_data() -> Path:
    """The folder of outside test data; without it the test is skipped, in CI it fails."""
    folder = os.environ.get("DETENTE_TEST_DATA", "")
    if not folder or not Path(folder).is_dir():
        reason = "DETENTE_TEST_DATA names no folder"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return Path(folder)


@pytest.fixture
def browser_page() -> Iterator[tuple[Page, PageLog]]:
    """A page of a fresh browser, and the log of its requests and errors; without a Chromium skipped, in CI failed."""
    program = chromium()
    if program is None:
        reason = "no chromium on the PATH (apt-get install chromium)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with open_page(program) as opened:
        yield opened


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> LabelledDataset:
    """The seeds' dataset."""
    return build_dataset(BuildOptions(out=str(tmp_path_factory.mktemp("data") / "seeds")))


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder of two narrow layers with random weights and the embedded one's vocabulary: what trains in a moment."""
    import json
    import shutil

    import torch
    from transformers import RobertaModel

    folder = tmp_path_factory.mktemp("tiny") / "encoder"
    config = phobert_config(
        vocab_size=json.loads((places.MINI / "config.json").read_text())["vocab_size"],
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        untrained=True,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        RobertaModel(config, add_pooling_layer=False).save_pretrained(folder)
    for name in ("vocab.txt", "bpe.codes"):
        shutil.copyfile(places.MINI / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def three_folds(tmp_path_factory: pytest.TempPathFactory) -> LabelledDataset:
    """The seeds in three folds: fewer fits."""
    folder = tmp_path_factory.mktemp("three") / "seeds"
    return build_dataset(BuildOptions(out=str(folder), split=SplitOptions(n_folds=3)))


@pytest.fixture(scope="session")
def quick(tiny: Path) -> TrainOptions:
    """The tiny encoder, fine-tuned for one epoch."""
    training = TrainingOptions(method="finetune", epochs=1, learning_rate=1e-3)
    return TrainOptions(model=ModelOptions(name="tiny", path=str(tiny)), training=training)


@pytest.fixture(scope="session")
def tfidf() -> TrainOptions:
    return TrainOptions(task="stance", model=ModelOptions(name="tfidf", kind="tfidf"))


@pytest.fixture(scope="session")
def trained(dataset: LabelledDataset, tmp_path_factory: pytest.TempPathFactory) -> Callable[[TrainOptions], Path]:
    """Options → the folder of a run with them on the seeds, trained once a session: to be read, or copied."""
    folder, done = tmp_path_factory.mktemp("trained"), dict[str, Path]()

    def folder_of(options: TrainOptions) -> Path:
        key = repr(options)
        if key not in done:
            with contextlib.chdir(folder):
                done[key] = train(dataset, options, out=folder / f"run {len(done)}").folder
        return done[key]

    return folder_of


@pytest.fixture(scope="session")
def phobert_folder(outside_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """PhoBERT-base to the letter but for its weights, which are random: the exact architecture, its real vocabulary."""
    import shutil

    import torch
    from transformers import RobertaModel

    folder = tmp_path_factory.mktemp("phobert") / "phobert-base"
    with torch.random.fork_rng():
        torch.manual_seed(0)
        RobertaModel(phobert_config(), add_pooling_layer=False).save_pretrained(folder)
    for name in ("vocab.txt", "bpe.codes"):
        shutil.copyfile(outside_data / "phobert-tokenizer" / name, folder / name)
    return folder
