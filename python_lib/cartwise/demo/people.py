"""The customers of the demo shop and when they visit it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cartwise.demo.draws import Draws
from cartwise.demo.shop_calendar import ShopCalendar
from cartwise.demo.vocabulary import CATEGORIES, COUNTRIES, REFILLS

NEVER = 1 << 40
# people are numbered from 1; guests start here, so that the two never share a draw
GUEST_BASE = 1 << 40
MAX_VISITS = 256
MAX_SPREAD = 5


@dataclass(frozen=True)
class Group:
    """A kind of customer.

    Parameters
    ----------
    name : str
        As it stands in the truth file.
    weight : int
        Share of the customers, in percent.
    gap_days, life_days : int
        Mean days between two visits and from the first visit to the last.
    slowing_percent : int
        How much longer each gap is than the one before.
    refill_permille : int
        How many buy a consumable on its cycle.
    basket_weights : tuple of int
        Weights of 1, 2, 3, ... picks per order.
    line_discount_permille, order_discount_permille : int
        How often a line and an order are discounted.
    """

    name: str
    weight: int
    gap_days: int
    life_days: int
    slowing_percent: int
    refill_permille: int
    basket_weights: tuple[int, ...]
    line_discount_permille: int
    order_discount_permille: int


GROUPS = (
    Group("loyal_regulars", 26, 22, 760, 0, 550, (42, 32, 16, 7, 3), 90, 60),
    Group("bargain_hunters", 20, 38, 420, 0, 220, (40, 30, 18, 8, 4), 520, 260),
    Group("big_spenders", 11, 48, 560, 0, 200, (10, 20, 26, 22, 12, 10), 50, 30),
    Group("one_time_buyers", 22, 90, 14, 0, 0, (56, 28, 12, 4), 140, 90),
    Group("fading", 21, 24, 300, 28, 250, (48, 30, 14, 6, 2), 110, 70),
)
ONE_TIME = 3

# what a bad order leaves of the customer's remaining days, in percent
_LIFE_AFTER_BAD_PERCENT = 25


@dataclass(frozen=True)
class Customers:
    """Some customers, as arrays with one element each.

    Parameters
    ----------
    numbers : ndarray of int
        Their number in the shop, from 1.
    groups : ndarray of int
        Index into `GROUPS`.
    engagement : ndarray of int
        0 to 9; engaged customers browse more and stay longer.
    spread : ndarray of int
        How many categories they like, 1 to `MAX_SPREAD`; wide tastes stay longer.
    tastes : ndarray of int, shape (n, MAX_SPREAD)
        The categories they like, first ones first.
    countries : ndarray of int
        Index into `vocabulary.COUNTRIES`.
    refills : ndarray of int
        Index into `vocabulary.REFILLS`, -1 for none.
    first_day : ndarray of int
        Day of the first order, `NEVER` if there is none.
    """

    numbers: NDArray[np.int64]
    groups: NDArray[np.int64]
    engagement: NDArray[np.int64]
    spread: NDArray[np.int64]
    tastes: NDArray[np.int64]
    countries: NDArray[np.int64]
    refills: NDArray[np.int64]
    first_day: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True)
class Visits:
    """Orders before anything is put in the basket, one element each.

    Parameters
    ----------
    people : ndarray of int
        The customer's number, or `GUEST_BASE` and up for a guest.
    steps : ndarray of int
        The how-manieth visit of this person it is, from 0.
    days : ndarray of int
        Day of the order.
    refills : ndarray of int
        The refill that is due, -1 for none.
    is_bad, is_refunded, is_reviewed, is_cancelled : ndarray of bool
        How the order went.
    """

    people: NDArray[np.int64]
    steps: NDArray[np.int64]
    days: NDArray[np.int64]
    refills: NDArray[np.int64]
    is_bad: NDArray[np.bool_]
    is_refunded: NDArray[np.bool_]
    is_reviewed: NDArray[np.bool_]
    is_cancelled: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.people)

    @property
    def keys(self) -> NDArray[np.int64]:
        """One number per order that nothing else in the shop has."""
        return self.people * MAX_VISITS + self.steps

    def take(self, rows: NDArray[np.int64]) -> "Visits":
        """Return the visits at these positions."""
        return Visits(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def concat_visits(parts: list[Visits]) -> Visits:
    """Return several sets of visits as one.

    Parameters
    ----------
    parts : list of Visits
        At least one.

    Returns
    -------
    Visits
    """
    return Visits(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in Visits.__dataclass_fields__
        )
    )


def _draw_tastes(draws: Draws, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the categories each customer likes, popular ones more often."""
    weights = [category.weight for category in CATEGORIES]
    return draws.choices("taste", weights, numbers[:, None], np.arange(MAX_SPREAD))


