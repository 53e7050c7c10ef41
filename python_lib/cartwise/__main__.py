"""The `cartwise` command: make a demo shop; look at, publish and export marts; erase traces."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb

from cartwise.demo.__main__ import main as make_demo
from cartwise.publishing import PublishingError, erase_traces, export_mart, publish_marts

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
    config = {"enable_external_access": "false"}
    with duckdb.connect(str(database), read_only=True, config=config) as connection:
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
    arguments, rest = _make_parser().parse_known_args(argv)
    if arguments.command == "demo":
        return make_demo(rest)
    if rest:
        _make_parser().error(f"unrecognised arguments: {' '.join(rest)}")
    try:
        return arguments.run(arguments)
    except PublishingError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cartwise", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    path = commands.add_parser("path", help="print the folder of the dbt project, for packages.yml")
    path.set_defaults(run=_print_path)

    show = commands.add_parser("show", help="print the top of four marts")
    show.add_argument("database", type=Path, help="a DuckDB file that cartwise was built into")
    show.set_defaults(run=_show)

    publish = commands.add_parser(
        "publish", help="after a green build, swap its marts into the file that is read"
    )
    publish.set_defaults(run=_publish)

    export = commands.add_parser("export", help="write one mart to a CSV or Parquet file")
    export.add_argument("mart", help="for example cartwise__recommendations")
    export.add_argument("file", type=Path, help="a name that ends in .csv or .parquet")
    export.set_defaults(run=_export)

    erase = commands.add_parser(
        "erase",
        help="leave no bytes of deleted personal data in any file",
        description="Reads e-mail addresses or other texts, one a line, from standard input, so "
        "that they stand in no list of commands; writes the database and the published marts anew; "
        "then looks for the texts in the files beside them and in dbt's.",
    )
    erase.add_argument(
        "--folders",
        type=Path,
        nargs="*",
        default=[Path(os.environ.get("DBT_TARGET_PATH", "target")), Path("logs")],
        help="folders to look into as well (default: dbt's target and logs)",
    )
    erase.set_defaults(run=_erase)

    for command in (publish, export, erase):
        command.add_argument(
            "--database",
            type=Path,
            default=Path(os.environ.get("CARTWISE_DB", "cartwise.duckdb")),
            help="the DuckDB file that dbt builds into (default: CARTWISE_DB or cartwise.duckdb)",
        )
    for command in (publish, erase):
        command.add_argument(
            "--published", type=Path, help="default: marts.duckdb beside the database"
        )

    commands.add_parser("demo", help="write a demo shop (see cartwise demo --help)", add_help=False)
    return parser


def _print_path(arguments: argparse.Namespace) -> int:
    print(get_project_path())
    return 0


def _show(arguments: argparse.Namespace) -> int:
    print(show_marts(arguments.database))
    return 0


def _publish(arguments: argparse.Namespace) -> int:
    published = _get_published(arguments)
    counts = publish_marts(arguments.database, published)
    print(f"Published {len(counts)} marts, {sum(counts.values()):,} rows: {published}")
    return 0


def _export(arguments: argparse.Namespace) -> int:
    count = export_mart(arguments.database, arguments.mart, arguments.file)
    print(f"Wrote {count:,} rows of {arguments.mart}: {arguments.file}")
    return 0


def _erase(arguments: argparse.Namespace) -> int:
    traces = [line.strip() for line in sys.stdin if line.strip()]
    left = erase_traces(arguments.database, _get_published(arguments), traces, arguments.folders)
    if left:
        print(
            f"error: {len(left)} file(s) still hold what was to be erased: "
            f"{', '.join(map(str, left[:10]))}. Remove them; `dbt clean` empties dbt's folders.",
            file=sys.stderr,
        )
        return 1
    print(f"Erased {len(traces)} text(s): no trace is left in {arguments.database} nor beside it")
    return 0


def _get_published(arguments: argparse.Namespace) -> Path:
    return arguments.published or arguments.database.with_name("marts.duckdb")


if __name__ == "__main__":
    sys.exit(main())
