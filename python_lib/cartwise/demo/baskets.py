"""What is in the orders of the demo shop, what it costs and what is paid back."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cartwise.demo.catalogue import N_STYLES, Catalogue
from cartwise.demo.draws import Draws
from cartwise.demo.people import GROUPS, GUEST_BASE, MAX_SPREAD, Customers, Visits
from cartwise.demo.shop_calendar import SECONDS_PER_DAY, ShopCalendar, draw_seconds
from cartwise.demo.vocabulary import CATEGORIES, COUNTRIES

CHANNELS = ("web", "app", "store")
STATUSES = ("completed", "shipped", "paid", "cancelled", "pending")
COMPLETED, SHIPPED, PAID, CANCELLED, PENDING = range(5)

OVERSIZE_LINES = 250

_PAIR_PERMILLE = 500
_TRIPLE_PERMILLE = 450
_QUANTITY_WEIGHTS = (780, 150, 50, 20)
_DISCOUNT_PERCENTS = (5, 10, 15, 20, 30)
_CHANNEL_WEIGHTS = (62, 26, 12)
_GUEST_BASKET = (50, 30, 14, 6)
_REFILL_BASKET = (45, 35, 15, 5)
_GUEST_TAX_PERCENT = 8
_FREE_SHIPPING_CENTS = 5000
# whole order, whole order in several payments, one product, one product twice
_REFUND_WEIGHTS = (34, 8, 46, 12)
_WHOLE, _PARTS, _PRODUCT, _TWICE = range(4)
_MAX_REFUND_DAYS = 30


@dataclass(frozen=True)
class Orders:
    """Orders with their money, one element each, sorted by time.

    Parameters
    ----------
    visits : Visits
        Who, and how it went.
    groups : ndarray of int
        Group of the customer, -1 for a guest.
    customer_rows : ndarray of int
        Position of the customer among the block's customers, -1 for a guest.
    seconds : ndarray of int
        Time since the start of the calendar.
    statuses, channels : ndarray of int
        Indices into `STATUSES` and `CHANNELS`.
    subtotal, discount, shipping, tax : ndarray of int
        Cents; the subtotal is after line discounts and before the order's.
    """

    visits: Visits
    groups: NDArray[np.int64]
    customer_rows: NDArray[np.int64]
    seconds: NDArray[np.int64]
    statuses: NDArray[np.int64]
    channels: NDArray[np.int64]
    subtotal: NDArray[np.int64]
    discount: NDArray[np.int64]
    shipping: NDArray[np.int64]
    tax: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.seconds)


@dataclass(frozen=True)
class Lines:
    """Order lines, sorted by order.

    Parameters
    ----------
    orders : ndarray of int
        Position of the order in its block.
    products : ndarray of int
        Index into the catalogue.
    quantities : ndarray of int
        Negative for a return.
    cents, discounts : ndarray of int
        Unit price, and discount of the whole line.
    """

    orders: NDArray[np.int64]
    products: NDArray[np.int64]
    quantities: NDArray[np.int64]
    cents: NDArray[np.int64]
    discounts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.orders)

    def first_rows(self, n_orders: int) -> NDArray[np.int64]:
        """Return the position of the first line of each order, with the end appended."""
        return np.searchsorted(self.orders, np.arange(n_orders + 1))


@dataclass(frozen=True)
class Refunds:
    """Payments back, sorted by time.

    Parameters
    ----------
    orders : ndarray of int
        Position of the order in its block.
    products : ndarray of int
        Index into the catalogue, -1 when the whole order is meant.
    quantities : ndarray of int
        Units sent back, 0 when the whole order is meant.
    cents : ndarray of int
        Paid back.
    seconds : ndarray of int
        Time since the start of the calendar.
    """

    orders: NDArray[np.int64]
    products: NDArray[np.int64]
    quantities: NDArray[np.int64]
    cents: NDArray[np.int64]
    seconds: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.orders)


def _draw_picks(
    draws: Draws, catalogue: Catalogue, customers: Customers, orders: Orders
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (order, product) of what people put in the basket of their own accord."""
    keys = orders.visits.keys
    counts = 1 + draws.choices("guest picks", _GUEST_BASKET, keys)
    for index, group in enumerate(GROUPS):
        drawn = 1 + draws.choices("picks", group.basket_weights, keys)
        counts = np.where(orders.groups == index, drawn, counts)
    refill_counts = draws.choices("refill picks", _REFILL_BASKET, keys)
    counts = np.where(orders.visits.refills >= 0, refill_counts, counts)

    order = np.repeat(np.arange(len(orders)), counts)
    slot = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
    key = keys[order]
    row = orders.customer_rows[order]
    is_guest = row < 0
    weights = [category.weight for category in CATEGORIES]
    any_category = draws.choices("category", weights, key, slot)
    liked = draws.integers(
        "liked", np.where(is_guest, MAX_SPREAD, customers.spread[row]), key, slot
    )
    is_liked = draws.chance("is liked", 850, key, slot) & ~is_guest
    category = np.where(is_liked, customers.tastes[row, liked], any_category)

    # a favourite is the same on every visit; else the customer's style, else the whole category
    people = orders.visits.people[order]
    habit = draws.choices("habit", (280, 420, 300), key, slot)
    habit = np.where(is_guest, 2, habit)
    style = draws.integers("style", N_STYLES, people, category)
    style = np.where(habit == 1, style, -1)
    bits = draws.integers("product", 1 << 50, key, slot)
    bits = np.where(habit == 0, draws.integers("favourite", 1 << 50, people, category), bits)
    return order, catalogue.pick(bits, category, style)


