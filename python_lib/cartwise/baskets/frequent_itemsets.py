"""Item sets that occur together in enough baskets (Apriori over occurrence lists)."""

import hashlib
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pandas as pd

SCHEMA = {
    "itemset_id": "string",
    "items": "string[]",
    "count_items": "integer",
    "count_baskets": "bigint",
    "count_holdout_baskets": "bigint",
}

PACKING_FACTOR = 2**24
"""An occurrence is `basket_number * PACKING_FACTOR + item_code`."""


@dataclass(frozen=True)
class ItemsetParams:
    """Settings of the search.

    Parameters
    ----------
    min_support : float, Decimal or str, default=0.001
        Smallest share of the training baskets that must hold a set, in (0, 1]. Read as the decimal
        number it is written as, so 0.1 is one tenth and not the nearest binary fraction.
    min_count : int, default=2
        Smallest number of training baskets that must hold a set, whatever the support says.
    max_items : int, default=4
        Largest number of items in a set.
    max_pairs : int, default=131072
        How many pairs of occurrences are held in memory at a time. Changes speed, not results.
    max_candidates : int, default=33554432
        How many candidates are counted in one pass, and how many occurrences of sets are held at a
        time on each level of the search. Changes speed, not results.

    Examples
    --------
    >>> ItemsetParams(min_support="0.25", min_count=1).get_threshold(8)
    2
    >>> ItemsetParams(min_support=2)
    Traceback (most recent call last):
    ValueError: min_support must be above 0 and at most 1, got 2
    """

    min_support: float | Decimal | str = 0.001
    min_count: int = 2
    max_items: int = 4
    max_pairs: int = 2**17
    max_candidates: int = 2**25

    def __post_init__(self) -> None:
        try:
            is_share = 0 < Fraction(str(self.min_support)) <= 1
        except (ValueError, ZeroDivisionError):
            is_share = False
        if not is_share:
            raise ValueError(f"min_support must be above 0 and at most 1, got {self.min_support}")
        for name in ("min_count", "max_items", "max_pairs", "max_candidates"):
            value = getattr(self, name)
            is_whole = isinstance(value, int) and not isinstance(value, bool)
            if not is_whole or not 1 <= value < 2**31:
                raise ValueError(
                    f"{name} must be a whole number from 1 to 2**31 - 1, got {value!r}"
                )

    def get_threshold(self, count_baskets: int) -> int:
        """Return the number of baskets, out of `count_baskets`, that makes a set frequent."""
        return max(self.min_count, math.ceil(Fraction(str(self.min_support)) * count_baskets))


class _Sets(NamedTuple):
    """Frequent sets of one size, in lexicographic order of their item codes.

    A set is extended by each of its later siblings: the sets that share all its items but the last.
    These candidates are numbered set by set without gaps.
    """

    codes: np.ndarray  # (n_sets, size), rising along each row
    first_candidates: np.ndarray  # (n_sets + 1,), the number of each set's first candidate


class _Occurrences(NamedTuple):
    """Which sets occur in which baskets.

    Occurrences with equal parents lie in one basket and are siblings, so they can be joined. They
    stand next to each other, in the order of their sets. The parent of a single item is its basket;
    the parent of a longer set is the position of the occurrence it grew from, which stands for
    basket and prefix at once.
    """

    parents: np.ndarray
    sets: np.ndarray


class CountedSets(NamedTuple):
    """Sets of one size with their counts."""

    codes: np.ndarray  # (n_sets, size), item codes
    counts: np.ndarray
    holdout_counts: np.ndarray


class _Found(NamedTuple):
    """Frequent extensions of the sets of one size, in lexicographic order."""

    lefts: np.ndarray  # the set that was extended ...
    rights: np.ndarray  # ... and the sibling whose last item it took
    codes: np.ndarray
    counts: np.ndarray
    holdout_counts: np.ndarray


