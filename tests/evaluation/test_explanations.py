from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from detente.dataset import LabelledDataset
from detente.errors import InputError, UsageError
from detente.evaluation.blocks import Marked, Paragraph, Table
from detente.evaluation.explanations import METHOD, TRUNCATED, Explanation, Word, explain, marked, section
from detente.model.classifier import ModelInfo, TextScores
from detente.model.options import ModelOptions
from detente.text import TextPath
from detente.training.fitting import encoder_folder, fit
from detente.training.options import TrainOptions
from label_sets import SENTIMENT, STANCE


class Counting:
    """Escalation has 0.1 + 0.3 for "đe_doạ" + 0.2 for "quân" - 0.05 for "hoà_bình"; the other labels share the rest."""

    info = ModelInfo(kind="test", name="counting", tasks={"stance": STANCE})

    def __init__(self, text_path: TextPath | None = None) -> None:
        self.text_path = text_path or TextPath()
        self.asked: list[str] = []

    def score_segmented(self, segmented: Sequence[str], batch_size: int = 32, batch_tokens: int = 0) -> TextScores:
        self.asked += segmented
        weights = {"đe_doạ": 0.3, "quân": 0.2, "hoà_bình": -0.05}
        own = np.array([0.4 + sum(weights.get(word, 0) for word in set(text.split())) for text in segmented])
        probs = np.stack([(1 - own) / 2, (1 - own) / 2, own], axis=1)
        n = len(segmented)
        return TextScores(probs={"stance": probs}, n_tokens=np.ones(n, dtype=int), truncated=np.zeros(n, dtype=bool))


def test_contributions_worked_by_hand_and_shown_in_the_readers_own_text() -> None:
    text = "Phản đối đe dọa,  giữ hòa\u200b bình."
    classifier = Counting()
    explanation = explain(classifier, text)  # type: ignore[arg-type]
    assert (explanation.label, explanation.prob) == ("escalation", pytest.approx(0.65))
    assert [(w.word, text[w.start : w.end], round(w.contribution, 6)) for w in explanation.words] == [
        ("Phản_đối", "Phản đối", 0),
        ("đe_doạ", "đe dọa", 0.3),
        (",", ",", 0),
        ("giữ", "giữ", 0),
        ("hoà_bình", "hòa\u200b bình", -0.05),
        (".", ".", 0),
    ]
    assert classifier.asked[:3] == [
        "Phản_đối đe_doạ , giữ hoà_bình .",
        "đe_doạ , giữ hoà_bình .",
        "Phản_đối , giữ hoà_bình .",
    ]
    pieces = [(text, round(weight, 3)) for text, weight in marked(explanation).pieces if weight]
    assert pieces == [("đe dọa", 1.0), ("hòa\u200b bình", -0.167)]


def test_words_that_say_the_same_cover_for_each_other() -> None:
    explanation = explain(Counting(), "quân và quân")  # type: ignore[arg-type]
    assert [word.contribution for word in explanation.words] == [0, 0, 0]


def test_a_text_of_many_words_is_left_out_word_by_word_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detente.evaluation.explanations.CHUNK", 3)
    explanation = explain(Counting(TextPath(segmenter="none")), "a b quân c d e đe_doạ")  # type: ignore[arg-type]
    assert [round(word.contribution, 6) for word in explanation.words] == [0, 0, 0.2, 0, 0, 0, 0.3]


def test_a_sentence_of_one_word_is_compared_with_nothing_at_all() -> None:
    classifier = Counting()
    explanation = explain(classifier, "quân")  # type: ignore[arg-type]
    assert classifier.asked == ["quân", ""]
    assert explanation.words[0].contribution == pytest.approx(0.2)


PIECES = st.sampled_from(["đe dọa", "hòa bình", "\u202e", "\u200b", "🙂", "&", "\n", " "])


@settings(max_examples=200)
@given(st.text(max_size=30) | st.lists(PIECES).map("".join))
@example(unicodedata.normalize("NFD", "Đe dọa hòa bình"))
@example("a\ud800b")
def test_the_pieces_joined_are_the_text(text: str) -> None:
    try:
        explanation = explain(Counting(TextPath(segmenter="syllables")), text)  # type: ignore[arg-type]
    except InputError:
        assert not TextPath(segmenter="syllables")(text).strip()
        return
    shown = marked(explanation)
    assert "".join(piece for piece, _ in shown.pieces) == text
    assert all(-1 <= weight <= 1 for _, weight in shown.pieces)


def test_a_small_effect_stays_pale() -> None:
    explanation = Explanation("một hai", "stance", "neutral", 0.9, (Word("một", 0, 3, 0.02), Word("hai", 4, 7, -0.001)), False)
    assert marked(explanation).pieces == (("một", pytest.approx(0.2)), (" ", 0.0), ("hai", pytest.approx(-0.01)))
    assert marked(explanation).caption == "stance: neutral, probability 0.900; full colour is 0.100"


def test_the_section_names_the_method_and_the_strongest_words() -> None:
    words = tuple(Word(f"w{at}", 2 * at, 2 * at + 1, (-1) ** at * at / 100) for at in range(10))
    shown = section([Explanation("a b c d e f g h i j", "stance", "neutral", 0.5, words, True)])
    assert shown.blocks[0] == Paragraph(METHOD)
    assert Paragraph(TRUNCATED, "caution") in shown.blocks
    assert isinstance(shown.blocks[1], Marked)
    table = shown.blocks[-1]
    assert isinstance(table, Table)
    assert table.rows[:2] == (("w9", "-0.090"), ("w8", "+0.080"))
    assert (len(table.rows), table.caption) == (8, "The strongest 8 of 10 words")


def test_tasks_and_texts_that_cannot_be_explained() -> None:
    classifier = Counting()
    with pytest.raises(UsageError, match=r"the model has no task 'stanse'; expected stance\. Did you mean 'stance'"):
        explain(classifier, "quân", "stanse")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="holds no word"):
        explain(classifier, " \u200b ")  # type: ignore[arg-type]
    classifier.info = ModelInfo(kind="test", name="joint", tasks={"stance": STANCE, "sentiment": SENTIMENT})
    with pytest.raises(UsageError, match="no task named; expected stance or sentiment"):
        explain(classifier, "quân")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["tfidf", "tiny"])
def test_any_classifier_is_explained_by_its_own_scores(name: str, dataset: LabelledDataset, quick: TrainOptions) -> None:
    options = quick if name == "tiny" else TrainOptions(model=ModelOptions(name="tfidf", kind="tfidf"))
    classifier = fit(dataset.labelled("stance")[:32], options, seed=0, encoder=encoder_folder(options))
    text = "Hai bên nhất trí nối lại đàm phán hòa bình."
    explanation = explain(classifier, text)
    raw = classifier.score([text]).probs["stance"][0]
    assert explanation.prob == pytest.approx(raw.max())
    assert explanation.label == STANCE[int(raw.argmax())]
    segmented = classifier.text_path(text).split()
    for at, word in enumerate(explanation.words):
        rest = " ".join([*segmented[:at], *segmented[at + 1 :]])
        (left,) = classifier.score_segmented([rest]).probs["stance"]
        assert word.contribution == pytest.approx(raw.max() - left[int(raw.argmax())], abs=1e-5)
    assert any(abs(word.contribution) > 1e-6 for word in explanation.words)
