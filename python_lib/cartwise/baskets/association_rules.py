"""Rules "who buys this also buys that" from frequent item sets, with an exact test for each."""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import hypergeom

SCHEMA = {
    "rule_id": "string",
    "antecedent": "string[]",
    "consequent": "string[]",
    "count_antecedent": "bigint",
    "count_consequent": "bigint",
    "count_both": "bigint",
    "count_holdout_antecedent": "bigint",
    "count_holdout_consequent": "bigint",
    "count_holdout_both": "bigint",
    "p_value": "double",
    "count_tests": "bigint",
}


@dataclass(frozen=True)
class RuleParams:
    """Settings of the rules.

    Parameters
    ----------
    min_confidence : float, Decimal or str, default=0.1
        Smallest share of the training baskets with the antecedent that must hold the consequent
        too, in [0, 1]. Read as the decimal number it is written as.
    max_consequent_items : int, default=1
        Largest number of items in a consequent.

    Examples
    --------
    >>> RuleParams(min_confidence=-1)
    Traceback (most recent call last):
    ValueError: min_confidence must be at least 0 and at most 1, got -1
    """

    min_confidence: float | Decimal | str = 0.1
    max_consequent_items: int = 1

    def __post_init__(self) -> None:
        try:
            is_share = 0 <= Fraction(str(self.min_confidence)) <= 1
        except (ValueError, ZeroDivisionError):
            is_share = False
        if not is_share:
            raise ValueError(
                f"min_confidence must be at least 0 and at most 1, got {self.min_confidence}"
            )
        value = self.max_consequent_items
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ValueError(
                f"max_consequent_items must be a whole number of at least 1, got {value!r}"
            )


class _Level(NamedTuple):
    """The item sets of one size, sorted by their keys."""

    codes: np.ndarray  # (n_sets, size), the rank of each item among all items
    keys: np.ndarray  # rank of the set without its last item, and the last item, in one number
    rows: np.ndarray  # where each set is in the frame of item sets


class _Splits(NamedTuple):
    """Rules as three rows of the frame of item sets."""

    both: np.ndarray
    antecedent: np.ndarray
    consequent: np.ndarray


def find_association_rules(
    itemsets: pd.DataFrame, totals: pd.DataFrame, params: RuleParams | None = None
) -> pd.DataFrame:
    """Split every frequent item set into antecedent and consequent and keep the confident rules.

    Parameters
    ----------
    itemsets : DataFrame
        What `mine_frequent_itemsets` returns, in any order: `itemset_id`, `items`, `count_baskets`
        and `count_holdout_baskets`. Every subset of a set must be there too.
    totals : DataFrame
        One row: `count_baskets` (all training baskets).
    params : RuleParams, optional
        Settings of the rules.

    Returns
    -------
    DataFrame
        One row per rule, columns as in `SCHEMA`, sorted by `rule_id`, which is the md5 of the two
        `itemset_id` of antecedent and consequent, one after the other.

    Raises
    ------
    ValueError
        If a subset of an item set is missing, or an item set is there twice.

    Notes
    -----
    `p_value` is that of Fisher's exact test [4]_, one-sided: if antecedent and consequent were
    bought independently, how likely would at least `count_both` of the `count_antecedent` baskets
    hold the consequent, given that `count_consequent` of all baskets do? It is the upper tail of a
    hypergeometric distribution.

    Small p-values also come about by chance when many pairs of sets are tested at once.
    `count_tests` is the number of tests to correct for: the pairs that could have become a rule of
    the same layer, which are at most all frequent sets of the antecedent's size times all frequent
    sets of the consequent's size. Pairs that are too rare together to be seen belong to it, because
    being seen depends on the very count under test [2]_. Sets that are infrequent themselves do
    not, because the test takes the counts of both sides as given. Layers by size keep the many
    pairs of long sets from drowning the few of short ones [3]_. Within a layer, the procedure of
    [1]_, ``q = min over this and later ranks of p_value * count_tests / rank``, then bounds the
    expected share of false discoveries: pairs without a row count as tests that found nothing,
    which errs on the safe side. Baskets are taken to be independent of each other.

    References
    ----------
    .. [1] Y. Benjamini and Y. Hochberg (1995). Controlling the false discovery rate. Journal of the
       Royal Statistical Society B 57(1).
    .. [2] G. I. Webb (2007). Discovering significant patterns. Machine Learning 68(1).
    .. [3] G. I. Webb (2008). Layered critical values: a powerful direct-adjustment approach to
       discovering significant patterns. Machine Learning 71(2-3).
    .. [4] R. A. Fisher (1935). The logic of inductive inference. Journal of the Royal Statistical
       Society 98(1).

    Examples
    --------
    Of 8 baskets, 4 hold tea, 3 hold milk, and all with milk hold tea:

    >>> itemsets = pd.DataFrame(
    ...     {
    ...         "itemset_id": ["1", "2", "3"],
    ...         "items": [["milk"], ["tea"], ["milk", "tea"]],
    ...         "count_baskets": [3, 4, 3],
    ...         "count_holdout_baskets": [0, 0, 0],
    ...     }
    ... )
    >>> rules = find_association_rules(itemsets, pd.DataFrame({"count_baskets": [8]}))
    >>> rules[["antecedent", "consequent", "count_antecedent", "count_both", "p_value"]]
      antecedent consequent  count_antecedent  count_both   p_value
    0      [tea]     [milk]                 4           3  0.071429
    1     [milk]      [tea]                 3           3  0.071429
    """
    params = params or RuleParams()
    levels = _index_itemsets(itemsets)
    count_baskets = itemsets["count_baskets"].to_numpy(dtype=np.int64)
    splits = [
        _keep_confident(split, count_baskets, params)
        for split in _split_itemsets(levels, params.max_consequent_items)
    ]
    return _describe_rules(_join_splits(splits), itemsets, levels, totals)


