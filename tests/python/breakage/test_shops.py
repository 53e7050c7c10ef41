"""Shops that are odd as a whole, and rows no shop should have, give marts that add up."""

from datetime import datetime
from decimal import Decimal

import pytest
from faults import fault
from small_shop import BUILD, make_shop

LINES_OF_BASKET = 10_000
COUNT_PRODUCTS = 150
# with the tests of what must add up, without those of single columns, which are many
ADD_UP = (*BUILD, "--exclude", "test_type:generic")
CORE = (
    *("--select", "+path:models/marts/core", "+cartwise__data_quality"),
    *("--indirect-selection", "cautious"),
)

# -- One odd row after the other -------------------------------------------------------------------

# Each order has a line of 1 unit of product 11 at 10.00, unless the lines below say otherwise.
ODD_ORDERS = {
    "offset": {"ordered_at": "2025-02-01T01:00:00+05:30"},
    "no offset": {"ordered_at": "2025-01-31 19:30:00"},
    "zone": {"ordered_at": "2025-01-31 19:30:00Z"},
    "moon landing": {"ordered_at": "1969-07-20 20:17:40"},
    "year zero": {"ordered_at": "0000-01-01"},
    "infinite": {"ordered_at": "infinity"},
    "far future": {"ordered_at": "2099-12-30"},
    "large": {},
    "odd amounts": {},
    "nan": {"discount_amount": "NaN", "tax_amount": "-Infinity", "shipping_amount": "1e12"},
}
ODD_LINES = [
    *(
        {"order_id": order_id}
        for order_id in ODD_ORDERS
        if order_id not in ("large", "odd amounts")
    ),
    # counted, at 10.00
    {"order_id": "odd amounts", "unit_price": "1e1"},
    # too much of everything
    {"order_id": "odd amounts", "unit_price": "1e12"},
    {"order_id": "odd amounts", "unit_price": "1e300"},
    {"order_id": "odd amounts", "quantity": "1e12"},
    {"order_id": "odd amounts", "quantity": "-1e12"},
    {"order_id": "odd amounts", "quantity": "NaN"},
    {"order_id": "odd amounts", "unit_price": "Infinity"},
    # each in its range, but not what they come to
    {"order_id": "odd amounts", "quantity": 1_000_000_000, "unit_price": 1_000_000_000},
    {"order_id": "odd amounts", "quantity": -1_000_000, "unit_price": 10_000_000},
    # the most that is believed
    {"order_id": "odd amounts", "quantity": 1_000_000, "unit_price": 1_000_000},
    {"order_id": "odd amounts", "quantity": -1_000_000, "unit_price": 1_000_000},
    {"order_id": "odd amounts", "product_id": None},
    {"order_id": None},
]


@pytest.fixture(scope="module")
def odd_rows(build_shop):
    """Return a build of the small shop with rows that no shop should have."""
    shop = make_shop()
    order = {**shop["orders"][0], "discount_amount": 0, "ordered_at": "2025-02-01"}
    shop["orders"] += [
        {**order, "order_id": order_id, **change} for order_id, change in ODD_ORDERS.items()
    ]
    line = {"product_id": 11, "quantity": 1, "unit_price": "10.00", "discount_amount": 0}
    basket = [
        {"order_id": "large", "product_id": f"p{number % COUNT_PRODUCTS}"}
        for number in range(LINES_OF_BASKET)
    ]
    shop["order_lines"] += [
        {**line, "order_line_id": f"odd {number}", **change}
        for number, change in enumerate([*basket, *ODD_LINES])
    ]
    shop["reviews"] += [
        {**shop["reviews"][0], "review_id": f"r{number}", "rating": rating}
        for number, rating in enumerate(["1e12", "NaN", "-7", "4.5", "", "five"])
    ]
    shop["events"] += [{**shop["events"][0], "event_id": None}]
    build = build_shop(shop, *ADD_UP, as_of_date="2025-03-31", max_set_aside_share=0.99)
    assert build.succeeded, build.output
    return build


def count_rules(build, input_name, action):
    return dict(
        build.query(
            "select rule, count_rows from cartwise__data_quality "
            f"where input_name = '{input_name}' and action = '{action}' and count_rows > 0"
        )
    )


@fault(
    "orders of 1969, of the year zero and of no end; an order of 2099 beside an `as_of_date`",
    "set aside under their reasons, with their lines",
)
def test_orders_out_of_time_are_set_aside(odd_rows):
    assert count_rules(odd_rows, "orders", "set_aside") == {
        "unusable_ordered_at": 3,
        "after_as_of_date": 1,
    }
    lines = count_rules(odd_rows, "order_lines", "set_aside")
    assert (lines["order_set_aside"], lines["after_as_of_date"]) == (3, 1)


@fault("times of one column with and without an offset", "each is shifted to UTC")
def test_mixed_offsets_are_one_time(odd_rows):
    assert odd_rows.column(
        "select distinct ordered_at from cartwise__orders "
        "where order_id in ('offset', 'no offset', 'zone')"
    ) == [datetime(2025, 1, 31, 19, 30)]


