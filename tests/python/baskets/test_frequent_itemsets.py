from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mlxtend.frequent_patterns import fpgrowth
from plain_baskets import Shop

from cartwise.baskets.frequent_itemsets import (
    PACKING_FACTOR,
    SCHEMA,
    ItemsetParams,
    get_itemset_id,
    mine_frequent_itemsets,
)

BASKETS = st.lists(st.sets(st.sampled_from("abcdefgh"), max_size=7), min_size=6, max_size=40)


def count_by_set(itemsets, column="count_baskets"):
    return dict(zip(map(frozenset, itemsets["items"]), itemsets[column], strict=True))


def count_with_mlxtend(baskets, threshold, max_items):
    products = sorted(set().union(*baskets))
    if not products:
        return {}
    one_hot = pd.DataFrame(
        [[product in basket for product in products] for basket in baskets],
        columns=products,
        dtype=bool,
    )
    # half a basket below the threshold, where comparing floating-point shares is safe
    support = (threshold - 0.5) / len(baskets)
    found = fpgrowth(one_hot, min_support=support, use_colnames=True, max_len=max_items)
    counts = (found["support"] * len(baskets)).round().astype(int)
    return dict(zip(found["itemsets"].map(frozenset), counts, strict=True))


@settings(max_examples=60, deadline=None)
@given(BASKETS, st.integers(1, 6), st.integers(1, 6))
def test_sets_and_counts_equal_those_of_mlxtend(baskets, min_count, max_items):
    itemsets = Shop(baskets, min_count=min_count).mine(
        min_support="0.0001", min_count=min_count, max_items=max_items
    )
    assert count_by_set(itemsets) == count_with_mlxtend(baskets, min_count, max_items)
    assert itemsets["items"].map(lambda items: items == sorted(items)).all()
    assert (itemsets["count_items"] == itemsets["items"].map(len)).all()
    assert (itemsets["itemset_id"] == itemsets["items"].map(get_itemset_id)).all()
    assert itemsets["itemset_id"].is_unique
    assert itemsets["itemset_id"].is_monotonic_increasing


@settings(max_examples=60, deadline=None)
@given(BASKETS, BASKETS, st.integers(1, 4))
def test_held_out_baskets_are_counted_and_have_no_say(training, holdout, min_count):
    limits = {"min_support": "0.0001", "min_count": min_count, "max_items": 8}
    itemsets = Shop(training, holdout, min_count=min_count).mine(**limits)
    for items, count in count_by_set(itemsets, "count_holdout_baskets").items():
        assert count == sum(items <= basket for basket in holdout)
    without_holdout = Shop(training, min_count=min_count).mine(**limits)
    assert count_by_set(itemsets) == count_by_set(without_holdout)


@settings(max_examples=60, deadline=None)
@given(BASKETS, BASKETS, st.integers(1, 20), st.integers(1, 20))
def test_memory_bounds_do_not_change_the_result(training, holdout, max_pairs, max_candidates):
    shop = Shop(training, holdout, min_count=2)
    limits = {"min_support": "0.0001", "min_count": 2, "max_items": 8}
    bounded = shop.mine(**limits, max_pairs=max_pairs, max_candidates=max_candidates)
    pd.testing.assert_frame_equal(bounded, shop.mine(**limits))


