from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_neighbors import TYPES, assert_is_empty, assert_nearest

from cartwise.recommendations.item_neighbors import (
    SCHEMA,
    ItemNeighborParams,
    find_item_neighbors,
)

COLUMNS = ["cutoff_number", "group_number", "product_number", "left_weight", "right_weight"]
RELATIONS = ["also_bought", "bought_next", "viewed_together"]
EVERY = ItemNeighborParams(n_neighbors=1_000)
LEFT_AND_RIGHT = st.tuples(st.sampled_from([0.0, 0.5, 1.0, 3.0]), st.sampled_from([0.0, 0.7, 2.0]))


def make_interactions(groups, cutoff_number=0):
    """Return a frame from {group: {product: (left weight, right weight)}}."""
    rows = [
        (cutoff_number, group, product, *weights)
        for group, products in groups.items()
        for product, weights in products.items()
    ]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"left_weight": float, "right_weight": float})


def buy(*baskets):
    """Return the interactions of groups that have each of their products once."""
    return make_interactions(
        {group: dict.fromkeys(basket, (1, 1)) for group, basket in enumerate(baskets)}
    )


@cache
def draw_interactions(seed=0, cutoff_number=0, count_groups=80, count_products=60):
    """Draw groups of a few products and of many; a third of the weights of a side are 0."""
    random = np.random.default_rng(seed)
    groups = {}
    for group in range(count_groups):
        size = random.integers(1, 4 if group % 4 else 25)
        products = random.choice(np.arange(1, count_products + 1), size=size, replace=False)
        weights = random.uniform(0.1, 2, (size, 2)) * (random.random((size, 2)) > 1 / 3)
        groups[group] = dict(zip(products.tolist(), weights.tolist(), strict=True))
    return make_interactions(groups, cutoff_number)


def find(params=None, **relations):
    nothing = draw_interactions().head(0)
    params = params or ItemNeighborParams()
    return find_item_neighbors(**dict.fromkeys(RELATIONS, nothing) | relations, params=params)


def get_similarities(found):
    keys = zip(found["product_number"], found["neighbor_number"], strict=True)
    return dict(zip(keys, found["similarity"], strict=True))


def list_neighbors(found):
    return found.groupby("product_number")["neighbor_number"].agg(list).to_dict()


def relate_densely(interactions, shrinkage):
    """Return the similarities of all pairs, by the formula."""
    shape = (interactions["group_number"].max() + 1, interactions["product_number"].max() + 1)
    sides = []
    for side in ("left_weight", "right_weight"):
        weights = np.zeros(shape)
        weights[interactions["group_number"], interactions["product_number"]] = interactions[side]
        count_products = (weights != 0).sum(axis=1, keepdims=True)
        weights = np.divide(weights, count_products, where=count_products > 0, out=weights)
        is_given = weights != 0
        mean_square = (weights[is_given] ** 2).mean() if is_given.any() else 0
        length = np.sqrt((weights**2).sum(axis=0) + shrinkage * mean_square)
        sides.append(np.divide(weights, length, where=length > 0, out=np.zeros(shape)))
    return sides[0].T @ sides[1]


@pytest.mark.parametrize("n_neighbors", [1, 5, 100])
@pytest.mark.parametrize("shrinkage", [0.01, 10.0])
def test_neighbors_equal_the_formula(shrinkage, n_neighbors):
    drawn = {name: draw_interactions(seed) for seed, name in enumerate(RELATIONS)}
    found = find(ItemNeighborParams(n_neighbors, shrinkage), **drawn)
    assert found.dtypes.to_dict() == {name: TYPES[kind] for name, kind in SCHEMA.items()}
    assert list(found) == list(SCHEMA)
    assert found["relation"].unique().tolist() == RELATIONS
    assert found["similarity"].between(0, 1, inclusive="neither").all()
    for relation, interactions in drawn.items():
        similarities = relate_densely(interactions, shrinkage)
        of_relation = found[found["relation"] == relation]
        assert_nearest(of_relation[list(SCHEMA)[2:]], similarities, n_neighbors)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.integers(1, 6), LEFT_AND_RIGHT, min_size=1), min_size=1, max_size=12
    ),
    st.sampled_from([0.5, 4]),
    st.integers(1, 6),
)
def test_few_products_equal_the_formula(groups, shrinkage, n_neighbors):
    interactions = make_interactions(dict(enumerate(groups)))
    found = find(ItemNeighborParams(n_neighbors, shrinkage), viewed_together=interactions)
    assert_nearest(found[list(SCHEMA)[2:]], relate_densely(interactions, shrinkage), n_neighbors)


