"""Which words a prediction rests on, by leaving each of them out.

Occlusion (Zeiler & Fergus 2014, "Visualizing and Understanding Convolutional Networks"), for words as in Li, Monroe & Jurafsky
(2016, "Understanding Neural Networks through Representation Erasure"), with probabilities: the contribution of word i to a
label is

    c_i = p(label | words) - p(label | words without word i).

It asks nothing of a model but probabilities, so it holds for every classifier. What is left out is a word of the *segmented*
text: segmenting the shorter sentence anew could join other words, and the difference would be of two changes. Contributions do
not add up to anything: two words that say the same cover for each other, and both look idle.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from detente.errors import InputError, UsageError, near_miss
from detente.evaluation.blocks import Block, Marked, Paragraph, Section, Table
from detente.evaluation.wording import counted
from detente.model.classifier import Classifier, ModelInfo
from detente.strict_json import shown

FULL_COLOUR = 0.10
"""The contribution that gets the full colour where none is larger: marks of a sentence in which nothing matters stay pale."""

CHUNK = 256
"""Shorter texts made at a time, for a text of n words has n of them."""

MAX_CHARACTERS = 5000
"""Of a text that is explained: four times what a model reads at most, and every word of it costs one more reading."""

N_SHOWN = 8
"""Words in the table beside a marked text."""

METHOD = (
    "A word's contribution is the probability of the predicted label minus what is left of it when the word is taken out of "
    "the segmented text (occlusion). Plus speaks for the label, minus against it. Words that say the same cover for each "
    "other, so contributions do not add up; they say what the model leans on, not why the label is right."
)
TRUNCATED = (
    "The text is longer than the model reads. Words behind the limit contribute nothing, and a word taken out before it lets "
    "another one in."
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the segmented text, where it stands in the raw text (``text[start:end]``), and what it contributes."""

    word: str
    start: int
    end: int
    contribution: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """A prediction and the contribution of each word to it; ``truncated`` says that the model did not read the text's end."""

    text: str
    task: str
    label: str
    prob: float
    words: tuple[Word, ...]
    truncated: bool


def explain(classifier: Classifier, text: str, task: str | None = None, batch_size: int = 32) -> Explanation:
    """The contribution of each word of a raw text to the label predicted for it; one more scoring than the text has words.

    ``task`` may be left out for a model of one task. Raises UsageError for a task the model does not have, InputError for a
    text without a word, and for one of more than ``MAX_CHARACTERS``.
    """
    import numpy as np

    task = check_task(classifier.info, task)
    check_length(text)
    aligned = classifier.text_path.align(text)
    places = [match.span() for match in re.finditer(r"\S+", aligned.text)]
    if not places:
        raise InputError(f"the text {shown(text)} holds no word; expected a sentence.")
    words = [aligned.text[start:end] for start, end in places]
    whole = classifier.score_segmented([aligned.text], batch_size)
    probs = whole.probs[task][0]
    best = int(np.argmax(probs))
    left: list[float] = []
    for start in range(0, len(words), CHUNK):
        shorter = [" ".join([*words[:at], *words[at + 1 :]]) for at in range(start, min(start + CHUNK, len(words)))]
        left += classifier.score_segmented(shorter, batch_size).probs[task][:, best].tolist()
    spans = [aligned.span(start, end) for start, end in places]
    return Explanation(
        text=text,
        task=task,
        label=classifier.info.tasks[task][best],
        prob=float(probs[best]),
        words=tuple(
            Word(word, start, end, float(probs[best]) - without)
            for word, (start, end), without in zip(words, spans, left, strict=True)
        ),
        truncated=bool(whole.truncated[0]),
    )


def check_length(text: str) -> None:
    """Raise InputError for a text too long to be explained."""
    if len(text) > MAX_CHARACTERS:
        raise InputError(
            f"a text of {len(text):,} characters ({text[:30]!r}…) cannot be explained; expected a sentence, at most "
            f"{MAX_CHARACTERS:,} characters."
        )


def full_colour(explanation: Explanation) -> float:
    """The contribution that is shown in full: the largest, or ``FULL_COLOUR`` where that is larger."""
    return max(FULL_COLOUR, *(abs(word.contribution) for word in explanation.words))


def marked(explanation: Explanation) -> Marked:
    """The raw text with its words marked; the pieces joined are the text, to the character."""
    full = full_colour(explanation)
    pieces: list[tuple[str, float]] = []
    at = 0
    for word in sorted(explanation.words, key=lambda word: word.start):
        start, end = max(word.start, at), max(word.end, at)
        if start < end:
            pieces += [(explanation.text[at:start], 0.0), (explanation.text[start:end], word.contribution / full)]
            at = end
    pieces.append((explanation.text[at:], 0.0))
    said = f"{explanation.task}: {explanation.label}, probability {explanation.prob:.3f}; full colour is {full:.3f}"
    return Marked(tuple(piece for piece in pieces if piece[0]), said)


def section(explanations: Sequence[Explanation], title: str = "Explanations") -> Section:
    """Each explanation as the marked text and a table of the words that contribute most."""
    blocks: list[Block] = [Paragraph(METHOD)]
    for explanation in explanations:
        blocks.append(marked(explanation))
        if explanation.truncated:
            blocks.append(Paragraph(TRUNCATED, "caution"))
        words = sorted(explanation.words, key=lambda word: (-abs(word.contribution), word.start))[:N_SHOWN]
        said = f"The strongest {len(words)} of {counted(len(explanation.words), 'word')}"
        caption = said if len(words) < len(explanation.words) else ""
        blocks.append(Table(("word", "contribution"), tuple((w.word, signed(w.contribution)) for w in words), caption))
    return Section(title, tuple(blocks))


def signed(contribution: float) -> str:
    """Three places and the sign; what rounds to nothing is +0.000."""
    return f"{round(contribution, 3) + 0.0:+.3f}"


def check_task(info: ModelInfo, task: str | None) -> str:
    """The task asked for, or the only one of the model. Raises UsageError."""
    known = list(info.tasks)
    if task is None and len(known) == 1:
        return known[0]
    if task not in known:
        said = "no task named" if task is None else f"the model has no task '{task}'"
        raise UsageError(f"{said}; expected {' or '.join(known)}.{near_miss(task or '', known)}")
    return task
