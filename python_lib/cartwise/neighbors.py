"""The nearest rows of one sparse matrix for each row of another, without a dense product."""

import os

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from sparse_dot_topn import sp_matmul_topn

SPARE = 10
"""Neighbours asked for beyond the wanted ones, so that equal ones are cut by number."""
SCALE = 10**9
"""Similarities are kept to nine decimals. Beyond them they depend on the order of adding up."""
NEIGHBOR_BITS = 24
"""A similarity and the number of a neighbour, below 2 ** 24, sort as one whole number."""


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
    top_n = max(min(n_neighbors + 1 + SPARE, right.shape[1]), 1)
    nearest = sp_matmul_topn(left, right, top_n=top_n, n_threads=os.cpu_count())
    counts = np.diff(nearest.indptr)
    item = np.repeat(np.arange(nearest.shape[0], dtype=np.int32), counts)
    place = np.arange(len(item), dtype=np.int32) - np.repeat(nearest.indptr[:-1], counts)
    key = -np.rint(nearest.data * SCALE).astype(np.int64)
    is_kept = (item != nearest.indices) & (key < 0)
    key <<= NEIGHBOR_BITS
    key += nearest.indices
    # a row per item, the nearest first, and none at the end
    none = np.iinfo(np.int64).max
    keys = np.full((nearest.shape[0], top_n), none)
    keys[item[is_kept], place[is_kept]] = key[is_kept]
    keys.sort(axis=1)
    keys = keys[:, :n_neighbors]
    item, place = np.nonzero(keys != none)
    key = keys[item, place]
    return pd.DataFrame(
        {
            "item": item,
            "neighbor": key & (2**NEIGHBOR_BITS - 1),
            "rank": place + 1,
            "similarity": -(key >> NEIGHBOR_BITS) / SCALE,
        }
    )
