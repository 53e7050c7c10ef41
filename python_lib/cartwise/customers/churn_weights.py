"""Weights of a calibrated logistic regression that says who will not order again."""

import math
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from cartwise.customers.standardization import (
    OUTCOME_COLUMNS,
    Fold,
    Standardization,
    measure_features,
    read_features,
    split_folds,
    standardize,
)
from cartwise.fits import fit_side_by_side
from cartwise.params import check_positive_number, check_whole_number
from cartwise.tables import build_table

SCHEMA = {
    "fold_id": "string",
    "model": "string",
    "term": "string",
    "weight": "double",
    "center": "double",
    "scale": "double",
}

BASELINE_FEATURE = "recency_days"
"""The only feature of the model that any other has to beat."""


@dataclass(frozen=True)
class ChurnParams:
    """Settings of the churn models.

    Parameters
    ----------
    C : float, default=1.0
        Inverse strength of the L2 penalty on the weights of the standardised features, above 0.
    max_examples : int, default=200000
        Largest number of examples per fold and role. More of them are cut down to a sample.

    Examples
    --------
    >>> ChurnParams(C=0)
    Traceback (most recent call last):
    ValueError: C must be a number above 0, got 0
    """

    C: float = 1.0
    max_examples: int = 200_000

    def __post_init__(self) -> None:
        check_positive_number(self, "C")
        check_whole_number(self, "max_examples", least=2)


class _Model(NamedTuple):
    """A linear model of the log odds."""

    intercept: float
    weights: np.ndarray  # (n_features,)
    standardization: Standardization


def learn_churn_weights(
    examples: pd.DataFrame, folds: pd.DataFrame, params: ChurnParams | None = None
) -> pd.DataFrame:
    """Learn, for each fold, how the features of a customer move the odds of churn.

    Parameters
    ----------
    examples : DataFrame
        One row per customer and date, in any order: `sample_id` (unique), `example_group`,
        `is_churned` (0 or 1; rows without it are left out), `days_to_next_order`,
        `next_order_value`, and then the features: numbers, already transformed, NaN where missing.
    folds : DataFrame
        One row per model, fold and group, in any order: `model`, `fold_id`, `example_group` and
        `role`. Only those of model `churn` count. A fold learns on the groups of role `train` and
        is calibrated on those of role `calibrate`, which should be later; other roles are not
        looked at.
    params : ChurnParams, optional
        Settings of the models.

    Returns
    -------
    DataFrame
        One row per fold, model and term, columns as in `SCHEMA`, sorted by `fold_id`, `model` and,
        within these, the intercept and then the features as they are in `examples`. Model `churn`
        has all features; `recency_only` has `recency_days` alone and is left out where that is not
        a feature. A fold whose `train` examples are not of both classes has no rows.

    Raises
    ------
    ValueError
        If a `sample_id` is there more than once, or a feature is infinite.

    Notes
    -----
    The log odds of churn are ``intercept + sum of weight * (x - center) / scale``, where a missing
    ``x`` adds nothing. Center and scale are the mean and the standard deviation of the `train`
    examples that have a value, so each term is what sets a customer apart from the average one. A
    feature that does not vary there has weight 0.

    The weights minimise the logistic loss with an L2 penalty. They are then calibrated by the
    method of Platt [1]_: a logistic regression of the outcome on the log odds in the `calibrate`
    examples, with smoothed targets ``(n_pos + 1) / (n_pos + 2)`` and ``1 / (n_neg + 2)``, gives a
    slope and an offset. Both are folded into intercept and weights, so the terms still add up to
    the log odds.

    The weights stay as they are where the `calibrate` examples cannot tell: none, one class, or
    the same log odds for all; and where the slope is not positive. A negative slope would turn
    every reason into its opposite, and a slope of 0 would hide a failed model behind the base
    rate. The model as learnt fails the test examples where everyone can see it.

    References
    ----------
    .. [1] J. C. Platt (1999). Probabilistic outputs for support vector machines and comparisons to
       regularized likelihood methods. Advances in Large Margin Classifiers.

    Examples
    --------
    In May those who had not ordered for long were lost, and in June all the more:

    >>> examples = pd.DataFrame(
    ...     {
    ...         "sample_id": range(8),
    ...         "example_group": ["may"] * 4 + ["june"] * 4,
    ...         "is_churned": [0, 0, 1, 1, 0, 1, 1, 1],
    ...         "days_to_next_order": [9, 5, None, None, 7, None, None, None],
    ...         "next_order_value": [20, 30, None, None, 25, None, None, None],
    ...         "recency_days": [1, 2, 3, 4, 1, 2, 3, 4],
    ...     }
    ... )
    >>> folds = pd.DataFrame(
    ...     {
    ...         "model": ["churn", "churn"],
    ...         "fold_id": ["a", "a"],
    ...         "example_group": ["may", "june"],
    ...         "role": ["train", "calibrate"],
    ...     }
    ... )
    >>> learn_churn_weights(examples, folds).query("model == 'churn'").round(2)
      fold_id  model          term  weight  center  scale
    0       a  churn     intercept    0.88     NaN    NaN
    1       a  churn  recency_days    0.79     2.5   1.12
    """
    params = params or ChurnParams()
    folds = folds[folds["model"] == "churn"]
    features = [column for column in examples if column not in OUTCOME_COLUMNS]
    models = {"churn": features}
    if BASELINE_FEATURE in features:
        models["recency_only"] = [BASELINE_FEATURE]
    labelled = examples[examples["is_churned"].notna()]

    def learn_fold(fold: Fold) -> list[tuple]:
        if fold.train["is_churned"].nunique() < 2:
            return []
        return [
            row
            for name, its_features in models.items()
            for row in _describe_model(
                fold.fold_id, name, its_features, _learn_model(fold, its_features, params)
            )
        ]

    learned = fit_side_by_side(learn_fold, split_folds(labelled, folds, params.max_examples))
    rows = list(chain.from_iterable(learned))
    return build_table([pd.DataFrame(rows, columns=list(SCHEMA))], SCHEMA)


