"""One row per fold, model and term: the weights of the churn model and of its baseline."""

from cartwise.customers.churn_weights import SCHEMA, ChurnParams, learn_churn_weights
from cartwise.engine import learn


def model(dbt, session):
    """Fit and calibrate one logistic regression per fold."""
    return learn(
        session,
        learn_churn_weights,
        SCHEMA,
        examples=dbt.ref("cartwise", "feat_cartwise__customer_examples"),
        folds=dbt.ref("cartwise", "feat_cartwise__folds"),
        params=ChurnParams(),
    )
