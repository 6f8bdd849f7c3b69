from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from detente.errors import TextError
from detente.text import TextPath, pool, segment_corpus

PATH = TextPath()
SENTENCES = [f"Bên thứ {n} ký thỏa thuận hòa bình số {n}." for n in range(300)]


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "WORTH_WORKERS", 10)


def test_a_short_corpus_stays_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "over_workers", lambda *arguments: pytest.fail("workers were started"))
    assert list(segment_corpus(PATH, SENTENCES[:5], n_workers=2)) == [PATH(text) for text in SENTENCES[:5]]
    assert list(segment_corpus(PATH, [])) == []


@pytest.mark.usefixtures("_small")
def test_workers_give_the_same_in_order() -> None:
    assert list(segment_corpus(PATH, SENTENCES, n_workers=2, batch_size=7)) == [PATH(text) for text in SENTENCES]


@pytest.mark.usefixtures("_small")
def test_an_endless_source_is_read_no_further_than_the_results_are() -> None:
    n_read = 0

    def endless() -> Iterator[str]:
        nonlocal n_read
        for n in itertools.count():
            n_read += 1
            yield f"Câu {n}."

    found = segment_corpus(PATH, endless(), n_workers=2, batch_size=10)
    assert list(itertools.islice(found, 25)) == [f"Câu {n} ." for n in range(25)]
    # Ten looked at first, then three batches out and five under way.
    assert n_read <= 10 * 8
    found.close()  # type: ignore[attr-defined]


@pytest.mark.usefixtures("_small")
def test_a_dead_worker_is_an_error() -> None:
    def source() -> Iterator[str]:
        yield from SENTENCES[:40]
        workers = [child for child in psutil.Process().children() if any("popen_loky" in part for part in child.cmdline())]
        assert len(workers) == 2
        workers[0].kill()
        yield from itertools.repeat("Hết.", 500)

    with pytest.raises(TextError, match="a worker process of the text path died"):
        list(segment_corpus(PATH, source(), n_workers=2, batch_size=5))


def test_a_script_needs_no_main_guard(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from detente.text import TextPath, pool, segment_corpus\n"
        "pool.WORTH_WORKERS = 2\n"
        "print(list(segment_corpus(TextPath(), ['Hòa bình.'] * 3, n_workers=2)))\n"
        "import sys; print('torch' in sys.modules)\n",
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=300, check=False)
    assert done.stdout == "['Hoà_bình .', 'Hoà_bình .', 'Hoà_bình .']\nFalse\n", done.stderr


@pytest.mark.usefixtures("_small")
def test_an_error_of_the_text_path_comes_through() -> None:
    texts = ["hai bên ký kết"] * 1000
    with pytest.raises(TextError, match="joined by '_'"):
        list(segment_corpus(TextPath(segmenter="none"), texts, n_workers=2, batch_size=500))
