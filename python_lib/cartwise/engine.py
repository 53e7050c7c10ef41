"""The boundary between the engine that dbt runs on and the pure functions of this package.

A Python model reads its inputs and returns its table through this module only, so that the
functions behind it see NumPy arrays and pandas frames whatever the engine is.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

ARROW_TYPES = {
    "string": pa.string(),
    "bigint": pa.int64(),
    "integer": pa.int32(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "string[]": pa.list_(pa.string()),
}
"""Column types that a module's ``SCHEMA`` may name."""


def read_column(relation: Any) -> np.ndarray:
    """Read a one-column table of whole numbers as a sorted array.

    Parameters
    ----------
    relation : DuckDBPyRelation
        What ``dbt.ref`` returned.

    Returns
    -------
    numpy.ndarray of int64, shape (n_rows,)
        Sorted, since an engine promises no row order.
    """
    (column,) = relation.fetchnumpy().values()
    return np.sort(np.asarray(column, dtype=np.int64))


def read_frame(relation: Any) -> pd.DataFrame:
    """Read a table as a frame, sorted by its first column.

    Parameters
    ----------
    relation : DuckDBPyRelation
        What ``dbt.ref`` returned. Its first column is its key.

    Returns
    -------
    pandas.DataFrame
        One row per row of the table. Arrays of text arrive as arrays of `str`.
    """
    frame = relation.df()
    return frame.sort_values(frame.columns[0], ignore_index=True)


def to_table(frame: pd.DataFrame, schema: Mapping[str, str]) -> pa.Table:
    """Give a frame the declared types, so that no engine has to guess them.

    An empty or all-null column has no type of its own and would become text or integer.

    Parameters
    ----------
    frame : pandas.DataFrame
        The result of a module's public function.
    schema : mapping of str to str
        Column name to type, in the order of the table's columns.

    Returns
    -------
    pyarrow.Table

    Raises
    ------
    ValueError
        If the frame's columns are not those of the schema.

    Examples
    --------
    >>> frame = pd.DataFrame({"item": [], "count": []})
    >>> to_table(frame, {"item": "string", "count": "bigint"}).schema.types
    [DataType(string), DataType(int64)]
    """
    if list(frame.columns) != list(schema):
        raise ValueError(f"expected the columns {list(schema)}, got {list(frame.columns)}")
    arrow_schema = pa.schema([(name, ARROW_TYPES[kind]) for name, kind in schema.items()])
    return pa.Table.from_pandas(frame, schema=arrow_schema, preserve_index=False)
