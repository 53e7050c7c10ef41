import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mlxtend.frequent_patterns import association_rules, fpgrowth
from plain_baskets import Shop
from scipy.stats import fisher_exact

from cartwise.baskets.association_rules import SCHEMA, RuleParams, find_association_rules

BASKETS = st.lists(st.sets(st.sampled_from("abcdef"), max_size=6), min_size=3, max_size=30)


def pair_sides(rules):
    return list(
        zip(rules["antecedent"].map(frozenset), rules["consequent"].map(frozenset), strict=True)
    )


def map_sides(rules, values):
    return dict(zip(pair_sides(rules), values.itertuples(index=False, name=None), strict=True))


def correct(rules):
    """Return Benjamini-Hochberg q-values within each layer, as the SQL has them."""
    layers = [rules["antecedent"].map(len), rules["consequent"].map(len)]
    ranks = rules["p_value"].groupby(layers).rank(method="max")
    q_values = (rules["p_value"] * rules["count_tests"] / ranks).clip(upper=1)
    worst_first = rules["p_value"].sort_values(ascending=False).index
    running = (
        q_values.loc[worst_first].groupby([layer.loc[worst_first] for layer in layers]).cummin()
    )
    return running.loc[rules.index]


def make_itemsets(count_baskets):
    """Return a frame of item sets from {"ab": (training, held-out)} counts."""
    return pd.DataFrame(
        {
            "itemset_id": [f"id of {items}" for items in count_baskets],
            "items": [list(items) for items in count_baskets],
            "count_baskets": [training for training, _ in count_baskets.values()],
            "count_holdout_baskets": [holdout for _, holdout in count_baskets.values()],
        }
    )


@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning:mlxtend")
@settings(max_examples=60, deadline=None)
@given(BASKETS, st.integers(1, 3), st.integers(1, 5), st.sampled_from(["0", "0.37", "0.81"]))
def test_rules_equal_those_of_mlxtend(baskets, min_count, max_consequent_items, min_confidence):
    shop = Shop(baskets, min_count=min_count)
    itemsets = shop.mine(min_support="0.0001", min_count=min_count, max_items=6)
    rules = shop.find_rules(
        itemsets, min_confidence=min_confidence, max_consequent_items=max_consequent_items
    )

    one_hot = pd.DataFrame([{i: i in basket for i in "abcdef"} for basket in baskets], dtype=bool)
    frequent = fpgrowth(one_hot, (min_count - 0.5) / len(baskets), use_colnames=True)
    if frequent.empty:
        assert rules.empty
        return
    expected = association_rules(frequent, min_threshold=float(min_confidence))
    expected = expected[expected["consequents"].map(len) <= max_consequent_items]
    columns = ["antecedent support", "consequent support", "support"]
    expected_counts = (expected[columns] * len(baskets)).round().astype(int)
    counts = rules[["count_antecedent", "count_consequent", "count_both"]]
    assert map_sides(rules, counts) == map_sides(
        expected.set_axis(["antecedent", "consequent", *expected.columns[2:]], axis=1),
        expected_counts,
    )
    assert rules["rule_id"].is_unique
    assert rules["rule_id"].is_monotonic_increasing


@settings(max_examples=30, deadline=None)
@given(BASKETS, BASKETS)
def test_p_values_equal_scipy_and_held_out_counts_equal_brute_force(training, holdout):
    shop = Shop(training, holdout)
    rules = shop.find_rules(shop.mine(min_count=1), min_confidence=0, max_consequent_items=3)
    assert list(rules) == list(SCHEMA)
    for (antecedent, consequent), rule in zip(pair_sides(rules), rules.itertuples(), strict=True):
        has_antecedent = np.array([antecedent <= basket for basket in training])
        has_consequent = np.array([consequent <= basket for basket in training])
        table = [
            [np.sum(has_antecedent & has_consequent), np.sum(has_antecedent & ~has_consequent)],
            [np.sum(~has_antecedent & has_consequent), np.sum(~has_antecedent & ~has_consequent)],
        ]
        assert rule.p_value == pytest.approx(fisher_exact(table, "greater").pvalue, rel=1e-9)
        assert rule.count_holdout_antecedent == sum(antecedent <= basket for basket in holdout)
        assert rule.count_holdout_consequent == sum(consequent <= basket for basket in holdout)
        assert rule.count_holdout_both == sum(antecedent | consequent <= b for b in holdout)


