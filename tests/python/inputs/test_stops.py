"""Inputs that cannot be used at all stop the build with a message that says what to do."""

import re
from datetime import timedelta

import pytest
from faults import fault
from small_shop import FOLDER, RUN, make_shop, write_csv


def rename(rows, column, name):
    for row in rows:
        row[name] = row.pop(column)


def lose_a_table_and_a_column(shop):
    del shop["order_lines"]
    rename(shop["orders"], "ordered_at", "date_of_order")


def repeat_orders(shop):
    shop["orders"] += shop["orders"][1:3]


def garble_ordered_at(shop):
    texts = ["31.12.2025", "2025-02-30", "2025-01-07 10:00:00 PM", "?"]
    for row, text in zip(shop["orders"], texts, strict=False):
        row["ordered_at"] = text


def lose_a_status(shop):
    shop["orders"][4]["status"] = "Teleported"


def lose_most_revenue(shop):
    # one line of 24 is 4 % of the rows, and at this price almost all of the money
    shop["order_lines"][0].update(unit_price=10_000, order_id=4711)


def write_prices_with_comma(shop):
    for row in shop["order_lines"]:
        row["unit_price"] = str(row["unit_price"]).replace(".", ",")


STOPS = [
    pytest.param(
        lose_a_table_and_a_column,
        [
            "`order_lines` is missing",
            f"no order_lines.parquet or order_lines.csv in the folder {FOLDER}",
            "Put the file there",
            "`orders`",
            "lacks 1 required column(s): ordered_at",
            "date_of_order",
            "Rename or add the column",
        ],
        id="lose_a_table_and_a_column",
        marks=fault(
            "a required file and a required column are missing",
            "the message lists the columns there are and says what to put where; old marts stay",
        ),
    ),
    pytest.param(
        repeat_orders,
        ["`orders`", "`order_id`", "2 key(s)", "4 rows", "'102', '103'", "remove the copies"],
        id="repeat_orders",
        marks=fault(
            "a key stands in several rows",
            "the message counts the keys, names three and the usual cause; old marts stay",
        ),
    ),
    pytest.param(
        garble_ordered_at,
        [
            "`orders`",
            "`ordered_at`",
            "4 row(s)",
            "'2025-01-07 10:00:00 PM', '2025-02-30', '31.12.2025'",
            "YYYY-MM-DD HH:MM:SS",
        ],
        id="garble_ordered_at",
        marks=fault(
            "dates cannot be read",
            "the message counts and shows them, and the format to use; old marts stay",
        ),
    ),
    pytest.param(
        lose_a_status,
        [
            "`orders`: 8.3 % of its rows",
            "the 5.0 % that the var max_set_aside_share allows",
            "unknown_status (1 rows)",
            "'105'",
            "name more statuses in sale_statuses",
        ],
        id="lose_a_status",
        marks=fault(
            "more orders than allowed have an unknown status",
            "the message names the share, the orders and the var to set; old marts stay",
        ),
    ),
    pytest.param(
        lose_most_revenue,
        ["`order_lines`: 9", "% of its revenue", "order_not_found (1 rows)", "'4711'"],
        id="lose_most_revenue",
        marks=fault(
            "lines without their order hold most of the revenue",
            "the message names the share of revenue and the orders; old marts stay",
        ),
    ),
    pytest.param(
        write_prices_with_comma,
        ["`order_lines`: 100.0 % of its rows", "unusable_unit_price (24 rows)", "'101'"],
        id="write_prices_with_comma",
        marks=fault(
            "prices are written with a decimal comma",
            "the message names the column and the number of rows; old marts stay",
        ),
    ),
]


@pytest.mark.parametrize(("spoil", "message"), STOPS)
def test_an_unusable_input_stops_the_build_and_leaves_the_marts(
    spoil, message, good_build, run_in, marts_of, tmp_path
):
    folder = good_build.copy(tmp_path)
    for path in (folder / FOLDER).iterdir():
        path.unlink()
    shop = make_shop()
    for order in shop["orders"]:
        # a mart that was rebuilt after all would show these
        order["ordered_at"] += timedelta(days=1)
    spoil(shop)
    write_csv(shop, folder)

    build = run_in(folder, *RUN)

    assert not build.succeeded
    output = " ".join(build.output.split())
    assert [part for part in message if part not in output] == []
    assert "Traceback" not in build.output
    assert marts_of(build) == good_build.marts


@fault(
    "a birth date cannot be read",
    "the message counts; neither it nor a debug log shows what the cells hold",
)
def test_personal_data_is_never_shown(good_build, run_in, marts_of, tmp_path):
    folder = good_build.copy(tmp_path)
    shop = make_shop()
    for row, text in zip(shop["customers"], ["born 1957", "1958-13-07"], strict=False):
        row["birth_date"] = text
    write_csv(shop, folder)

    build = run_in(folder, "--debug", *RUN)

    assert not build.succeeded
    assert "`customers`, column `birth_date`: 2 row(s)" in build.output
    written = build.output + (folder / "logs" / "dbt.log").read_text()
    assert re.findall("born 1957|1958-13-07", written) == []
    assert marts_of(build) == good_build.marts


@fault(
    "a line of a CSV file does not fit its header",
    "the message names the lines; neither it nor a debug log shows them; old marts stay",
)
def test_malformed_lines_stop_the_build_and_are_never_shown(good_build, run_in, marts_of, tmp_path):
    folder = good_build.copy(tmp_path)
    customers = folder / FOLDER / "customers.csv"
    lines = customers.read_text().splitlines()
    lines[2] = "c9,secret.person@example.com" + ",x" * 20
    customers.write_text("\n".join(lines) + "\n")

    build = run_in(folder, "--debug", *RUN)

    assert not build.succeeded
    assert "`customers`: 1 line(s) of customers.csv do not have the columns" in build.output
    assert "from line 3 to line 3" in build.output
    written = build.output + (folder / "logs" / "dbt.log").read_text()
    assert "secret.person" not in written
    assert marts_of(build) == good_build.marts