def mine_frequent_itemsets(
    occurrences: np.ndarray,
    items: pd.DataFrame,
    totals: pd.DataFrame,
    params: ItemsetParams | None = None,
) -> pd.DataFrame:
    """Find every set of items that enough training baskets hold.

    Parameters
    ----------
    occurrences : ndarray of int64, shape (n_occurrences,)
        `basket_number * PACKING_FACTOR + item_code`, unique, in any order. Training baskets are
        numbered from 0 to `count_baskets` - 1, held-out baskets follow. Only items
        that are frequent in the training baskets need to be there.
    items : DataFrame
        One row per item: `item_code` (0 to n - 1, by rising `count_baskets`: any order is correct,
        this one is fast), `product_id`, `count_baskets`, `count_holdout_baskets`.
    totals : DataFrame
        One row: `count_baskets` (all training baskets, with or without a frequent item).
    params : ItemsetParams, optional
        Settings of the search.

    Returns
    -------
    DataFrame
        One row per frequent set, columns as in `SCHEMA`, sorted by `itemset_id`. Single items are
        sets too. `count_holdout_baskets` counts the same set in the held-out baskets, which had no
        say in whether the set is frequent.

    Raises
    ------
    ValueError
        If the item codes in `items` are not 0 to n - 1, or `occurrences` repeats itself, has an
        unknown item code or a basket number that does not fit 31 bits.

    Notes
    -----
    Apriori [1]_: a set can only be frequent if all its subsets are, so sets of k + 1 items are
    sought among those that extend frequent sets of k items. Instead of testing candidates against
    every basket, the search keeps the occurrences of the frequent sets (the vertical layout of
    [2]_) and joins them:

    1. *Join.* Two occurrences in one basket whose sets differ in the last item only, {P, x} and
       {P, y}, are one occurrence of the candidate {P, x, y}.
    2. *Count.* The candidates that extend a set are numbered without gaps, so counting is one
       addition in a flat array per joined pair.
    3. *Keep.* The occurrences of candidates that turned out frequent, and that a longer set can
       grow from, are joined once more and kept for the next level.

    Frequent sets with a common prefix can be extended independently of all others, which bounds
    memory: the search descends into as many prefixes at a time as fit `max_candidates`, and every
    join is worked off in slices of `max_pairs`. With items coded by rising frequency the frequent
    items come last in a set, where they are extended least.

    References
    ----------
    .. [1] R. Agrawal and R. Srikant (1994). Fast algorithms for mining association rules. VLDB.
    .. [2] M. J. Zaki (2000). Scalable algorithms for association mining. IEEE Transactions on
       Knowledge and Data Engineering 12(3).

    Examples
    --------
    Three training baskets {tea, milk}, {tea, milk}, {tea} and one held-out basket {tea, milk}:

    >>> baskets, codes = np.array([0, 0, 1, 1, 2, 3, 3]), np.array([0, 1, 0, 1, 1, 0, 1])
    >>> items = pd.DataFrame(
    ...     {
    ...         "item_code": [0, 1],
    ...         "product_id": ["milk", "tea"],
    ...         "count_baskets": [2, 3],
    ...         "count_holdout_baskets": [1, 1],
    ...     }
    ... )
    >>> totals = pd.DataFrame({"count_baskets": [3]})
    >>> itemsets = mine_frequent_itemsets(
    ...     baskets * PACKING_FACTOR + codes, items, totals, ItemsetParams(min_support=0.5)
    ... )
    >>> itemsets[["items", "count_items", "count_baskets", "count_holdout_baskets"]]
             items  count_items  count_baskets  count_holdout_baskets
    0       [milk]            1              2                      1
    1  [milk, tea]            2              2                      1
    2        [tea]            1              3                      1
    """
    params = params or ItemsetParams()
    items = _check_items(items)
    if items.empty or totals.empty or totals["count_baskets"].iloc[0] == 0:
        return name_itemsets([], items)
    occurrences = _sort_occurrences(occurrences, len(items))

    count_baskets = int(totals["count_baskets"].iloc[0])
    threshold = params.get_threshold(count_baskets)
    training, holdout = _split_occurrences(occurrences, count_baskets)
    single_items = _number_candidates(
        codes=np.arange(len(items), dtype=np.int32)[:, None],
        parents=np.zeros(len(items), dtype=np.int64),
    )
    found = [
        _take_frequent_items(items, threshold),
        *_extend_sets(single_items, training, holdout, threshold, params),
    ]
    return name_itemsets(
        (CountedSets(level.codes, level.counts, level.holdout_counts) for level in found), items
    )