@pytest.mark.parametrize(
    ("count_a", "count_b", "both", "count_baskets"),
    [
        (100, 90, 40, 10_000),
        (1_000, 1_000, 150, 1_000_000),  # near 1e-200
        (60_000, 50_000, 3_100, 1_000_000),
        (5_000, 4_000, 3, 1_000_000),  # far fewer than expected: near 1
        (10, 10, 10, 10),
    ],
)
def test_p_values_hold_in_the_tails(count_a, count_b, both, count_baskets):
    itemsets = make_itemsets({"a": (count_a, 0), "b": (count_b, 0), "ab": (both, 0)})
    totals = pd.DataFrame({"count_baskets": [count_baskets]})
    rules = find_association_rules(itemsets, totals, RuleParams(min_confidence=0))

    # exact: sum the hypergeometric tail, each term from the one before
    term = Fraction(
        math.comb(count_a, both) * math.comb(count_baskets - count_a, count_b - both),
        math.comb(count_baskets, count_b),
    )
    ratios, ratio = [1.0], 1.0
    for k in range(both, min(count_a, count_b)):
        ratio *= (count_a - k) * (count_b - k)
        ratio /= (k + 1) * (count_baskets - count_a - count_b + k + 1)
        ratios.append(ratio)
    expected = float(term * Fraction(math.fsum(ratios)))
    np.testing.assert_allclose(rules["p_value"], [expected, expected], rtol=1e-8)


def test_p_value_too_small_for_a_double_is_zero():
    itemsets = make_itemsets({"a": (500, 0), "b": (500, 0), "ab": (500, 0)})
    rules = find_association_rules(itemsets, pd.DataFrame({"count_baskets": [1_000_000]}))
    assert rules["p_value"].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("both", "min_confidence"),
    [(7, 0.07), (29, 0.29)],  # times 100 these are above 7 and below 29 in floating point
)
def test_confidence_is_compared_exactly(both, min_confidence):
    itemsets = make_itemsets({"a": (100, 0), "b": (50, 0), "ab": (both, 0)})
    totals = pd.DataFrame({"count_baskets": [1_000]})
    rules = find_association_rules(itemsets, totals, RuleParams(min_confidence))
    assert (frozenset("a"), frozenset("b")) in pair_sides(rules)
    rules = find_association_rules(itemsets, totals, RuleParams(f"{min_confidence}000000000001"))
    assert pair_sides(rules) == [(frozenset("b"), frozenset("a"))]


def test_count_tests_is_the_size_of_the_layer():
    baskets = [set("abc")] * 3 + [set("abd")] * 3 + [set("e")] * 3
    shop = Shop(baskets)
    # frequent: 5 single items, {ab ac bc ad bd}, {abc abd}
    rules = shop.find_rules(shop.mine(), min_confidence=0, max_consequent_items=2)
    sides = map_sides(rules, rules[["count_tests"]])
    layers = {
        (len(antecedent), len(consequent)): tests
        for (antecedent, consequent), tests in sides.items()
    }
    assert layers == {(1, 1): (25,), (2, 1): (25,), (1, 2): (25,)}


def test_chance_is_not_called_a_discovery():
    count_rules, count_found, count_naive = 0, 0, 0
    for seed in range(5):
        bought = np.random.default_rng(seed).random((1_000, 100)) < 0.03
        shop = Shop([np.flatnonzero(row).tolist() for row in bought])
        rules = shop.find_rules(shop.mine(min_support="0.004"), min_confidence=0)
        count_rules += len(rules)
        count_found += (correct(rules) < 0.05).sum()
        count_naive += (correct(rules.assign(count_tests=len(rules))) < 0.05).sum()
    assert count_rules > 100
    assert count_found <= 0.05 * count_rules
    # what it guards against: pairs are seen only if they are common, so all seem significant
    assert count_naive > 0.9 * count_rules


