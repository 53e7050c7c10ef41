"""What holds of any build: it can be repeated, documented and shown."""

import json

import pytest
from faults import fault
from small_shop import RUN

from cartwise.__main__ import get_project_path, main

TRUTH = json.loads((get_project_path() / "seeds" / "demo" / "truth.json").read_text())


def get_fingerprints(build):
    """Return a hash of the rows of each mart, whatever their order."""
    marts = build.column(
        "select table_name from information_schema.tables "
        "where table_name like 'cartwise\\_\\_%' escape '\\' order by 1"
    )
    return {
        mart: build.query(f"select count(*), sum(hash(mart)) from {mart} as mart")[0]
        for mart in marts
    }


@fault("a build runs twice, in another process with another number of threads", "the same marts")
def test_second_build_changes_no_mart(demo_build, run_dbt):
    before = get_fingerprints(demo_build)
    # the tests of the same tables were green
    again = run_dbt([*RUN, "--threads", "4"], demo_build.database, in_own_process=True)
    assert again.succeeded, again.output
    assert len(before) >= 9
    assert get_fingerprints(again) == before


def test_docs_are_generated(demo_build, run_dbt):
    docs = run_dbt(["docs", "generate", "--write-json"], demo_build.database)
    assert docs.succeeded, docs.output
    catalog = json.loads((demo_build.database.parent / "target" / "catalog.json").read_text())
    assert "model.cartwise.cartwise__basket_rules" in catalog["nodes"]
    manifest = json.loads((demo_build.database.parent / "target" / "manifest.json").read_text())
    staged = manifest["nodes"]["model.cartwise.stg_cartwise__orders"]["compiled_code"]
    assert "demo_orders" in staged, "the documented SQL is the one that was built"


def test_marts_are_shown(demo_build, capsys):
    assert main(["show", str(demo_build.database)]) == 0
    shown = capsys.readouterr().out
    assert str(demo_build.database) in shown
    for mart in ("cartwise__daily_sales", "cartwise__basket_rules", "cartwise__data_quality"):
        assert mart in shown


def test_unknown_arguments_are_refused(capsys):
    with pytest.raises(SystemExit):
        main(["path", "--nonsense"])
    assert "--nonsense" in capsys.readouterr().err


def test_planted_structure_is_found(demo_build):
    itemsets = set(
        demo_build.column(
            "select array_to_string(list_sort(items), ' ') from ml_cartwise__frequent_itemsets"
        )
    )
    rules = {
        " ".join(sorted(antecedent + consequent)): q_value
        for antecedent, consequent, q_value in demo_build.query(
            "select antecedent, consequent, q_value from cartwise__basket_rules where is_stable"
        )
    }
    for products in [*TRUTH["product_pairs"], *TRUTH["product_triples"]]:
        key = " ".join(sorted(products))
        assert key in itemsets
        assert rules[key] < 0.05


def test_planted_dirt_is_counted(demo_build):
    counted = {
        (input_name, rule): count
        for input_name, rule, count in demo_build.query(
            "select input_name, rule, count_rows from cartwise__data_quality"
        )
    }
    expected = {
        ("order_lines", "order_not_found"): "lines_without_order",
        ("order_lines", "unusable_unit_price"): "lines_with_impossible_price",
        ("order_lines", "product_inferred"): "lines_without_product",
        ("orders", "unknown_status"): "orders_with_unknown_status",
        ("orders", "unusable_ordered_at"): "orders_with_impossible_date",
        ("orders", "oversize_basket"): "oversize_orders",
        ("refunds", "order_not_found"): "refunds_without_order",
    }
    assert {key: counted[key] for key in expected} == {
        key: TRUTH["dirt"][fault]["count"] for key, fault in expected.items()
    }
