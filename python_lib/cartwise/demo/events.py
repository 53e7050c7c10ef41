"""What visitors of the demo shop's web site click on, in the last three months."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cartwise.demo.baskets import CHANNELS, Lines, Orders
from cartwise.demo.catalogue import Catalogue
from cartwise.demo.draws import Draws
from cartwise.demo.people import GUEST_BASE, Customers
from cartwise.demo.shop_calendar import SECONDS_PER_DAY, ShopCalendar, draw_seconds

EVENT_TYPES = ("page_view", "product_view", "add_to_cart", "checkout", "purchase")
PAGE_VIEW, PRODUCT_VIEW, ADD_TO_CART, CHECKOUT, PURCHASE = range(5)
N_EVENT_DAYS = 92

_WEEKS = N_EVENT_DAYS // 7
_SLOTS_PER_WEEK = 2
_MAX_VIEWS = 3
# interest fades this many days before a customer is lost
_FADING_DAYS = 40


@dataclass(frozen=True)
class Events:
    """Clicks, one element each, sorted by time.

    Parameters
    ----------
    seconds : ndarray of int
        Time since the start of the calendar.
    types : ndarray of int
        Index into `EVENT_TYPES`.
    people : ndarray of int
        The customer's number, 0 if nobody is logged in.
    sessions : ndarray of int
        Number of the session in its block, from 0.
    products : ndarray of int
        Index into the catalogue, -1 for none.
    """

    seconds: NDArray[np.int64]
    types: NDArray[np.int64]
    people: NDArray[np.int64]
    sessions: NDArray[np.int64]
    products: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.seconds)


@dataclass(frozen=True)
class _Clicks:
    """Events of some sessions, before sessions are numbered through."""

    seconds: NDArray[np.int64]
    types: NDArray[np.int64]
    people: NDArray[np.int64]
    session_keys: NDArray[np.int64]
    products: NDArray[np.int64]


def _click_to_purchase(
    draws: Draws, calendar: ShopCalendar, orders: Orders, lines: Lines
) -> _Clicks:
    """Return the sessions that end in an order."""
    is_online = orders.channels != CHANNELS.index("store")
    is_recent = orders.visits.days >= calendar.n_days - N_EVENT_DAYS
    chosen = np.flatnonzero(is_online & is_recent)
    key = orders.visits.keys[chosen]
    people = orders.visits.people[chosen]
    is_anonymous = (people >= GUEST_BASE) | draws.chance("anonymous order", 50, key)
    people = np.where(is_anonymous, 0, people)
    first_rows = lines.first_rows(len(orders))
    first, n_lines = first_rows[chosen], (first_rows[1:] - first_rows[:-1])[chosen]

    # a page, then a view and a cart per product, then checkout and purchase
    steps = [(PAGE_VIEW, None)]
    steps += [(kind, k) for k in range(_MAX_VIEWS) for kind in (PRODUCT_VIEW, ADD_TO_CART)]
    steps += [(CHECKOUT, None), (PURCHASE, None)]
    back = np.zeros(len(chosen), dtype=np.int64)
    parts = []
    for kind, view in reversed(steps):
        exists = np.ones(len(chosen), dtype=bool) if view is None else view < n_lines
        products = np.full(len(chosen), -1)
        if view is not None:
            products = lines.products[np.minimum(first + view, len(lines) - 1)]
        columns = (
            orders.seconds[chosen] - back,
            np.full(len(chosen), kind),
            people,
            key,
            products,
        )
        parts.append([column[exists] for column in columns])
        pause = 8 + draws.integers("purchase pause", 70, key, len(parts))
        back = np.where(exists, back + pause, back)
    return _Clicks(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _click_around(
    draws: Draws,
    calendar: ShopCalendar,
    catalogue: Catalogue,
    customers: Customers,
    life_end: NDArray[np.int64],
) -> _Clicks:
    """Return the sessions in which customers look around."""
    n_slots = _WEEKS * _SLOTS_PER_WEEK
    row = np.repeat(np.arange(len(customers)), n_slots)
    slot = np.tile(np.arange(n_slots), len(customers))
    number = customers.numbers[row]
    day = calendar.n_days - N_EVENT_DAYS + slot // _SLOTS_PER_WEEK * 7
    day += draws.integers("browse day", 7, number, slot)
    eager = 100 + 66 * customers.engagement[row]
    permille = np.select(
        [day <= life_end[row] - _FADING_DAYS, day <= life_end[row]], [eager, eager // 4], 8
    )
    visits = draws.chance("browse", permille, number, slot) & (day >= customers.first_day[row] - 7)
    row, slot, number, day = row[visits], slot[visits], number[visits], day[visits]

    people = np.where(draws.chance("anonymous", 220, number, slot), 0, number)
    seconds = day * SECONDS_PER_DAY + draw_seconds(draws, "browse", number, slot)
    # sessions of orders have positive keys
    session = -(number * n_slots + slot + 1)
    n_views = draws.choices("views", (12, 40, 30, 18), number, slot)
    parts = [[seconds, np.full(len(row), PAGE_VIEW), people, session, np.full(len(row), -1)]]
    for view in range(_MAX_VIEWS):
        seconds = seconds + 10 + draws.integers("browse pause", 90, number, slot, view)
        liked = draws.integers("browse taste", customers.spread[row], number, slot, view)
        bits = draws.integers("browse product", 1 << 50, number, slot, view)
        products = catalogue.pick(bits, customers.tastes[row, liked], np.full(len(row), -1))
        columns = [seconds, np.full(len(row), PRODUCT_VIEW), people, session, products]
        exists = view < n_views
        parts.append([column[exists] for column in columns])
        into_cart = exists & draws.chance("browse cart", 130, number, slot, view)
        columns[0] = seconds + 5
        columns[1] = np.full(len(row), ADD_TO_CART)
        parts.append([column[into_cart] for column in columns])
    return _Clicks(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def draw_events(
    draws: Draws,
    calendar: ShopCalendar,
    catalogue: Catalogue,
    customers: Customers,
    life_end: NDArray[np.int64],
    orders: Orders,
    lines: Lines,
) -> Events:
    """Let people click through the web site in the last three months.

    Parameters
    ----------
    draws : Draws
        Source of randomness.
    calendar : ShopCalendar
        The days of the shop.
    catalogue : Catalogue
        What can be looked at.
    customers : Customers
        The customers of the block.
    life_end : ndarray of int
        The day each of them is lost; they look around less before it and hardly after.
    orders : Orders
        Their orders; those placed online end a session.
    lines : Lines
        The orders' lines.

    Returns
    -------
    Events
    """
    clicks = [
        _click_to_purchase(draws, calendar, orders, lines),
        _click_around(draws, calendar, catalogue, customers, life_end),
    ]
    seconds, types, people, keys, products = (
        np.concatenate([getattr(part, name) for part in clicks])
        for name in _Clicks.__dataclass_fields__
    )
    # a session over midnight may begin just before the window
    first_second = (calendar.n_days - N_EVENT_DAYS) * SECONDS_PER_DAY
    rows = np.lexsort((types, keys, seconds))
    rows = rows[seconds[rows] >= first_second]
    _, first, sessions = np.unique(keys[rows], return_index=True, return_inverse=True)
    # numbered in the order in which they begin
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return Events(seconds[rows], types[rows], people[rows], rank[sessions], products[rows])