@settings(max_examples=30, deadline=None)
@given(BASKETS, st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(baskets, random):
    shop = Shop(baskets, baskets[:3], min_count=2)
    expected = shop.mine(min_support="0.0001", min_count=2)
    rows = list(range(len(shop.occurrences)))
    random.shuffle(rows)
    shop.occurrences = shop.occurrences[np.array(rows, dtype=int)]
    shop.items = shop.items.iloc[::-1]
    pd.testing.assert_frame_equal(shop.mine(min_support="0.0001", min_count=2), expected)


def test_any_item_codes_give_the_same_sets():
    baskets = [set("abc"), set("abd"), set("ab"), set("cd"), set("abcd")]
    rising = Shop(baskets)
    falling = Shop(baskets)
    falling.items["item_code"] = 3 - falling.items["item_code"]
    numbers, codes = np.divmod(falling.occurrences, PACKING_FACTOR)
    falling.occurrences = numbers * PACKING_FACTOR + 3 - codes
    pd.testing.assert_frame_equal(falling.mine(), rising.mine())


def test_inputs_are_left_as_they_were():
    shop = Shop([set("abc"), set("ab"), set("bc")])
    shop.occurrences = shop.occurrences[::-1].copy()
    shop.items = shop.items.iloc[::-1]
    before = shop.occurrences.copy(), shop.items.copy(), shop.totals.copy()
    shop.mine(min_count=1)
    np.testing.assert_array_equal(shop.occurrences, before[0])
    pd.testing.assert_frame_equal(shop.items, before[1])
    pd.testing.assert_frame_equal(shop.totals, before[2])


def test_baskets_without_a_frequent_item_count_towards_support():
    shop = Shop([set("ab")] * 3 + [set()] * 97, min_support="0.03")
    assert len(shop.mine(min_support="0.03")) == 3
    assert shop.mine(min_support="0.04").empty


def test_one_large_basket():
    itemsets = Shop([map(str, range(300)), {"1", "2"}], min_count=1).mine(min_count=1, max_items=2)
    assert len(itemsets) == 300 + 300 * 299 // 2
    assert count_by_set(itemsets)[frozenset({"1", "2"})] == 2


@pytest.mark.parametrize(
    ("training", "holdout"), [([], []), ([set()], []), ([], [set("ab")]), ([set("a")], [set("ab")])]
)
def test_nothing_in_nothing_out(training, holdout):
    itemsets = Shop(training, holdout, min_count=2).mine(min_count=2)
    assert itemsets.empty
    assert list(itemsets) == list(SCHEMA)
    assert itemsets["count_items"].dtype == np.int32
    assert itemsets["count_baskets"].dtype == itemsets["count_holdout_baskets"].dtype == np.int64


def test_no_totals_row_is_no_baskets():
    shop = Shop([set("ab")] * 3)
    assert mine_frequent_itemsets(shop.occurrences, shop.items, shop.totals.head(0)).empty


@pytest.mark.parametrize(
    ("min_support", "min_count", "count_baskets", "expected"),
    [
        (0.07, 1, 100, 7),  # 0.07 * 100 is above 7 in floating point
        ("0.29", 1, 100, 29),  # 0.29 * 100 is below 29
        (Decimal("0.001"), 1, 9_835, 10),
        (0.001, 1, 10_001, 11),
        (1e-05, 1, 3_000_000, 30),
        ("1/3", 1, 9, 3),
        (0.001, 2, 100, 2),
    ],
)
def test_threshold_is_exact(min_support, min_count, count_baskets, expected):
    params = ItemsetParams(min_support=min_support, min_count=min_count)
    assert params.get_threshold(count_baskets) == expected


def test_sets_exactly_at_the_threshold_are_kept():
    baskets = [set("ab")] * 7 + [set("c")] * 93
    assert frozenset("ab") in count_by_set(Shop(baskets).mine(min_support=0.07))


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("min_support", 0, "min_support must be above 0 and at most 1, got 0"),
        ("min_support", 1.5, "min_support must be above 0 and at most 1, got 1.5"),
        ("min_support", "many", "min_support must be above 0 and at most 1, got many"),
        ("min_support", float("nan"), "min_support must be above 0"),
        ("min_support", "1/0", "min_support must be above 0"),
        ("min_count", 0, "min_count must be a whole number from 1 to .*, got 0"),
        ("min_count", 2.0, "min_count must be a whole number from 1 to .*, got 2.0"),
        ("max_items", True, "max_items must be a whole number from 1 to .*, got True"),
        ("max_pairs", 0, "max_pairs must be"),
        ("max_candidates", 2**31, "max_candidates must be"),
    ],
)
def test_settings_check_themselves(setting, value, message):
    with pytest.raises(ValueError, match=message):
        ItemsetParams(**{setting: value})


@pytest.mark.parametrize(
    ("occurrences", "message"),
    [
        ([0, 1, 1], r"1 of 3 are repeated.*\(0, 1\)"),
        ([0, 2], r"1 of 2 have an item_code that is not in items.*\(0, 2\)"),
        ([-1, 0], r"1 of 2 have"),
        ([2**31 * PACKING_FACTOR], r"1 of 1 have a basket number outside.*\(2147483648, 0\)"),
    ],
)
def test_unusable_occurrences_are_named(occurrences, message):
    shop = Shop([set("ab")] * 2)
    shop.occurrences = np.array(occurrences)
    with pytest.raises(ValueError, match=message):
        shop.mine()


def test_unusable_item_codes_are_named():
    shop = Shop([set("abc")] * 2)
    shop.items["item_code"] = [0, 1, 3]
    with pytest.raises(ValueError, match=r"from 0 to 2 .* 1 of 3 rows are off, the first: \[3\]"):
        shop.mine()


def test_keys_keep_sets_apart_that_read_alike():
    assert get_itemset_id(["1:a2", "b"]) != get_itemset_id(["1:a", "2b"])
    assert get_itemset_id(["ab"]) != get_itemset_id(["a", "b"])


def test_groceries_gives_the_published_number_of_sets(groceries):
    itemsets = Shop(groceries).mine(min_support=0.001, max_items=20)
    assert len(itemsets) == 13_492
    assert count_by_set(itemsets)[frozenset({"whole milk"})] == 2_513


@pytest.mark.parametrize(("min_support", "expected"), [(0.01, 159), (0.005, 580), (0.001, 7_589)])
def test_fimi_retail_gives_as_many_sets_as_other_miners(fimi_retail, min_support, expected):
    shop = Shop(fimi_retail, min_support=min_support)
    assert len(shop.mine(min_support=min_support, max_items=20)) == expected
