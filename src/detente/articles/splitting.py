"""Article → sentences, with ids and offsets."""

from __future__ import annotations

from detente.records import Article, Sentence, span_text
from detente.text.sentences import split_sentences


def split_article(article: Article) -> list[Sentence]:
    """The sentences of an article's body, in order. Titles are not sentences, leads are."""
    return [
        Sentence(
            sentence_id=f"{article.page_id}#{start}",
            article_id=article.article_id,
            page_id=article.page_id,
            text=span_text(article.text, start, end),
            start=start,
            end=end,
        )
        for paragraph in article.paragraphs
        for start, end in split_sentences(article.text, *paragraph)
    ]