def _index_itemsets(itemsets: pd.DataFrame) -> list[_Level]:
    """Arrange the item sets by size, smaller first, so that any subset can be looked up."""
    sizes = itemsets["items"].map(len).to_numpy(dtype=np.int64)
    products = pd.Index(sorted(items[0] for items in itemsets["items"][sizes == 1]), dtype=object)
    levels: list[_Level] = []
    for size in range(1, sizes.max(initial=0) + 1):
        rows = np.flatnonzero(sizes == size)
        items = np.array([*itemsets["items"].iloc[rows]], dtype=object).ravel()
        codes = products.get_indexer(items).reshape(-1, size)
        _check_is_complete(codes >= 0, 1)
        if (codes[:, 1:] <= codes[:, :-1]).any():
            raise ValueError(f"itemsets: the items of sets of {size} items are not ascending")
        prefixes = _find_positions(levels, codes[:, :-1]) if size > 1 else 0
        keys = prefixes * len(products) + codes[:, -1]
        order = np.argsort(keys)
        levels.append(_Level(codes[order], keys[order], rows[order]))
        if (np.diff(levels[-1].keys) == 0).any():
            raise ValueError(f"itemsets: a set of {size} items is there more than once")
    return levels


def _find_positions(levels: list[_Level], codes: np.ndarray) -> np.ndarray:
    """Look up sets of one size, given as rising item codes, in their level."""
    count_items = len(levels[0].keys)
    positions = codes[:, 0]
    for size in range(2, codes.shape[1] + 1):
        sought = positions * count_items + codes[:, size - 1]
        keys = levels[size - 1].keys if size <= len(levels) else np.empty(0, dtype=np.int64)
        positions = np.searchsorted(keys, sought)
        _check_is_complete(np.append(keys, -1)[positions] == sought, size)
    return positions


def _check_is_complete(is_there: np.ndarray, size: int) -> None:
    if not is_there.all():
        raise ValueError(
            f"itemsets: {is_there.size - is_there.sum()} of {is_there.size} subsets of {size} "
            "items are missing; every subset of an item set must be there too"
        )


