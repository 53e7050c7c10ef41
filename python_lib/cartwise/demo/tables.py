"""The seven inputs of the demo shop as typed tables."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray

from cartwise.demo.baskets import CHANNELS, STATUSES, Lines, Orders, Refunds
from cartwise.demo.catalogue import Catalogue
from cartwise.demo.draws import Draws
from cartwise.demo.events import EVENT_TYPES, Events
from cartwise.demo.people import GUEST_BASE, NEVER, Customers
from cartwise.demo.review_texts import TOPICS
from cartwise.demo.reviews import Reviews
from cartwise.demo.shop_calendar import SECONDS_PER_DAY, ShopCalendar
from cartwise.demo.vocabulary import CATEGORIES, COUNTRIES, FIRST_NAMES, LAST_NAMES

_TIMESTAMP = pa.timestamp("us")

SCHEMAS = {
    "orders": pa.schema(
        {
            "order_id": pa.string(),
            "customer_id": pa.string(),
            "ordered_at": _TIMESTAMP,
            "status": pa.string(),
            "channel": pa.string(),
            "discount_amount": pa.float64(),
            "shipping_amount": pa.float64(),
            "tax_amount": pa.float64(),
        }
    ),
    "order_lines": pa.schema(
        {
            "order_line_id": pa.string(),
            "order_id": pa.string(),
            "product_id": pa.string(),
            "quantity": pa.int64(),
            "unit_price": pa.float64(),
            "discount_amount": pa.float64(),
        }
    ),
    "refunds": pa.schema(
        {
            "order_id": pa.string(),
            "product_id": pa.string(),
            "quantity": pa.int64(),
            "amount": pa.float64(),
            "refunded_at": _TIMESTAMP,
        }
    ),
    "customers": pa.schema(
        {
            "customer_id": pa.string(),
            "email": pa.string(),
            "birth_date": pa.date32(),
            "gender": pa.string(),
            "country": pa.string(),
            "city": pa.string(),
            "signed_up_at": _TIMESTAMP,
            "accepts_marketing": pa.bool_(),
        }
    ),
    "products": pa.schema(
        {
            "product_id": pa.string(),
            "name": pa.string(),
            "description": pa.string(),
            "category": pa.string(),
            "brand": pa.string(),
            "price": pa.float64(),
            "is_active": pa.bool_(),
        }
    ),
    "reviews": pa.schema(
        {
            "review_id": pa.string(),
            "product_id": pa.string(),
            "customer_id": pa.string(),
            "order_id": pa.string(),
            "rating": pa.int64(),
            "title": pa.string(),
            "body": pa.string(),
            "reviewed_at": _TIMESTAMP,
            "topic": pa.string(),
            "language": pa.string(),
        }
    ),
    "events": pa.schema(
        {
            "event_id": pa.string(),
            "occurred_at": _TIMESTAMP,
            "event_type": pa.string(),
            "customer_id": pa.string(),
            "session_id": pa.string(),
            "product_id": pa.string(),
        }
    ),
}

_ID_WIDTHS = {"o": 6, "l": 7, "c": 5, "p": 4, "r": 5, "e": 6, "s": 6}


def make_ids(prefix: str, numbers: ArrayLike, is_null: ArrayLike | None = None) -> pa.Array:
    """Return text ids such as o000123.

    Parameters
    ----------
    prefix : str
        One of o, l, c, p, r, e, s: order, line, customer, product, review, event, session.
    numbers : array-like of int
        What follows the prefix, padded with zeros.
    is_null : array-like of bool, optional
        Where there is no id.

    Returns
    -------
    pyarrow.Array

    Examples
    --------
    >>> make_ids("p", [7, 12345]).to_pylist()
    ['p0007', 'p12345']
    """
    mask = None if is_null is None else np.asarray(is_null)
    digits = pa.array(np.asarray(numbers, dtype=np.int64), mask=mask).cast(pa.string())
    padded = pc.utf8_lpad(digits, _ID_WIDTHS[prefix], "0")
    return pc.binary_join_element_wise(prefix, padded, "")


def _take_names(names: tuple[str, ...], indices: ArrayLike, is_null: ArrayLike = False) -> pa.Array:
    """Return one of `names` per index."""
    indices = np.asarray(indices, dtype=np.int64)
    mask = np.broadcast_to(is_null, indices.shape)
    return pa.array(list(names)).take(pa.array(indices, mask=mask))


def _to_amounts(cents: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return cents as the nearest double, which prints back to the same two decimals."""
    return cents / 100


def _to_table(name: str, columns: list) -> pa.Table:
    """Return the columns as the table of an input."""
    schema = SCHEMAS[name]
    arrays = [
        column.cast(field.type) if isinstance(column, pa.Array) else pa.array(column, field.type)
        for column, field in zip(columns, schema, strict=True)
    ]
    return pa.table(arrays, schema=schema)


def table_products(catalogue: Catalogue) -> pa.Table:
    """Return the products input; ids count from 1 in the order of the catalogue."""
    return _to_table(
        "products",
        [
            make_ids("p", np.arange(len(catalogue)) + 1),
            list(catalogue.names),
            list(catalogue.descriptions),
            _take_names(tuple(c.name for c in CATEGORIES), catalogue.categories),
            list(catalogue.brands),
            _to_amounts(catalogue.cents),
            catalogue.is_active,
        ],
    )


def _draw_emails(draws: Draws, numbers: NDArray[np.int64]) -> list[str | None]:
    """Return an e-mail address per customer; 2 in 100 have none."""
    first = draws.integers("first name", len(FIRST_NAMES), numbers).tolist()
    last = draws.integers("last name", len(LAST_NAMES), numbers).tolist()
    has_none = draws.chance("no email", 20, numbers).tolist()
    return [
        None if none else f"{FIRST_NAMES[f]}.{LAST_NAMES[s]}{number}@example.com"
        for f, s, none, number in zip(first, last, has_none, numbers.tolist(), strict=True)
    ]


