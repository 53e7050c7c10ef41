"""Centroids of customer segments, found by k-means."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from cartwise.customers.standardization import (
    Standardization,
    read_features,
    standardize,
    take_sample,
)

SCHEMA = {
    "cluster": "integer",
    "feature": "string",
    "centroid": "double",
    "center": "double",
    "scale": "double",
    "count_sample": "bigint",
    "silhouette": "double",
}

VALUE_FEATURE = "total_net_amount"
"""The feature that segments are numbered by, highest first."""


@dataclass(frozen=True)
class SegmentParams:
    """Settings of the segments.

    Parameters
    ----------
    segment_counts : sequence of two int, default=(3, 8)
        Smallest and largest number of segments to try, from 2 to 10.
    min_share : float, default=0.02
        Smallest share of the customers that every segment should hold, from 0 to 0.5.
    clip : float, default=3.0
        How many scales off its center a value counts at most, above 0. The scoring must clip alike.
    min_customers : int, default=30
        Smallest number of customers to find segments in.
    max_customers : int, default=50000
        Largest number of customers to learn from. More of them are cut down to a sample.
    random_state : int, default=0
        Seed of the random starts, from 0 to 2**32 - 1.

    Examples
    --------
    >>> SegmentParams(segment_counts=[8, 3])
    Traceback (most recent call last):
    ValueError: segment_counts must be two whole numbers from 2 to 10, the smaller first, got [8, 3]
    """

    segment_counts: Sequence[int] = (3, 8)
    min_share: float = 0.02
    clip: float = 3.0
    min_customers: int = 30
    max_customers: int = 50_000
    random_state: int = 0

    def __post_init__(self) -> None:
        if not _is_range(self.segment_counts):
            raise ValueError(
                "segment_counts must be two whole numbers from 2 to 10, the smaller first, got "
                f"{self.segment_counts!r}"
            )
        if not _is_number(self.min_share) or not 0 <= self.min_share <= 0.5:
            raise ValueError(f"min_share must be a number from 0 to 0.5, got {self.min_share!r}")
        if not _is_number(self.clip) or not 0 < self.clip < np.inf:
            raise ValueError(f"clip must be a number above 0, got {self.clip!r}")
        for name in ("min_customers", "max_customers"):
            value = getattr(self, name)
            if not _is_whole(value) or value < 2:
                raise ValueError(f"{name} must be a whole number of at least 2, got {value!r}")
        if not _is_whole(self.random_state) or not 0 <= self.random_state < 2**32:
            raise ValueError(
                f"random_state must be a whole number from 0 to 2**32 - 1, got "
                f"{self.random_state!r}"
            )


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return _is_whole(value) or isinstance(value, float)


def _is_range(value: object) -> bool:
    is_pair = isinstance(value, Sequence) and len(value) == 2 and all(map(_is_whole, value))
    return is_pair and 2 <= value[0] <= value[1] <= 10


class _Segments(NamedTuple):
    """One way to divide the customers."""

    centroids: np.ndarray  # (n_segments, n_features)
    counts: np.ndarray  # (n_segments,), customers nearest to each centroid
    silhouette: float


def learn_segment_centroids(
    customers: pd.DataFrame, params: SegmentParams | None = None
) -> pd.DataFrame:
    """Divide customers into segments of similar ones.

    Parameters
    ----------
    customers : DataFrame
        One row per customer, in any order: `sample_id` (unique) and then the features: numbers,
        already transformed, NaN where missing.
    params : SegmentParams, optional
        Settings of the segments.

    Returns
    -------
    DataFrame
        One row per segment and feature, columns as in `SCHEMA`, sorted by `cluster` and, within it,
        the features as they are in `customers`. Segments are numbered from 1, by falling centroid
        of `total_net_amount`, or of the first feature where that is none, and then of the other
        features. `count_sample` and `silhouette` repeat for each feature. Nothing comes out of
        fewer than `min_customers` customers, or fewer different ones than segments.

    Raises
    ------
    ValueError
        If a `sample_id` is there more than once, or a feature is infinite.

    Notes
    -----
    A value counts as ``(x - center) / scale``, at most `clip` and at least `-clip`, and 0 where it
    is missing. The center is the median and the scale the interquartile range over 1.349, which is
    the standard deviation of a normal distribution; where the range is 0 it is the standard
    deviation, and 1 where that is 0 too. So a few huge customers neither stretch the scale nor pull
    a centroid. A customer belongs to the segment with the nearest centroid, by Euclidean distance,
    the first of them where several are equally near.

    The number of segments is the one with the highest mean simplified silhouette [1]_, the smallest
    of them where several are equally high. With the distances ``a`` to the own and ``b`` to the
    nearest other centroid, the silhouette of a customer is ``(b - a) / max(a, b)``. A number is
    passed over if its smallest segment holds fewer than two customers or less than `min_share` of
    them. If all are passed over, the one whose smallest segment is largest is the least bad.

    References
    ----------
    .. [1] E. R. Hruschka, L. N. de Castro and R. J. G. B. Campello (2004). Evolutionary algorithms
       for clustering gene-expression data. IEEE International Conference on Data Mining.

    Examples
    --------
    >>> customers = pd.DataFrame(
    ...     {"sample_id": range(40), "total_net_amount": [1.0, 2.0, 7.0, 8.0] * 10}
    ... )
    >>> learn_segment_centroids(customers, SegmentParams(segment_counts=(2, 2))).round(2)
       cluster           feature  centroid  center  scale  count_sample  silhouette
    0        1  total_net_amount      0.74     4.5   4.08            20        0.92
    1        2  total_net_amount     -0.74     4.5   4.08            20        0.92
    """
    params = params or SegmentParams()
    features = [column for column in customers if column != "sample_id"]
    values = read_features(take_sample(customers, params.max_customers), features)
    standardization = _measure_robustly(values)
    scaled = np.clip(standardize(values, standardization), -params.clip, params.clip)
    candidates = _find_candidates(scaled, _get_value_order(features), params)
    if not candidates:
        return _describe_segments(
            _Segments(np.empty((0, len(features))), np.empty(0), np.nan), features, standardization
        )
    return _describe_segments(
        _choose_candidate(candidates, len(scaled), params), features, standardization
    )


def _measure_robustly(values: np.ndarray) -> Standardization:
    """Measure center and scale of each feature such that a few huge values do not matter."""
    centers = np.full(values.shape[1], np.nan)
    scales = np.ones(values.shape[1])
    for feature, column in enumerate(values.T):
        present = column[~np.isnan(column)]
        if present.size and np.ptp(present) > 0:
            lower, centers[feature], upper = np.quantile(present, [0.25, 0.5, 0.75])
            scales[feature] = (upper - lower) / 1.349 or present.std()
        elif present.size:
            centers[feature] = present[0]
    return Standardization(centers, scales)


def _get_value_order(features: list[str]) -> list[int]:
    """Return the positions of the features in the order in which they number the segments."""
    return sorted(range(len(features)), key=lambda position: features[position] != VALUE_FEATURE)


def _find_candidates(
    scaled: np.ndarray, value_order: list[int], params: SegmentParams
) -> list[_Segments]:
    """Divide the customers in each number of segments that they can fill."""
    if len(scaled) < params.min_customers:
        return []
    smallest, largest = params.segment_counts
    count_distinct = len(pd.DataFrame(scaled).drop_duplicates())
    return [
        _find_segments(scaled, n_clusters, value_order, params)
        for n_clusters in range(smallest, min(largest, count_distinct) + 1)
    ]


def _find_segments(
    scaled: np.ndarray, n_clusters: int, value_order: list[int], params: SegmentParams
) -> _Segments:
    with threadpool_limits(1):  # sums in one order, so that centroids repeat to the bit
        clusters = KMeans(n_clusters, n_init=10, random_state=params.random_state).fit(scaled)
    centroids = _number_centroids(clusters.cluster_centers_, value_order)
    distances = cdist(scaled, centroids)
    counts = np.bincount(distances.argmin(axis=1), minlength=n_clusters)
    return _Segments(centroids, counts, _average_silhouette(distances))


def _number_centroids(centroids: np.ndarray, value_order: list[int]) -> np.ndarray:
    """Sort the centroids, so that their numbers do not depend on the random start."""
    # the last key counts most; the last digits differ with the start
    keys = -centroids[:, value_order[::-1]].round(9).T
    return centroids[np.lexsort(keys)]


def _average_silhouette(distances: np.ndarray) -> float:
    nearest, second = np.partition(distances, 1, axis=1)[:, :2].T
    return np.mean((second - nearest) / np.where(second > 0, second, 1.0))


def _choose_candidate(
    candidates: list[_Segments], count_customers: int, params: SegmentParams
) -> _Segments:
    least = max(2, params.min_share * count_customers)
    eligible = [segments for segments in candidates if segments.counts.min() >= least]
    if eligible:
        return max(eligible, key=lambda segments: segments.silhouette)
    return max(candidates, key=lambda segments: segments.counts.min())


def _describe_segments(
    segments: _Segments, features: list[str], standardization: Standardization
) -> pd.DataFrame:
    count_segments, count_features = segments.centroids.shape
    return pd.DataFrame(
        {
            "cluster": np.repeat(np.arange(1, count_segments + 1, dtype=np.int32), count_features),
            "feature": pd.Series(features * count_segments, dtype="str"),
            "centroid": segments.centroids.ravel(),
            "center": np.tile(standardization.centers, count_segments),
            "scale": np.tile(standardization.scales, count_segments),
            "count_sample": np.repeat(segments.counts.astype(np.int64), count_features),
            "silhouette": np.full(count_segments * count_features, segments.silhouette),
        }
    )