def get_itemset_id(items: Iterable[str]) -> str:
    """Return the key of a set of product ids that are sorted already.

    The ids are joined with their lengths in front, so no separator can be mistaken for a part of an
    id, and the md5 of that text is the key: ["a", "bc"] is md5("1:a2:bc").

    Parameters
    ----------
    items : iterable of str
        Product ids in ascending order.

    Returns
    -------
    str
        32 hexadecimal digits.

    Examples
    --------
    >>> get_itemset_id(["a", "bc"])
    'c899d7cd06102a9d8c7a6ecdb67d783e'
    """
    key = "".join([f"{len(item)}:{item}" for item in items])
    return hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()


def name_itemsets(levels: Iterable[CountedSets], items: pd.DataFrame) -> pd.DataFrame:
    """Replace item codes by sorted product ids and give each set its key.

    Parameters
    ----------
    levels : iterable of CountedSets
        The frequent sets, those of one size at a time.
    items : DataFrame
        `item_code` (0 to n - 1, in order) and `product_id`.

    Returns
    -------
    DataFrame
        One row per set, columns as in `SCHEMA`, sorted by `itemset_id`.
    """
    levels = list(levels)
    product_ids = items["product_id"].astype(object).to_numpy()
    ranks = np.empty(len(items), dtype=np.int64)
    by_name = np.argsort(product_ids)
    ranks[by_name] = np.arange(len(items))
    sorted_ids = product_ids[by_name]
    sets = [
        itemset
        for level in levels
        for itemset in sorted_ids[np.sort(ranks[level.codes], axis=1)].tolist()
    ]
    itemsets = pd.DataFrame(
        {
            "itemset_id": pd.Series([get_itemset_id(itemset) for itemset in sets], dtype="str"),
            "items": pd.Series(sets, dtype=object),
            "count_items": np.array([len(itemset) for itemset in sets], dtype=np.int32),
            "count_baskets": _concatenate([level.counts for level in levels]),
            "count_holdout_baskets": _concatenate([level.holdout_counts for level in levels]),
        }
    )
    return itemsets.sort_values("itemset_id", ignore_index=True)


def _check_items(items: pd.DataFrame) -> pd.DataFrame:
    items = items.sort_values("item_code", ignore_index=True)
    is_unexpected = (items["item_code"] != items.index).to_numpy(dtype=bool)
    if is_unexpected.any():
        raise ValueError(
            f"items: item_code must run from 0 to {len(items) - 1} without gaps or repeats; "
            f"{is_unexpected.sum()} of {len(items)} rows are off, the first: "
            f"{items.loc[is_unexpected, 'item_code'].head(3).tolist()}"
        )
    return items