def test_groups_of_many_products_say_less():
    # each of two counts 1/2, each of four 1/4. Squares of product 1: 1/4 + 1/16; of 2: 1/4; of the
    # others: 1/16. The mean of six weights squared is 1/8, so twice that, 1/4, is added to each
    found = find(ItemNeighborParams(shrinkage=2), also_bought=buy([1, 2], [1, 3, 4, 5]))
    assert list_neighbors(found) == {
        1: [2, 3, 4, 5],
        2: [1],
        3: [4, 5, 1],
        4: [3, 5, 1],
        5: [3, 4, 1],
    }
    similarities = get_similarities(found)
    assert similarities[1, 2] == similarities[2, 1]
    assert similarities[1, 2] == pytest.approx(1 / 4 / np.sqrt(9 / 16 * 1 / 2), abs=1e-9)
    assert similarities[1, 3] == pytest.approx(1 / 16 / np.sqrt(9 / 16 * 5 / 16), abs=1e-9)
    assert similarities[3, 4] == pytest.approx(1 / 16 / (5 / 16), abs=1e-9)


def test_what_is_bought_next_has_a_direction():
    # from 1 to 2, and to 3, where 3 is in both baskets
    interactions = make_interactions(
        {0: {1: (1, 0), 2: (0, 1)}, 1: {1: (1, 0), 3: (1, 1)}, 2: {4: (1, 0)}, 3: {2: (0, 1)}}
    )
    found = find(ItemNeighborParams(shrinkage=1), bought_next=interactions)
    assert list_neighbors(found) == {1: [2, 3]}
    # left: 1 counts 1 and 1/2, 3 counts 1/2, 4 counts 1, mean square 2.5/4; right: 2 counts 1 and
    # 1, 3 counts 1, mean square 1
    assert get_similarities(found) == {
        (1, 2): pytest.approx(1 / np.sqrt((1.25 + 0.625) * (2 + 1)), abs=1e-9),
        (1, 3): pytest.approx(0.5 / np.sqrt((1.25 + 0.625) * (1 + 1)), abs=1e-9),
    }


def test_more_shrinkage_makes_similarities_smaller():
    drawn = draw_interactions()
    similarities = [
        get_similarities(find(ItemNeighborParams(1_000, shrinkage), also_bought=drawn))
        for shrinkage in (0.1, 1, 10, 100)
    ]
    assert len(similarities[0]) > 1_000
    for larger, smaller in pairwise(similarities):
        assert larger.keys() == smaller.keys()
        assert all(larger[pair] > smaller[pair] for pair in larger)


def test_one_shared_customer_falls_behind_three():
    # 1 has ten customers: one is the only one of 2, three are among the twelve of 3, and six have
    # something else; all groups are of two, so that what they count cancels
    baskets = [[1, 2], [1, 3], [1, 3], [1, 3]]
    baskets += [[1, number] for number in range(4, 10)] + [[3, number] for number in range(10, 19)]
    small = find(ItemNeighborParams(shrinkage=1e-9), also_bought=buy(*baskets))
    large = find(ItemNeighborParams(shrinkage=10), also_bought=buy(*baskets))
    assert list_neighbors(small)[1] == [2, 4, 5, 6, 7, 8, 9, 3]
    assert list_neighbors(large)[1] == [3, 2, 4, 5, 6, 7, 8, 9]
    assert get_similarities(small)[1, 2] == pytest.approx(1 / np.sqrt(10 * 1), abs=1e-8)
    assert get_similarities(small)[1, 3] == pytest.approx(3 / np.sqrt(10 * 12), abs=1e-8)
    assert get_similarities(large)[1, 2] == pytest.approx(1 / np.sqrt(20 * 11), abs=1e-9)
    assert get_similarities(large)[1, 3] == pytest.approx(3 / np.sqrt(20 * 22), abs=1e-9)


