"""One row per frequent item set: its products and how many baskets hold them all."""

from cartwise.baskets.frequent_itemsets import SCHEMA, ItemsetParams, mine_frequent_itemsets
from cartwise.engine import learn


def model(dbt, session):
    """Mine the item sets from the coded baskets."""
    return learn(
        session,
        mine_frequent_itemsets,
        SCHEMA,
        occurrences=dbt.ref("cartwise", "feat_cartwise__basket_occurrences"),
        items=dbt.ref("cartwise", "feat_cartwise__basket_products"),
        totals=dbt.ref("cartwise", "feat_cartwise__basket_totals"),
        params=ItemsetParams(
            min_support=dbt.config.meta_get("min_support"),
            max_items=dbt.config.meta_get("max_items"),
        ),
    )
