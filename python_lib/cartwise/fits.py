"""Fits that do not depend on each other, on all cores."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from threadpoolctl import threadpool_limits


def fit_side_by_side(fit: Callable[[Any], Any], parts: Iterable[Any]) -> list[Any]:
    """Call a function for each part, several at a time, each on one thread.

    A fit that ran on several threads would add up in another order each time, and its last digits
    would change from build to build. NumPy, SciPy and scikit-learn's solvers let other threads run
    while they work, so threads are enough.

    Parameters
    ----------
    fit : callable
        Takes a part. Its sums run in BLAS, SciPy or NumPy; what runs in OpenMP, such as KMeans, is
        not held to one thread here.
    parts : iterable
        What to fit: folds, dates, topics.

    Returns
    -------
    list
        What the function returned, in the order of the parts.

    Examples
    --------
    >>> fit_side_by_side(sum, [[1, 2], [3, 4]])
    [3, 7]
    """
    with threadpool_limits(1), ThreadPoolExecutor(os.cpu_count()) as threads:
        return list(threads.map(fit, parts))
