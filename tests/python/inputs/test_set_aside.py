"""Rows that cannot be used are set aside and counted; odd but usable rows are kept and counted."""

from datetime import datetime
from decimal import Decimal

import pytest
from faults import fault
from small_shop import BUILD, make_shop, write_csv

# The faults are counted on top of the 12 valid orders. Each line sells 1 unit of product 11 at 10
# unless it says otherwise.
ORDERS = [
    {"order_id": 201, "ordered_at": "1900-01-01"},
    {"order_id": 202, "status": "Teleported"},
    {"order_id": None},
    {"order_id": 203, "ordered_at": "2026-01-01 00:00:01"},
    {"order_id": 204, "customer_id": None, "discount_amount": "-3"},
    {"order_id": 205, "status": "CANCELLED"},
    {"order_id": 206},
    {"order_id": 207},
    {"order_id": 208, "discount_amount": "100.00"},
    {"order_id": 209},
    {"order_id": 210, "customer_id": 99},
    {"order_id": 211},
]
LINES = [
    {"order_id": 201},
    {"order_id": 202, "quantity": 2},
    {"order_id": 203, "quantity": 3},
    {"order_id": 204, "unit_price": 0},
    {"order_id": 204, "quantity": 0},
    {"order_id": 204, "product_id": 77, "unit_price": 8},
    {"order_id": 205},
    {"order_id": 206, "quantity": -1},
    {"order_id": 208},
    {"order_id": 209},
    {"order_id": 210, "discount_amount": "12.00"},
    {"order_id": 211},
    {"order_id": 211, "product_id": 12},
    {"order_id": 211, "product_id": 13},
    {"order_id": 999, "quantity": 4},
    {"order_id": None, "quantity": 5},
    {"order_id": 101, "product_id": " ", "quantity": 6},
    {"order_id": 101, "quantity": None},
    {"order_id": 101, "unit_price": -5},
    {"order_id": 101, "unit_price": "NaN"},
    {"order_id": 101, "unit_price": "ten"},
    {"order_id": 101, "quantity": 1_000_000, "unit_price": 1_000_001},
]
REFUNDS = [
    {"order_id": None, "amount": "1.00"},
    {"order_id": 209, "amount": "-2.00"},
    {"order_id": 209, "refunded_at": "1900-01-01", "amount": "3.00"},
    {"order_id": 999, "amount": "4.00"},
    {"order_id": 202, "amount": "5.00"},
    {"order_id": 209, "refunded_at": "2026-01-01", "amount": "6.00"},
    {"order_id": 205, "amount": "7.00"},
    {"order_id": 209, "amount": "15.00"},
]
REVIEWS = [
    {"review_id": None},
    {"review_id": 951, "reviewed_at": "1900-01-01"},
    {"review_id": 952, "reviewed_at": "2026-01-01"},
    {"review_id": 953, "rating": 9},
    {"review_id": 954, "rating": "five"},
]
EVENTS = [
    {"event_id": None},
    {"event_id": 551, "occurred_at": "1900-01-01"},
    {"event_id": 552, "event_type": None},
    {"event_id": 553, "occurred_at": "2026-01-01"},
]
# the second account of person 1, and a customer and a product without a key
CUSTOMERS = [{"customer_id": 5, "email": "Person1@Example.ORG"}, {"customer_id": None}]
PRODUCTS = [{"product_id": None}]

# (input, rule) -> rows, amount
SET_ASIDE = {
    ("orders", "unusable_ordered_at"): (1, None),
    ("orders", "unknown_status"): (1, None),
    ("orders", "unusable_order_id"): (1, None),
    ("orders", "after_as_of_date"): (1, None),
    ("order_lines", "order_set_aside"): (2, 10 + 20),
    ("order_lines", "after_as_of_date"): (1, 30),
    ("order_lines", "order_not_found"): (1, 40),
    ("order_lines", "unusable_order_id"): (1, 50),
    ("order_lines", "unusable_product_id"): (1, 60),
    ("order_lines", "unusable_quantity"): (1, None),
    ("order_lines", "unusable_unit_price"): (3, None),
    ("order_lines", "unusable_amount"): (1, None),
    ("refunds", "unusable_order_id"): (1, 1),
    ("refunds", "unusable_amount"): (1, None),
    ("refunds", "unusable_refunded_at"): (1, 3),
    ("refunds", "order_not_found"): (1, 4),
    ("refunds", "order_set_aside"): (1, 5),
    ("refunds", "after_as_of_date"): (1, 6),
    ("refunds", "order_is_no_sale"): (1, 7),
    ("customers", "unusable_customer_id"): (1, None),
    ("products", "unusable_product_id"): (1, None),
    ("reviews", "unusable_review_id"): (1, None),
    ("reviews", "unusable_reviewed_at"): (1, None),
    ("reviews", "after_as_of_date"): (1, None),
    ("events", "unusable_event_id"): (1, None),
    ("events", "unusable_occurred_at"): (1, None),
    ("events", "unusable_event_type"): (1, None),
    ("events", "after_as_of_date"): (1, None),
}
# Amounts of orders and lines are what was ordered; of discounts, what is cut off.
KEPT = {
    ("orders", "no_sale_status"): (1, 10),
    ("orders", "guest"): (1, 8),
    ("orders", "without_lines"): (1, 0),
    ("orders", "return_only"): (1, -10),
    ("orders", "discount_capped"): (1, 90),
    ("orders", "refund_beyond_goods"): (1, 10),
    ("orders", "customer_inferred"): (1, None),
    ("orders", "oversize_basket"): (1, 30),
    ("order_lines", "product_inferred"): (1, 8),
    ("order_lines", "return_line"): (1, -10),
    ("order_lines", "zero_price"): (1, 0),
    ("order_lines", "zero_quantity"): (1, 0),
    ("order_lines", "discount_capped"): (1, 2),
    ("customers", "merged_by_email"): (1, None),
}
VALUES_IGNORED = {
    ("orders", "discount_amount"): 1,
    ("reviews", "rating"): 2,
}