@fault(
    "prices and quantities of 1e12, 1e300, NaN or infinity, or that multiply to more than 1e12",
    "set aside and counted; those in range count to the cent",
)
def test_amounts_out_of_range_are_set_aside(odd_rows):
    assert count_rules(odd_rows, "order_lines", "set_aside") == {
        "unusable_unit_price": 3,
        "unusable_quantity": 3,
        "unusable_amount": 2,
        "unusable_product_id": 1,
        "unusable_order_id": 1,
        "order_set_aside": 3,
        "after_as_of_date": 1,
    }
    assert odd_rows.query(
        "select gross_amount, refund_amount, net_amount, count_lines from cartwise__orders "
        "where order_id = 'odd amounts'"
    ) == [(10**12 + 10, 10**12, 10, 3)]
    assert odd_rows.query(
        "select discount_amount, shipping_amount, net_amount from cartwise__orders "
        "where order_id = 'nan'"
    ) == [(0, 0, 10)]


@fault("stars of 1e12, NaN or in words", "read as missing, and counted by column")
def test_stars_out_of_range_are_ignored(odd_rows):
    assert dict(
        odd_rows.query(
            "select input_name || ' ' || column_names, count_rows from cartwise__data_quality "
            "where action = 'value_ignored' and count_rows > 0"
        )
    ) == {
        "orders discount_amount shipping_amount tax_amount": 1,
        "reviews rating": 4,
    }
    assert odd_rows.column(
        "select rating from cartwise__review_sentiments where review_id = 'r3'"
    ) == [5]


@fault(
    "a basket of 10,000 lines", "its lines all count; it is kept out of basket rules, and counted"
)
def test_a_basket_of_ten_thousand_lines_counts(odd_rows):
    assert odd_rows.query(
        "select count_lines, net_amount from cartwise__orders where order_id = 'large'"
    ) == [(LINES_OF_BASKET, 10 * LINES_OF_BASKET)]
    assert count_rules(odd_rows, "orders", "kept")["oversize_basket"] == 1


# -- Shops of one kind -----------------------------------------------------------------------------


def have_one_order(shop):
    for rows in shop.values():
        del rows[1:]
    del shop["refunds"]


def have_guests_of_one_day(shop):
    for order in shop["orders"]:
        order.update(customer_id=None, ordered_at=datetime(2025, 1, 1, 9, 30))


def have_one_customer_and_product(shop):
    for order in shop["orders"]:
        order["customer_id"] = 1
    for line in shop["order_lines"]:
        line["product_id"] = 11


def have_cancelled_orders(shop):
    for order in shop["orders"]:
        order["status"] = "cancelled"


def have_returns(shop):
    for line in shop["order_lines"]:
        line["quantity"] *= -1


LINES = make_shop()["order_lines"]
GROSS = sum(line["quantity"] * line["unit_price"] for line in LINES)
DISCOUNT = sum(line["discount_amount"] for line in LINES)
NET = GROSS - DISCOUNT - sum(order["discount_amount"] for order in make_shop()["orders"])
REFUNDED = sum(refund["amount"] for refund in make_shop()["refunds"])

# The numbers of orders, purchases, buyers, products sold and days, and the net revenue. A day more
# than there are orders is the one of the refunds.
KINDS = [
    pytest.param(
        have_one_order,
        (),
        (1, 1, 1, 1, 1, Decimal("10.00")),
        marks=fault("one order, of one customer, with one product", "green, and complete"),
    ),
    pytest.param(
        have_guests_of_one_day,
        CORE,
        (12, 12, 0, 4, 2, NET - REFUNDED),
        marks=fault("all orders are of guests, on one day", "green; sales, and no buyers"),
    ),
    pytest.param(
        have_one_customer_and_product,
        CORE,
        (12, 12, 1, 1, 79, NET - REFUNDED),
        marks=fault("one customer buys one product time and again", "green, and complete"),
    ),
    pytest.param(
        have_cancelled_orders,
        CORE,
        (12, 0, 0, 0, 78, Decimal(0)),
        marks=fault("all orders are cancelled", "green; they are there with amounts of zero"),
    ),
    # an order is refunded in the lines, so there is nothing left to discount or to refund
    pytest.param(
        have_returns,
        CORE,
        (12, 0, 0, 0, 79, DISCOUNT - GROSS),
        marks=fault("all lines are returns", "green; they count as refunds, and nobody has bought"),
    ),
]


@pytest.mark.parametrize(("change", "selection", "expected"), KINDS)
def test_a_shop_of_one_kind_is_built(change, selection, expected, build_shop):
    shop = make_shop()
    change(shop)

    build = build_shop(shop, *ADD_UP, *selection)

    assert build.succeeded, build.output
    assert "WARN=0 ERROR=0 SKIP=0 " in build.output
    orders = build.query("select count(*), sum(net_amount) from cartwise__orders")[0]
    counts = build.query(
        "select (select count(*) from cartwise__orders where is_purchase), "
        "(select count(*) from cartwise__customers where count_orders > 0), "
        "(select count(*) from cartwise__products where count_orders > 0), "
        "(select count(*) from cartwise__daily_sales)"
    )[0]
    assert (orders[0], *counts, orders[1]) == expected
