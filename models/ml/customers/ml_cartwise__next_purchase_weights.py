"""One row per fold, target and term: the weights that foretell the next order."""

from cartwise.customers.next_purchase_weights import (
    SCHEMA,
    NextPurchaseParams,
    learn_next_purchase_weights,
)
from cartwise.engine import learn


def model(dbt, session):
    """Fit one linear regression per fold and target."""
    return learn(
        session,
        learn_next_purchase_weights,
        SCHEMA,
        examples=dbt.ref("cartwise", "feat_cartwise__customer_examples"),
        folds=dbt.ref("cartwise", "feat_cartwise__folds"),
        params=NextPurchaseParams(horizon_days=dbt.config.meta_get("horizon_days")),
    )
