"""What the learning steps do on Apache Spark.

Where training must see everything, MLlib does it; everything else is small enough to be collected
and learned by the same functions as on one machine. `cartwise.engine` is the only caller.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from pyspark.ml.fpm import FPGrowth
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812  # the customary name

from cartwise.baskets.frequent_itemsets import (
    PACKING_FACTOR,
    CountedSets,
    ItemsetParams,
    mine_frequent_itemsets,
    name_itemsets,
)
from cartwise.engine import KEY_COLUMNS, LEARNING, round_doubles

SPARK_TYPES = {"string[]": "array<string>", "integer": "int"}
"""Types of a ``SCHEMA`` that Spark calls by another name."""


def learn_on_spark(
    session: SparkSession,
    function: Callable[..., pd.DataFrame],
    schema: Mapping[str, str],
    params: Any,
    relations: Mapping[str, DataFrame],
) -> DataFrame:
    """Run the function behind a Python model, distributed where it has to be.

    Parameters
    ----------
    session : SparkSession
        Classic or Spark Connect.
    function : callable
        The public function of a module.
    schema : mapping of str to str
        The module's ``SCHEMA``.
    params : object
        The module's params dataclass.
    relations : mapping of str to DataFrame
        The tables by the name of the function's parameter.

    Returns
    -------
    pyspark.sql.DataFrame
    """
    if function in DISTRIBUTED:
        frame = DISTRIBUTED[function](**relations, params=params)
    else:
        tables = {name: collect_frame(relation) for name, relation in relations.items()}
        with LEARNING:
            frame = round_doubles(function(**tables, params=params), schema)
    types = ", ".join(f"{name} {SPARK_TYPES.get(kind, kind)}" for name, kind in schema.items())
    # through plain Python values: an empty or all-null pandas column has no type for Spark to use
    rows = [tuple(map(_to_plain, row)) for row in frame[list(schema)].itertuples(index=False)]
    return session.createDataFrame(rows, types)


def collect_frame(relation: DataFrame) -> pd.DataFrame:
    """Bring a small table to the driver, sorted by its first columns.

    Parameters
    ----------
    relation : pyspark.sql.DataFrame
        A table whose first columns, at most three, are its key.

    Returns
    -------
    pandas.DataFrame
    """
    return relation.sort(*relation.columns[:KEY_COLUMNS]).toPandas()


def mine_with_fpgrowth(
    occurrences: DataFrame, items: DataFrame, totals: DataFrame, params: ItemsetParams
) -> pd.DataFrame:
    """Find the frequent item sets with MLlib's FPGrowth; the same sets as `mine_frequent_itemsets`.

    Parameters
    ----------
    occurrences, items, totals : pyspark.sql.DataFrame
        As `mine_frequent_itemsets` takes them; `occurrences` is a table of one column.
    params : ItemsetParams
        Settings of the search. FPGrowth has no largest size: longer sets are found and dropped.

    Returns
    -------
    pandas.DataFrame
        One row per frequent set, as `mine_frequent_itemsets` returns it.

    Notes
    -----
    FPGrowth compares counts with a share of the rows it is given. The share handed over lies half a
    basket below the exact threshold, so that rounding cannot move it.

    References
    ----------
    .. [1] H. Li et al. (2008). PFP: parallel FP-growth for query recommendation. RecSys.
    """
    names = collect_frame(items)
    counts = collect_frame(totals).iloc[0]
    unpacked = occurrences.select(
        F.shiftright("occurrence", PACKING_FACTOR.bit_length() - 1).alias("basket"),
        (F.col("occurrence") % PACKING_FACTOR).cast("int").alias("item"),
    )
    is_training = F.col("basket") < int(counts["count_baskets"])
    baskets = (
        unpacked.where(is_training).groupBy("basket").agg(F.collect_set("item").alias("items"))
    )
    baskets = baskets.cache()
    count_rows = baskets.count()
    threshold = params.get_threshold(int(counts["count_baskets"]))
    if not count_rows or threshold > count_rows:
        return name_itemsets([], names)
    fpgrowth = FPGrowth(itemsCol="items", minSupport=(threshold - 0.5) / count_rows)
    itemsets = (
        fpgrowth.fit(baskets)
        .freqItemsets.where(F.size("items") <= params.max_items)
        .select(F.sort_array("items").alias("items"), F.col("freq").alias("count_baskets"))
        .toPandas()
    )
    baskets.unpersist()
    codes, level_counts = [], []
    for _, level in itemsets.groupby(itemsets["items"].map(len)):
        codes.append(np.array([*level["items"]], dtype=np.int32))
        level_counts.append(level["count_baskets"].to_numpy(dtype=np.int64))
    holdout_counts = _count_itemsets(unpacked.where(~is_training), codes)
    return name_itemsets(map(CountedSets, codes, level_counts, holdout_counts), names)


def _count_itemsets(occurrences: DataFrame, levels: list[np.ndarray]) -> list[np.ndarray]:
    """Count the baskets that hold each given set, level by level.

    A set of k items occurs where the set of its first k - 1 items and its last item do, so no more
    than the real occurrences of the given sets is ever joined.

    Parameters
    ----------
    occurrences : pyspark.sql.DataFrame
        One row per `basket` and `item`.
    levels : list of ndarray, each of shape (n_sets, size)
        Rising item codes, size 1 first; a set's prefix must be among the sets of the level before.

    Returns
    -------
    list of ndarray of int64, each of shape (n_sets,)
    """
    counted = []
    # before the first level every basket holds the empty set, number 0
    found, numbers = occurrences.select("basket").distinct().withColumn("set", F.lit(0)), {(): 0}
    for codes in levels:
        prefixes, numbers = numbers, {tuple(row): n for n, row in enumerate(codes.tolist())}
        steps = [(prefixes[items[:-1]], items[-1], number) for items, number in numbers.items()]
        children = occurrences.sparkSession.createDataFrame(steps, "set int, item int, child int")
        found = (
            found.join(occurrences, "basket")
            .join(F.broadcast(children), ["set", "item"])
            .select("basket", F.col("child").alias("set"))
            .cache()
        )
        counts = np.zeros(len(codes), dtype=np.int64)
        for number, count in found.groupBy("set").count().collect():
            counts[number] = count
        counted.append(counts)
    return counted


def _to_plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and np.isnan(value) else value


DISTRIBUTED = {mine_frequent_itemsets: mine_with_fpgrowth}
"""Functions whose training must see everything, and what does the same on a cluster."""
