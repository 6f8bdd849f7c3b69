from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t

from detente.indexing.estimator import AuditSample, correct, half_width, n_errors
from detente.indexing.measures import measures
from label_sets import STANCE_TASK

SHARE, DECIDED = measures(STANCE_TASK)[2], measures(STANCE_TASK)[4]
N_SENTENCES, N_ARTICLES, N_DRAWS = 3000, 500, 1000


def two_labels(first: list[float]) -> np.ndarray:
    return np.column_stack([first, np.negative(first)])


def test_a_simple_sample_by_hand() -> None:
    probs = np.full(4, 0.5)
    sample = AuditSample(two_labels([1, 0, -1, 1]), probs, np.array([0, 0, 1, 2]), np.zeros(4, int), is_stratified=False)
    found = correct(sample, np.ones(4))
    assert found is not None
    assert found.mean == pytest.approx([0.25, -0.25])
    assert (found.n_sentences, found.n_articles) == (4, 3)
    # Influences (r - 1/4) / 4, summed over articles .125, -.3125, .1875; times 1 - 0.5, times 3/2.
    variance = 1.5 * 0.5 * (0.125**2 + 0.3125**2 + 0.1875**2)
    assert half_width(sample, found, np.array([1.0, 0.0])) == pytest.approx(4.302653 * variance**0.5, rel=1e-6)
    assert n_errors(sample, found, np.array([1.0, 0.0])) == 3


def test_a_stratified_sample_by_hand() -> None:
    probs, strata = np.array([0.5, 0.5, 0.25, 0.25]), np.array([0, 0, 1, 1])
    sample = AuditSample(two_labels([1, 0, 0, -1]), probs, np.arange(4), strata, is_stratified=True)
    found = correct(sample, np.ones(4))
    assert found is not None
    assert found.mean[0] == pytest.approx(-1 / 6)
    # Influences 7, 1, 2, -10 of 36; from their strata's means 3, -3, 6, -6; squared, times n/(n-1) = 2, times 1 - π.
    variance = 4 / 3 * (2 * 9 * 2 * 0.5 + 2 * 36 * 2 * 0.75) / 36**2
    assert half_width(sample, found, np.array([1.0, 0.0])) == pytest.approx(3.182446 * variance**0.5, rel=1e-6)


def test_a_sentence_counts_by_its_weight_over_its_probability_and_only_inside() -> None:
    probs = np.array([0.5, 1.0, 0.25, 0.5])
    sample = AuditSample(two_labels([1, 0, -1, 1]), probs, np.arange(4), np.zeros(4, int), is_stratified=False)
    everywhere = correct(sample, np.ones(4))
    assert everywhere is not None
    assert everywhere.mean[0] == pytest.approx((2 + 0 - 4 + 2) / 9)
    inside = correct(sample, np.array([0.5, 1.0, 0.0, 0.0]))
    assert inside is not None
    assert inside.mean[0] == pytest.approx(0.5 * 2 / (0.5 * 2 + 1))
    assert (inside.n_sentences, inside.n_articles) == (2, 2)
    assert not inside.influence[2:].any()
    assert correct(sample, np.zeros(4)) is None


def test_what_was_audited_whole_has_no_error_left() -> None:
    generator = np.random.default_rng(0)
    residuals = two_labels(list(generator.integers(-1, 2, 40)))
    sample = AuditSample(residuals, np.ones(40), np.arange(40), np.zeros(40, int), is_stratified=False)
    found = correct(sample, np.ones(40))
    assert found is not None
    assert found.mean == pytest.approx(residuals.mean(axis=0))
    assert half_width(sample, found, np.array([1.0, 0.0])) == 0


def test_the_gradient_of_a_ratio_is_its_derivative() -> None:
    shares, step = np.array([0.5, 0.2, 0.3]), 1e-6
    for measure in measures(STANCE_TASK):
        numeric = [(measure.at(shares + step * row) - measure.at(shares - step * row)) / (2 * step) for row in np.eye(3)]
        assert measure.gradient(shares) == pytest.approx(numeric, abs=1e-6)
    assert DECIDED.at(shares) == pytest.approx(0.2 / 0.8)