def _sort_occurrences(occurrences: np.ndarray, count_items: int) -> np.ndarray:
    # the stable sort takes little time over rows that are nearly in order, as they mostly are
    occurrences = np.sort(np.asarray(occurrences, dtype=np.int64), kind="stable")
    is_repeated = occurrences[1:] == occurrences[:-1]
    is_unknown = (occurrences & (PACKING_FACTOR - 1)) >= count_items
    is_out_of_range = (occurrences < 0) | (occurrences >= 2**31 * PACKING_FACTOR)
    for problem, is_wrong in (
        ("are repeated", is_repeated),
        ("have an item_code that is not in items", is_unknown),
        ("have a basket number outside 0 to 2**31 - 1", is_out_of_range),
    ):
        if is_wrong.any():
            examples = [
                (occurrence // PACKING_FACTOR, occurrence % PACKING_FACTOR)
                for occurrence in occurrences[: len(is_wrong)][is_wrong][:3].tolist()
            ]
            raise ValueError(
                f"occurrences: {is_wrong.sum()} of {len(occurrences)} {problem}, "
                f"the first (basket_number, item_code): {examples}"
            )
    return occurrences


def _split_occurrences(
    occurrences: np.ndarray, first_holdout: int
) -> tuple[_Occurrences, _Occurrences]:
    """Unpack into training and held-out occurrences of single items."""
    baskets = (occurrences // PACKING_FACTOR).astype(np.int32)
    item_codes = (occurrences & (PACKING_FACTOR - 1)).astype(np.int32)
    cut = np.searchsorted(baskets, first_holdout)
    return (
        _Occurrences(parents=baskets[:cut], sets=item_codes[:cut]),
        _Occurrences(parents=baskets[cut:], sets=item_codes[cut:]),
    )


def _take_frequent_items(items: pd.DataFrame, threshold: int) -> _Found:
    frequent = items[items["count_baskets"] >= threshold]
    codes = frequent["item_code"].to_numpy(dtype=np.int32)
    return _Found(
        lefts=codes,
        rights=codes,
        codes=codes[:, None],
        counts=frequent["count_baskets"].to_numpy(dtype=np.int64),
        holdout_counts=frequent["count_holdout_baskets"].to_numpy(dtype=np.int64),
    )


def _number_candidates(codes: np.ndarray, parents: np.ndarray) -> _Sets:
    """Assign numbers to the candidates; sets are siblings if their parents are equal."""
    _, first_siblings, class_sizes = np.unique(parents, return_index=True, return_counts=True)
    sibling_ends = np.repeat(first_siblings + class_sizes, class_sizes)
    count_later = sibling_ends - np.arange(len(codes)) - 1
    return _Sets(codes, first_candidates=np.concatenate([[0], np.cumsum(count_later)]))


def _extend_sets(
    sets: _Sets,
    training: _Occurrences,
    holdout: _Occurrences,
    threshold: int,
    params: ItemsetParams,
) -> Iterator[_Found]:
    """Yield the frequent sets that extend `sets` by one item and, level by level, by more."""
    size = sets.codes.shape[1]
    if size >= params.max_items:
        return
    for block in _slice_by_weight(np.diff(sets.first_candidates), params.max_candidates):
        found = _find_frequent_extensions(sets, block, training, holdout, threshold, params)
        yield found
        if size + 1 < params.max_items:
            for family in _slice_growing_families(found, params.max_candidates):
                yield from _extend_sets(
                    _number_candidates(family.codes, family.lefts),
                    _keep_occurrences(training, sets, family, params.max_pairs),
                    _keep_occurrences(holdout, sets, family, params.max_pairs),
                    threshold,
                    params,
                )


def _find_frequent_extensions(
    sets: _Sets,
    block: slice,
    training: _Occurrences,
    holdout: _Occurrences,
    threshold: int,
    params: ItemsetParams,
) -> _Found:
    """Count the candidates that extend a block of sets and take the frequent ones."""
    counts = _count_candidates(training, sets, block, params.max_pairs)
    frequent = np.flatnonzero(counts >= threshold)
    holdout_counts = _count_candidates(holdout, sets, block, params.max_pairs)

    candidates = frequent + sets.first_candidates[block.start]
    lefts = np.searchsorted(sets.first_candidates, candidates, side="right") - 1
    rights = candidates - sets.first_candidates[lefts] + lefts + 1
    return _Found(
        lefts=lefts,
        rights=rights,
        codes=np.hstack([sets.codes[lefts], sets.codes[rights, -1:]]),
        counts=counts[frequent].astype(np.int64),
        holdout_counts=holdout_counts[frequent].astype(np.int64),
    )


def _count_candidates(
    occurrences: _Occurrences, sets: _Sets, block: slice, max_pairs: int
) -> np.ndarray:
    first_candidate, end = sets.first_candidates[[block.start, block.stop]]
    counts = np.zeros(end - first_candidate, dtype=np.int32)
    is_left = np.zeros(len(sets.codes), dtype=bool)
    is_left[block] = True
    for _, candidates in _join_occurrences(occurrences, sets, is_left, max_pairs):
        # an increment of another type than the counter's makes add.at ten times slower
        np.add.at(counts, candidates.ravel(), np.int32(1))
    return counts


def _slice_growing_families(found: _Found, max_occurrences: int) -> Iterator[_Found]:
    """Split into families of siblings that together have few enough occurrences.

    A set without siblings cannot grow and is left out.
    """
    _, family_ids, family_sizes = np.unique(found.lefts, return_inverse=True, return_counts=True)
    can_grow = family_sizes[family_ids] > 1
    growing = _Found(*(column[can_grow] for column in found))
    _, first_members = np.unique(growing.lefts, return_index=True)
    bounds = np.append(first_members, len(growing.lefts))
    ends = np.concatenate([[0], np.cumsum(growing.counts + growing.holdout_counts)])
    for families in _slice_by_weight(np.diff(ends[bounds]), max_occurrences):
        members = slice(bounds[families.start], bounds[families.stop])
        yield _Found(*(column[members] for column in growing))


def _keep_occurrences(
    occurrences: _Occurrences, sets: _Sets, family: _Found, max_pairs: int
) -> _Occurrences:
    """Join once more and keep the occurrences of the sets in `family`."""
    first_candidate = sets.first_candidates[family.lefts[0]]
    end = sets.first_candidates[family.lefts[-1] + 1]
    candidates = sets.first_candidates[family.lefts] + family.rights - family.lefts - 1
    new_sets = np.full(end - first_candidate, -1, dtype=np.int32)
    new_sets[candidates - first_candidate] = np.arange(len(candidates), dtype=np.int32)

    is_left, is_joined = np.zeros((2, len(sets.codes)), dtype=bool)
    is_left[family.lefts] = True
    is_joined[family.lefts] = is_joined[family.rights] = True
    can_join = is_joined[occurrences.sets]
    joinable = _Occurrences(*(column[can_join] for column in occurrences))

    parents, kept_sets = [np.empty(0, np.int32)], [np.empty(0, np.int32)]
    for lefts, candidates in _join_occurrences(joinable, sets, is_left, max_pairs):
        joined_sets = new_sets[candidates.ravel()]
        kept = np.flatnonzero(joined_sets >= 0)
        parents.append(lefts[kept // candidates.shape[1]])
        kept_sets.append(joined_sets[kept])
    return _Occurrences(np.concatenate(parents), np.concatenate(kept_sets))


def _join_occurrences(
    occurrences: _Occurrences, sets: _Sets, is_left: np.ndarray, max_pairs: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pair each occurrence of a set in `is_left` with its later siblings.

    Occurrences with the same number of later siblings are joined together, so that each step is
    one rectangle: the positions of n left occurrences, and the candidates that they and their m
    siblings make, shape (n, m), numbered from the first candidate of the first left set.
    """
    parents, set_ids = occurrences
    # the candidate of a left and a right set is first_candidates[left] + right - left - 1
    first_candidate = sets.first_candidates[np.argmax(is_left)]
    offsets = sets.first_candidates[:-1] - first_candidate - np.arange(len(sets.codes)) - 1
    offsets = offsets.astype(np.int32)

    last_siblings, count_siblings = _find_siblings(parents)
    for later in range(1, count_siblings.max(initial=0)):
        has_left = count_siblings > later
        last_siblings, count_siblings = last_siblings[has_left], count_siblings[has_left]
        lefts = last_siblings - later
        lefts = lefts[is_left[set_ids[lefts]]]
        for part in _slice_by_size(len(lefts), max_pairs // later):
            yield lefts[part], _join_rectangle(lefts[part], later, set_ids, offsets)


def _join_rectangle(
    lefts: np.ndarray, later: int, set_ids: np.ndarray, offsets: np.ndarray
) -> np.ndarray:
    """Return the candidates that each left occurrence makes with the `later` ones after it."""
    left_offsets = offsets[set_ids[lefts]]
    candidates = np.empty((len(lefts), later), dtype=np.int32)
    for distance in range(1, later + 1):
        np.add(left_offsets, set_ids[lefts + distance], out=candidates[:, distance - 1])
    return candidates


def _find_siblings(parents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where each run of equal parents ends, and how long it is."""
    is_last = np.append(parents[1:] != parents[:-1], True)[: len(parents)]
    last_siblings = np.flatnonzero(is_last).astype(np.int32)
    return last_siblings, np.diff(last_siblings, prepend=np.int32(-1))


def _slice_by_size(length: int, size: int) -> Iterator[slice]:
    """Cut into consecutive slices of `size` elements, or of one if `size` is less."""
    size = max(1, size)
    for start in range(0, length, size):
        yield slice(start, min(length, start + size))


def _slice_by_weight(weights: np.ndarray, max_weight: int) -> Iterator[slice]:
    """Cut into consecutive slices of at most `max_weight` (one element may weigh more)."""
    ends = np.cumsum(weights)
    start, done = 0, 0
    while start < len(weights):
        stop = max(start + 1, int(np.searchsorted(ends, done + max_weight, side="right")))
        yield slice(start, stop)
        start, done = stop, ends[stop - 1]


def _concatenate(columns: list[np.ndarray]) -> np.ndarray:
    return np.concatenate([np.empty(0, dtype=np.int64), *columns])
