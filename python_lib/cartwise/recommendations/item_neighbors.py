"""Find the products that the same people buy, buy next, or look at in one visit."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from cartwise.neighbors import find_neighbors
from cartwise.params import check_positive_number, check_whole_number
from cartwise.tables import build_table

SCHEMA = {
    "cutoff_number": "integer",
    "relation": "string",
    "product_number": "integer",
    "neighbor_number": "integer",
    "rank": "integer",
    "similarity": "double",
}


@dataclass(frozen=True)
class ItemNeighborParams:
    """Settings of the search for related products.

    Parameters
    ----------
    n_neighbors : int
        Most neighbours of a product.
    shrinkage : float
        How many usual interactions are added to those of each product before its similarities are
        divided by their size, so that few shared customers do not make twins.
    """

    n_neighbors: int = 20
    shrinkage: float = 10.0

    def __post_init__(self):
        check_whole_number(self, "n_neighbors", least=1)
        check_positive_number(self, "shrinkage")


def find_item_neighbors(
    also_bought: pd.DataFrame,
    bought_next: pd.DataFrame,
    viewed_together: pd.DataFrame,
    params: ItemNeighborParams,
) -> pd.DataFrame:
    r"""Find the nearest products of every product by the shrunk cosine of their interactions.

    Parameters
    ----------
    also_bought, bought_next, viewed_together : DataFrame
        One row per date, group and product: `cutoff_number`; `group_number`, any whole number of a
        customer, a pair of orders, or a visit; `product_number` from 1; `left_weight` as the
        product one starts from; and `right_weight` as its neighbour. A weight of 0 means none.
    params : ItemNeighborParams
        Settings of the search.

    Returns
    -------
    DataFrame
        One row per date, relation, product and neighbour: `cutoff_number`, `relation` (the name of
        the parameter), `product_number`, `neighbor_number`, `rank` from 1, and `similarity` above 0
        and below 1. Sorted by these.

    Notes
    -----
    A group of :math:`n` products counts :math:`1/n` for each: heavy buyers say less [1]_. With
    these weights :math:`l_{gi}` and :math:`r_{gj}`, mean squares :math:`\bar l` and
    :math:`\bar r` of those that are not 0, and shrinkage :math:`s`, the similarity is

    .. math:: \frac{\sum_g l_{gi} r_{gj}}
        {\sqrt{\sum_g l_{gi}^2 + s \bar l} \sqrt{\sum_g r_{gj}^2 + s \bar r}}

    References
    ----------
    .. [1] M. Deshpande and G. Karypis (2004). Item-based top-N recommendation algorithms. ACM
       Transactions on Information Systems 22(1).

    Examples
    --------
    >>> bought = pd.DataFrame(
    ...     {
    ...         "cutoff_number": 0,
    ...         "group_number": [7, 7, 9, 9],
    ...         "product_number": [1, 2, 1, 2],
    ...         "left_weight": 1.0,
    ...         "right_weight": 1.0,
    ...     }
    ... )
    >>> params = ItemNeighborParams(shrinkage=2)
    >>> find_item_neighbors(bought, bought[:0], bought[:0], params)["similarity"].tolist()
    [0.5, 0.5]
    """
    found = []
    relations = {
        "also_bought": also_bought,
        "bought_next": bought_next,
        "viewed_together": viewed_together,
    }
    for relation, interactions in relations.items():
        for cutoff_number, group in _split_dates(interactions):
            neighbors = _relate(group, params).rename(
                columns={"item": "product_number", "neighbor": "neighbor_number"}
            )
            found.append(neighbors.assign(cutoff_number=cutoff_number, relation=relation))
    # stable: what was found comes by product and rank
    return build_table(found, SCHEMA).sort_values(
        ["cutoff_number", "relation"], kind="stable", ignore_index=True
    )


def _split_dates(interactions: pd.DataFrame) -> Iterator[tuple[int, pd.DataFrame]]:
    """Yield the interactions of each date as a view, since they can fill the memory."""
    if not interactions["cutoff_number"].is_monotonic_increasing:
        interactions = interactions.sort_values("cutoff_number", kind="stable")
    dates, starts = np.unique(interactions["cutoff_number"], return_index=True)
    for number, (date, start) in enumerate(zip(dates, starts, strict=True), start=1):
        end = starts[number] if number < len(starts) else len(interactions)
        yield date, interactions.iloc[start:end]


def _relate(interactions: pd.DataFrame, params: ItemNeighborParams) -> pd.DataFrame:
    """Find the neighbours at one date."""
    groups = pd.factorize(interactions["group_number"])[0]
    products = interactions["product_number"].to_numpy()
    shape = (products.max() + 1, groups.max() + 1)

    def build_side(weights: np.ndarray) -> csr_matrix:
        is_given = weights != 0
        matrix = csr_matrix(
            (weights[is_given], (products[is_given], groups[is_given])), shape=shape
        )
        matrix.sort_indices()
        return _normalize(matrix, params.shrinkage)

    left_weights = interactions["left_weight"].to_numpy()
    right_weights = interactions["right_weight"].to_numpy()
    left = build_side(left_weights)
    is_symmetric = np.array_equal(left_weights, right_weights)
    right = left if is_symmetric else build_side(right_weights)
    return find_neighbors(left, right.T.tocsr(), params.n_neighbors)


def _normalize(matrix: csr_matrix, shrinkage: float) -> csr_matrix:
    """Damp the groups by their size, and bring the products to about the same length."""
    sizes = np.bincount(matrix.indices, minlength=matrix.shape[1])
    damped = matrix.data / sizes[matrix.indices]
    counts = np.diff(matrix.indptr)
    items = np.repeat(np.arange(matrix.shape[0]), counts)
    squares = np.bincount(items, weights=damped**2, minlength=matrix.shape[0])
    usual = squares.sum() / max(matrix.nnz, 1)
    lengths = np.sqrt(squares + shrinkage * usual)
    return csr_matrix(
        (damped / np.repeat(lengths, counts), matrix.indices, matrix.indptr), shape=matrix.shape
    )
