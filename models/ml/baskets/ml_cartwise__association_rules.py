"""One row per association rule: its products, the counts behind it and its Fisher p-value."""

from cartwise.baskets.association_rules import SCHEMA, RuleParams, find_association_rules
from cartwise.engine import learn


def model(dbt, session):
    """Split the item sets into rules and test each."""
    return learn(
        session,
        find_association_rules,
        SCHEMA,
        itemsets=dbt.ref("cartwise", "ml_cartwise__frequent_itemsets"),
        totals=dbt.ref("cartwise", "feat_cartwise__basket_totals"),
        params=RuleParams(min_confidence=dbt.config.meta_get("min_confidence")),
    )
