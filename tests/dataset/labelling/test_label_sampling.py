from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.dataset.labelling.items import Item
from detente.dataset.labelling.sampling import DESIGNS, Sample, clustered_sample, simple_sample, stratified_sample
from detente.errors import InputError

STRATA = {"common": 60, "rare": 8, "single": 1}


def corpus(n: int = 69, per_article: int = 3) -> Iterator[Item]:
    strata = list(chain.from_iterable([name] * size for name, size in STRATA.items()))
    for at in range(n):
        yield Item(f"p#{at}", f"a{at // per_article}", f"Câu {at}.", stratum=strata[at % len(strata)])


def ids(sample: Sample) -> list[str]:
    return [item.sentence_id for item in sample.items]


@pytest.mark.parametrize("design", DESIGNS)
def test_the_seed_decides_and_0_is_one(design: str) -> None:
    first, again, other = (DESIGNS[design](corpus(), 10, seed) for seed in (0, 0, 1))
    assert ids(first) == ids(again)
    assert ids(first) != ids(other)
    order = [item.sentence_id for item in corpus()]
    assert ids(first) == sorted(ids(first), key=order.index)
    assert first.n_population == 69


def test_a_simple_sample_gives_every_sentence_the_same_chance() -> None:
    drawn = Counter(chain.from_iterable(ids(simple_sample(corpus(20), 5, seed)) for seed in range(2000)))
    # 2000 draws of probability 1/4: 500 ± 19; five deviations.
    assert all(abs(drawn[f"p#{at}"] - 500) < 97 for at in range(20))
    sample = simple_sample(corpus(20), 5, 0)
    assert {item.inclusion_prob for item in sample.items} == {0.25}
    assert len(set(ids(sample))) == 5


def test_a_stratified_sample_takes_as_many_from_every_stratum_as_it_has() -> None:
    sample = stratified_sample(corpus(), 21, 0)
    counts = Counter(item.stratum for item in sample.items)
    assert counts == {"single": 1, "rare": 8, "common": 12}
    probs = {item.stratum: item.inclusion_prob for item in sample.items}
    assert probs == {"single": 1.0, "rare": 1.0, "common": 12 / 60}


def test_within_a_stratum_every_sentence_has_the_stated_chance() -> None:
    drawn = Counter(chain.from_iterable(ids(stratified_sample(corpus(), 7, seed)) for seed in range(1000)))
    sample = stratified_sample(corpus(), 7, 0)
    prob = {item.stratum: item.inclusion_prob for item in sample.items}
    assert prob == {"single": 1.0, "rare": 3 / 8, "common": 3 / 60}
    assert all(abs(drawn[f"p#{at}"] - 375) < 77 for at in range(60, 68))
    assert drawn["p#68"] == 1000


def test_a_clustered_sample_takes_whole_articles_with_equal_chances() -> None:
    sample = clustered_sample(corpus(), 5, 0)
    by_article = Counter(item.article_id for item in sample.items)
    assert (len(by_article), set(by_article.values())) == (5, {3})
    assert {item.inclusion_prob for item in sample.items} == {5 / 23}
    drawn = Counter(
        chain.from_iterable({item.article_id for item in clustered_sample(corpus(30), 2, seed).items} for seed in range(2000))
    )
    assert all(abs(drawn[f"a{at}"] - 400) < 90 for at in range(10))


@given(st.permutations(list(corpus(18))), st.integers(1, 6), st.integers(0, 5))
def test_clusters_do_not_depend_on_the_order_of_the_stream(items: list[Item], n: int, seed: int) -> None:
    assert sorted(ids(clustered_sample(items, n, seed))) == sorted(ids(clustered_sample(corpus(18), n, seed)))


@given(st.integers(1, 69), st.integers(0, 100))
def test_the_sum_of_inverse_probabilities_estimates_the_corpus(n: int, seed: int) -> None:
    simple = simple_sample(corpus(), n, seed)
    assert sum(1 / (item.inclusion_prob or 0) for item in simple.items) == pytest.approx(69)
    if n >= len(STRATA):
        stratified = stratified_sample(corpus(), n, seed)
        assert len(stratified.items) == n
        assert sum(1 / (item.inclusion_prob or 0) for item in stratified.items) == pytest.approx(69)


def test_more_than_there_is_is_refused() -> None:
    with pytest.raises(InputError, match="70 sentences asked for, and there are 69"):
        simple_sample(corpus(), 70, 0)
    with pytest.raises(InputError, match="24 articles asked for, and there are 23"):
        clustered_sample(corpus(), 24, 0)
    with pytest.raises(InputError, match="3 strata for a sample of 2"):
        stratified_sample(corpus(), 2, 0)


def test_a_large_stream_goes_through_without_being_held() -> None:
    import tracemalloc

    stream = (Item(f"p#{at}", f"a{at // 30}", "x") for at in range(50_000))
    tracemalloc.start()
    sample = simple_sample(stream, 50, 0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (len(sample.items), sample.n_population) == (50, 50_000)
    assert peak < 500_000
