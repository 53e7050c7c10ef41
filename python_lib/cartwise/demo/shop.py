"""A demo shop, simulated customer by customer.

The shop is generated in blocks of customers, each with its orders, reviews and clicks, so that
memory does not grow with the shop. Every draw is a function of the seed and of who and what it is
about (`draws`), not of the block it happens in. A shop of the default size is one block, hence
sorted by time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cartwise.demo.baskets import (
    CANCELLED,
    Orders,
    draw_refunds,
    fill_baskets,
    open_orders,
    price_orders,
)
from cartwise.demo.catalogue import Catalogue, build_catalogue, count_products
from cartwise.demo.dirt import plant_dirt, share_emails
from cartwise.demo.draws import Draws
from cartwise.demo.events import draw_events
from cartwise.demo.people import (
    GROUPS,
    GUEST_BASE,
    NEVER,
    Customers,
    Visits,
    concat_visits,
    draw_customers,
    draw_guests,
    simulate_visits,
)
from cartwise.demo.review_texts import NEGATIVE_WORDS, POSITIVE_WORDS, TOPICS
from cartwise.demo.reviews import draw_reviews
from cartwise.demo.shop_calendar import ShopCalendar
from cartwise.demo.tables import (
    SCHEMAS,
    make_ids,
    table_customers,
    table_events,
    table_order_lines,
    table_orders,
    table_products,
    table_refunds,
    table_reviews,
)
from cartwise.demo.vocabulary import BAD_BATCH, REFILLS

MIN_ORDERS = 1000
MIN_DAYS = 365

_GUEST_PERCENT = 8
_BLOCK_CUSTOMERS = 8192
# people complain of the bad batch in the month this many days before the last day
_BAD_BATCH_AGE = 280


@dataclass(frozen=True)
class ShopParams:
    """What shop to generate.

    Parameters
    ----------
    orders : int, default=15000
        Number of orders; customers, reviews and clicks grow with it.
    seed : int, default=20240101
        Another seed is another shop of the same kind.
    first_day, last_day : date, default=2024-01-01 and 2025-12-31
        The days the orders lie on, both included.

    Raises
    ------
    ValueError
        If there are too few orders or days for what is planted, or the seed is negative.

    Examples
    --------
    >>> ShopParams(orders=10)
    Traceback (most recent call last):
    ValueError: orders must be at least 1000, as fewer cannot hold the planted patterns; got 10
    """

    orders: int = 15_000
    seed: int = 20_240_101
    first_day: date = date(2024, 1, 1)
    last_day: date = date(2025, 12, 31)

    def __post_init__(self) -> None:
        if self.orders < MIN_ORDERS:
            raise ValueError(
                f"orders must be at least {MIN_ORDERS}, as fewer cannot hold the planted "
                f"patterns; got {self.orders}"
            )
        if self.seed < 0:
            raise ValueError(f"seed must not be negative; got {self.seed}")
        n_days = self.calendar.n_days
        if n_days < MIN_DAYS:
            raise ValueError(
                f"first_day to last_day must be at least {MIN_DAYS} days, as the longest cycles "
                f"do not show in less; got {n_days} ({self.first_day} to {self.last_day})"
            )

    @property
    def calendar(self) -> ShopCalendar:
        """The days of the shop."""
        return ShopCalendar(self.first_day, self.last_day)


@dataclass(frozen=True)
class ShopBlock:
    """Part of a shop.

    Parameters
    ----------
    tables : dict of str to pyarrow.Table
        Rows of each input, typed as in `tables.SCHEMAS`.
    customer_groups : dict of str to str
        Behaviour group per customer id.
    truth : dict
        What is planted in the shop; only the first block has it.
    """

    tables: dict[str, pa.Table]
    customer_groups: dict[str, str]
    truth: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Counters:
    """How many of each the blocks so far have."""

    customer_visits: int = 0
    guests: int = 0
    lines: int = 0
    reviews: int = 0
    events: int = 0
    sessions: int = 0


def _find_bad_month(calendar: ShopCalendar) -> date:
    """Return the first day of the month of the bad batch."""
    day = calendar.first_day.toordinal() + calendar.n_days - 1 - _BAD_BATCH_AGE
    return date.fromordinal(day).replace(day=1)


def _describe_truth(params: ShopParams, catalogue: Catalogue) -> dict[str, Any]:
    """Return what is planted in every block."""
    ids = make_ids("p", np.arange(len(catalogue)) + 1).to_pylist()
    month = _find_bad_month(params.calendar)
    return {
        "seed": params.seed,
        "orders": params.orders,
        "first_day": params.first_day.isoformat(),
        "last_day": params.last_day.isoformat(),
        "product_pairs": [[ids[p] for p in pair] for pair in catalogue.pairs.tolist()],
        "product_triples": [[ids[p] for p in triple] for triple in catalogue.triples.tolist()],
        "repurchase_cycles": [
            {
                "product_id": ids[product],
                "cycle_days": refill.cycle_days,
                "jitter_days": refill.jitter_days,
            }
            for product, refill in zip(catalogue.refills.tolist(), REFILLS, strict=True)
        ],
        "bad_batch": {
            "product_id": ids[_find_bad_product(catalogue)],
            "month": f"{month:%Y-%m}",
            "topic": "quality",
        },
        "churn_drivers": {
            "low_rating": "shortens life",
            "refund": "shortens life",
            "browsing": "lengthens life",
            "category_spread": "lengthens life",
            "growing_gaps": "precedes churn",
        },
        "behaviour_groups": [group.name for group in GROUPS],
        "review_topics": list(TOPICS),
        "sentiment_words": {
            language: {
                "positive": list(POSITIVE_WORDS[language]),
                "negative": list(NEGATIVE_WORDS[language]),
            }
            for language in POSITIVE_WORDS
        },
    }


def _find_bad_product(catalogue: Catalogue) -> int:
    """Return the product of the bad batch."""
    return catalogue.names.index(f"{BAD_BATCH.brand} {BAD_BATCH.label}")


def _add_guests(
    draws: Draws, params: ShopParams, visits: Visits, counters: _Counters
) -> tuple[Visits, bool]:
    """Cut the visits to what the shop still needs, and add the block's share of guests.

    Returns the visits and whether the shop is complete.
    """
    n_guests = params.orders * _GUEST_PERCENT // 100
    n_customer_visits = params.orders - n_guests
    visits = visits.take(np.arange(min(len(visits), n_customer_visits - counters.customer_visits)))
    done = counters.customer_visits + len(visits)
    last_guest = n_guests * done // n_customer_visits
    guests = draw_guests(draws, params.calendar, np.arange(counters.guests, last_guest))
    return concat_visits([visits, guests]), done == n_customer_visits


def _find_first_orders(customers: Customers, orders: Orders) -> NDArray[np.int64]:
    """Return the second of each customer's first order, `NEVER` if there is none."""
    first = np.full(len(customers), NEVER)
    known = orders.customer_rows >= 0
    np.minimum.at(first, orders.customer_rows[known], orders.seconds[known])
    return first


