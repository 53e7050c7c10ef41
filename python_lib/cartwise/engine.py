"""The boundary between the engine that dbt runs on and the pure functions of this package.

A Python model hands its relations to `learn`, which gives the function behind the model NumPy
arrays and pandas frames, and turns what it returns into a table of the engine with the declared
types.
"""

import threading
from collections.abc import Callable, Mapping
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

KEY_COLUMNS = 3
"""No key of a table that is learned from has more columns; they come first."""

LEARNING = threading.Lock()
"""Held while a model learns: two at once would lift each other's limit on threads, which holds for
the whole process, and the last digits of what they learn would change from build to build."""


def learn(
    session: Any,
    function: Callable[..., pd.DataFrame],
    schema: Mapping[str, str],
    *,
    params: Any,
    **relations: Any,
) -> Any:
    """Run the function behind a Python model on the engine of its session.

    Parameters
    ----------
    session : DuckDBPyConnection or SparkSession
        The second argument of a dbt Python model.
    function : callable
        The public function of a module; it takes `params` and the tables by name.
    schema : mapping of str to str
        The module's ``SCHEMA``: column name to type.
    params : object
        The module's params dataclass.
    **relations : DuckDBPyRelation or pyspark.sql.DataFrame
        What ``dbt.ref`` returned, by the name of the function's parameter. The first columns of
        each, at most three, are its key. A table of one column of whole numbers arrives as an array
        in any order; any other arrives as a frame sorted by its key, since an engine promises no
        order.

    Returns
    -------
    pyarrow.Table or pyspark.sql.DataFrame
        What dbt writes as the model's table.
    """
    if type(session).__module__.startswith("pyspark"):
        from cartwise.spark import learn_on_spark  # pyspark is an extra

        return learn_on_spark(session, function, schema, params, relations)
    tables = {name: _read_table(relation) for name, relation in relations.items()}
    with LEARNING:
        learned = function(**tables, params=params)
    return to_table(round_doubles(learned, schema), schema)


def round_doubles(frame: pd.DataFrame, schema: Mapping[str, str]) -> pd.DataFrame:
    """Round floating-point columns to 12 significant digits, so that a build can be repeated.

    The last digits of a sum depend on the order in which a machine adds.

    Parameters
    ----------
    frame : pandas.DataFrame
        The result of a module's public function.
    schema : mapping of str to str
        Column name to type.

    Returns
    -------
    pandas.DataFrame
        A new frame.

    Examples
    --------
    >>> frame = pd.DataFrame({"weight": [1.0340649016210557, 1.034064901621056]})
    >>> round_doubles(frame, {"weight": "double"})["weight"].tolist()
    [1.03406490162, 1.03406490162]
    """
    doubles = [name for name, kind in schema.items() if kind == "double" and name in frame]
    return frame.assign(
        **{name: np.array([float(f"{value:.12g}") for value in frame[name]]) for name in doubles}
    )


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


def _read_table(relation: Any) -> pd.DataFrame | np.ndarray:
    """Read a relation of DuckDB."""
    if len(relation.columns) == 1:
        (column,) = relation.fetchnumpy().values()
        return np.asarray(column, dtype=np.int64)
    # sorted by the engine, which does not need a second copy in memory
    return relation.order(", ".join(f'"{name}"' for name in relation.columns[:KEY_COLUMNS])).df()