def _learn_model(fold: Fold, features: list[str], params: ChurnParams) -> _Model:
    train = read_features(fold.train, features)
    calibrate = read_features(fold.calibrate, features)
    standardization = measure_features(train)
    regression = _fit_logistic(
        standardize(train, standardization), _read_labels(fold.train), params.C
    )
    intercept, weights = regression.intercept_[0], regression.coef_[0]
    logits = standardize(calibrate, standardization) @ weights + intercept
    slope, offset = _calibrate_logits(logits, _read_labels(fold.calibrate))
    return _Model(slope * intercept + offset, slope * weights, standardization)


def _read_labels(examples: pd.DataFrame) -> np.ndarray:
    return examples["is_churned"].to_numpy(dtype=np.float64)


def _fit_logistic(
    values: np.ndarray,
    labels: np.ndarray,
    inverse_penalty: float,
    sample_weight: np.ndarray | None = None,
) -> LogisticRegression:
    """Fit by Newton's method, which reaches the minimum to the last digits."""
    regression = LogisticRegression(C=inverse_penalty, solver="newton-cholesky", tol=1e-10)
    return regression.fit(values, labels, sample_weight=sample_weight)


def _calibrate_logits(logits: np.ndarray, is_churned: np.ndarray) -> tuple[float, float]:
    """Return slope and offset of Platt's method, or 1 and 0 where there is nothing to go by."""
    count_churned = is_churned.sum()
    count_stayed = len(is_churned) - count_churned
    if not count_churned or not count_stayed or np.ptp(logits) == 0:
        return 1.0, 0.0
    targets = np.where(
        is_churned == 1, (count_churned + 1) / (count_churned + 2), 1 / (count_stayed + 2)
    )
    # a target between the classes is one example of each class, weighted
    labels = np.repeat([1.0, 0.0], len(logits))
    center, scale = logits.mean(), logits.std()
    scaled = np.tile((logits - center) / scale, 2)[:, np.newaxis]
    regression = _fit_logistic(scaled, labels, math.inf, np.append(targets, 1 - targets))
    slope = regression.coef_[0, 0] / scale
    if slope <= 0:
        return 1.0, 0.0
    return slope, regression.intercept_[0] - slope * center


def _describe_model(fold_id: str, name: str, features: list[str], model: _Model) -> list[tuple]:
    centers, scales = model.standardization
    intercept = (fold_id, name, "intercept", model.intercept, math.nan, math.nan)
    return [
        intercept,
        *(
            (fold_id, name, *term)
            for term in zip(features, model.weights, centers, scales, strict=True)
        ),
    ]
