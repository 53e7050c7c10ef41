"""The nearest rows of one sparse matrix for each row of another, without a dense product."""

import os

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from sparse_dot_topn import sp_matmul_topn

SPARE = 10
"""Neighbours asked for beyond the wanted ones, so that equal ones are cut by number."""
DIGITS = 9
"""Decimals of a similarity. Beyond them it depends on the order of adding up."""


def find_neighbors(left: csr_matrix, right: csr_matrix, n_neighbors: int) -> pd.DataFrame:
    """Find the largest products of each row of `left` with the columns of `right`.

    Parameters
    ----------
    left : sparse matrix of float, shape (n_items, n_groups)
        Weights of the items, with sorted indices.
    right : sparse matrix of float, shape (n_groups, n_items)
        Weights of the same items as neighbours.
    n_neighbors : int
        How many to keep for each item.

    Returns
    -------
    DataFrame
        `item` and `neighbor` (positions), `rank` from 1, `similarity` above 0. Sorted by item and
        rank; equal similarities by neighbour. An item is no neighbour of itself.

    Notes
    -----
    Only the largest products of a row are ever held: the memory is that of the result [1]_. Threads
    share out whole rows, so their number changes nothing.

    References
    ----------
    .. [1] ING Bank (2023). sparse_dot_topn 1.0.

    Examples
    --------
    >>> items = csr_matrix([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]])
    >>> find_neighbors(items, items.T.tocsr(), n_neighbors=1).to_dict("list")
    {'item': [0, 1, 2], 'neighbor': [1, 2, 1], 'rank': [1, 1, 1], 'similarity': [0.6, 0.8, 0.8]}
    """
    top_n = min(n_neighbors + 1 + SPARE, right.shape[1])
    nearest = sp_matmul_topn(left, right, top_n=max(top_n, 1), n_threads=os.cpu_count())
    item = np.repeat(np.arange(nearest.shape[0]), np.diff(nearest.indptr))
    neighbor, similarity = nearest.indices, nearest.data.round(DIGITS)
    is_kept = (item != neighbor) & (similarity > 0)
    item, neighbor, similarity = item[is_kept], neighbor[is_kept], similarity[is_kept]
    order = np.lexsort((neighbor, -similarity, item))
    item, neighbor, similarity = item[order], neighbor[order], similarity[order]
    rank = np.arange(len(item)) - np.searchsorted(item, item) + 1
    found = pd.DataFrame(
        {"item": item, "neighbor": neighbor, "rank": rank, "similarity": similarity}
    )
    return found[found["rank"] <= n_neighbors].reset_index(drop=True)