def _invert_days(cumulated: NDArray[np.int64], target: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the day on which the cumulated weight passes `target`; past the end at 1000 a day."""
    inside = np.searchsorted(cumulated, target, side="right")
    beyond = len(cumulated) + (target - cumulated[-1]) // 1000
    return np.where(target >= cumulated[-1], beyond, inside)


def draw_customers(draws: Draws, calendar: ShopCalendar, numbers: NDArray[np.int64]) -> Customers:
    """Draw the traits of customers.

    Parameters
    ----------
    draws : Draws
        Source of randomness.
    calendar : ShopCalendar
        The days of the shop.
    numbers : ndarray of int
        Which customers.

    Returns
    -------
    Customers
    """
    groups = draws.choices("group", [group.weight for group in GROUPS], numbers)
    refill_permille = np.array([group.refill_permille for group in GROUPS])[groups]
    refills = np.where(
        draws.chance("has refill", refill_permille, numbers),
        draws.choices("refill", [refill.weight for refill in REFILLS], numbers),
        -1,
    )
    cumulated = np.cumsum(calendar.weigh_days())
    newcomer_day = _invert_days(cumulated, draws.integers("first day", cumulated[-1], numbers))
    # the shop is older than its data: part of the customers are there from the start
    is_early = draws.chance("early", 220, numbers) & (groups != ONE_TIME)
    first_day = np.where(is_early, draws.integers("early day", 60, numbers), newcomer_day)
    first_day = np.where(draws.chance("never bought", 20, numbers), NEVER, first_day)
    return Customers(
        numbers=numbers,
        groups=groups,
        engagement=draws.integers("engagement", 10, numbers),
        spread=1 + draws.integers("spread", MAX_SPREAD, numbers),
        tastes=_draw_tastes(draws, numbers),
        countries=draws.choices("country", [country[1] for country in COUNTRIES], numbers),
        refills=refills,
        first_day=first_day,
    )


def _draw_outcomes(
    draws: Draws, people: NDArray[np.int64], step: int, is_exact: NDArray[np.bool_]
) -> dict[str, NDArray[np.bool_]]:
    """Return how orders turn out; one on an exact cycle is never cancelled."""
    is_cancelled = draws.chance("cancelled", 31, people, step) & ~is_exact
    is_bad = draws.chance("bad", 95, people, step) & ~is_cancelled
    refund_permille = np.where(is_bad, 260, 23)
    review_permille = np.where(is_bad, 640, 425)
    return {
        "is_bad": is_bad,
        "is_refunded": draws.chance("refunded", refund_permille, people, step) & ~is_cancelled,
        "is_reviewed": draws.chance("reviewed", review_permille, people, step) & ~is_cancelled,
        "is_cancelled": is_cancelled,
    }


def draw_guests(draws: Draws, calendar: ShopCalendar, numbers: NDArray[np.int64]) -> Visits:
    """Draw orders of people without an account.

    Parameters
    ----------
    draws : Draws
        Source of randomness.
    calendar : ShopCalendar
        The days of the shop.
    numbers : ndarray of int
        Which guests, from 0.

    Returns
    -------
    Visits
        One each.
    """
    people = GUEST_BASE + numbers
    cumulated = np.cumsum(calendar.weigh_days())
    target = draws.integers("guest day", cumulated[-1], people)
    no_exact = np.zeros(len(people), dtype=bool)
    return Visits(
        people=people,
        steps=np.zeros(len(people), dtype=np.int64),
        days=_invert_days(cumulated, target),
        refills=np.full(len(people), -1),
        **_draw_outcomes(draws, people, 0, no_exact),
    )


def _draw_life(draws: Draws, customers: Customers) -> NDArray[np.int64]:
    """Return the days from a customer's first visit to the last, were all to go well."""
    mean = np.array([group.life_days for group in GROUPS])[customers.groups]
    mean = mean * (50 + 11 * customers.engagement) // 100
    mean = mean * (55 + 15 * customers.spread) // 100
    return draws.exponential("life", mean, customers.numbers)


def simulate_visits(
    draws: Draws, calendar: ShopCalendar, customers: Customers
) -> tuple[Visits, NDArray[np.int64]]:
    """Let customers visit the shop until they leave it or the calendar ends.

    A customer has two clocks: an ordinary one, which runs faster on busy days, and one for the
    refill. An order that ends in a refund or a poor review takes most of the remaining days away.

    Parameters
    ----------
    draws : Draws
        Source of randomness.
    calendar : ShopCalendar
        The days of the shop.
    customers : Customers
        Who visits.

    Returns
    -------
    visits : Visits
        Sorted by customer, then day; no customer has two on one day.
    life_end : ndarray of int
        The day each customer is lost; may lie behind the end of the calendar.
    """
    cumulated = np.cumsum(calendar.weigh_days())
    numbers = customers.numbers
    has_refill = customers.refills >= 0
    cycle = np.array([refill.cycle_days for refill in REFILLS])[customers.refills]
    jitter = np.array([refill.jitter_days for refill in REFILLS])[customers.refills]
    gap_days = np.array([group.gap_days for group in GROUPS])[customers.groups]
    # the refill visits come on top
    gap_days = np.where(has_refill, gap_days * 3 // 2, gap_days)
    # everybody has a pace of their own, so the same silence means more from some than from others
    gap_days = gap_days * (40 + draws.integers("pace", 150, numbers)) // 100
    slowing = np.array([group.slowing_percent for group in GROUPS])[customers.groups]

    ordinary = customers.first_day.copy()
    refill_day = np.where(has_refill, ordinary, NEVER)
    life_end = ordinary + _draw_life(draws, customers)
    parts = []
    active = np.arange(len(customers))
    for step in range(MAX_VISITS):
        today = np.minimum(ordinary[active], refill_day[active])
        is_open = (today < calendar.n_days) & (today <= life_end[active])
        active, today = active[is_open], today[is_open]
        if not len(active):
            break
        people = numbers[active]
        is_refill = refill_day[active] == today
        is_ordinary = ordinary[active] == today
        visits = Visits(
            people=people,
            steps=np.full(len(active), step),
            days=today,
            refills=np.where(is_refill, customers.refills[active], -1),
            **_draw_outcomes(draws, people, step, is_refill & (jitter[active] == 0)),
        )
        parts.append(visits)

        is_hurt = visits.is_bad & (visits.is_refunded | visits.is_reviewed) | visits.is_refunded
        left = life_end[active] - today
        life_end[active] = today + np.where(is_hurt, left * _LIFE_AFTER_BAD_PERCENT // 100, left)

        mean = gap_days[active] * (100 + slowing[active] * min(step, 12)) // 100
        # a gap varies less than an exponential, as people shop to a habit
        gap = 1 + (mean + draws.exponential("gap", mean, people, step)) // 2
        next_day = _invert_days(cumulated, cumulated[today] + gap * 1000)
        ordinary[active] = np.where(is_ordinary, np.maximum(next_day, today + 1), ordinary[active])
        shift = draws.integers("jitter", 2 * jitter[active] + 1, people, step) - jitter[active]
        refill_day[active] = np.where(is_refill, today + cycle[active] + shift, refill_day[active])
    # a visit on the day of both clocks serves both, so the ordinary one moves on above
    visits = concat_visits(parts)
    return visits.take(np.lexsort((visits.steps, visits.people))), life_end
