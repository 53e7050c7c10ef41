"""One shop gives the same marts however its files are written and however many threads run."""

import random
from datetime import UTC, timedelta, timezone

import pyarrow as pa
import pytest
from faults import fault
from small_shop import FOLDER, RUN, make_shop, write_csv, write_parquet

TIMES = {
    "orders": "ordered_at",
    "refunds": "refunded_at",
    "customers": "signed_up_at",
    "reviews": "reviewed_at",
    "events": "occurred_at",
}
IN_UTC_PLUS_2 = timezone(timedelta(hours=2))


@pytest.fixture
def empty_copy(good_build, tmp_path):
    """Return a folder that knows the parsed project, but holds neither shop nor marts."""
    folder = good_build.copy(tmp_path)
    for path in (folder / FOLDER).iterdir():
        path.unlink()
    (folder / "cartwise.duckdb").unlink()
    return folder


def shift_times(shop):
    for name, column in TIMES.items():
        for row in shop[name]:
            utc = row[column].replace(tzinfo=UTC)
            row[column] = utc.astimezone(IN_UTC_PLUS_2)


@fault("Parquet holds keys as floating point and times with a zone", "the same marts as from CSV")
def test_typed_parquet_equals_csv(empty_copy, good_build, run_in, marts_of):
    shop = make_shop()
    for row in shop["orders"]:
        # Parquet holds 09:30 UTC with the zone it is shown in
        row["ordered_at"] = row["ordered_at"].replace(tzinfo=UTC)
    zoned = pa.timestamp("us", tz="Europe/Amsterdam")
    # pandas keeps a column of whole numbers with gaps as floating point
    types = {
        "orders": {"ordered_at": zoned, "customer_id": pa.float64()},
        "order_lines": {"unit_price": pa.float64(), "quantity": pa.int32()},
        "refunds": {"amount": pa.float64(), "product_id": pa.int64(), "quantity": pa.int64()},
        "reviews": {"rating": pa.int8()},
        "products": {"product_id": pa.int16()},
    }
    write_parquet(shop, empty_copy, types)

    build = run_in(empty_copy, *RUN)

    assert build.succeeded, build.output
    assert marts_of(build) == good_build.marts


@fault(
    "rows in another order, a byte-order mark, semicolons, capitals, local times, 8 threads",
    "the same marts to the last digit",
)
def test_other_ways_to_write_csv_change_nothing(empty_copy, good_build, run_in, marts_of):
    """A byte-order mark, semicolons, upper-case names, local times with an offset, and disorder.

    Nor does it matter how many threads run.
    """
    shop = make_shop()
    shift_times(shop)
    for row, trail in zip(shop["orders"], ("", " ", "  "), strict=False):
        row["ordered_at"] = row["ordered_at"].strftime("%Y-%m-%dT%H:%M:%S%z") + trail
    shouted = {
        name: [{column.title(): value for column, value in row.items()} for row in rows]
        for name, rows in shop.items()
    }
    assert shouted["orders"][0]["Ordered_At"] == "2025-01-01T11:30:00+0200"
    for rows in shouted.values():
        random.Random(5).shuffle(rows)
    assert [row["Order_Id"] for row in shouted["orders"]] != [
        row["order_id"] for row in shop["orders"]
    ]
    write_csv(shouted, empty_copy, delimiter=";", encoding="utf-8-sig")

    build = run_in(empty_copy, *RUN, "--threads", "8")

    assert build.succeeded, build.output
    assert marts_of(build) == good_build.marts


@fault("the first quoted cell comes after 20,480 lines", "it is read as written")
def test_a_long_file_may_quote_late(empty_copy, run_in):
    """The reader looks at the first 20,480 lines to find out how a file is written."""
    body = 'Good, "very" good;\nagain'
    plain = [{"review_id": number, "body": "Good"} for number in range(25_000)]
    reviews = [{**row, "reviewed_at": "2025-01-01"} for row in plain]
    reviews[-1]["body"] = body
    write_csv({"reviews": reviews}, empty_copy)

    build = run_in(
        empty_copy, "run", "--select", "stg_cartwise__reviews", "int_cartwise__reviews_checked"
    )

    assert build.succeeded, build.output
    assert build.query(
        "select count(*), max_by(body, cast(review_id as integer)) "
        "from int_cartwise__reviews_checked"
    ) == [(25_000, body)]


def test_the_comparison_has_something_to_compare(good_build):
    filled = {name for name, rows in good_build.marts.items() if rows}
    assert {
        "cartwise__orders",
        "cartwise__order_lines",
        "cartwise__customers",
        "cartwise__customer_identities",
        "cartwise__products",
        "cartwise__daily_sales",
        "cartwise__cohort_retention",
        "cartwise__basket_rules",
        "cartwise__data_quality",
    } <= filled