class Corpus:
    """A corpus whose articles differ, and a classifier that takes half of all escalation for dialogue."""

    def __init__(self) -> None:
        generator = np.random.default_rng(7)
        self.articles = np.arange(N_SENTENCES) % N_ARTICLES
        escalating = generator.beta(2, 4, N_ARTICLES)[self.articles]
        draw = generator.random(N_SENTENCES)
        self.gold = np.where(draw < escalating, 2, np.where(draw < escalating + 0.3, 0, 1))
        wrong = generator.random(N_SENTENCES)
        self.predicted = np.where((self.gold == 2) & (wrong < 0.5), 0, self.gold)
        self.predicted = np.where((self.gold == 1) & (wrong > 0.8), 0, self.predicted)

    def shares(self, labels: np.ndarray, inside: np.ndarray) -> np.ndarray:
        return np.bincount(labels[inside], minlength=3) / inside.sum()

    def drawn(self, design: str, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Row numbers and their probabilities of drawing."""
        if design == "simple":
            return generator.choice(N_SENTENCES, 240, replace=False), np.full(240, 240 / N_SENTENCES)
        if design == "clustered":
            chosen = np.isin(self.articles, generator.choice(N_ARTICLES, 50, replace=False))
            return np.flatnonzero(chosen), np.full(chosen.sum(), 50 / N_ARTICLES)
        strata = [np.flatnonzero(self.predicted == label) for label in range(3)]
        rows = np.concatenate([generator.choice(stratum, 80, replace=False) for stratum in strata])
        return rows, np.repeat([80 / len(stratum) for stratum in strata], 80)

    def audit(self, design: str, generator: np.random.Generator) -> tuple[AuditSample, np.ndarray]:
        rows, probs = self.drawn(design, generator)
        residuals = np.eye(3)[self.gold[rows]] - np.eye(3)[self.predicted[rows]]
        return AuditSample(residuals, probs, self.articles[rows], self.predicted[rows], design == "stratified"), rows


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return Corpus()


@pytest.mark.parametrize("design", ["simple", "stratified", "clustered"])
@pytest.mark.parametrize(("part", "least"), [(1.0, 0.93), (0.3, 0.92), (0.15, 0.89)], ids=["overall", "cell", "small cell"])
def test_intervals_cover_the_truth_that_the_prediction_misses(corpus: Corpus, design: str, part: float, least: float) -> None:
    inside = corpus.articles < part * N_ARTICLES
    truth, predicted = corpus.shares(corpus.gold, inside), corpus.shares(corpus.predicted, inside)
    generator = np.random.default_rng(11)
    values = np.empty((N_DRAWS, 2))
    covered = np.empty((N_DRAWS, 2), bool)
    for at in range(N_DRAWS):
        sample, rows = corpus.audit(design, generator)
        found = correct(sample, inside[rows].astype(float))
        assert found is not None
        corrected = predicted + found.mean
        for column, measure in enumerate((SHARE, DECIDED)):
            values[at, column] = measure.at(corrected)
            half = half_width(sample, found, measure.gradient(corrected))
            covered[at, column] = abs(values[at, column] - measure.at(truth)) <= half
    for column, measure in enumerate((SHARE, DECIDED)):
        off = abs(measure.at(predicted) - measure.at(truth))
        assert off > 0.1
        assert abs(values[:, column].mean() - measure.at(truth)) < 0.02
        assert least <= covered[:, column].mean() <= 0.97


def test_students_quantile_is_of_clusters_less_one() -> None:
    residuals = two_labels([1.0, -1.0] * 10)
    sample = AuditSample(residuals, np.full(20, 0.1), np.arange(20), np.zeros(20, int), is_stratified=False)
    found = correct(sample, np.ones(20))
    assert found is not None
    expected = t.ppf(0.975, 19) * np.sqrt(20 / 19 * 0.9 * 20 / 20**2)
    assert half_width(sample, found, np.array([1.0, 0.0])) == pytest.approx(expected)
