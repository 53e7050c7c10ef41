"""The nearest items from a dense matrix of similarities: what the sparse search must give."""

import numpy as np

TYPES = {"integer": "int32", "double": "float64", "string": "str"}


def assert_nearest(found, similarities, n_neighbors):
    """Compare items, neighbours, ranks and similarities with a dense matrix of similarities.

    It is 0 where a column may not be a neighbour. Which of equal ones got the last place is not
    looked at.
    """
    items, neighbors, ranks, values = found.to_numpy(dtype=float).T
    items, neighbors = items.astype(int), neighbors.astype(int)
    assert set(items) <= set(range(len(similarities)))
    for item, row in enumerate(similarities):
        is_found = items == item
        row = np.where(np.arange(len(row)) == item, 0, row)
        expected = np.sort(row[row > 1e-9])[::-1][:n_neighbors]
        assert ranks[is_found].tolist() == list(range(1, len(expected) + 1))
        np.testing.assert_allclose(values[is_found], expected, rtol=0, atol=1e-9)
        np.testing.assert_allclose(values[is_found], row[neighbors[is_found]], rtol=0, atol=1e-9)
        assert len(set(neighbors[is_found])) == len(expected)
        assert item not in neighbors[is_found]
        nearer = np.flatnonzero(row > min(expected, default=1) + 1e-9)
        assert set(nearer) <= set(neighbors[is_found])
    order = list(zip(items, -values, neighbors, strict=True))
    assert order == sorted(order)


def assert_is_empty(found, schema):
    assert found.empty
    assert found.dtypes.to_dict() == {name: TYPES[kind] for name, kind in schema.items()}
    assert list(found) == list(schema)
