"""Find the products whose texts are most alike."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from cartwise.neighbors import find_neighbors
from cartwise.params import check_whole_number
from cartwise.tables import build_table

SCHEMA = {
    "product_number": "integer",
    "neighbor_number": "integer",
    "rank": "integer",
    "similarity": "double",
    "term_1": "integer",
    "term_2": "integer",
    "term_3": "integer",
}
CHUNK = 100_000
"""Pairs whose shared terms are looked up at once."""


@dataclass(frozen=True)
class ProductNeighborParams:
    """Settings of the search for similar products.

    Parameters
    ----------
    n_neighbors : int
        Most neighbours of a product.
    """

    n_neighbors: int = 10

    def __post_init__(self):
        check_whole_number(self, "n_neighbors", least=1)


def find_product_neighbors(
    terms: pd.DataFrame, products: pd.DataFrame, params: ProductNeighborParams
) -> pd.DataFrame:
    """Find the nearest offered products of every product by the cosine of their term weights.

    Parameters
    ----------
    terms : DataFrame
        One row per product and term: `product_number` and `term_number` (from 1), and `weight`, the
        TF-IDF of the term, such that the squared weights of a product add up to at most 1.
    products : DataFrame
        One row per product: `product_number`, and `is_offered`, whether it may be a neighbour.
    params : ProductNeighborParams
        Settings of the search.

    Returns
    -------
    DataFrame
        One row per product and neighbour: `product_number`, `neighbor_number`, `rank` from 1,
        `similarity`, the cosine, above 0 and at most 1, and `term_1` to `term_3`, the shared terms
        that add most to it, 0 for none. Sorted by product and rank.

    Examples
    --------
    >>> terms = pd.DataFrame(
    ...     {
    ...         "product_number": [1, 2, 2, 3],
    ...         "term_number": [1, 1, 2, 2],
    ...         "weight": [1.0, 0.6, 0.8, 1.0],
    ...     }
    ... )
    >>> products = pd.DataFrame({"product_number": [1, 2, 3], "is_offered": [True, True, False]})
    >>> found = find_product_neighbors(terms, products, ProductNeighborParams())
    >>> found[["product_number", "neighbor_number", "similarity", "term_1"]].to_dict("list")
    {'product_number': [1, 2, 3], 'neighbor_number': [2, 1, 2],
     'similarity': [0.6, 0.6, 0.8], 'term_1': [1, 1, 2]}
    """
    shape = (
        int(products["product_number"].max()) + 1 if len(products) else 1,
        int(terms["term_number"].max()) + 1 if len(terms) else 1,
    )
    product, term = terms["product_number"].to_numpy(), terms["term_number"].to_numpy()
    weight = terms["weight"].to_numpy()
    weights = csr_matrix((weight, (product, term)), shape=shape)
    weights.sort_indices()
    is_offered = np.zeros(shape[0], dtype=bool)
    is_offered[products.loc[products["is_offered"].astype(bool), "product_number"]] = True
    is_kept = is_offered[product]
    candidates = csr_matrix((weight[is_kept], (term[is_kept], product[is_kept])), shape=shape[::-1])
    candidates.sort_indices()
    found = find_neighbors(weights, candidates, params.n_neighbors)
    shared = [
        _find_shared_terms(
            weights[found["item"].iloc[start : start + CHUNK]],
            weights[found["neighbor"].iloc[start : start + CHUNK]],
        )
        for start in range(0, max(len(found), 1), CHUNK)
    ]
    found[["term_1", "term_2", "term_3"]] = np.concatenate(shared)
    return build_table([found.set_axis(list(SCHEMA), axis=1)], SCHEMA)


def _find_shared_terms(left: csr_matrix, right: csr_matrix) -> np.ndarray:
    """Find the three terms whose weights have the largest products, row by row."""
    shared = left.multiply(right).tocsr()
    row = np.repeat(np.arange(shared.shape[0]), np.diff(shared.indptr))
    order = np.lexsort((shared.indices, -shared.data, row))
    # rows keep their places
    place = np.arange(len(row)) - shared.indptr[row]
    terms = np.zeros((shared.shape[0], 3), dtype=np.int32)
    is_top = place < 3
    terms[row[is_top], place[is_top]] = shared.indices[order][is_top]
    return terms
