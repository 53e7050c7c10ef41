"""The rhythm of the demo shop: which days and hours are busy."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from cartwise.demo.draws import Draws

SECONDS_PER_DAY = 86_400

# an ordinary day weighs 1000
_WEEKDAY_PERMILLE = (1020, 940, 920, 950, 1020, 1090, 1060)
_MONTH_PERMILLE = (900, 880, 950, 960, 1000, 980, 930, 920, 1000, 1040, 1200, 1240)

# nothing starts after 22:59, so that a visit never runs into the next day
_MORNING_WEIGHTS = (4, 2, 1, 1, 1, 2, 5, 12, 20, 26, 30, 32)
_AFTERNOON_WEIGHTS = (34, 30, 26, 26, 28, 32, 38, 46, 50, 42, 26)
_HOUR_WEIGHTS = (*_MORNING_WEIGHTS, *_AFTERNOON_WEIGHTS)


@dataclass(frozen=True)
class ShopCalendar:
    """The days the shop is open, numbered from 0.

    Parameters
    ----------
    first_day : date
        Day 0.
    last_day : date
        The last day on which anything happens.

    Examples
    --------
    >>> calendar = ShopCalendar(date(2024, 1, 1), date(2025, 12, 31))
    >>> calendar.n_days
    731
    """

    first_day: date
    last_day: date

    @property
    def n_days(self) -> int:
        """Number of days, both ends included."""
        return (self.last_day - self.first_day).days + 1

    @property
    def end_second(self) -> int:
        """The first second after the last day."""
        return self.n_days * SECONDS_PER_DAY

    def weigh_days(self) -> NDArray[np.int64]:
        """Return how busy each day is; an ordinary day has a weight of 1000."""
        days = [self.first_day + timedelta(days=day) for day in range(self.n_days)]
        return np.array(
            [
                _WEEKDAY_PERMILLE[day.weekday()] * _MONTH_PERMILLE[day.month - 1] // 1000
                for day in days
            ]
        )

    def month_range(self, year: int, month: int) -> tuple[int, int]:
        """Return the first day of a month and of the month after it, as day numbers."""
        start = date(year, month, 1)
        after = date(year + month // 12, month % 12 + 1, 1)
        return (start - self.first_day).days, (after - self.first_day).days

    def timestamps(self, seconds: NDArray[np.int64]) -> NDArray[np.datetime64]:
        """Return seconds since the start of day 0 as timestamps."""
        return np.datetime64(self.first_day, "s") + seconds.astype("timedelta64[s]")


def draw_seconds(draws: Draws, name: str, *ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a second of the day per element, in the shop's busy hours more often.

    Parameters
    ----------
    draws : Draws
        Source of randomness.
    name : str
        What happens at that second.
    *ids : ndarray of int
        The keys of the draw.

    Returns
    -------
    ndarray of int
        0 to 82,799, that is before 23:00.
    """
    hour = draws.choices(f"{name} hour", _HOUR_WEIGHTS, *ids)
    return hour * 3600 + draws.integers(f"{name} second", 3600, *ids)
