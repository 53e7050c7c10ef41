import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from plain_neighbors import assert_nearest
from scipy.sparse import csr_matrix, random_array

from cartwise.neighbors import find_neighbors

QUARTERS = st.sampled_from([0.0, 0.0, 0.25, 0.5, 1.0])  # their products are exact


def draw_weights(shape, seed):
    weights = csr_matrix(random_array(shape, density=0.15, rng=np.random.default_rng(seed)))
    weights.sort_indices()
    return weights


def sort_neighbors(products, n_neighbors):
    """Return the rows for a dense matrix, equal ones by number."""
    rows = []
    for item, row in enumerate(products):
        others = [other for other in np.argsort(-row, kind="stable") if other != item]
        nearest = [other for other in others if row[other] > 0][:n_neighbors]
        rows += [(item, other, place, row[other]) for place, other in enumerate(nearest, start=1)]
    return rows


@pytest.mark.parametrize("n_neighbors", [1, 4, 30, 300])
def test_neighbors_equal_those_of_a_dense_product(n_neighbors):
    left, right = draw_weights((120, 40), seed=0), draw_weights((40, 120), seed=1)
    found = find_neighbors(left, right, n_neighbors)
    assert list(found) == ["item", "neighbor", "rank", "similarity"]
    assert_nearest(found, left.toarray() @ right.toarray(), n_neighbors)


@settings(max_examples=30, deadline=None)
@given(st.data(), st.integers(1, 6), st.integers(1, 3), st.integers(1, 6))
def test_equal_similarities_are_ordered_by_number(data, count_items, count_groups, n_neighbors):
    left = data.draw(arrays(float, (count_items, count_groups), elements=QUARTERS))
    right = data.draw(arrays(float, (count_groups, count_items), elements=QUARTERS))
    found = find_neighbors(csr_matrix(left), csr_matrix(right), n_neighbors)
    assert list(found.itertuples(index=False, name=None)) == sort_neighbors(
        left @ right, n_neighbors
    )


@pytest.mark.parametrize("seed", range(3))
def test_the_last_places_go_to_the_smallest_numbers(seed):
    # the fifth place is always among the four of 0.5
    weights = np.repeat([1, 0.75, 0.5, 0.25], [1, 3, 4, 20])
    weights = np.random.default_rng(seed).permutation(weights)[:, None]
    found = find_neighbors(csr_matrix(weights), csr_matrix(weights.T), n_neighbors=5)
    assert list(found.itertuples(index=False, name=None)) == sort_neighbors(
        weights @ weights.T, n_neighbors=5
    )


def test_neighbors_that_differ_beyond_nine_decimals_are_equal():
    left, right = csr_matrix([[1.0], [0.0], [0.0]]), csr_matrix([[0.0, 0.5, 0.5 + 1e-12]])
    found = find_neighbors(left, right, n_neighbors=1)
    assert found.to_dict("list") == {"item": [0], "neighbor": [1], "rank": [1], "similarity": [0.5]}


@pytest.mark.parametrize("similarity", [-0.5, 0.0, 1e-12])
def test_what_is_not_above_zero_is_no_similarity(similarity):
    left, right = csr_matrix([[1.0], [0.0], [0.0]]), csr_matrix([[0.0, similarity, 0.25]])
    found = find_neighbors(left, right, n_neighbors=2)
    assert found["neighbor"].tolist() == [2]


def test_number_of_threads_does_not_matter(monkeypatch):
    left, right = draw_weights((200, 40), seed=2), draw_weights((40, 200), seed=3)
    found = []
    for count in (1, 2, 7):
        monkeypatch.setattr("os.cpu_count", lambda count=count: count)
        found.append(find_neighbors(left, right, n_neighbors=3))
    pd.testing.assert_frame_equal(found[1], found[0], check_exact=True)
    pd.testing.assert_frame_equal(found[2], found[0], check_exact=True)


@pytest.mark.parametrize("shape", [(1, 1), (3, 2), (40, 2)])
def test_nothing_in_common_gives_no_rows(shape):
    found = find_neighbors(csr_matrix(shape), csr_matrix(shape[::-1]), n_neighbors=2)
    assert found.empty
    assert list(found) == ["item", "neighbor", "rank", "similarity"]
