"""A valid shop small enough to count by hand, and the ways to write it to files."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Row = dict[str, Any]
Shop = dict[str, list[Row]]

# A quote, a blank and what would stand for other names, so that every build proves that they may.
FOLDER = "joe's shop [1]*"
# Everything but the unit tests, which read no shop; and without tests of any kind.
BUILD = ("build", "--exclude-resource-type", "unit_test")
RUN = (*BUILD, "--exclude-resource-type", "test")
PRICES = {11: Decimal("10.00"), 12: Decimal("4.50"), 13: Decimal("25.00"), 14: Decimal("2.99")}


def make_shop() -> Shop:
    """Return 12 orders of 4 customers, a week apart from 2025-01-01, with 2 of 4 products each."""
    return {
        "orders": [
            {
                "order_id": 101 + number,
                "ordered_at": datetime(2025, 1, 1, 9, 30) + timedelta(days=7 * number),
                "customer_id": 1 + number % 4,
                "status": "completed",
                "channel": ("web", "store")[number % 2],
                "discount_amount": Decimal(number % 3),
                "shipping_amount": Decimal("4.90"),
                "tax_amount": Decimal("0.50"),
            }
            for number in range(12)
        ],
        "order_lines": [
            {
                "order_line_id": 10 * number + place,
                "order_id": 101 + number,
                "product_id": 11 + (number // 2 + place) % 4,
                "quantity": 1 + number % 3,
                "unit_price": PRICES[11 + (number // 2 + place) % 4],
                "discount_amount": Decimal("0.25") * place,
            }
            for number in range(12)
            for place in range(2)
        ],
        "refunds": [
            {
                "order_id": order_id,
                "product_id": None,
                "quantity": None,
                "amount": Decimal(amount),
                "refunded_at": datetime(2025, 4, 1, 12),
            }
            for order_id, amount in ((101, "3.00"), (102, "5.55"))
        ],
        "customers": [
            {
                "customer_id": number,
                "email": f"person{number}@example.org",
                "birth_date": date(1980 + number, 1, 31),
                "gender": "female",
                "country": "NL",
                "city": "Utrecht",
                "signed_up_at": datetime(2024, 12, number, 8),
                "accepts_marketing": number % 2 == 0,
                "churned": False,
            }
            for number in range(1, 5)
        ],
        "products": [
            {
                "product_id": product_id,
                "name": f"Tea no. {product_id}",
                "description": 'Leaves, "first flush"',
                "category": "Tea",
                "brand": "Kettle",
                "price": price,
                "is_active": True,
            }
            for product_id, price in PRICES.items()
        ],
        "reviews": [
            {
                "review_id": 900 + number,
                "product_id": 11 + number,
                "customer_id": 1 + number,
                "order_id": 101 + number,
                "rating": 5 - number,
                "title": "Tea",
                "body": "Good; would\nbuy again",
                "reviewed_at": datetime(2025, 2, 1 + number),
                "topic": None,
                "language": "en",
            }
            for number in range(3)
        ],
        "events": [
            {
                "event_id": 500 + number,
                "occurred_at": datetime(2025, 1, 1, 9, number),
                "event_type": "product_view",
                "customer_id": 1 + number % 4,
                "session_id": 70 + number % 2,
                "product_id": 11 + number % 4,
            }
            for number in range(6)
        ],
    }


def write_csv(
    shop: Mapping[str, Sequence[Row]],
    folder: Path,
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
    header: Mapping[str, Iterable[str]] | None = None,
) -> None:
    """Write each table as `<name>.csv`; `header` names the columns of tables without rows."""
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    for name, rows in shop.items():
        columns = list(rows[0]) if rows else list((header or {})[name])
        path = folder / FOLDER / f"{name}.csv"
        with path.open("w", encoding=encoding, newline="") as file:
            writer = csv.DictWriter(file, columns, delimiter=delimiter)
            writer.writeheader()
            writer.writerows(rows)


def write_parquet(
    shop: Mapping[str, Sequence[Row]],
    folder: Path,
    types: Mapping[str, Mapping[str, pa.DataType]],
) -> None:
    """Write each table as `<name>.parquet`, columns in the given types or else in Python's."""
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    for name, rows in shop.items():
        table = pa.Table.from_pylist(list(rows))
        for column, data_type in types.get(name, {}).items():
            index = table.schema.get_field_index(column)
            table = table.set_column(index, column, table[column].cast(data_type))
        pq.write_table(table, folder / FOLDER / f"{name}.parquet")
