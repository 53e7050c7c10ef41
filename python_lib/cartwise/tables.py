"""The table that a learner returns."""

from collections.abc import Mapping

import pandas as pd

PANDAS_TYPES = {"string": "str", "integer": "int32", "double": "float64", "boolean": "bool"}
"""Types of a ``SCHEMA`` by what pandas calls them."""


def build_table(parts: list[pd.DataFrame], schema: Mapping[str, str]) -> pd.DataFrame:
    """Put what was learned part by part together, in the types of a module's ``SCHEMA``.

    Parameters
    ----------
    parts : list of DataFrame
        The models of the folds or dates, with the columns of the schema in any order; may be empty.
    schema : mapping of str to str
        Column name to type.

    Returns
    -------
    DataFrame

    Examples
    --------
    >>> build_table([], {"term": "string", "weight": "double"}).dtypes.tolist()
    [<StringDtype(na_value=nan)>, dtype('float64')]
    """
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(schema))
    return table[list(schema)].astype({name: PANDAS_TYPES[kind] for name, kind in schema.items()})
