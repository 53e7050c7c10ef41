"""Missing optional tables and columns, and tables without rows, are normal: the build is green."""

import re
from pathlib import Path

import pytest
from faults import fault
from small_shop import BUILD, make_shop, write_csv

MARTS = Path(__file__).parents[3] / "models" / "marts"


@pytest.fixture(scope="module")
def required_only(tmp_path_factory, run_in):
    """Return a build of orders with two columns and order lines with four, and nothing else."""
    columns = {
        "orders": ["order_id", "ordered_at"],
        "order_lines": ["order_id", "product_id", "quantity", "unit_price"],
    }
    shop = make_shop()
    folder = tmp_path_factory.mktemp("required")
    write_csv(
        {
            name: [{column: row[column] for column in kept} for row in shop[name]]
            for name, kept in columns.items()
        },
        folder,
    )
    return run_in(folder, *BUILD)


@pytest.fixture(scope="module")
def without_rows(tmp_path_factory, run_in):
    """Return a build of the seven tables with their header lines only."""
    shop = make_shop()
    folder = tmp_path_factory.mktemp("empty")
    header = {name: list(rows[0]) for name, rows in shop.items()}
    write_csv({name: [] for name in shop}, folder, header=header)
    return run_in(folder, *BUILD)


@pytest.fixture(
    params=[
        pytest.param(
            "required_only",
            marks=fault(
                "there are two files with six columns, and nothing else",
                "green, every mart is there",
            ),
        ),
        pytest.param(
            "without_rows",
            marks=fault("the seven files hold no rows", "green, the marts are empty"),
        ),
    ]
)
def build(request):
    return request.getfixturevalue(request.param)


def count_rows(build, table):
    return build.column(f"select count(*) from {table}")[0]


def test_the_build_is_green_and_has_every_mart(build):
    assert build.succeeded, build.output
    assert re.search(r"WARN=0 ERROR=0 SKIP=0 ", build.output)
    for path in MARTS.glob("*/cartwise__*.sql"):
        assert count_rows(build, path.stem) >= 0


def test_columns_without_input_keep_their_types(build):
    types = dict(
        build.query(
            "select table_name || '.' || column_name, data_type from information_schema.columns "
            "where table_name in ('stg_cartwise__orders', 'stg_cartwise__customers', "
            "'cartwise__products', 'cartwise__basket_rules')"
        )
    )
    assert {
        "stg_cartwise__orders.status": "VARCHAR",
        "stg_cartwise__orders.discount_amount": "DECIMAL(18,2)",
        "stg_cartwise__customers.birth_date": "DATE",
        "stg_cartwise__customers.signed_up_at": "TIMESTAMP",
        "stg_cartwise__customers.churned": "BOOLEAN",
        "cartwise__products.price": "DECIMAL(18,4)",
        "cartwise__products.first_sold_at": "TIMESTAMP",
        "cartwise__basket_rules.antecedent": "VARCHAR[]",
        "cartwise__basket_rules.is_stable": "BOOLEAN",
    }.items() <= types.items()


def test_required_columns_alone_make_full_sales(required_only):
    lines = make_shop()["order_lines"]
    gross = sum(line["quantity"] * line["unit_price"] for line in lines)
    assert required_only.query(
        "select count(*), count(customer_id), count(status), bool_and(is_purchase), "
        "sum(gross_amount), sum(net_amount), sum(shipping_amount) from cartwise__orders"
    ) == [(12, 0, 0, True, gross, gross, 0)]
    assert required_only.query(
        "select count(*), bool_and(is_inferred), count(category) from cartwise__products"
    ) == [(4, True, 0)]
    assert count_rows(required_only, "cartwise__customers") == 0
    assert required_only.column(
        "select count_rows from cartwise__data_quality where rule = 'guest'"
    ) == [12]


def test_tables_without_rows_make_empty_marts(without_rows):
    for mart in ("orders", "customers", "products", "daily_sales", "basket_rules"):
        assert count_rows(without_rows, f"cartwise__{mart}") == 0
    # the rules are listed all the same, each with nothing to report
    assert without_rows.query(
        "select max(count_rows), max(count_input_rows), count(row_rate) from cartwise__data_quality"
    ) == [(0, 0, 0)]
