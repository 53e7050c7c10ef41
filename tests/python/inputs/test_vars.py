"""A var of the wrong type or range is refused by name before anything is built."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from faults import fault
from small_shop import FOLDER, RUN, make_shop

REPOSITORY = Path(__file__).parents[3]

REFUSED = [
    ("basket_min_support", 2, "a number from 1e-06 to 1"),
    ("basket_min_confidence", -0.1, "a number from 0 to 1"),
    ("basket_holdout_share", True, "a number from 0 to 0.9"),
    ("basket_max_items", 2.5, "a whole number from 2 to 10"),
    ("basket_max_products", "100", "a whole number from 2 to 10000"),
    ("max_set_aside_share", "a lot", "a number from 0 to 1"),
    ("max_set_aside_share", None, "a number from 0 to 1"),
    ("as_of_date", "31.12.2025", "a date written YYYY-MM-DD"),
    ("as_of_date", "2025-02-30", "a date written YYYY-MM-DD"),
    ("as_of_date", "2025-01-01' or '1'='1", "a date written YYYY-MM-DD"),
    ("sale_statuses", "paid", "a list of words"),
    ("sale_statuses", ["x') or 1=1 --"], "a list of words"),
    ("no_sale_statuses", ["void", "a'b"], "a list of words"),
    ("service_categories", None, "a list of words"),
    ("merge_customers_by_email", "yes", "true or false"),
    ("churn_horizon_days", 6, "a whole number from 7 to 730"),
    ("churn_label", "label", "orders or input"),
    ("segment_counts", 5, "a list of two whole numbers from 2 to 10"),
    ("segment_counts", [4], "a list of two whole numbers from 2 to 10"),
    ("segment_counts", [5, 3], "a list of two whole numbers from 2 to 10"),
    ("segment_counts", [2.5, 3], "a list of two whole numbers from 2 to 10"),
    ("sentiment_ratings", 3, "a list of two whole numbers from 1 to 5"),
    ("sentiment_ratings", [3, 3], "a list of two whole numbers from 1 to 5"),
    ("sentiment_ratings", [2, "4 or 1=1"], "a list of two whole numbers from 1 to 5"),
    ("lookups", "my_terms", "a mapping of lookups to relations"),
    ("lookups", {"topics": "my_terms"}, "a mapping of lookups to relations"),
    ("lookups", {"topic_terms": 5}, "a mapping of lookups to relations"),
    ("sufficiency_gates", 500, "a mapping of gates to numbers"),
    ("sufficiency_gates", {"buyer": 100}, "a mapping of gates to numbers"),
    ("sufficiency_gates", {"buyers": "100 or 1=1"}, "a mapping of gates to numbers"),
]
ACCEPTED = [
    ("as_of_date", "2024-02-29"),
    ("as_of_date", None),
    ("max_set_aside_share", 0),
    ("max_set_aside_share", 1),
    ("no_sale_statuses", []),
    ("segment_counts", [4, 4]),
    ("sentiment_ratings", [1, 5]),
    ("lookups", {"topic_terms": "my_terms"}),
    ("sufficiency_gates", {"buyers": 0, "max_feature_auc": 1}),
    ("sale_statuses", ["bezahlt", "zurück gesandt", "on-hold", "part_paid"]),
]

# Checks each set of vars with a project that is parsed only once.
SCRIPT = """
import json, sys
from dbt.cli.main import dbtRunner

dbt = dbtRunner()
manifest = dbt.invoke(["--quiet", "parse"]).result
answers = []
for variables in json.load(sys.stdin):
    command = ["--quiet", "run-operation", "check_vars", "--vars", json.dumps(variables)]
    messages = []
    listener = lambda event: messages.append(event.info.msg)
    answer = dbtRunner(manifest=manifest, callbacks=[listener]).invoke(command)
    answers.append([answer.success, " ".join(messages)])
print("answers", json.dumps(answers))
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vars")
    cases = [{name: value} for name, value, *_ in (*REFUSED, *ACCEPTED)]
    process = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=json.dumps(cases),
        env={
            **os.environ,
            "CARTWISE_DB": ":memory:",
            "DBT_PROJECT_DIR": str(REPOSITORY),
            "DBT_PROFILES_DIR": str(REPOSITORY),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
        },
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    text = process.stdout.rpartition("answers ")[2]
    return {json.dumps(case): answer for case, answer in zip(cases, json.loads(text), strict=True)}


@fault("a var has the wrong type or range", "refused by name, with what it must be")
@pytest.mark.parametrize(("name", "value", "expected"), REFUSED)
def test_a_wrong_value_is_refused_by_name(name, value, expected, answers):
    succeeded, message = answers[json.dumps({name: value})]
    assert not succeeded
    assert f"cartwise var `{name}` is {value}, but must be {expected}" in message


@pytest.mark.parametrize(("name", "value"), ACCEPTED)
def test_a_right_value_is_accepted(name, value, answers):
    succeeded, message = answers[json.dumps({name: value})]
    assert succeeded, message


@fault("SQL stands in a var", "refused by name; nothing is built")
def test_nothing_is_built_with_a_refused_var(good_build, run_in, tmp_path):
    folder = good_build.copy(tmp_path)
    (folder / "cartwise.duckdb").unlink()

    build = run_in(folder, *RUN, sale_statuses=["x') or 1=1 --"])

    assert not build.succeeded
    assert "cartwise var `sale_statuses` is" in build.output
    assert build.column("select table_name from information_schema.tables") == []


@fault("the name of the folder holds a quote and a blank", "it is read")
def test_the_folder_may_have_a_quote_in_its_name(good_build):
    assert "'" in FOLDER
    assert len(good_build.marts["cartwise__orders"]) == len(make_shop()["orders"])


@fault("an installed package is given no input", "the message names the var to set")
def test_an_installed_package_asks_for_its_input(run_dbt, tmp_path):
    """Inside another project there is no demo shop to fall back on."""
    (tmp_path / "dbt_packages").mkdir()
    (tmp_path / "dbt_packages" / "cartwise").symlink_to(REPOSITORY)
    (tmp_path / "dbt_project.yml").write_text("name: shop\nversion: 1.0.0\nprofile: cartwise\n")
    (tmp_path / "profiles.yml").symlink_to(REPOSITORY / "profiles.yml")

    build = run_dbt(
        ["run", "--select", "stg_cartwise__order_lines", "stg_cartwise__events"],
        tmp_path / "cartwise.duckdb",
        project=tmp_path,
    )

    assert not build.succeeded
    assert "cartwise input `order_lines` is missing" in build.output
    assert "The var input_order_lines is not set" in build.output
    # without its input, an optional table is empty, not an error
    assert build.column("select count(*) from stg_cartwise__events") == [0]
