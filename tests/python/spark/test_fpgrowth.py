"""FPGrowth finds the sets that our own miner finds, with the same counts."""

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession

from cartwise.baskets.frequent_itemsets import (
    PACKING_FACTOR,
    SCHEMA,
    ItemsetParams,
    mine_frequent_itemsets,
)
from cartwise.engine import learn
from dbt.adapters.sparksession.session import provide_java


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    provide_java()
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
        .getOrCreate()
    )
    yield session
    session.stop()


def make_baskets(count_baskets, count_holdout, count_items, seed):
    """Return coded baskets as the features models make them."""
    generator = np.random.default_rng(seed)
    weights = 1 / np.arange(1, count_items + 1)
    held = generator.random((count_baskets, count_items)) < weights
    is_training = np.arange(count_baskets) < count_baskets - count_holdout
    order = np.argsort(held[is_training].sum(axis=0), kind="stable")
    held = held[:, order]
    baskets, codes = np.nonzero(held)
    items = pd.DataFrame(
        {
            "item_code": np.arange(count_items),
            "product_id": [f"p{number:02d}" for number in order],
            "count_baskets": held[is_training].sum(axis=0),
            "count_holdout_baskets": held[~is_training].sum(axis=0),
        }
    )
    totals = pd.DataFrame({"count_baskets": [int(is_training.sum())]})
    return baskets * PACKING_FACTOR + codes, items, totals


@pytest.mark.parametrize(
    ("count_baskets", "count_holdout", "min_support", "max_items"),
    [(300, 60, "0.05", 4), (200, 0, "0.1", 3), (97, 7, "0.2", 2), (40, 10, "1", 4)],
)
def test_same_sets_and_counts(spark, count_baskets, count_holdout, min_support, max_items):
    occurrences, items, totals = make_baskets(count_baskets, count_holdout, 12, seed=count_baskets)
    # infrequent items never reach the miner, as the features models leave them out
    params = ItemsetParams(min_support=min_support, max_items=max_items)
    is_frequent = items["count_baskets"] >= params.get_threshold(totals["count_baskets"][0])
    first_code = int((~is_frequent).sum())
    items = items[is_frequent].assign(item_code=lambda frame: frame["item_code"] - first_code)
    kept = occurrences % PACKING_FACTOR >= first_code
    occurrences = occurrences[kept] - first_code
    expected = mine_frequent_itemsets(occurrences, items, totals, params)

    found = learn(
        spark,
        mine_frequent_itemsets,
        SCHEMA,
        occurrences=spark.createDataFrame(
            [(int(occurrence),) for occurrence in occurrences], "occurrence bigint"
        ),
        items=spark.createDataFrame(
            [tuple(row) for row in items.astype(object).to_numpy().tolist()],
            "item_code int, product_id string, count_baskets bigint, count_holdout_baskets bigint",
        ),
        totals=spark.createDataFrame([(int(totals["count_baskets"][0]),)], "count_baskets bigint"),
        params=params,
    ).toPandas()

    pd.testing.assert_frame_equal(
        found.assign(items=found["items"].map(list)).sort_values("itemset_id", ignore_index=True),
        expected.assign(items=expected["items"].map(list)),
        check_dtype=False,
    )