def test_a_planted_pair_is_discovered():
    random = np.random.default_rng(0)
    bought = random.random((2_000, 60)) < 0.03
    together = random.random(2_000) < 0.02
    bought[together, 7] = bought[together, 42] = True
    shop = Shop([np.flatnonzero(row).tolist() for row in bought])
    rules = shop.find_rules(shop.mine(min_support="0.002"), min_confidence=0)
    found = rules[correct(rules) < 0.05]
    pairs = {antecedent | consequent for antecedent, consequent in pair_sides(found)}
    assert frozenset({"7", "42"}) in pairs


def test_order_and_kind_of_lists_do_not_matter():
    shop = Shop([set("abc"), set("ab"), set("bcd"), set("abcd"), set("ad")])
    itemsets = shop.mine(min_count=1)
    expected = shop.find_rules(itemsets, max_consequent_items=2)
    shuffled = itemsets.sample(frac=1, random_state=1)
    shuffled["items"] = shuffled["items"].map(lambda items: np.array(items, dtype=object))
    rules = shop.find_rules(shuffled, max_consequent_items=2)
    pd.testing.assert_frame_equal(rules, expected)
    assert rules["antecedent"].map(type).eq(list).all()


@pytest.mark.parametrize("count_baskets", [{}, {"a": (3, 0), "b": (2, 0)}])
def test_nothing_in_nothing_out(count_baskets):
    totals = pd.DataFrame({"count_baskets": [5] if count_baskets else []})
    rules = find_association_rules(make_itemsets(count_baskets), totals)
    assert rules.empty
    assert list(rules) == list(SCHEMA)
    assert rules["p_value"].dtype == np.float64
    counts = [column for column in SCHEMA if column.startswith("count_")]
    assert (rules[counts].dtypes == np.int64).all()


@pytest.mark.parametrize(
    ("count_baskets", "message"),
    [
        ({"a": (3, 0), "ab": (2, 0)}, "1 of 2 subsets of 1 items are missing"),
        ({"a": (3, 0), "b": (3, 0), "c": (3, 0), "abc": (2, 0)}, "subsets of 2 items are missing"),
        (
            {"a": (3, 0), "b": (3, 0), "c": (3, 0), "ab": (3, 0), "ac": (3, 0), "abc": (2, 0)},
            "1 of 1 subsets of 2 items are missing",
        ),
        ({"a": (3, 0), "b": (3, 0), "ba": (2, 0)}, "ascending"),
    ],
)
def test_missing_subsets_are_named(count_baskets, message):
    totals = pd.DataFrame({"count_baskets": [5]})
    with pytest.raises(ValueError, match=message):
        find_association_rules(make_itemsets(count_baskets), totals)


def test_repeated_sets_are_refused():
    itemsets = make_itemsets({"a": (3, 0), "b": (3, 0), "ab": (2, 0)})
    totals = pd.DataFrame({"count_baskets": [5]})
    with pytest.raises(ValueError, match="a set of 2 items is there more than once"):
        find_association_rules(pd.concat([itemsets, itemsets.tail(1)]), totals)


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("min_confidence", 1.01, "min_confidence must be at least 0 and at most 1, got 1.01"),
        ("min_confidence", "high", "min_confidence must be at least 0 and at most 1, got high"),
        ("max_consequent_items", 0, "max_consequent_items must be a whole number of at least 1"),
        ("max_consequent_items", 1.5, "max_consequent_items must be a whole number"),
    ],
)
def test_settings_check_themselves(setting, value, message):
    with pytest.raises(ValueError, match=message):
        RuleParams(**{setting: value})


@pytest.mark.parametrize(
    ("min_support", "min_confidence", "expected"),
    [(0.006, 0.25, 463), (0.001, 0.8, 410), (0.001, 0.5, 5_668), (0.01, 0.5, 15)],
)
def test_groceries_gives_the_published_rules(groceries, min_support, min_confidence, expected):
    shop = Shop(groceries)
    itemsets = shop.mine(min_support=min_support, max_items=20)
    rules = shop.find_rules(itemsets, min_confidence=min_confidence)
    assert len(rules) == expected
    if (min_support, min_confidence) == (0.001, 0.8):
        counts = rules["count_antecedent"] * rules["count_consequent"]
        lift = rules["count_both"] * len(groceries) / counts
        best = rules.loc[lift.idxmax()]
        assert best["antecedent"] == ["liquor", "red/blush wine"]
        assert best["consequent"] == ["bottled beer"]
        assert lift.max() == pytest.approx(11.235, abs=5e-4)
