"""Whatever stands in the cells: the build is green and loses nothing, or says what is wrong."""

import math
import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pyarrow as pa
from faults import fault
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from small_shop import FOLDER, make_shop, write_csv, write_parquet

MARTS = ("cartwise__orders", "cartwise__order_lines", "cartwise__products")
INPUTS = ("customers", "events", "order_lines", "orders", "products", "refunds", "reviews")
SELECTED = (
    *("--select", *(f"+{mart}" for mart in MARTS), "+int_cartwise__set_aside_rows"),
    *("int_cartwise__input_sizes", "+int_cartwise__customer_identities"),
    *("every_input_row_is_used_or_set_aside", "money_adds_up_within_each_order"),
)
COMMAND = ("build", *SELECTED, "--indirect-selection", "cautious", "--exclude", "test_type:generic")

TEXTS = [
    *(
        "",
        " ",
        "\0",
        "a\0b",
        "\ufeff",
        "\u202e",
        "'",
        '"',
        "\\",
        "'; drop table x",
        "{{ x }}",
        "\r",
    ),
    *("NaN", "-Infinity", "1e308", "-1e12", "99999999999999999999", "0x1F", "1_000", "1,5", "١٢"),
    *("2025-02-30", "9999-12-31", "0000-00-00", "-290308-12-22", "infinity", "epoch", "12:00"),
    *("2025-01-01T00:00:00+99:99", "2025-01-01 10:00 Mars/Base", "31/12/2025", "true", "null"),
]
CELLS = st.one_of(
    st.none(),
    st.sampled_from(TEXTS),
    st.text(max_size=12),
    st.integers(),
    st.floats(),
    st.dates(),
    st.datetimes(),
    st.booleans(),
)
# a column of Parquet may have any type
COLUMNS = st.sampled_from(
    [
        *(None, True, 7, -1, 2**63 - 1, 1.5, math.nan, -math.inf, 1e300, Decimal("1e30")),
        *("7", b"\xff\xfe", ["7"], {"a": 7}, date(1969, 7, 20), date(9999, 12, 31), time(12)),
        *(datetime(2025, 1, 1, tzinfo=UTC), timedelta(days=1)),
    ]
)


@st.composite
def spoil_shops(draw):
    """Draw a shop with odd cells and columns, with columns and tables missing, and rows twice."""
    shop = make_shop()
    for _ in range(draw(st.integers(1, 25))):
        rows = shop[draw(st.sampled_from(INPUTS))]
        row = rows[draw(st.integers(0, len(rows) - 1))]
        row[draw(st.sampled_from(list(row)))] = draw(CELLS)
    for name in draw(st.lists(st.sampled_from(INPUTS), max_size=1)):
        column = draw(st.sampled_from(list(shop[name][0])))
        for row in shop[name]:
            del row[column]
    for name in draw(st.lists(st.sampled_from(INPUTS), max_size=1)):
        shop[name].append(dict(shop[name][-1]))
    typed = draw(st.lists(st.sampled_from(INPUTS), max_size=4, unique=True))
    for name in draw(st.lists(st.sampled_from(typed), max_size=2)) if typed else []:
        column, value = draw(st.sampled_from(list(shop[name][0]))), draw(COLUMNS)
        for row in shop[name]:
            row[column] = value
    for name in draw(st.lists(st.sampled_from(("reviews", "events", "refunds")), max_size=1)):
        del shop[name]
    return shop, [name for name in typed if name in shop]


def write_shop(shop, typed, folder):
    """Write the shop; what has no common type becomes text, as it would in any export."""
    for name, rows in shop.items():
        if name in typed:
            for column in rows[0]:
                values = [row[column] for row in rows]
                try:
                    pa.array(values)
                except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
                    for row in rows:
                        row[column] = None if row[column] is None else str(row[column])
            write_parquet({name: rows}, folder, {})
        else:
            write_csv({name: rows}, folder)


@fault(
    "cells and columns of every input hold anything at all",
    "green with every row used or set aside, or a message that names the input, and old marts",
)
def test_anything_is_built_or_refused(good_build, run_in, tmp_path, marts_of):
    folder = good_build.copy(tmp_path)
    good = {name: good_build.marts[name] for name in MARTS}
    database = (folder / "cartwise.duckdb").read_bytes()

    @settings(
        max_examples=6,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(spoil_shops())
    def build_or_refuse(spoiled):
        for path in (folder / FOLDER).iterdir():
            path.unlink()
        (folder / "cartwise.duckdb").write_bytes(database)
        write_shop(*spoiled, folder)

        build = run_in(folder, *COMMAND, max_set_aside_share=1)

        assert "Traceback" not in build.output
        if not build.succeeded:
            stopped = set(re.findall("cartwise input `([a-z_]+)`", build.output))
            assert stopped, build.output
            # what reads nothing that stopped is new
            marts = marts_of(build)
            new = {name for name in MARTS if re.search(f"OK created .*main.{name} ", build.output)}
            assert not new or stopped.isdisjoint({"orders", "order_lines"})
            assert {name for name in MARTS if marts[name] != good[name]} <= new

    build_or_refuse()
