from functools import cache

import numpy as np
import pandas as pd
import pytest
from plain_neighbors import TYPES, assert_is_empty, assert_nearest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics.pairwise import cosine_similarity

from cartwise.products.product_neighbors import (
    SCHEMA,
    ProductNeighborParams,
    find_product_neighbors,
)

WORDS = [f"w{number}" for number in range(60)]


@cache
def make_texts(count=120):
    """Draw texts of common and rare words; some share no word with any other, or have none."""
    random = np.random.default_rng(0)
    shares = 1 / np.arange(1, len(WORDS) + 1)
    texts = [
        " ".join(random.choice(WORDS, size=random.integers(1, 12), p=shares / shares.sum()))
        for _ in range(count)
    ]
    return ["nothing shared", *texts, "only here", ""]


def weigh_terms(texts):
    """Return the terms of products 1, 2, ... that more than one has, and all cosines."""
    vectorizer = TfidfVectorizer(token_pattern=r"\S+", sublinear_tf=True)
    weights = vectorizer.fit_transform(texts)
    is_shared = weights.getnnz(axis=0) > 1
    product, term = weights.nonzero()
    terms = pd.DataFrame(
        {
            "product_number": product + 1,
            "term_number": term + 1,
            "weight": np.asarray(weights[product, term]).ravel(),
        }
    )
    cosines = np.pad(cosine_similarity(weights.toarray()), (1, 0))  # there is no product 0
    return terms[is_shared[term]].reset_index(drop=True), cosines


def list_products(count, not_offered=()):
    products = pd.DataFrame({"product_number": range(1, count + 1)})
    return products.assign(is_offered=~products["product_number"].isin(not_offered))


def find_shared_terms(weights, product, neighbor):
    """Return the three terms that add most to a cosine, the first of equal ones, or 0."""
    left, right = weights[product], weights[neighbor]
    shares = {term: left[term] * right[term] for term in left.keys() & right.keys()}
    return [*sorted(shares, key=lambda term: (-shares[term], term)), 0, 0, 0][:3]


def list_neighbors(found):
    return found.groupby("product_number")["neighbor_number"].agg(list).to_dict()


@pytest.mark.parametrize("n_neighbors", [1, 8, 200])
@pytest.mark.parametrize("not_offered", [(), range(1, 124, 3)])
def test_neighbors_equal_dense_cosines(not_offered, n_neighbors):
    terms, cosines = weigh_terms(make_texts())
    products = list_products(len(make_texts()), not_offered)
    found = find_product_neighbors(terms, products, ProductNeighborParams(n_neighbors))
    assert found.dtypes.to_dict() == {name: TYPES[kind] for name, kind in SCHEMA.items()}
    assert list(found) == list(SCHEMA)
    cosines[:, list(not_offered)] = 0
    assert_nearest(found[list(SCHEMA)[:4]], cosines, n_neighbors)
    assert found["similarity"].le(1).all()


def test_products_of_one_text_are_each_others_nearest():
    texts = ["red shoe", "blue shoe", "red shoe", "green hat", "red shoe", "red hat"]
    terms, _ = weigh_terms(texts)
    found = find_product_neighbors(terms, list_products(6), ProductNeighborParams())
    neighbors = list_neighbors(found)
    assert neighbors[1][:2] == [3, 5]
    assert neighbors[3][:2] == [1, 5]
    assert neighbors[5][:2] == [1, 3]
    assert found.loc[found["similarity"] == 1, "product_number"].tolist() == [1, 1, 3, 3, 5, 5]
    # the three are as far from any other, so they come by number
    assert neighbors[2] == [1, 3, 5]
    assert neighbors[4] == [6]
    assert [neighbor for neighbor in neighbors[6] if neighbor != 4] == [1, 3, 5]


def test_equal_cosines_are_cut_by_number():
    terms = pd.DataFrame({"product_number": range(1, 6), "term_number": 1, "weight": 1.0})
    found = find_product_neighbors(terms, list_products(5), ProductNeighborParams(n_neighbors=2))
    assert list_neighbors(found) == {1: [2, 3], 2: [1, 3], 3: [1, 2], 4: [1, 2], 5: [1, 2]}


