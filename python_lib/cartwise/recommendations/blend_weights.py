"""Learn how much each strategy of recommendation says about the next basket."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from cartwise.params import check_positive_number
from cartwise.tables import build_table

SCHEMA = {
    "cutoff_number": "integer",
    "strategy": "string",
    "term": "string",
    "weight": "double",
    "center": "double",
    "is_used": "boolean",
    "log_loss": "double",
    "log_loss_without": "double",
}
KEYS = ["example_number", "cutoff_number", "customer_number", "is_bought"]
"""Columns of the examples that are no features."""


@dataclass(frozen=True)
class BlendParams:
    """Settings of the blend.

    Parameters
    ----------
    C : float
        Inverse strength of the penalty on squared weights of standardised features.
    """

    C: float = 1.0

    def __post_init__(self):
        check_positive_number(self, "C")


def learn_blend_weights(examples: pd.DataFrame, params: BlendParams) -> pd.DataFrame:
    """Fit one logistic regression per date, on the strategies that it tells more with.

    Strategies are dropped one by one, the least useful first, as long as the next baskets of
    customers that were not learned from are told no worse without one.

    Parameters
    ----------
    examples : DataFrame
        One row per date, customer and candidate: `example_number`, `cutoff_number`,
        `customer_number`, features named ``strategy__measure``, 0 where the strategy does not
        propose the candidate, and `is_bought`, whether the next basket held it. Sorted by
        `example_number`.
    params : BlendParams
        Settings.

    Returns
    -------
    DataFrame
        One row per date and term, the features and ``intercept``: `cutoff_number`, `strategy`,
        `term`, `weight` (of the feature as it is; 0 if not used), `center` (mean of the feature),
        `is_used`, `log_loss` (mean over candidates of customers not learned from, with the chosen
        strategies) and `log_loss_without` (the same without this strategy; with it, if it is not
        used). A date on which nothing or everything was bought, or no feature
        varies, has no rows.

    Notes
    -----
    Strategies are compared by the logarithmic loss, which feels a difference long before the lists
    do: choosing by the gain of the lists dropped useful strategies for noise. A half of the
    customers, by their number, is judged by weights learned from the other.

    Examples
    --------
    >>> examples = pd.DataFrame(
    ...     {
    ...         "example_number": range(400),
    ...         "cutoff_number": 2,
    ...         "customer_number": [number // 4 for number in range(400)],
    ...         "popular__share": [1.0, 0.0, 1.0, 0.0] * 100,
    ...         "is_bought": [True, False, False, False] * 100,
    ...     }
    ... )
    >>> weights = learn_blend_weights(examples, BlendParams())
    >>> weights[["term", "is_used"]].to_dict("list")
    {'term': ['intercept', 'popular__share'], 'is_used': [True, True]}
    """
    models = []
    with threadpool_limits(1):
        for cutoff_number, group in examples.groupby("cutoff_number"):
            if group["is_bought"].nunique() == 2 and _find_varied(group):
                models.append(_learn(group, params).assign(cutoff_number=cutoff_number))
    return build_table(models, SCHEMA)


def _learn(examples: pd.DataFrame, params: BlendParams) -> pd.DataFrame:
    """Choose the strategies of one date and fit their weights."""
    features = [name for name in examples.columns if name not in KEYS]
    strategies = list(dict.fromkeys(name.split("__")[0] for name in features))
    varied = _find_varied(examples)
    # a strategy that proposes nothing here, such as views without web events, is not to be weighed
    chosen = [strategy for strategy in strategies if _select([strategy], varied)]
    loss, without = _judge(examples, chosen, features, params), {}
    while len(chosen) > 1:
        without = {
            strategy: _judge(examples, [s for s in chosen if s != strategy], features, params)
            for strategy in chosen
        }
        least_useful = min(chosen, key=without.get)
        if without[least_useful] > loss:
            break
        chosen.remove(least_useful)
        loss, without = without[least_useful], {}
    for strategy in set(strategies) - set(chosen):
        without[strategy] = _judge(examples, [*chosen, strategy], features, params)
    used = _select(chosen, features)
    intercept, weights = _fit(examples[used], examples["is_bought"], params)
    weights = dict(zip(used, weights, strict=True))
    rows = [("intercept", "intercept", intercept, 1.0, True, loss, loss)] + [
        (
            name.split("__")[0],
            name,
            weights.get(name, 0.0),
            examples[name].mean(),
            name in weights,
            loss,
            without.get(name.split("__")[0], loss),
        )
        for name in features
    ]
    return pd.DataFrame(rows, columns=list(SCHEMA)[1:])


def _judge(
    examples: pd.DataFrame, strategies: list[str], features: list[str], params: BlendParams
) -> float:
    """Tell the candidates of each half of the customers by weights of the other; mean log loss."""
    names = _select(strategies, features)
    is_even = (examples["customer_number"] % 2 == 0).to_numpy()
    is_bought = examples["is_bought"].to_numpy(dtype=bool)
    log_odds = np.zeros(len(examples))
    for is_test in (is_even, ~is_even):
        if is_test.any() and len(np.unique(is_bought[~is_test])) == 2:
            intercept, weights = _fit(
                examples.loc[~is_test, names], examples.loc[~is_test, "is_bought"], params
            )
            log_odds[is_test] = intercept + examples.loc[is_test, names].to_numpy() @ weights
    return float(np.logaddexp(0, np.where(is_bought, -log_odds, log_odds)).mean())


def _find_varied(examples: pd.DataFrame) -> list[str]:
    features = [name for name in examples.columns if name not in KEYS]
    return [name for name in features if examples[name].min() < examples[name].max()]


def _select(strategies: list[str], features: list[str]) -> list[str]:
    return [name for name in features if name.split("__")[0] in strategies]


def _fit(
    features: pd.DataFrame, is_bought: pd.Series, params: BlendParams
) -> tuple[float, np.ndarray]:
    """Fit on standardised features; return the intercept and the weights for the raw ones."""
    values = features.to_numpy(dtype=np.float64)
    center, scale = values.mean(axis=0), values.std(axis=0)
    # rounding leaves the spread of a constant a little above 0
    scale[np.ptp(values, axis=0) == 0] = 1
    model = LogisticRegression(C=params.C, solver="newton-cholesky", tol=1e-8, max_iter=100)
    model.fit((values - center) / scale, is_bought.to_numpy(dtype=bool))
    weights = model.coef_[0] / scale
    return float(model.intercept_[0] - weights @ center), weights
