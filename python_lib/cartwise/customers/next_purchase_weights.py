"""Weights of two linear regressions: when a customer orders next, and for how much."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge
from threadpoolctl import threadpool_limits

from cartwise.customers.standardization import (
    OUTCOME_COLUMNS,
    Fold,
    measure_features,
    read_features,
    split_folds,
    standardize,
)
from cartwise.params import check_positive_number, check_whole_number
from cartwise.tables import build_table

SCHEMA = {
    "fold_id": "string",
    "target": "string",
    "term": "string",
    "weight": "double",
    "center": "double",
    "scale": "double",
}

TARGET_COLUMNS = {"days": "days_to_next_order", "value": "next_order_value"}
"""The column of the examples that each target is learnt from."""

RESIDUAL_QUANTILES = {"residual_p10": 0.1, "residual_p50": 0.5, "residual_p90": 0.9}
"""The terms that say how far off the predictions are."""


@dataclass(frozen=True)
class NextPurchaseParams:
    """Settings of the regressions.

    Parameters
    ----------
    horizon_days : int, default=90
        How many days after its date an example was watched for the next order, at least 2.
    alpha : float, default=1.0
        Strength of the L2 penalty on the weights of the standardised features, above 0.
    min_examples : int, default=30
        Smallest number of `train` examples that a fold is learnt from, and of `calibrate` examples
        that its residuals are taken from; at least 2.
    max_examples : int, default=200000
        Largest number of examples per fold and role. More of them are cut down to a sample.

    Examples
    --------
    >>> NextPurchaseParams(horizon_days=1)
    Traceback (most recent call last):
    ValueError: horizon_days must be a whole number of at least 2, got 1
    """

    horizon_days: int = 90
    alpha: float = 1.0
    min_examples: int = 30
    max_examples: int = 200_000

    def __post_init__(self) -> None:
        for name in ("horizon_days", "min_examples", "max_examples"):
            check_whole_number(self, name, least=2)
        check_positive_number(self, "alpha")


def learn_next_purchase_weights(
    examples: pd.DataFrame, folds: pd.DataFrame, params: NextPurchaseParams | None = None
) -> pd.DataFrame:
    """Learn, for each fold, how features move the days to the next order and its value.

    Parameters
    ----------
    examples : DataFrame
        One row per customer and date, in any order: `sample_id` (unique), `example_group`,
        `is_churned`, `days_to_next_order` (1 to `horizon_days`; rows without it, where no order
        followed, are left out), `next_order_value`, and then the features: numbers, already
        transformed, NaN where missing.
    folds : DataFrame
        One row per model, fold and group, in any order: `model`, `fold_id`, `example_group` and
        `role`. Only those of model `next_purchase` count. A fold learns on the groups of role
        `train` and its residuals are those of role `calibrate`, which should be later; other roles
        are not looked at.
    params : NextPurchaseParams, optional
        Settings of the regressions.

    Returns
    -------
    DataFrame
        One row per fold, target and term, columns as in `SCHEMA`, sorted by `fold_id`, `target`
        (`days`, `value`) and, within these, `intercept`, the features as they are in `examples`,
        `residual_p10`, `residual_p50`, `residual_p90` and `population_median`. A target has no rows
        in a fold with fewer than `min_examples` examples to learn it from.

    Raises
    ------
    ValueError
        If a `sample_id` is there more than once, a feature is infinite, or `days_to_next_order`
        lies outside the horizon.

    Notes
    -----
    A prediction is ``intercept + sum of weight * (x - center) / scale`` on the scale of the target,
    where a missing ``x`` adds nothing, by ridge regression on standardised features.

    - `days`: ``y = ln((days - 0.5) / (horizon_days + 0.5 - days))``, the log odds of the share of
      the horizon. So ``0.5 + horizon_days / (1 + exp(-y))`` lies within the horizon, as it must.
    - `value`: ``y = ln(1 + max(value, 0))``.

    The residual quantiles are those of ``y - prediction`` in the `calibrate` examples, or in the
    `train` examples where there are fewer than `min_examples` of the former. They do not depend on
    the features. Added to a prediction before it is turned back, the 10 % and 90 % quantiles bound
    the outcomes of about four of five customers, and the 50 % quantile gives the median. Both
    transformations rise, so quantiles stay quantiles [1]_. `population_median` is the median of the
    days or the value itself in the `train` examples, which a prediction has to beat.

    All this holds for customers who do order again within the horizon; the odds of that are for the
    churn model to say.

    References
    ----------
    .. [1] R. Koenker (2005). Quantile Regression, section 2.2.3. Cambridge University Press.

    Examples
    --------
    Five times 20 customers, who wait for 10, 20, ... 50 days:

    >>> waits = [10, 20, 30, 40, 50] * 20
    >>> examples = pd.DataFrame(
    ...     {
    ...         "sample_id": range(100),
    ...         "example_group": "may",
    ...         "is_churned": 0,
    ...         "days_to_next_order": waits,
    ...         "next_order_value": 19.0,
    ...         "usual_gap_days": waits,
    ...     }
    ... )
    >>> folds = pd.DataFrame(
    ...     {
    ...         "model": ["next_purchase"],
    ...         "fold_id": ["a"],
    ...         "example_group": ["may"],
    ...         "role": ["train"],
    ...     }
    ... )
    >>> weights = learn_next_purchase_weights(examples, folds)
    >>> weights.query("target == 'days'")[["term", "weight", "center", "scale"]].round(2)
                    term  weight  center  scale
    0          intercept   -0.84     NaN    NaN
    1     usual_gap_days    0.80    30.0  14.14
    2       residual_p10   -0.17     NaN    NaN
    3       residual_p50    0.03     NaN    NaN
    4       residual_p90    0.12     NaN    NaN
    5  population_median   30.00     NaN    NaN
    """
    params = params or NextPurchaseParams()
    folds = folds[folds["model"] == "next_purchase"]
    _check_days(examples, params)
    features = [column for column in examples if column not in OUTCOME_COLUMNS]
    rows = []
    for target, column in TARGET_COLUMNS.items():
        is_usable = examples["days_to_next_order"].notna() & examples[column].notna()
        for fold in split_folds(examples[is_usable], folds, params.max_examples):
            if len(fold.train) >= params.min_examples:
                terms = _learn_terms(fold, target, features, params)
                rows += [(fold.fold_id, target, *term) for term in terms]
    weights = build_table([pd.DataFrame(rows, columns=list(SCHEMA))], SCHEMA)
    return weights.sort_values(["fold_id", "target"], kind="stable", ignore_index=True)


def _check_days(examples: pd.DataFrame, params: NextPurchaseParams) -> None:
    days = examples["days_to_next_order"].dropna()
    is_off = ~days.between(1, params.horizon_days)
    if is_off.any():
        raise ValueError(
            f"days_to_next_order must be from 1 to horizon_days, which is {params.horizon_days}: "
            f"{is_off.sum()} of {len(days)} rows are off, the first: {days[is_off][:3].tolist()}"
        )


def _learn_terms(
    fold: Fold, target: str, features: list[str], params: NextPurchaseParams
) -> Iterator[tuple[str, float, float, float]]:
    """Yield term, weight, center and scale."""
    train = read_features(fold.train, features)
    standardization = measure_features(train)
    with threadpool_limits(1):  # sums in one order, so that weights repeat to the bit
        regression = Ridge(alpha=params.alpha).fit(
            standardize(train, standardization), _transform_target(fold.train, target, params)
        )
        measured = fold.calibrate if len(fold.calibrate) >= params.min_examples else fold.train
        scaled = standardize(read_features(measured, features), standardization)
        predictions = scaled @ regression.coef_ + regression.intercept_
    residuals = _transform_target(measured, target, params) - predictions

    yield "intercept", regression.intercept_, math.nan, math.nan
    yield from zip(features, regression.coef_, *standardization, strict=True)
    for term, share in RESIDUAL_QUANTILES.items():
        yield term, np.quantile(residuals, share), math.nan, math.nan
    yield "population_median", fold.train[TARGET_COLUMNS[target]].median(), math.nan, math.nan


def _transform_target(
    examples: pd.DataFrame, target: str, params: NextPurchaseParams
) -> np.ndarray:
    outcomes = examples[TARGET_COLUMNS[target]].to_numpy(dtype=np.float64)
    if target == "days":
        return np.log((outcomes - 0.5) / (params.horizon_days + 0.5 - outcomes))
    return np.log1p(np.maximum(outcomes, 0))