def test_what_is_not_offered_has_neighbors_but_is_none():
    # cosines: 1 and 2, 0.6; 2 and 3, 0.8; 1 and 3 share nothing
    terms = pd.DataFrame(
        {"product_number": [1, 2, 2, 3], "term_number": [1, 1, 2, 2], "weight": [1, 0.6, 0.8, 1]}
    )
    params = ProductNeighborParams()
    found = find_product_neighbors(terms, list_products(3, not_offered=[2]), params)
    assert found.to_dict("list") == {
        "product_number": [2, 2],
        "neighbor_number": [3, 1],
        "rank": [1, 2],
        "similarity": [0.8, 0.6],
        "term_1": [2, 1],
        "term_2": [0, 0],
        "term_3": [0, 0],
    }


@pytest.mark.parametrize("chunk", [7, 100_000])
def test_terms_that_add_most_to_a_cosine_are_named(monkeypatch, chunk):
    monkeypatch.setattr("cartwise.products.product_neighbors.CHUNK", chunk)
    terms, _ = weigh_terms(make_texts(count=40))
    found = find_product_neighbors(terms, list_products(43), ProductNeighborParams())
    assert (found[["term_2", "term_3"]] == 0).any().all()
    assert (found["term_3"] > 0).any()
    weights = {
        product: dict(zip(of_product["term_number"], of_product["weight"], strict=True))
        for product, of_product in terms.groupby("product_number")
    }
    for row in found.itertuples():
        expected = find_shared_terms(weights, row.product_number, row.neighbor_number)
        assert [row.term_1, row.term_2, row.term_3] == expected


def test_of_terms_that_add_as_much_the_first_are_named():
    # shared with 2, by number: 0.08, 0.12, 0.12, 0.08, 0.24
    terms = pd.DataFrame(
        {
            "product_number": [1] * 5 + [2] * 5,
            "term_number": [*range(1, 6), *range(5, 0, -1)],
            "weight": [0.2, 0.3, 0.4, 0.4, 0.6, 0.4, 0.2, 0.3, 0.4, 0.4],
        }
    )
    found = find_product_neighbors(terms, list_products(2), ProductNeighborParams())
    assert found[["term_1", "term_2", "term_3"]].to_numpy().tolist() == [[5, 2, 3], [5, 2, 3]]


def test_order_of_rows_does_not_matter():
    terms, _ = weigh_terms(make_texts())
    inputs = [terms, list_products(len(make_texts()), not_offered=[2, 3, 50])]
    expected = find_product_neighbors(*inputs, ProductNeighborParams())
    shuffled = [frame.sample(frac=1, random_state=1) for frame in inputs]
    before = [frame.copy() for frame in shuffled]
    found = find_product_neighbors(*shuffled, ProductNeighborParams())
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
    for frame, unchanged in zip(shuffled, before, strict=True):
        pd.testing.assert_frame_equal(frame, unchanged, check_exact=True)


@pytest.mark.parametrize(
    "change",
    [
        lambda terms, products: (terms[:0], products[:0]),
        lambda terms, products: (terms[:0], products),
        lambda terms, products: (terms, products.assign(is_offered=False)),
        lambda terms, products: (terms[terms["product_number"] == 2], products[:2]),
        lambda terms, products: (terms.drop_duplicates("term_number"), products),
    ],
    ids=["no_rows", "no_terms", "none_offered", "one_product", "nothing_shared"],
)
def test_nothing_in_nothing_out(change):
    terms, _ = weigh_terms(make_texts(count=20))
    inputs = change(terms, list_products(23))
    assert_is_empty(find_product_neighbors(*inputs, ProductNeighborParams()), SCHEMA)


@pytest.mark.parametrize("value", [0, -1, True, 1.5, "20", None])
def test_settings_check_themselves(value):
    message = f"n_neighbors must be a whole number of at least 1, got {value!r}"
    with pytest.raises(ValueError, match=message):
        ProductNeighborParams(n_neighbors=value)
