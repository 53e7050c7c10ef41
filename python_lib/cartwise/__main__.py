"""The `cartwise` command: find the dbt project, make a demo shop, look at the marts."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb

from cartwise.demo.__main__ import main as make_demo

SHOWN_MARTS = {
    "cartwise__daily_sales": """
        select order_date, count_orders, count_new_customers, total_gross_amount,
            total_discount_amount, total_refund_amount, total_net_amount
        from cartwise__daily_sales order by order_date desc limit 5
    """,
    "cartwise__basket_rules": """
        select antecedent_names, consequent_names, count_both, round(confidence, 2) as confidence,
            round(lift, 1) as lift, round(q_value, 4) as q_value, is_stable
        from cartwise__basket_rules where not is_redundant
        order by lift desc, rule_id limit 5
    """,
    "cartwise__churn_risk": """
        select customer_id, round(churn_probability, 2) as churn_probability, risk_band,
            revenue_at_risk, first_reason
        from cartwise__churn_risk order by revenue_at_risk desc, customer_id limit 5
    """,
    "cartwise__data_quality": """
        select input_name, rule, column_names, action, count_rows, round(row_rate, 4) as row_rate,
            amount
        from cartwise__data_quality where count_rows > 0
        order by action desc, count_rows desc, input_name, rule limit 5
    """,
}


def get_project_path() -> Path:
    """Find the dbt project that belongs to this Python package.

    Returns
    -------
    pathlib.Path
        The folder to name under ``local:`` in a consumer's ``packages.yml``: inside the installed
        package, or the repository when the package is installed from there in editable mode.

    Examples
    --------
    >>> (get_project_path() / "dbt_project.yml").exists()
    True
    """
    installed = Path(__file__).parent / "dbt_project"
    return installed if installed.exists() else Path(__file__).parents[2]


def show_marts(database: Path) -> str:
    """Lay out the top of four marts for a reader.

    Parameters
    ----------
    database : pathlib.Path
        A DuckDB file that cartwise was built into.

    Returns
    -------
    str
        A heading and a table per mart.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        parts = [f"Built {database}"]
        for mart, query in SHOWN_MARTS.items():
            top = connection.sql(query).df()
            parts.append(f"\n{mart}\n{top.to_string(index=False, max_colwidth=64)}")
    return "\n".join(parts)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; see ``cartwise --help``.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; those of the process when left out.

    Returns
    -------
    int
        Exit code.
    """
    parser = argparse.ArgumentParser(prog="cartwise", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("path", help="print the folder of the dbt project, for packages.yml")
    show = commands.add_parser("show", help="print the top of four marts")
    show.add_argument("database", type=Path, help="a DuckDB file that cartwise was built into")
    commands.add_parser("demo", help="write a demo shop (see cartwise demo --help)", add_help=False)
    arguments, rest = parser.parse_known_args(argv)
    if arguments.command == "demo":
        return make_demo(rest)
    if rest:
        parser.error(f"unrecognised arguments: {' '.join(rest)}")
    if arguments.command == "path":
        print(get_project_path())
    else:
        print(show_marts(arguments.database))
    return 0


if __name__ == "__main__":
    sys.exit(main())