def _split_itemsets(levels: list[_Level], max_consequent_items: int) -> Iterator[_Splits]:
    """Yield every way to split the sets of each size in two."""
    for size, level in enumerate(levels, start=1):
        for consequent_size in range(1, min(max_consequent_items, size - 1) + 1):
            for consequent in combinations(range(size), consequent_size):
                antecedent = [column for column in range(size) if column not in consequent]
                yield _Splits(
                    both=level.rows,
                    antecedent=_find_rows(levels, level.codes[:, antecedent]),
                    consequent=_find_rows(levels, level.codes[:, consequent]),
                )


def _find_rows(levels: list[_Level], codes: np.ndarray) -> np.ndarray:
    return levels[codes.shape[1] - 1].rows[_find_positions(levels, codes)]


def _keep_confident(splits: _Splits, count_baskets: np.ndarray, params: RuleParams) -> _Splits:
    """Keep the rules that hold in enough of the antecedent's baskets, by whole numbers."""
    min_confidence = Fraction(str(params.min_confidence))
    counts, which = np.unique(count_baskets[splits.antecedent], return_inverse=True)
    thresholds = np.array([math.ceil(min_confidence * count) for count in counts.tolist()], int)
    is_kept = count_baskets[splits.both] >= thresholds[which]
    return _Splits(*(rows[is_kept] for rows in splits))


def _join_splits(splits: list[_Splits]) -> _Splits:
    nothing = _Splits(*np.empty((3, 0), dtype=np.int64))
    return _Splits(*(np.concatenate(rows) for rows in zip(nothing, *splits, strict=True)))


def _describe_rules(
    rules: _Splits, itemsets: pd.DataFrame, levels: list[_Level], totals: pd.DataFrame
) -> pd.DataFrame:
    ids = itemsets["itemset_id"].to_numpy(dtype=object)
    items = pd.Series([list(each) for each in itemsets["items"]], dtype=object).to_numpy()
    counts = itemsets["count_baskets"].to_numpy(dtype=np.int64)
    holdout_counts = itemsets["count_holdout_baskets"].to_numpy(dtype=np.int64)
    described = pd.DataFrame(
        {
            "rule_id": _hash_pairs(ids[rules.antecedent], ids[rules.consequent]),
            "antecedent": items[rules.antecedent],
            "consequent": items[rules.consequent],
            "count_antecedent": counts[rules.antecedent],
            "count_consequent": counts[rules.consequent],
            "count_both": counts[rules.both],
            "count_holdout_antecedent": holdout_counts[rules.antecedent],
            "count_holdout_consequent": holdout_counts[rules.consequent],
            "count_holdout_both": holdout_counts[rules.both],
        }
    )
    described["p_value"] = _test_independence(described, totals)
    described["count_tests"] = _count_tests(described, levels)
    return described.sort_values("rule_id", ignore_index=True)


def _hash_pairs(antecedent_ids: np.ndarray, consequent_ids: np.ndarray) -> pd.Series:
    keys = antecedent_ids + consequent_ids
    hashes = [hashlib.md5(key.encode(), usedforsecurity=False).hexdigest() for key in keys]
    return pd.Series(hashes, dtype="str")


def _test_independence(rules: pd.DataFrame, totals: pd.DataFrame) -> np.ndarray:
    """Return the p-value of the one-sided exact test, computed once per distinct case."""
    if rules.empty:
        return np.empty(0)
    counts = rules[["count_antecedent", "count_consequent", "count_both"]]
    which = counts.groupby([*counts], sort=False).ngroup().to_numpy()
    antecedent, consequent, both = counts.drop_duplicates().to_numpy().T
    p_values = hypergeom.sf(both - 1, int(totals["count_baskets"].iloc[0]), antecedent, consequent)
    return np.clip(p_values, 0.0, 1.0)[which]


def _count_tests(rules: pd.DataFrame, levels: list[_Level]) -> np.ndarray:
    """Return how many pairs of frequent sets have the sizes of each rule's two sides."""
    count_sets = np.array([0, *(len(level.rows) for level in levels)], dtype=np.int64)
    antecedent_sizes = rules["antecedent"].map(len).to_numpy(dtype=np.int64)
    consequent_sizes = rules["consequent"].map(len).to_numpy(dtype=np.int64)
    return count_sets[antecedent_sizes] * count_sets[consequent_sizes]
