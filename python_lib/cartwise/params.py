"""What the settings of the learners check of themselves."""

import math
from typing import Any


def check_positive_number(params: Any, name: str) -> None:
    """Refuse a setting that is no finite number above 0.

    Parameters
    ----------
    params : object
        The settings.
    name : str
        Name of the setting.

    Raises
    ------
    ValueError
        With the name and the value.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> check_positive_number(SimpleNamespace(C=True), "C")
    Traceback (most recent call last):
    ValueError: C must be a number above 0, got True
    """
    value = getattr(params, name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise ValueError(f"{name} must be a number above 0, got {value!r}")


def check_whole_number(params: Any, name: str, least: int) -> None:
    """Refuse a setting that is no whole number of at least `least`.

    Parameters
    ----------
    params : object
        The settings.
    name : str
        Name of the setting.
    least : int
        The smallest number allowed.

    Raises
    ------
    ValueError
        With the name and the value.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> check_whole_number(SimpleNamespace(k=1.0), "k", least=1)
    Traceback (most recent call last):
    ValueError: k must be a whole number of at least 1, got 1.0
    """
    value = getattr(params, name)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValueError(f"{name} must be a whole number of at least {least}, got {value!r}")
