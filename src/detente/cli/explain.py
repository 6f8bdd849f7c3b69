"""`detente explain`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from detente.cli import say, say_of_model
from detente.cli.ranges import BATCH
from detente.errors import InputError, UsageError

if TYPE_CHECKING:
    from detente.evaluation.explanations import Explanation
    from detente.model import Classifier

BAR = 20
"""Characters of the longest bar."""


@click.command("explain", short_help="Which words a prediction rests on.")
@click.argument("model")
@click.argument("texts", metavar="[TEXT]...", nargs=-1)
@click.option("-i", "--input", "source", type=click.Path(path_type=Path), help="A file of texts: .txt, .csv or .jsonl.")
@click.option("--text-column", default="text", show_default=True, help="The column of a .csv or .jsonl file to explain.")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Write a page as well: .html.")
@click.option("--task", help="The task to explain, for a model of several.")
@click.option("--batch-size", default=32, show_default=True, type=BATCH, help="Sentences a batch.")
def command(
    model: str,
    texts: tuple[str, ...],
    source: Path | None,
    text_column: str,
    out: Path | None,
    task: str | None,
    batch_size: int,
) -> None:
    """Show what each word contributes to the label MODEL gives to each TEXT; "-" reads texts from stdin, one a line.

    A word's contribution is the label's probability minus what is left of it without the word. MODEL is `dispute`
    (which comes with détente), a model folder, an MLflow run id, runs:/ID/model or models:/NAME/VERSION.

    \b
    Example:
      detente explain dispute "Hai bên nhất trí nối lại đàm phán." --task stance
      detente explain runs/1f3a5c7e9b2d4f60/model "Hai bên nhất trí nối lại đàm phán." -o why.html
    """
    from detente.evaluation.explanation_page import check_page, write_page
    from detente.evaluation.explanations import check_length, check_task, explain
    from detente.model.engines import AUTO, EngineOptions, load_engine
    from detente.model.folder import read_info
    from detente.tracking import find_model

    if out is not None:
        check_page(out, [source])
    chosen = _texts(texts, source, text_column)
    for text in chosen:
        check_length(text)
    folder = find_model(model).folder
    if out is not None:
        check_page(out, [source, folder])
    check_task(read_info(folder), task)
    classifier = load_engine(folder, EngineOptions(AUTO), say)
    say_of_model(classifier.info, "what it leans on means nothing")
    explanations = [explain(classifier, text, task, batch_size) for text in chosen]
    if out is not None:
        write_page(explanations, classifier.info.display_name, out, [source, folder])
        say(f"{out}: {len(explanations)} explained")
    for at, explanation in enumerate(explanations):
        _print(explanation, classifier, blank=at > 0)


def _texts(texts: Sequence[str], source: Path | None, text_column: str) -> list[str]:
    """The texts that were asked for, from one of the three places they can come from."""
    if (source is not None) == bool(texts):
        raise UsageError('expected texts from one place: TEXT..., "-" for stdin, or -i FILE.')
    if source is not None:
        from detente.prediction.rows import read_rows
        from detente.prediction.sources import HINT
        from detente.rows import TextColumn

        return [row[text_column] for row in read_rows(source, TextColumn(text_column, HINT))]
    if "-" not in texts:
        return [_decoded(text) for text in texts]
    if len(texts) > 1:
        raise UsageError('"-" reads the texts from stdin; expected it alone.')
    try:
        lines = sys.stdin.buffer.read().decode("utf-8-sig").replace("\r\n", "\n").removesuffix("\n").split("\n")
    except UnicodeDecodeError as error:
        raise InputError(f"stdin: not UTF-8 ({error}). Convert it first.") from error
    blank = next((number for number, line in enumerate(lines, start=1) if not line.strip()), None)
    if blank is not None:
        raise InputError(f"stdin:{blank}: empty line; expected a text a line. Remove it.")
    return lines


def _decoded(text: str) -> str:
    """An argument as UTF-8, whatever the terminal's encoding is called. Raises UsageError."""
    try:
        return os.fsencode(text).decode()
    except UnicodeError as error:
        raise UsageError(f"TEXT {text[:40]!r}: not UTF-8; expected a terminal that writes UTF-8.") from error


def _print(explanation: Explanation, classifier: Classifier, *, blank: bool) -> None:
    """The label, the text, and a signed bar a word; as the model's text path has them, which no terminal can stumble on."""
    from detente.evaluation.explanations import TRUNCATED, full_colour, signed

    if blank:
        print()
    print(f"{explanation.task}: {explanation.label} {explanation.prob:.3f}")
    print(classifier.text_path.normalise(explanation.text))
    if explanation.truncated:
        say(f"note: {TRUNCATED}")
    full = full_colour(explanation)
    for word in explanation.words:
        bar = ("+" if word.contribution > 0 else "-") * round(BAR * abs(word.contribution) / full)
        print(f"{signed(word.contribution)}  {bar:{BAR}}  {word.word}")