def fill(rows, template, changes):
    rows.extend({**template, **change} for change in changes)


@pytest.fixture(scope="module")
def build(tmp_path_factory, run_in):
    shop = make_shop()
    order = {
        "ordered_at": datetime(2025, 6, 1),
        "customer_id": 2,
        "status": "paid",
        "channel": "web",
        "discount_amount": "0.00",
    }
    line = {"product_id": 11, "quantity": 1, "unit_price": "10.00", "discount_amount": "0.00"}
    lines = [{"order_line_id": 1000 + number, **line} for number, line in enumerate(LINES)]
    fill(shop["orders"], order, ORDERS)
    fill(shop["order_lines"], line, lines)
    fill(shop["refunds"], {"refunded_at": "2025-07-01"}, REFUNDS)
    fill(shop["reviews"], shop["reviews"][0], REVIEWS)
    fill(shop["events"], shop["events"][0], EVENTS)
    fill(shop["customers"], {}, CUSTOMERS)
    fill(shop["products"], {"name": "Tea"}, PRODUCTS)
    folder = tmp_path_factory.mktemp("dirty")
    write_csv(shop, folder)

    build = run_in(
        folder,
        *BUILD,
        as_of_date="2025-12-31",
        max_set_aside_share=0.9,
        merge_customers_by_email=True,
        basket_max_products=2,
    )
    assert build.succeeded, build.output
    return build


def read_findings(build, action):
    return {
        (input_name, rule): (count_rows, None if amount is None else Decimal(amount))
        for input_name, rule, count_rows, amount in build.query(
            "select input_name, rule, count_rows, amount from cartwise__data_quality "
            f"where action = '{action}'"
        )
    }


@fault(
    "null keys, unknown statuses, orphans, and prices that are negative, NaN or words",
    "each row is set aside under a reason, with its money",
)
def test_every_rule_of_setting_aside_counts_its_rows_and_their_money(build):
    assert read_findings(build, "set_aside") == SET_ASIDE


@fault(
    "returns only, orders without lines, capped discounts, refunds beyond the goods",
    "kept by the rules of the README, and counted",
)
def test_every_remark_counts_its_rows_and_their_money(build):
    assert read_findings(build, "kept") == KEPT


@fault("a rating of nine stars, a negative discount", "read as missing, and counted by column")
def test_ignored_values_are_counted_by_column(build):
    found = build.query(
        "select input_name, column_names, count_rows from cartwise__data_quality "
        "where action = 'value_ignored'"
    )
    assert {(name, columns): count for name, columns, count in found} == VALUES_IGNORED


def test_shares_are_of_all_rows_and_of_all_sales_of_the_input(build):
    (found,) = build.query(
        "select count_input_rows, row_rate, amount_rate from cartwise__data_quality "
        "where input_name = 'order_lines' and rule = 'order_not_found'"
    )
    lines = make_shop()["order_lines"]
    sales = sum(line["quantity"] * line["unit_price"] for line in lines)
    sales += 10 + 20 + 30 + 8 + 10 + 10 + 10 + 10 + 30 + 40 + 50 + 60
    count = len(lines) + len(LINES)
    assert found == (count, pytest.approx(1 / count), pytest.approx(40 / float(sales)))


def test_the_rows_set_aside_can_be_looked_up(build):
    found = build.query(
        "select input_name, set_aside_reason, row_id, order_id from int_cartwise__set_aside_rows "
        "where input_name in ('orders', 'order_lines') and row_id is not null"
    )
    assert set(found) == {
        ("orders", "unusable_ordered_at", "201", "201"),
        ("orders", "unknown_status", "202", "202"),
        ("orders", "after_as_of_date", "203", "203"),
        ("order_lines", "order_set_aside", "1000", "201"),
        ("order_lines", "order_set_aside", "1001", "202"),
        ("order_lines", "after_as_of_date", "1002", "203"),
        ("order_lines", "order_not_found", "1014", "999"),
        ("order_lines", "unusable_order_id", "1015", None),
        ("order_lines", "unusable_product_id", "1016", "101"),
        ("order_lines", "unusable_quantity", "1017", "101"),
        ("order_lines", "unusable_unit_price", "1018", "101"),
        ("order_lines", "unusable_unit_price", "1019", "101"),
        ("order_lines", "unusable_unit_price", "1020", "101"),
        ("order_lines", "unusable_amount", "1021", "101"),
    }


def test_odd_orders_count_by_their_rules(build):
    found = build.query(
        "select order_id, is_purchase, gross_amount, discount_amount, refund_amount, "
        "net_amount, other_refund_amount from cartwise__orders where order_id > '200'"
    )
    assert {order_id: tuple(map(int, amounts)) for order_id, *amounts in found} == {
        "204": (1, 8, 0, 0, 8, 0),
        "205": (0, 0, 0, 0, 0, 0),
        "206": (0, 0, 0, 10, -10, 0),
        "207": (0, 0, 0, 0, 0, 0),
        "208": (1, 10, 10, 0, 0, 0),
        "209": (1, 10, 0, 10, 0, 5),
        "210": (1, 10, 10, 0, 0, 0),
        "211": (1, 30, 0, 0, 30, 0),
    }
