"""What the learners of customers share: the examples of each fold, on one scale per feature."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

OUTCOME_COLUMNS = (
    "sample_id",
    "example_group",
    "is_churned",
    "days_to_next_order",
    "next_order_value",
)
"""The columns of the examples that are not features."""


class Fold(NamedTuple):
    """The examples that one model may see."""

    fold_id: str
    train: pd.DataFrame
    calibrate: pd.DataFrame


class Standardization(NamedTuple):
    """Where each feature lies and how far it spreads."""

    centers: np.ndarray  # (n_features,), NaN where every value is missing
    scales: np.ndarray  # (n_features,), above 0


def split_folds(examples: pd.DataFrame, folds: pd.DataFrame, max_examples: int) -> Iterator[Fold]:
    """Yield the examples of each fold, in an order that depends on their keys alone.

    Parameters
    ----------
    examples : DataFrame
        One row per example, in any order: `sample_id`, `example_group` and more.
    folds : DataFrame
        One row per fold and group, in any order: `fold_id`, `example_group` and `role`.
    max_examples : int
        Largest number of examples per fold and role; see `take_sample`.

    Yields
    ------
    Fold
        One per `fold_id`, in their order.

    Examples
    --------
    >>> examples = pd.DataFrame({"sample_id": [2, 1, 3], "example_group": ["may", "may", "june"]})
    >>> folds = pd.DataFrame(
    ...     {
    ...         "fold_id": ["a", "a"],
    ...         "example_group": ["may", "june"],
    ...         "role": ["train", "calibrate"],
    ...     }
    ... )
    >>> [fold] = split_folds(examples, folds, max_examples=100)
    >>> fold.train["sample_id"].tolist(), fold.calibrate["sample_id"].tolist()
    ([1, 2], [3])
    """
    for fold_id, groups in folds.groupby("fold_id"):
        is_in_role = [
            examples["example_group"].isin(groups.loc[groups["role"] == role, "example_group"])
            for role in ("train", "calibrate")
        ]
        yield Fold(fold_id, *(take_sample(examples[is_in], max_examples) for is_in in is_in_role))


def take_sample(frame: pd.DataFrame, max_rows: int) -> pd.DataFrame:
    """Keep at most so many rows and sort them by `sample_id`.

    Parameters
    ----------
    frame : DataFrame
        One row per `sample_id`, in any order.
    max_rows : int
        Largest number of rows to keep.

    Returns
    -------
    DataFrame

    Raises
    ------
    ValueError
        If a `sample_id` is there more than once.

    Notes
    -----
    The rows with the lowest hashes of `sample_id` stay, so a few rows more or less change a few
    rows of the sample. Every n-th row would not do: keys may well be numbered period by period.
    The hash is the output function of SplitMix64 [1]_, which gives no two keys the same hash.

    References
    ----------
    .. [1] G. L. Steele, D. Lea and C. H. Flood (2014). Fast splittable pseudorandom number
       generators. OOPSLA.

    Examples
    --------
    >>> take_sample(pd.DataFrame({"sample_id": [3, 1, 2]}), max_rows=2)["sample_id"].tolist()
    [1, 3]
    """
    ids = frame["sample_id"].to_numpy(dtype=np.int64)
    repeated = frame.loc[frame["sample_id"].duplicated(), "sample_id"]
    if not repeated.empty:
        raise ValueError(
            f"sample_id must be unique: {len(repeated)} of {len(frame)} rows repeat one, the "
            f"first: {repeated.head(3).tolist()}"
        )
    kept = np.argsort(_hash_ids(ids))[:max_rows]
    return frame.iloc[kept[np.argsort(ids[kept])]]


def _hash_ids(ids: np.ndarray) -> np.ndarray:
    hashes = ids.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return hashes ^ (hashes >> np.uint64(31))


def read_features(frame: pd.DataFrame, features: list[str]) -> np.ndarray:
    """Return the features as a matrix with NaN for what is missing.

    Parameters
    ----------
    frame : DataFrame
        A table with numeric columns.
    features : list of str
        The columns to read.

    Returns
    -------
    ndarray of float64, shape (n_rows, n_features)

    Raises
    ------
    ValueError
        If a value is infinite.

    Examples
    --------
    >>> read_features(pd.DataFrame({"orders": [1, None]}), ["orders"])
    array([[ 1.],
           [nan]])
    """
    # sums depend on the layout in the last digit, so every frame gets the same one
    values = np.ascontiguousarray(frame[features].to_numpy(dtype=np.float64, na_value=np.nan))
    for feature, is_infinite in zip(features, np.isinf(values).T, strict=True):
        if is_infinite.any():
            raise ValueError(
                f"{feature} must be finite or missing: {is_infinite.sum()} of {len(frame)} rows "
                f"are infinite, the first: sample_id {frame['sample_id'][is_infinite][:3].tolist()}"
            )
    return values


def measure_features(values: np.ndarray) -> Standardization:
    """Measure the mean and the standard deviation of each feature, past what is missing.

    Parameters
    ----------
    values : ndarray of float64, shape (n_rows, n_features)
        What `read_features` returned; at least one row.

    Returns
    -------
    Standardization
        A feature that does not vary has scale 1.

    Examples
    --------
    >>> measure_features(np.array([[1.0, 5.0], [3.0, 5.0], [np.nan, 5.0]]))
    Standardization(centers=array([2., 5.]), scales=array([1., 1.]))
    """
    lowest, highest = np.fmin.reduce(values), np.fmax.reduce(values)
    count_values = np.maximum(np.sum(~np.isnan(values), axis=0), 1)
    means = np.nansum(values, axis=0) / count_values
    # the mean of a constant need not be that constant in floating point
    centers = np.where(highest > lowest, means, lowest)
    deviations = np.sqrt(np.nansum((values - centers) ** 2, axis=0) / count_values)
    return Standardization(centers, np.where(deviations > 0, deviations, 1.0))


def standardize(values: np.ndarray, standardization: Standardization) -> np.ndarray:
    """Return ``(value - center) / scale``, and 0 for what is missing.

    Parameters
    ----------
    values : ndarray of float64, shape (n_rows, n_features)
        What `read_features` returned.
    standardization : Standardization
        Center and scale of each feature.

    Returns
    -------
    ndarray of float64, shape (n_rows, n_features)

    Examples
    --------
    >>> standardize(np.array([[4.0], [np.nan]]), Standardization(np.array([3.0]), np.array([2.0])))
    array([[0.5],
           [0. ]])
    """
    scaled = (values - standardization.centers) / standardization.scales
    return np.where(np.isnan(scaled), 0.0, scaled)
