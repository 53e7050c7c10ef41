"""Learn how much each strategy of recommendation says about the next basket."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from cartwise.fits import fit_side_by_side
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
    models = [
        _learn(group, params).assign(cutoff_number=cutoff_number)
        for cutoff_number, group in examples.groupby("cutoff_number")
        if group["is_bought"].nunique() == 2 and _find_varied(group)
    ]
    return build_table(models, SCHEMA)


class _Half(NamedTuple):
    """The candidates of half the customers to learn from, the others to tell, standardised."""

    train: np.ndarray
    is_bought: np.ndarray
    test: np.ndarray
    is_bought_in_test: np.ndarray


class _Verdict(NamedTuple):
    """The mean log loss of some features, and the fit of each half, intercept last."""

    loss: float
    fits: list[np.ndarray]


def _learn(examples: pd.DataFrame, params: BlendParams) -> pd.DataFrame:
    """Choose the strategies of one date and fit their weights."""
    features = [name for name in examples.columns if name not in KEYS]
    owners = np.array([name.split("__")[0] for name in features])
    strategies = list(dict.fromkeys(owners))
    varied = {name.split("__")[0] for name in _find_varied(examples)}
    values = examples[features].to_numpy(dtype=np.float64)
    halves = list(_split_halves(values, examples))

    def judge(names: list[str], start: _Verdict | None = None) -> _Verdict:
        return _judge(halves, np.isin(owners, names), start, params)

    # a strategy that proposes nothing here, such as views without web events, is not to be weighed
    chosen = [strategy for strategy in strategies if strategy in varied]
    verdict, without = judge(chosen), {}
    while len(chosen) > 1:
        rests = [[name for name in chosen if name != strategy] for strategy in chosen]
        verdicts = fit_side_by_side(partial(judge, start=verdict), rests)
        without = dict(zip(chosen, verdicts, strict=True))
        least_useful = min(chosen, key=lambda name: without[name].loss)
        if without[least_useful].loss > verdict.loss:
            break
        chosen.remove(least_useful)
        verdict, without = without[least_useful], {}
    unused = [strategy for strategy in strategies if strategy not in chosen]
    with_one_more = [[*chosen, strategy] for strategy in unused]
    verdicts = fit_side_by_side(partial(judge, start=verdict), with_one_more)
    without |= dict(zip(unused, verdicts, strict=True))
    is_used = np.isin(owners, chosen)
    center, scale = _measure(values)
    fitted = _fit((values - center) / scale, examples["is_bought"].to_numpy(), is_used, params)
    weights = fitted[:-1] / scale
    intercept = fitted[-1] - weights @ center
    rows = [("intercept", "intercept", intercept, 1.0, True, verdict.loss, verdict.loss)] + [
        (
            owner,
            name,
            weight,
            examples[name].mean(),
            used,
            verdict.loss,
            without.get(owner, verdict).loss,
        )
        for owner, name, weight, used in zip(owners, features, weights, is_used, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(SCHEMA)[1:])


def _split_halves(values: np.ndarray, examples: pd.DataFrame) -> Iterator[_Half]:
    """Yield each half of the customers as the one to be told by the other."""
    is_bought = examples["is_bought"].to_numpy(dtype=bool)
    is_even = (examples["customer_number"] % 2 == 0).to_numpy()
    for is_test in (is_even, ~is_even):
        train = values[~is_test]
        center, scale = _measure(train) if len(train) else (0.0, 1.0)
        yield _Half(
            (train - center) / scale,
            is_bought[~is_test],
            (values[is_test] - center) / scale,
            is_bought[is_test],
        )


def _judge(
    halves: list[_Half], is_used: np.ndarray, start: _Verdict | None, params: BlendParams
) -> _Verdict:
    """Tell the candidates of each half of the customers by weights of the other."""
    fits, losses = [], []
    for number, half in enumerate(halves):
        fitted = np.zeros(len(is_used) + 1)
        if len(half.test) and len(np.unique(half.is_bought)) == 2:
            known = start.fits[number] if start else None
            fitted = _fit(half.train, half.is_bought, is_used, params, known)
        log_odds = fitted[-1] + half.test @ fitted[:-1]
        losses.append(np.logaddexp(0, np.where(half.is_bought_in_test, -log_odds, log_odds)))
        fits.append(fitted)
    return _Verdict(float(np.concatenate(losses).mean()), fits)


def _find_varied(examples: pd.DataFrame) -> list[str]:
    features = [name for name in examples.columns if name not in KEYS]
    return [name for name in features if examples[name].min() < examples[name].max()]


def _measure(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation of each feature."""
    center, scale = values.mean(axis=0), values.std(axis=0)
    # rounding leaves the spread of a constant a little above 0
    scale[np.ptp(values, axis=0) == 0] = 1
    return center, scale


def _fit(
    values: np.ndarray,
    is_bought: np.ndarray,
    is_used: np.ndarray,
    params: BlendParams,
    start: np.ndarray | None = None,
) -> np.ndarray:
    """Fit on some standardised features; return all weights, 0 for the others, and the intercept.

    A start from the fit of nearly the same features saves half of the steps.
    """
    model = LogisticRegression(
        C=params.C, solver="newton-cholesky", tol=1e-8, max_iter=100, warm_start=True
    )
    if start is not None:
        model.coef_, model.intercept_ = start[np.newaxis, :-1][:, is_used], start[-1:]
    model.fit(values[:, is_used], is_bought)
    fitted = np.zeros(len(is_used) + 1)
    fitted[:-1][is_used], fitted[-1] = model.coef_[0], model.intercept_[0]
    return fitted