def _draw_birth_dates(
    draws: Draws, calendar: ShopCalendar, numbers: NDArray[np.int64]
) -> list[date | None]:
    """Return a date per customer, who is 18 to about 77 years old; 12 in 100 did not say."""
    age = 18 * 366 + draws.integers("age", 30 * 365, numbers)
    age += draws.integers("more age", 30 * 365, numbers)
    has_none = draws.chance("no birth date", 120, numbers).tolist()
    return [
        None if none else calendar.first_day - timedelta(days=days)
        for none, days in zip(has_none, age.tolist(), strict=True)
    ]


def table_customers(
    draws: Draws, calendar: ShopCalendar, customers: Customers, first_order: NDArray[np.int64]
) -> pa.Table:
    """Return the customers input.

    Parameters
    ----------
    draws : Draws
        Source of randomness.
    calendar : ShopCalendar
        The days of the shop.
    customers : Customers
        Who.
    first_order : ndarray of int
        The second of each customer's first order, `NEVER` if there is none.

    Returns
    -------
    pyarrow.Table
    """
    numbers = customers.numbers
    # most sign up while they order, some look around for weeks first
    lag = 120 + draws.integers("sign-up minutes", 1800, numbers)
    weeks = draws.integers("sign-up weeks", 40 * SECONDS_PER_DAY, numbers)
    lag = np.where(draws.chance("waits", 300, numbers), lag + weeks, lag)
    any_time = draws.integers("idle sign-up", calendar.end_second, numbers)
    signed_up = np.where(first_order == NEVER, any_time, first_order - lag)
    gender = draws.choices("gender", (54, 34, 2, 10), numbers)
    cities = tuple(city for country in COUNTRIES for city in country[3])
    n_cities = np.array([len(country[3]) for country in COUNTRIES])
    first_city = (np.cumsum(n_cities) - n_cities)[customers.countries]
    city = first_city + draws.integers("city", n_cities[customers.countries], numbers)
    return _to_table(
        "customers",
        [
            make_ids("c", numbers),
            _draw_emails(draws, numbers),
            _draw_birth_dates(draws, calendar, numbers),
            _take_names(("female", "male", "other", ""), gender, gender == 3),
            _take_names(tuple(country[0] for country in COUNTRIES), customers.countries),
            _take_names(cities, city, draws.chance("no city", 50, numbers)),
            calendar.timestamps(signed_up),
            draws.chance("accepts marketing", 700, numbers),
        ],
    )


def table_orders(calendar: ShopCalendar, orders: Orders, first_number: int) -> pa.Table:
    """Return the orders input; ids count from `first_number`."""
    people = orders.visits.people
    return _to_table(
        "orders",
        [
            make_ids("o", first_number + np.arange(len(orders))),
            make_ids("c", people, people >= GUEST_BASE),
            calendar.timestamps(orders.seconds),
            _take_names(STATUSES, orders.statuses),
            _take_names(CHANNELS, orders.channels),
            _to_amounts(orders.discount),
            _to_amounts(orders.shipping),
            _to_amounts(orders.tax),
        ],
    )


def table_order_lines(lines: Lines, first_order: int, first_number: int) -> pa.Table:
    """Return the order_lines input; order ids and line ids count from these numbers."""
    return _to_table(
        "order_lines",
        [
            make_ids("l", first_number + np.arange(len(lines))),
            make_ids("o", first_order + lines.orders),
            make_ids("p", lines.products + 1),
            lines.quantities,
            _to_amounts(lines.cents),
            _to_amounts(lines.discounts),
        ],
    )


def table_refunds(calendar: ShopCalendar, refunds: Refunds, first_order: int) -> pa.Table:
    """Return the refunds input; order ids count from `first_order`."""
    is_whole = refunds.products < 0
    return _to_table(
        "refunds",
        [
            make_ids("o", first_order + refunds.orders),
            make_ids("p", refunds.products + 1, is_whole),
            pa.array(refunds.quantities, mask=is_whole),
            _to_amounts(refunds.cents),
            calendar.timestamps(refunds.seconds),
        ],
    )


def table_reviews(
    calendar: ShopCalendar, orders: Orders, reviews: Reviews, first_order: int, first_number: int
) -> pa.Table:
    """Return the reviews input; order ids and review ids count from these numbers."""
    people = orders.visits.people[reviews.orders]
    return _to_table(
        "reviews",
        [
            make_ids("r", first_number + np.arange(len(reviews))),
            make_ids("p", reviews.products + 1),
            make_ids("c", people, (people >= GUEST_BASE) | ~reviews.shows_customer),
            make_ids("o", first_order + reviews.orders, ~reviews.shows_order),
            pa.array(reviews.ratings, mask=~reviews.shows_rating),
            reviews.titles,
            reviews.bodies,
            calendar.timestamps(reviews.seconds),
            _take_names(TOPICS, reviews.topics, ~reviews.shows_topic),
            _take_names(("en", "zh"), reviews.is_chinese.astype(np.int64), ~reviews.shows_language),
        ],
    )


def table_events(
    calendar: ShopCalendar, events: Events, first_session: int, first_number: int
) -> pa.Table:
    """Return the events input; session ids and event ids count from these numbers."""
    return _to_table(
        "events",
        [
            make_ids("e", first_number + np.arange(len(events))),
            calendar.timestamps(events.seconds),
            _take_names(EVENT_TYPES, events.types),
            make_ids("c", events.people, events.people == 0),
            make_ids("s", first_session + events.sessions),
            make_ids("p", events.products + 1, events.products < 0),
        ],
    )
