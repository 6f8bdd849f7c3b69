"""Sentences and their decided labels → the rows of a dataset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from detente.dataset.annotations import decisions
from detente.errors import DatasetError
from detente.records import Annotation, Article, Example, Sentence


def labelled_rows(
    sentences: Iterable[Sentence], articles: Iterable[Article], readings: Sequence[Annotation], groups: Mapping[str, str]
) -> list[Example]:
    """The sentences with a decided label, ordered by page and place, whatever the order of the files.

    Raises AnnotationError where nobody decided, DatasetError if no sentence has a label.
    """
    decided = decisions(readings)
    article_of = {article.article_id: article for article in articles}
    examples = [
        Example(
            sentence_id=sentence.sentence_id,
            article_id=sentence.article_id,
            group_id=groups[sentence.page_id],
            text=sentence.text,
            start=sentence.start,
            end=sentence.end,
            date=article_of[sentence.article_id].date,
            outlet=article_of[sentence.article_id].outlet,
            labels=decided[sentence.sentence_id].labels,
        )
        for sentence in sorted(sentences, key=lambda sentence: (sentence.page_id, sentence.start))
        if sentence.sentence_id in decided and decided[sentence.sentence_id].labels
    ]
    if not examples:
        raise DatasetError("no sentence has a label; expected at least one. Check data.annotations.")
    return examples
