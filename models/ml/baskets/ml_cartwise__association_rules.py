"""One row per association rule: its products, the counts behind it and its Fisher p-value."""

from cartwise.baskets.association_rules import SCHEMA, RuleParams, find_association_rules
from cartwise.engine import read_frame, to_table


def model(dbt, session):
    """Split the item sets into rules and test each."""
    return to_table(
        find_association_rules(
            itemsets=read_frame(dbt.ref("cartwise", "ml_cartwise__frequent_itemsets")),
            totals=read_frame(dbt.ref("cartwise", "feat_cartwise__basket_totals")),
            params=RuleParams(min_confidence=dbt.config.meta_get("min_confidence")),
        ),
        SCHEMA,
    )