def _choose_oversize(orders: Orders) -> int:
    """Return the position of the guest order that becomes a wholesale basket."""
    visits = orders.visits
    plain = (visits.people >= GUEST_BASE) & ~visits.is_refunded & ~visits.is_reviewed
    plain &= orders.statuses != CANCELLED
    rows = np.flatnonzero(plain)
    return int(rows[len(rows) // 2])


def _generate_block(
    draws: Draws, params: ShopParams, catalogue: Catalogue, first_customer: int, done: _Counters
) -> tuple[ShopBlock, _Counters, bool]:
    """Return a block, the counters after it and whether it is the last one."""
    calendar = params.calendar
    is_first = first_customer == 1
    numbers = np.arange(first_customer, first_customer + _BLOCK_CUSTOMERS)
    customers = draw_customers(draws, calendar, numbers)
    visits, life_end = simulate_visits(draws, calendar, customers)
    visits, is_last = _add_guests(draws, params, visits, done)
    if is_last:
        # those behind the last order that fits never were customers
        n_kept = int(visits.people[visits.people < GUEST_BASE].max()) - first_customer + 1
        customers = draw_customers(draws, calendar, numbers[:n_kept])
        life_end = life_end[:n_kept]
    orders = open_orders(draws, calendar, customers, visits)
    oversize = _choose_oversize(orders) if is_first else None
    lines = fill_baskets(draws, catalogue, calendar, customers, orders, oversize)
    orders = price_orders(draws, customers, orders, lines)
    refunds = draw_refunds(draws, calendar, orders, lines)
    month = _find_bad_month(calendar)
    bad_days = calendar.month_range(month.year, month.month)
    bad_batch = (_find_bad_product(catalogue), *bad_days)
    reviews = draw_reviews(draws, calendar, catalogue, customers, orders, lines, bad_batch)
    events = draw_events(draws, calendar, catalogue, customers, life_end, orders, lines)

    first_order = done.customer_visits + done.guests + 1
    tables = {
        "orders": table_orders(calendar, orders, first_order),
        "order_lines": table_order_lines(lines, first_order, done.lines + 1),
        "refunds": table_refunds(calendar, refunds, first_order),
        "customers": table_customers(
            draws, calendar, customers, _find_first_orders(customers, orders)
        ),
        "products": table_products(catalogue) if is_first else SCHEMAS["products"].empty_table(),
        "reviews": table_reviews(calendar, orders, reviews, first_order, done.reviews + 1),
        "events": table_events(calendar, events, done.sessions + 1, done.events + 1),
    }
    truth = {}
    if is_first:
        refill_ids = make_ids("p", catalogue.refills + 1).to_pylist()
        oversize_id = make_ids("o", [first_order + oversize]).to_pylist()[0]
        tables, dirt = plant_dirt(draws, calendar, tables, oversize_id, refill_ids)
        tables["customers"], pairs = share_emails(draws, customers, tables["customers"])
        truth = _describe_truth(params, catalogue) | {"dirt": dirt, "shared_emails": pairs}
    names = [GROUPS[group].name for group in customers.groups.tolist()]
    groups = dict(zip(tables["customers"]["customer_id"].to_pylist(), names, strict=True))
    n_guests = int((orders.visits.people >= GUEST_BASE).sum())
    after = _Counters(
        customer_visits=done.customer_visits + len(orders) - n_guests,
        guests=done.guests + n_guests,
        lines=done.lines + len(lines),
        reviews=done.reviews + len(reviews),
        events=done.events + len(events),
        sessions=done.sessions + int(events.sessions.max(initial=-1)) + 1,
    )
    return ShopBlock(tables, groups, truth), after, is_last


def generate_blocks(params: ShopParams) -> Iterator[ShopBlock]:
    """Generate a shop part by part.

    Parameters
    ----------
    params : ShopParams
        What shop.

    Yields
    ------
    ShopBlock
        Blocks of customers with all that belongs to them; the first one also has the products,
        the planted faults and the truth.
    """
    draws = Draws(params.seed)
    catalogue = build_catalogue(draws, count_products(params.orders))
    counters = _Counters()
    first_customer = 1
    is_last = False
    while not is_last:
        block, counters, is_last = _generate_block(
            draws, params, catalogue, first_customer, counters
        )
        first_customer += _BLOCK_CUSTOMERS
        yield block


def build_shop(params: ShopParams) -> tuple[dict[str, pa.Table], dict[str, Any]]:
    """Generate a whole shop in memory.

    Parameters
    ----------
    params : ShopParams
        What shop.

    Returns
    -------
    tables : dict of str to pyarrow.Table
        The seven inputs.
    truth : dict
        What is planted in them.

    Examples
    --------
    >>> tables, truth = build_shop(ShopParams(orders=1000))
    >>> tables["orders"].num_rows, truth["dirt"]["oversize_orders"]["count"]
    (1000, 1)
    """
    blocks = list(generate_blocks(params))
    tables = {name: pa.concat_tables([block.tables[name] for block in blocks]) for name in SCHEMAS}
    return tables, collect_truth(blocks)


def collect_truth(blocks: list[ShopBlock]) -> dict[str, Any]:
    """Return the truth of a shop with the groups of all its customers.

    Parameters
    ----------
    blocks : list of ShopBlock
        Its blocks; their tables are not read.

    Returns
    -------
    dict
    """
    truth: dict[str, Any] = {}
    groups: dict[str, str] = {}
    for block in blocks:
        truth |= block.truth
        groups |= block.customer_groups
    return truth | {"customer_groups": groups}
