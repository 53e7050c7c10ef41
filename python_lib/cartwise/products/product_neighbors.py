"""Find the products whose texts are most alike."""

from dataclasses import dataclass

import pandas as pd
from scipy.sparse import csr_matrix

from cartwise.neighbors import find_neighbors
from cartwise.params import check_whole_number

SCHEMA = {
    "product_number": "integer",
    "neighbor_number": "integer",
    "rank": "integer",
    "similarity": "double",
}


@dataclass(frozen=True)
class ProductNeighborParams:
    """Settings of the search for similar products.

    Parameters
    ----------
    n_neighbors : int
        Most neighbours of a product.
    """

    n_neighbors: int = 20

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
        One row per product and neighbour: `product_number`, `neighbor_number`, `rank` from 1, and
        `similarity`, the cosine, above 0 and at most 1. Sorted by product and rank.

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
    >>> params = ProductNeighborParams()
    >>> find_product_neighbors(terms, products, params).to_dict("list")
    {'product_number': [1, 2, 3], 'neighbor_number': [2, 1, 2],
     'rank': [1, 1, 1], 'similarity': [0.6, 0.6, 0.8]}
    """
    shape = (
        int(products["product_number"].max()) + 1 if len(products) else 1,
        int(terms["term_number"].max()) + 1 if len(terms) else 1,
    )
    weights = csr_matrix(
        (terms["weight"], (terms["product_number"], terms["term_number"])), shape=shape
    )
    weights.sort_indices()
    offered = products.loc[products["is_offered"].astype(bool), "product_number"].to_numpy()
    is_offered = csr_matrix(([1.0] * len(offered), (offered, offered)), shape=(shape[0], shape[0]))
    candidates = (is_offered @ weights).T.tocsr()
    found = find_neighbors(weights, candidates, params.n_neighbors)
    return found.set_axis(list(SCHEMA), axis=1).astype(
        {"product_number": "int32", "neighbor_number": "int32", "rank": "int32"}
    )