def _draw_companions(
    draws: Draws,
    catalogue: Catalogue,
    keys: NDArray[np.int64],
    order: NDArray[np.int64],
    product: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (order, product) of what comes along with the picks: partners of pairs and triples."""
    found_orders, found_products = [], []
    for name, sets, permille in (
        ("pair", catalogue.pairs, _PAIR_PERMILLE),
        ("triple", catalogue.triples, _TRIPLE_PERMILLE),
    ):
        set_of = np.full(len(catalogue), -1)
        set_of[sets.ravel()] = np.repeat(np.arange(len(sets)), sets.shape[1])
        member = set_of[product]
        hit = np.flatnonzero(member >= 0)
        # keyed by the set and not by the product, so that two members of it are one chance
        hit = hit[draws.chance(name, permille, keys[order[hit]], member[hit])]
        found_orders.append(np.repeat(order[hit], sets.shape[1]))
        found_products.append(sets[member[hit]].ravel())
    return np.concatenate(found_orders), np.concatenate(found_products)


def _keep_first(
    order: NDArray[np.int64], product: NDArray[np.int64], n_products: int
) -> NDArray[np.int64]:
    """Return the rows where an order names a product for the first time, sorted by order."""
    _, first = np.unique(order * n_products + product, return_index=True)
    first = np.sort(first)
    return first[np.argsort(order[first], kind="stable")]


def _fill_oversize(
    draws: Draws, catalogue: Catalogue, order: NDArray[np.int64], position: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows outside one order, and the products of a wholesale basket for it."""
    shuffled = np.argsort(draws.bits("wholesale", np.arange(len(catalogue))), kind="stable")
    # an exact cycle stays exact only if nobody buys the product outside it
    shuffled = shuffled[~np.isin(shuffled, catalogue.refills)]
    return np.flatnonzero(order != position), shuffled[:OVERSIZE_LINES]


def fill_baskets(
    draws: Draws,
    catalogue: Catalogue,
    calendar: ShopCalendar,
    customers: Customers,
    orders: Orders,
    oversize: int | None,
) -> Lines:
    """Put products into orders.

    Parameters
    ----------
    draws : Draws
        Source of randomness.
    catalogue : Catalogue
        What can be bought.
    calendar : ShopCalendar
        The days of the shop.
    customers : Customers
        The customers of the block.
    orders : Orders
        Their orders; the money columns are not read.
    oversize : int or None
        Position of the one order that becomes a wholesale basket.

    Returns
    -------
    Lines
    """
    keys = orders.visits.keys
    order, product = _draw_picks(draws, catalogue, customers, orders)
    due = np.flatnonzero(orders.visits.refills >= 0)
    order = np.concatenate([due, order])
    product = np.concatenate([catalogue.refills[orders.visits.refills[due]], product])
    more_orders, more_products = _draw_companions(draws, catalogue, keys, order, product)
    order = np.concatenate([order, more_orders])
    product = np.concatenate([product, more_products])
    if oversize is not None:
        others, wholesale = _fill_oversize(draws, catalogue, order, oversize)
        order = np.concatenate([order[others], np.full(len(wholesale), oversize)])
        product = np.concatenate([product[others], wholesale])
    rows = _keep_first(order, product, len(catalogue))
    order, product = order[rows], product[rows]

    key = keys[order]
    quantity = 1 + draws.choices("quantity", _QUANTITY_WEIGHTS, key, product)
    quantity = np.where(np.isin(product, catalogue.refills), 1, quantity)
    is_first = np.concatenate([[True], order[1:] != order[:-1]])
    needs_two = orders.visits.is_refunded & (_draw_refund_kinds(draws, keys) == _TWICE)
    quantity = np.where(is_first & needs_two[order], np.maximum(quantity, 2), quantity)
    if oversize is not None:
        bulk = 4 + draws.integers("bulk", 9, key, product)
        quantity = np.where(order == oversize, bulk, quantity)

    cents = catalogue.cents[product]
    # a third of the range became dearer after the first year
    was_cheaper = (product % 3 == 0) & (orders.visits.days[order] < calendar.n_days // 2)
    cents = np.where(was_cheaper, cents * 95 // 100, cents)
    permille = np.array([*(g.line_discount_permille for g in GROUPS), 120])[orders.groups[order]]
    percents = np.array(_DISCOUNT_PERCENTS)
    percent = percents[draws.integers("line percent", len(percents), key, product)]
    is_discounted = draws.chance("line discount", permille, key, product)
    discounts = np.where(is_discounted, quantity * cents * percent // 100, 0)
    return _add_odd_lines(draws, orders, Lines(order, product, quantity, cents, discounts))


def _add_odd_lines(draws: Draws, orders: Orders, lines: Lines) -> Lines:
    """Return the lines with a few repeated and a few returned ones behind their order's others."""
    keys = orders.visits.keys
    first = lines.first_rows(len(orders))[:-1]
    kind = draws.choices("odd line", (984, 4, 12), keys)
    # a return at the full price of a discounted line would pay back more than was paid
    can_be_odd = (lines.discounts[first] == 0) & ~orders.visits.is_refunded
    can_be_odd &= orders.visits.refills < 0
    odd = np.flatnonzero(can_be_odd & (kind > 0))
    source = first[odd]
    quantity = np.where(kind[odd] == 1, 1, -lines.quantities[source])
    columns = [
        np.concatenate([lines.orders, odd]),
        np.concatenate([lines.products, lines.products[source]]),
        np.concatenate([lines.quantities, quantity]),
        np.concatenate([lines.cents, lines.cents[source]]),
        np.concatenate([lines.discounts, np.zeros(len(odd), dtype=np.int64)]),
    ]
    rows = np.argsort(columns[0], kind="stable")
    return Lines(*(column[rows] for column in columns))


def open_orders(
    draws: Draws, calendar: ShopCalendar, customers: Customers, visits: Visits
) -> Orders:
    """Turn visits into orders that have a time, a channel and a status, but no money yet.

    Parameters
    ----------
    draws : Draws
        Source of randomness.
    calendar : ShopCalendar
        The days of the shop.
    customers : Customers
        The customers of the block, with consecutive numbers.
    visits : Visits
        Visits of these customers and of guests.

    Returns
    -------
    Orders
        Sorted by time.
    """
    seconds = visits.days * SECONDS_PER_DAY + draw_seconds(draws, "order", visits.keys)
    rows = np.lexsort((visits.keys, seconds))
    visits, seconds = visits.take(rows), seconds[rows]
    is_guest = visits.people >= GUEST_BASE
    customer_rows = np.where(is_guest, -1, visits.people - customers.numbers[0])
    home = draws.choices("home channel", _CHANNEL_WEIGHTS, visits.people)
    other = draws.choices("channel", _CHANNEL_WEIGHTS, visits.keys)
    channels = np.where(draws.chance("at home", 700, visits.keys), home, other)

    age = calendar.n_days - 1 - visits.days
    is_store = channels == CHANNELS.index("store")
    statuses = np.full(len(visits), COMPLETED)
    statuses = np.where((age < 8) & ~is_store, SHIPPED, statuses)
    statuses = np.where((age < 3) & ~is_store, PAID, statuses)
    # some orders wait for their payment for ever
    waiting = np.where((age < 2) & ~is_store, 300, 3) * (visits.refills < 0)
    is_waiting = draws.chance("waiting", waiting, visits.keys)
    is_waiting &= ~visits.is_refunded & ~visits.is_reviewed
    statuses = np.where(is_waiting, PENDING, statuses)
    statuses = np.where(visits.is_cancelled, CANCELLED, statuses)
    nothing = np.zeros(len(visits), dtype=np.int64)
    return Orders(
        visits=visits,
        groups=np.where(is_guest, -1, customers.groups[customer_rows]),
        customer_rows=customer_rows,
        seconds=seconds,
        statuses=statuses,
        channels=channels,
        subtotal=nothing,
        discount=nothing,
        shipping=nothing,
        tax=nothing,
    )


def price_orders(draws: Draws, customers: Customers, orders: Orders, lines: Lines) -> Orders:
    """Add up the lines of orders and work out discount, shipping and tax.

    Parameters
    ----------
    draws : Draws
        Source of randomness.
    customers : Customers
        The customers of the block.
    orders : Orders
        Orders without money.
    lines : Lines
        Their lines.

    Returns
    -------
    Orders
        With money.
    """
    keys = orders.visits.keys
    amounts = lines.quantities * lines.cents - lines.discounts
    subtotal = np.zeros(len(orders), dtype=np.int64)
    np.add.at(subtotal, lines.orders, amounts)
    permille = np.array([*(g.order_discount_permille for g in GROUPS), 60])[orders.groups]
    kind = draws.integers("coupon", 3, keys)
    coupon = np.select(
        [kind == 0, kind == 1], [subtotal * 5 // 100, subtotal // 10], np.minimum(500, subtotal)
    )
    discount = np.where(draws.chance("order discount", permille, keys), coupon, 0)
    net = subtotal - discount
    is_store = orders.channels == CHANNELS.index("store")
    is_free = is_store | (net >= _FREE_SHIPPING_CENTS) | (net == 0)
    fee = np.array([490, 690])[draws.choices("shipping", (7, 3), keys)]
    percents = np.array([country[2] for country in COUNTRIES])
    percent = np.where(
        orders.customer_rows < 0,
        _GUEST_TAX_PERCENT,
        percents[customers.countries[orders.customer_rows]],
    )
    return Orders(
        visits=orders.visits,
        groups=orders.groups,
        customer_rows=orders.customer_rows,
        seconds=orders.seconds,
        statuses=orders.statuses,
        channels=orders.channels,
        subtotal=subtotal,
        discount=discount,
        shipping=np.where(is_free, 0, fee),
        tax=net * percent // 100,
    )


def _draw_refund_kinds(draws: Draws, keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how each order would be refunded."""
    return draws.choices("refund kind", _REFUND_WEIGHTS, keys)


def draw_refunds(draws: Draws, calendar: ShopCalendar, orders: Orders, lines: Lines) -> Refunds:
    """Pay money back for the orders that ended in a refund.

    Parameters
    ----------
    draws : Draws
        Source of randomness.
    calendar : ShopCalendar
        The days of the shop; a refund after the last one has not happened yet.
    orders : Orders
        Orders with money.
    lines : Lines
        Their lines.

    Returns
    -------
    Refunds
        Shipping and tax are kept, so refunds never exceed the discounted goods.
    """
    keys = orders.visits.keys
    refunded = np.flatnonzero(orders.visits.is_refunded & (orders.statuses != PENDING))
    kind = _draw_refund_kinds(draws, keys[refunded])
    line = lines.first_rows(len(orders))[refunded]
    paid = orders.subtotal[refunded] - orders.discount[refunded]
    line_net = lines.quantities[line] * lines.cents[line] - lines.discounts[line]
    # the order's discount is spread over its lines and rounded up, in the shop's favour
    subtotal = np.maximum(orders.subtotal[refunded], 1)
    share = -(-line_net * orders.discount[refunded] // subtotal)
    unit_paid = np.maximum(line_net - share, 0) // lines.quantities[line]
    returned = 1 + draws.integers("returned", lines.quantities[line], keys[refunded])

    n_payments = np.array([1, 2, 1, 2])[kind]
    n_payments += (kind == _PARTS) & draws.chance("third payment", 300, keys[refunded])
    row = np.repeat(np.arange(len(refunded)), n_payments)
    payment = np.arange(len(row)) - np.repeat(np.cumsum(n_payments) - n_payments, n_payments)
    row_kind = kind[row]
    # the first payments are rounded down and the last one takes the rest
    part = paid // n_payments
    part = np.where(
        payment == n_payments[row] - 1, (paid - part * (n_payments - 1))[row], part[row]
    )
    by_product = row_kind >= _PRODUCT
    quantity = np.where(row_kind == _PRODUCT, returned[row], 1) * by_product
    cents = np.where(by_product, unit_paid[row] * quantity, part)
    day = 1 + draws.integers("refund day", _MAX_REFUND_DAYS - 2, keys[refunded])
    # later payments follow a day apart, still within the limit
    seconds = orders.seconds[refunded][row] + (day[row] + payment) * SECONDS_PER_DAY
    seconds -= draws.integers("refund second", SECONDS_PER_DAY // 2, keys[refunded][row], payment)
    columns = (
        refunded[row],
        np.where(by_product, lines.products[line][row], -1),
        quantity,
        cents,
        seconds,
    )
    done = np.flatnonzero((seconds < calendar.end_second) & (cents > 0))
    done = done[np.lexsort((payment[done], columns[0][done], seconds[done]))]
    return Refunds(*(column[done] for column in columns))