def test_the_unit_of_the_weights_does_not_matter():
    drawn = draw_interactions()
    scaled = drawn.assign(
        left_weight=drawn["left_weight"] * 1_000, right_weight=drawn["right_weight"] / 64
    )
    found, expected = find(EVERY, bought_next=scaled), find(EVERY, bought_next=drawn)
    assert get_similarities(found) == pytest.approx(get_similarities(expected), abs=2e-9)


def test_equal_similarities_are_cut_by_number():
    found = find(ItemNeighborParams(n_neighbors=2), also_bought=buy([6, 2, 5, 4, 3, 1]))
    others = {1: [2, 3], 2: [1, 3]}
    assert list_neighbors(found) == {number: others.get(number, [1, 2]) for number in range(1, 7)}
    assert len(set(found["similarity"])) == 1


@pytest.mark.parametrize("relation", RELATIONS)
def test_order_of_rows_and_names_of_groups_do_not_matter(relation):
    drawn = draw_interactions()
    expected = find(**{relation: drawn})
    names = np.random.default_rng(1).permutation(drawn["group_number"].max() + 1) - 40
    for changed in (
        drawn.sample(frac=1, random_state=1),
        drawn.assign(group_number=names[drawn["group_number"]] * 2**50),
        drawn.assign(group_number=names[drawn["group_number"]]).sort_values("group_number"),
    ):
        before = changed.copy()
        found = find(**{relation: changed})
        pd.testing.assert_frame_equal(found, expected, check_exact=True)
        pd.testing.assert_frame_equal(changed, before, check_exact=True)


def test_dates_and_relations_do_not_see_each_other():
    # the same groups and products at both dates
    drawn = {(0, name): draw_interactions(seed, 0) for seed, name in enumerate(RELATIONS)}
    drawn |= {(2, name): draw_interactions(seed + 3, 2) for seed, name in enumerate(RELATIONS)}
    together = find(
        **{name: pd.concat([drawn[2, name], drawn[0, name]]) for name in RELATIONS},
    )
    alone = [find(**{name: drawn[cutoff, name]}) for cutoff in (0, 2) for name in RELATIONS]
    assert [frame["cutoff_number"].unique().tolist() for frame in alone] == [[0]] * 3 + [[2]] * 3
    pd.testing.assert_frame_equal(together, pd.concat(alone, ignore_index=True), check_exact=True)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "change",
    [
        lambda drawn: drawn.head(0),
        lambda drawn: pd.DataFrame(columns=COLUMNS),
        lambda drawn: drawn.drop_duplicates("group_number"),
        lambda drawn: drawn.assign(right_weight=0.0),
    ],
    ids=["no_rows", "no_types", "single_products", "no_right_weights"],
)
def test_nothing_in_nothing_out(change):
    drawn = change(draw_interactions())
    assert_is_empty(find(**dict.fromkeys(RELATIONS, drawn)), SCHEMA)


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("n_neighbors", 0, "n_neighbors must be a whole number of at least 1, got 0"),
        ("n_neighbors", True, "n_neighbors must be a whole number of at least 1, got True"),
        ("n_neighbors", 1.5, "n_neighbors must be a whole number of at least 1, got 1.5"),
        ("n_neighbors", None, "n_neighbors must be a whole number of at least 1, got None"),
        ("shrinkage", 0, "shrinkage must be a number above 0, got 0"),
        ("shrinkage", -1, "shrinkage must be a number above 0, got -1"),
        ("shrinkage", True, "shrinkage must be a number above 0, got True"),
        ("shrinkage", float("nan"), "shrinkage must be a number above 0, got nan"),
        ("shrinkage", "10", "shrinkage must be a number above 0, got '10'"),
    ],
)
def test_settings_check_themselves(setting, value, message):
    with pytest.raises(ValueError, match=message):
        ItemNeighborParams(**{setting: value})
