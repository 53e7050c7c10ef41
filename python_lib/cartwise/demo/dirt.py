"""Faults that the demo shop has on purpose, so that data-quality checks have something to find."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from cartwise.demo.draws import Draws
from cartwise.demo.people import Customers
from cartwise.demo.shop_calendar import SECONDS_PER_DAY, ShopCalendar

UNKNOWN_STATUS = "weird_state"
DISCONTINUED_PRODUCT = "p0000"
N_SHARED_EMAILS = 15

_IMPOSSIBLE_PRICES = (-12.5, -5.0, float("nan"))
_N_ORPHAN_LINES = 6
_N_DISCONTINUED_LINES = 4
_N_UNKNOWN_STATUSES = 5
_N_ORPHAN_REFUNDS = 2
_N_ANCIENT_ORDERS = 2

Tables = dict[str, pa.Table]


def _replace_values(
    table: pa.Table, column: str, rows: Sequence[int], values: Sequence[Any]
) -> pa.Table:
    """Return the table with other values at some rows of a column."""
    cells = table[column].to_pylist()
    for row, value in zip(rows, values, strict=True):
        cells[row] = value
    field = table.schema.field(column)
    return table.set_column(
        table.schema.get_field_index(column), field, pa.array(cells, field.type)
    )


def _append_rows(table: pa.Table, rows: list[dict[str, Any]]) -> pa.Table:
    """Return the table with more rows at its end."""
    return pa.concat_tables([table, pa.Table.from_pylist(rows, schema=table.schema)])


def _choose_orders(draws: Draws, tables: Tables, n_orders: int, oversize: str) -> list[int]:
    """Return rows of plain orders: completed, undiscounted, with neither refund nor review."""
    busy = {oversize}
    for name in ("refunds", "reviews"):
        busy.update(tables[name]["order_id"].to_pylist())
    # returns and repeated lines stay as they are
    lines = tables["order_lines"]
    seen = set()
    for order, product, quantity in zip(
        *(lines[name].to_pylist() for name in ("order_id", "product_id", "quantity")), strict=True
    ):
        if quantity < 0 or (order, product) in seen:
            busy.add(order)
        seen.add((order, product))
    orders = tables["orders"]
    plain = [
        row
        for row, (order, customer, status, discount) in enumerate(
            zip(
                *(
                    orders[name].to_pylist()
                    for name in ("order_id", "customer_id", "status", "discount_amount")
                ),
                strict=True,
            )
        )
        if order not in busy and customer and status == "completed" and discount == 0
    ]
    hashed = np.argsort(draws.bits("dirty order", plain), kind="stable")[:n_orders]
    return [plain[index] for index in hashed.tolist()]


def plant_dirt(
    draws: Draws,
    calendar: ShopCalendar,
    tables: Tables,
    oversize: str,
    refill_ids: Sequence[str],
) -> tuple[Tables, dict[str, dict[str, Any]]]:
    """Put faults into the tables of a block.

    Parameters
    ----------
    draws : Draws
        Source of randomness.
    calendar : ShopCalendar
        The days of the shop.
    tables : dict of str to pyarrow.Table
        The inputs; not changed.
    oversize : str
        Id of the wholesale order, which stays as it is.
    refill_ids : sequence of str
        Products whose lines stay as they are, so that their cycles do too.

    Returns
    -------
    tables : dict of str to pyarrow.Table
        The inputs with faults.
    dirt : dict
        Per fault, how many rows have it and their ids.
    """
    tables = dict(tables)
    orders, lines = tables["orders"], tables["order_lines"]
    line_ids, line_orders, line_products = (
        lines[name].to_pylist() for name in ("order_line_id", "order_id", "product_id")
    )
    first_line: dict[str, int] = {}
    for row, order in enumerate(line_orders):
        first_line.setdefault(order, row)
    order_ids = orders["order_id"].to_pylist()
    refills = set(refill_ids)
    refill_orders = {
        order
        for order, product in zip(line_orders, line_products, strict=True)
        if product in refills
    }
    chosen = [
        row
        for row in _choose_orders(draws, tables, 200, oversize)
        if order_ids[row] not in refill_orders
    ]
    needed = (
        len(_IMPOSSIBLE_PRICES) + _N_DISCONTINUED_LINES + _N_UNKNOWN_STATUSES + _N_ANCIENT_ORDERS
    )
    if len(chosen) < needed:
        raise ValueError(
            f"orders: {len(chosen)} plain orders to plant faults in, {needed} are needed; "
            "ask for more orders"
        )
    take = iter(chosen)
    priced = [first_line[order_ids[next(take)]] for _ in _IMPOSSIBLE_PRICES]
    gone = [first_line[order_ids[next(take)]] for _ in range(_N_DISCONTINUED_LINES)]
    unknown = [next(take) for _ in range(_N_UNKNOWN_STATUSES)]
    ancient = [next(take) for _ in range(_N_ANCIENT_ORDERS)]

    lines = _replace_values(lines, "unit_price", priced, _IMPOSSIBLE_PRICES)
    lines = _replace_values(lines, "discount_amount", priced, [0.0] * len(priced))
    lines = _replace_values(lines, "product_id", gone, [DISCONTINUED_PRODUCT] * len(gone))
    orphans = [
        {
            "order_line_id": f"lz{k:05d}",
            "order_id": f"z{k:05d}",
            "product_id": line_products[k],
            "quantity": 1,
            "unit_price": 9.9 + k,
            "discount_amount": 0.0,
        }
        for k in range(1, _N_ORPHAN_LINES + 1)
    ]
    orders = _replace_values(orders, "status", unknown, [UNKNOWN_STATUS] * len(unknown))
    long_ago = np.datetime64("1900-01-01", "us").item()
    orders = _replace_values(orders, "ordered_at", ancient, [long_ago] * len(ancient))
    middle = calendar.n_days // 2 * SECONDS_PER_DAY
    orphan_refunds = [
        {
            "order_id": f"z{_N_ORPHAN_LINES + k:05d}",
            "product_id": None,
            "quantity": None,
            "amount": 19.9 + k,
            "refunded_at": calendar.timestamps(np.array([middle + k * 3600]))[0].item(),
        }
        for k in range(1, _N_ORPHAN_REFUNDS + 1)
    ]
    tables["orders"] = orders
    tables["order_lines"] = _append_rows(lines, orphans)
    tables["refunds"] = _append_rows(tables["refunds"], orphan_refunds)
    found = {
        "lines_without_order": [row["order_line_id"] for row in orphans],
        "lines_with_impossible_price": [line_ids[row] for row in priced],
        "lines_without_product": [line_ids[row] for row in gone],
        "orders_with_unknown_status": [order_ids[row] for row in unknown],
        "orders_with_impossible_date": [order_ids[row] for row in ancient],
        "refunds_without_order": [row["order_id"] for row in orphan_refunds],
        "oversize_orders": [oversize],
    }
    return tables, {fault: {"count": len(ids), "ids": ids} for fault, ids in found.items()}


def share_emails(
    draws: Draws, customers: Customers, table: pa.Table
) -> tuple[pa.Table, list[list[str]]]:
    """Give pairs of customers one e-mail address, written differently.

    Parameters
    ----------
    draws : Draws
        Source of randomness.
    customers : Customers
        The customers of the table.
    table : pyarrow.Table
        The customers input; not changed.

    Returns
    -------
    table : pyarrow.Table
        With shared addresses.
    pairs : list of list of str
        The customer ids that belong together.
    """
    emails = table["email"].to_pylist()
    ids = table["customer_id"].to_pylist()
    hashed = np.argsort(draws.bits("shared email", customers.numbers), kind="stable").tolist()
    chosen = [row for row in hashed if emails[row]][: 2 * N_SHARED_EMAILS]
    pairs = [sorted(pair) for pair in zip(chosen[::2], chosen[1::2], strict=True)]
    spellings = (
        str.upper,
        str.title,
        lambda email: f" {email}",
        lambda email: f"{email.title()}  ",
        lambda email: f"  {email.upper()} ",
    )
    rows = [later for _, later in pairs]
    values = [
        spellings[index % len(spellings)](emails[earlier])
        for index, (earlier, _) in enumerate(pairs)
    ]
    table = _replace_values(table, "email", rows, values)
    return table, [[ids[earlier], ids[later]] for earlier, later in pairs]
