"""Made-up examples, and the scoring that the SQL does."""

import numpy as np
import pandas as pd
import pytest

TERMS_THAT_ARE_NOT_FEATURES = {
    "intercept",
    "residual_p10",
    "residual_p50",
    "residual_p90",
    "population_median",
}


@pytest.fixture(scope="session")
def make_examples():
    """Return a function that draws customers of several dates who stay or leave.

    The odds of churn rise with `recency_days` and fall with `count_orders`; those who stay order
    sooner and for more the more orders they have. `gap_days` is often missing and `noise` is noise.
    """

    def make(seed=0, count=600, groups=("d1", "d2", "d3", "d4"), offsets=None, signal=1.0):
        random = np.random.default_rng(seed)
        rows = count * len(groups)
        group = np.repeat(list(groups), count)
        recency_days, count_orders, gap_days, noise = random.normal(size=(4, rows))
        logits = signal * (0.6 * recency_days - 1.1 * count_orders + 0.5 * gap_days)
        logits += pd.Series(group).map(offsets or {}).fillna(0).to_numpy(dtype=float)
        is_churned = random.random(rows) < 1 / (1 + np.exp(-logits))
        share = 1 / (1 + np.exp(1.5 * signal * count_orders - random.logistic(size=rows) / 2))
        value = np.exp(3 + signal * count_orders / 2 + random.normal(size=rows) / 3)
        return pd.DataFrame(
            {
                "sample_id": random.permutation(rows) * 7 - 1_000,
                "example_group": pd.Series(group, dtype="str"),
                "is_churned": is_churned.astype(float),
                "days_to_next_order": np.where(is_churned, np.nan, np.ceil(90 * share)),
                "next_order_value": np.where(is_churned, np.nan, value),
                "recency_days": 4 + 2 * recency_days,
                "count_orders": 1 + count_orders / 3,
                "gap_days": np.where(random.random(rows) < 0.3, np.nan, 50 + 9 * gap_days),
                "noise": noise,
            }
        )

    return make


@pytest.fixture(scope="session")
def make_folds():
    """Return a function from {fold: {role: groups}} to a table of folds."""

    def make(roles_of):
        rows = [
            (model, fold_id, group, role)
            for model in ("churn", "next_purchase")
            for fold_id, roles in roles_of.items()
            for role, groups in roles.items()
            for group in groups
        ]
        return pd.DataFrame(
            rows, columns=["model", "fold_id", "example_group", "role"], dtype="str"
        )

    return make


@pytest.fixture(scope="session")
def explain():
    """Return the function that splits the scores of customers into terms, as the SQL does."""

    def explain_customers(customers, weights):
        terms = weights.set_index("term")
        contributions = {"intercept": np.full(len(customers), terms.loc["intercept", "weight"])}
        for term, row in terms.iterrows():
            if term not in TERMS_THAT_ARE_NOT_FEATURES:
                scaled = (customers[term] - row["center"]) / row["scale"]
                contributions[term] = (row["weight"] * scaled).fillna(0).to_numpy()
        return pd.DataFrame(contributions, index=customers.index)

    return explain_customers
