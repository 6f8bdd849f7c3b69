from __future__ import annotations

import unicodedata
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from detente import places
from detente.articles import extract_articles, read_pages, split_article
from detente.model.families.phobert_tokenizer import PhobertTokenizerFast
from detente.model.tokens import Token, align_tokens
from detente.text import TextPath

TOKENIZER = PhobertTokenizerFast(str(places.MINI / "vocab.txt"), str(places.MINI / "bpe.codes"))


def test_tokens_stand_for_the_raw_text() -> None:
    text = "Hòa\u200b bi\u0300nh, đe dọa."
    tokens = align_tokens(TOKENIZER, TextPath(), text, offset=100)
    words: dict[int, list[Token]] = {}
    for token in tokens:
        words.setdefault(token.word, []).append(token)
    spans = [text[own[0].start - 100 : own[-1].end - 100] for own in words.values()]
    assert spans == ["Hòa\u200b bi\u0300nh", ",", "đe dọa", "."]
    assert [token.token_id for token in tokens] == TOKENIZER.ids([TextPath()(text)])[0]


def test_every_token_of_the_seeds_has_its_place_in_the_article() -> None:
    n_tokens = 0
    path = TextPath()
    for page in read_pages(places.SEEDS / "articles"):
        for article in extract_articles(page)[0]:
            for sentence in split_article(article)[:4]:
                tokens = align_tokens(TOKENIZER, path, sentence.text, sentence.start)
                n_tokens += len(tokens)
                for token in tokens:
                    piece = token.token.removesuffix("@@").strip("_").replace("_", " ")
                    behind = path.normalise(article.text[token.start : token.end])
                    # The place of a tone mark apart, which moves between letters of one syllable.
                    assert bare(piece) == bare(behind) or token.token_id == TOKENIZER.unk_token_id
                assert all(a.start <= b.start and a.end <= b.end for a, b in pairwise(tokens))
                assert sentence.start <= tokens[0].start
                assert tokens[-1].end <= sentence.end
    assert n_tokens > 500


def bare(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))


def test_what_the_model_does_not_read_has_no_token() -> None:
    path = TextPath(segmenter="none", max_tokens=16)
    assert len(align_tokens(TOKENIZER, path, "Nga " * 50)) == 14
    assert align_tokens(TOKENIZER, path, " ") == []


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40))
def test_any_text_has_its_tokens_inside(text: str) -> None:
    for token in align_tokens(TOKENIZER, TextPath(segmenter="none"), text):
        assert 0 <= token.start <= token.end <= len(text)
