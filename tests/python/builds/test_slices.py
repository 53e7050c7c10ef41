"""A database that grew day by day holds what one built from all the data at once holds."""

import subprocess
import sys

import duckdb
import pytest

WITHOUT_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
DAYS = ("2025-12-03", "2025-12-04", "2026-01-02")
ORDERS = 4_000
# little is enough to learn from here
GATES = {
    **dict.fromkeys(("buyers", "history_days", "positives", "negatives", "next_baskets"), 20),
    **dict.fromkeys(("rated_texts", "negative_texts", "positive_texts"), 5),
}
TIMES = {
    "orders": "ordered_at",
    "refunds": "refunded_at",
    "reviews": "reviewed_at",
    "events": "occurred_at",
}
# what is known first: an order and a review of the first day come a slice late, and until the last
# slice a price, a text and a customer of orders long ago are wrong
LATE = {
    "orders": "hash(order_id) % 50 = 0",
    "reviews": "hash(review_id) % 20 = 0",
}
WRONG = {
    "order_lines": "replace (unit_price * 2 as unit_price)",
    "reviews": "replace ('Bad, ' || body as body)",
    "orders": "replace (null as customer_id)",
}
KEYS = {"order_lines": "order_id", "reviews": "review_id", "orders": "order_id"}


@pytest.fixture(scope="module")
def whole_shop(tmp_path_factory):
    """Return a folder with a generated shop."""
    folder = tmp_path_factory.mktemp("whole")
    command = [sys.executable, "-m", "cartwise.demo", "--format", "parquet"]
    subprocess.run(
        [*command, "--orders", str(ORDERS), "--out", str(folder)], check=True, capture_output=True
    )
    return folder


def write_slice(whole_shop, folder, number):
    """Write what is known on the day of a slice, the last one in another order."""
    folder.mkdir(exist_ok=True)
    is_last = number == len(DAYS) - 1

    def find_unknown(table):
        is_late = f"or {LATE[table]}" if number == 0 and table in LATE else ""
        return f"cast({TIMES[table]} as date) > '{DAYS[number]}' {is_late}"

    orders = f"from '{whole_shop / 'orders.parquet'}'"
    for path in whole_shop.glob("*.parquet"):
        table = path.stem
        query = f"from '{path}'"
        if table in TIMES:
            query += f" where not ({find_unknown(table)})"
        if table in ("order_lines", "refunds"):
            unknown = f"from ({orders}) as orders where {find_unknown('orders')}"
            query = f"from ({query}) anti join ({unknown}) using (order_id)"
        if table in WRONG and not is_last:
            wrong = f"hash({KEYS[table]}) % 30 = 1"
            query = f"from ({query}) where not ({wrong}) union all by name " + (
                f"select * {WRONG[table]} from ({query}) where {wrong}"
            )
        order = "order by hash(columns(*)::varchar)" if is_last else ""
        duckdb.sql(f"copy (select * from ({query}) {order}) to '{folder / path.name}'")


@pytest.fixture(scope="module")
def builds(whole_shop, tmp_path_factory, run_dbt):
    """Return a build of the last slice after those of the earlier ones, and one of it alone."""
    folders = [tmp_path_factory.mktemp(name) for name in ("grown", "fresh")]
    for number in range(len(DAYS)):
        for folder in folders if number == len(DAYS) - 1 else folders[:1]:
            write_slice(whole_shop, folder / "shop", number)
            build = run_dbt(
                ["build", *WITHOUT_TESTS],
                folder / "cartwise.duckdb",
                {"data_path": "shop", "as_of_date": DAYS[number], "sufficiency_gates": GATES},
            )
            assert build.succeeded, build.output
            if folder == folders[0]:
                grown = build
    return grown, build


def test_a_grown_database_equals_a_fresh_one(builds, marts_of):
    grown, fresh = builds
    marts, expected = marts_of(grown), marts_of(fresh)
    history = "cartwise__model_metrics"
    # the history of measures is what a grown database has more
    assert set(map(tuple, expected[history])) <= set(map(tuple, marts[history]))
    assert len(marts.pop(history)) > len(expected.pop(history))
    assert {name for name in expected if marts[name] != expected[name]} == set()


def test_there_is_something_to_keep_and_something_to_correct(builds):
    grown, fresh = builds
    assert fresh.column("select count(*) from score_cartwise__sentiments")[0] > 100
    models = fresh.column("select distinct model from cartwise__model_metrics where status = 'ok'")
    assert {"sentiment", "churn"} <= set(models)
    days = grown.column("select distinct cast(as_of_date as varchar) from cartwise__model_metrics")
    assert sorted(days) == sorted(DAYS)
