"""Readers see the marts of the last green build, whole; files for others are safe to open."""

import csv
import io
import os
import resource
import subprocess
import sys
import textwrap
from datetime import date
from pathlib import Path

import duckdb
import pytest
from dbt_runs import change, publish
from faults import fault
from small_shop import FOLDER, RUN, make_shop, write_csv

from cartwise.__main__ import main
from cartwise.publishing import (
    PENDING,
    PublishingError,
    erase_traces,
    export_mart,
    publish_marts,
)

COUNT_SWAPS, COUNT_READERS = 40, 3
ERASED = "person1@example.org"


def read(database, query):
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def list_files(folder):
    return sorted(path.name for path in folder.iterdir() if path.is_file())


# -- Publishing ------------------------------------------------------------------------------------


def test_the_marts_of_a_green_build_are_published_and_nothing_else(shop, good_build):
    files = list_files(shop)

    publish(shop)

    published = shop / "marts.duckdb"
    assert list_files(shop) == sorted([*files, "marts.duckdb"])
    tables = [name for (name,) in read(published, "select table_name from duckdb_tables()")]
    assert set(tables) == {*good_build.marts, "cartwise__publication"}
    for name, rows in good_build.marts.items():
        copied = read(published, f"select * from {name}")
        assert sorted(tuple(map(repr, row)) for row in copied) == rows
    assert read(
        published,
        "select as_of_date, count_marts, published_at > '2026-01-01' from cartwise__publication",
    ) == [(date(2025, 3, 19), len(good_build.marts), True)]


def test_older_versions_of_duckdb_can_read_what_is_published(shop):
    publish(shop)
    header = (shop / "marts.duckdb").read_bytes()[:16]
    newest = shop / "newest.duckdb"
    change(newest, "create table numbers as select 1 as number")
    assert header[12] < newest.read_bytes()[12], "storage version"


@fault(
    "a build fails",
    "nothing is published: `cartwise publish` names what failed, and readers keep the old marts",
)
def test_a_failed_build_is_not_published(shop, run_in):
    publish(shop)
    before = (shop / "marts.duckdb").read_bytes()
    orders = make_shop()["orders"]
    write_csv({"orders": [*orders, orders[0]]}, shop)
    assert not run_in(shop, *RUN).succeeded

    with pytest.raises(PublishingError, match=r"stg_cartwise__orders \(error\)"):
        publish(shop)

    assert (shop / "marts.duckdb").read_bytes() == before


@fault("a data test fails", "nothing is published, and the test is named")
def test_a_build_with_a_failed_test_is_not_published(shop, run_in):
    change(
        shop / "cartwise.duckdb",
        "insert into cartwise__daily_sales select * from cartwise__daily_sales limit 1",
    )
    assert not run_in(shop, "test", "--select", "cartwise__daily_sales").succeeded

    with pytest.raises(
        PublishingError, match=r"unique_cartwise__daily_sales_order_date.* \(fail\)"
    ):
        publish(shop)
    assert not (shop / "marts.duckdb").exists()


@fault(
    "marts are built without their tests, or with `--empty`",
    "they are published after their tests have run on rows, not before",
)
def test_what_was_not_tested_is_not_published(shop, run_in):
    assert run_in(shop, "run", "--select", "cartwise__daily_sales").succeeded
    with pytest.raises(PublishingError, match=r"\(unfinished\)"):
        publish(shop)
    assert run_in(shop, "test", "--select", "cartwise__daily_sales").succeeded
    publish(shop)

    assert run_in(shop, "build", "--empty", "--select", "cartwise__daily_sales").succeeded
    with pytest.raises(PublishingError, match=r"cartwise__daily_sales \(success\)"):
        publish(shop)


def test_what_left_the_project_is_not_waited_for(shop, run_in):
    change(
        shop / "cartwise.duckdb", f"insert into {PENDING} values ('model.cartwise.gone', 'error')"
    )
    assert run_in(shop, "build", "--select", "cartwise__daily_sales").succeeded
    publish(shop)


READER = """
    import sys, time, duckdb
    published, until = sys.argv[1:]
    reads, seen = 0, set()
    while True:
        with duckdb.connect(published, read_only=True) as connection:
            found = {
                connection.execute(query).fetchone()[0]
                for query in (
                    "select max(channel) from cartwise__orders",
                    "select min(channel) from cartwise__orders",
                    "select min(gender) from cartwise__customers",
                    "select max(gender) from cartwise__customers",
                )
            }
        assert len(found) == 1, found
        seen |= found
        reads += 1
        if until in found:
            print(reads, len(seen))
            break
"""


@fault(
    "three readers poll while marts are published forty times",
    "no read fails, and each sees the marts of one build",
)
def test_readers_never_see_an_error_nor_a_torn_set(shop):
    def publish_generation(number):
        change(
            shop / "cartwise.duckdb",
            f"update cartwise__orders set channel = '{number}'",
            f"update cartwise__customers set gender = '{number}'",
        )
        publish(shop)

    publish_generation(0)
    command = [sys.executable, "-c", textwrap.dedent(READER), str(shop / "marts.duckdb")]
    readers = [
        subprocess.Popen([*command, str(COUNT_SWAPS)], stdout=subprocess.PIPE, text=True)
        for _ in range(COUNT_READERS)
    ]
    for number in range(1, COUNT_SWAPS + 1):
        publish_generation(number)

    for reader in readers:
        output, _ = reader.communicate(timeout=60)
        assert reader.returncode == 0
        reads, seen = map(int, output.split())
        assert reads >= COUNT_SWAPS
        assert seen >= COUNT_SWAPS / 4


def call_command(*arguments, preexec=None, **environment):
    return subprocess.run(
        [sys.executable, "-m", "cartwise", *map(str, arguments)],
        env={**os.environ, **environment},
        preexec_fn=preexec,
        capture_output=True,
        text=True,
        check=False,
    )


@fault(
    "the disk is full while marts are published",
    "a message, no unfinished file, and readers keep the old marts",
)
def test_a_full_disk_leaves_the_published_marts(shop):
    publish(shop)
    before, files = (shop / "marts.duckdb").read_bytes(), list_files(shop)

    def allow_little():
        resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))

    command = call_command("publish", "--database", shop / "cartwise.duckdb", preexec=allow_little)

    assert command.returncode == 1
    assert command.stderr.startswith("error: ")
    assert "Traceback" not in command.stderr
    assert (shop / "marts.duckdb").read_bytes() == before
    assert list_files(shop) == files


@fault("the folder to publish to is missing", "a message that names it")
def test_a_missing_folder_is_named(shop, capsys):
    arguments = ["publish", "--database", str(shop / "cartwise.duckdb")]
    assert main([*arguments, "--published", str(shop / "no" / "marts.duckdb")]) == 1
    message = capsys.readouterr().err
    assert message.startswith("error: ")
    assert str(shop / "no") in message


@fault(
    "marts are published while a build writes",
    "a message that says to wait; nothing is published",
)
def test_a_database_that_is_written_is_not_published(shop):
    script = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(1, flush=True); input()"
    writer = subprocess.Popen(
        [sys.executable, "-c", script, str(shop / "cartwise.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    writer.stdout.readline()
    try:
        with pytest.raises(PublishingError, match="wait for it to end"):
            publish(shop)
    finally:
        writer.communicate(b"\n")
    assert not (shop / "marts.duckdb").exists()


@fault(
    "an earlier `cartwise publish` was killed, or a writer crashed on the published file",
    "what they left is removed, and the marts are published whole",
)
def test_leftovers_are_removed(shop):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (shop / f".marts.duckdb.{gone.pid}.tmp").write_bytes(b"half")
    (shop / "marts.duckdb.wal").write_bytes(b"of another file")

    publish(shop)

    assert [name for name in list_files(shop) if "marts" in name] == ["marts.duckdb"]
    assert read(shop / "marts.duckdb", "select count(*) from cartwise__orders") == [(12,)]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: path.unlink(), "There is no database"),
        (lambda path: path.write_bytes(b"no database" * 1000), "cannot be read or copied"),
        (lambda path: change(path, f"drop table {PENDING}"), f"has no table {PENDING}"),
        (
            lambda path: change(path, "create schema b", "create table b.cartwise__orders (i int)"),
            "in the schemas b, main",
        ),
    ],
    ids=["missing", "garbage", "older", "two schemas"],
)
def test_a_database_that_cannot_be_published_is_explained(shop, spoil, message):
    spoil(shop / "cartwise.duckdb")
    with pytest.raises(PublishingError, match=message):
        publish(shop)
    assert not (shop / "marts.duckdb").exists()


def test_marts_are_not_published_into_the_database_itself(shop):
    with pytest.raises(PublishingError, match="into the file itself"):
        publish_marts(shop / "cartwise.duckdb", shop / "." / "cartwise.duckdb")


# -- Exporting -------------------------------------------------------------------------------------

FORMULAS = ["=1+1", "+1", "-1", "@sum(a1)", "\t=1", "\r=1", "tea = 1", "", "-", "tea, 'x'"]
SAFE = ["'=1+1", "'+1", "'-1", "'@sum(a1)", "'\t=1", "'\r=1", "tea = 1", "", "'-", "tea, 'x'"]


@fault(
    "a text starts with = + - @ or a control character",
    "in an exported CSV an apostrophe stands before it, so that no spreadsheet runs it",
)
def test_no_exported_text_is_taken_for_a_formula(shop, tmp_path):
    database = shop / "cartwise.duckdb"
    change(
        database,
        "delete from cartwise__customers where customer_id <> '1'",
        *[
            "insert into cartwise__customers "
            f"select * replace ('{number}' as customer_id) from cartwise__customers limit 1"
            for number in range(2, len(FORMULAS) + 1)
        ],
    )
    with duckdb.connect(str(database)) as connection:
        for number, text in enumerate(FORMULAS, 1):
            connection.execute(
                "update cartwise__customers set city = ?, total_net_amount = -5 "
                "where customer_id = ?",
                [text, str(number)],
            )

    for suffix in ("csv", "parquet"):
        file = tmp_path / f"customers.{suffix}"
        arguments = ["export", "cartwise__customers", str(file), "--database", str(database)]
        assert main(arguments) == 0

    with (tmp_path / "customers.csv").open(encoding="utf-8", newline="") as opened:
        rows = {int(row["customer_id"]): row for row in csv.DictReader(opened)}
    assert [rows[number]["city"] for number in sorted(rows)] == SAFE
    # a number is no text
    assert {row["total_net_amount"] for row in rows.values()} == {"-5.00"}
    parquet = duckdb.sql(f"from '{tmp_path / 'customers.parquet'}'").fetchall()
    assert sorted(parquet) == sorted(read(database, "from cartwise__customers"))
    with (tmp_path / "customers.csv").open(encoding="utf-8", newline="") as opened:
        header = next(csv.reader(opened))
    assert header == duckdb.sql(f"from '{tmp_path / 'customers.parquet'}'").columns


@pytest.mark.parametrize(
    ("mart", "file", "message"),
    [
        ("cartwise__nothing", "a.csv", "has no mart cartwise__nothing. It has: cartwise__"),
        ("stg_cartwise__customers", "a.csv", "has no mart stg_cartwise__customers"),
        ("cartwise__customers", "a.xlsx", "must end in .csv or .parquet"),
        ("cartwise__customers", "no/a.csv", "cannot be read or copied"),
    ],
)
def test_what_cannot_be_exported_is_explained(shop, tmp_path, mart, file, message):
    with pytest.raises(PublishingError, match=message):
        export_mart(shop / "cartwise.duckdb", mart, tmp_path / file)
    assert list_files(tmp_path) == []


# -- Erasing ---------------------------------------------------------------------------------------


def find_bytes(folder, text):
    return [
        path.relative_to(folder)
        for path in folder.rglob("*")
        if path.is_file() and text.encode() in path.read_bytes().lower()
    ]


@fault(
    "a customer asks to be erased",
    "after the rows are gone from the input and `cartwise erase`, no file holds the e-mail's bytes",
)
def test_erasing_leaves_no_bytes(shop, run_in, monkeypatch, capsys):
    database, published = shop / "cartwise.duckdb", shop / "marts.duckdb"
    customers = shop / FOLDER / "customers.csv"
    change(database, f"create table shop_customers as from read_csv({str(customers)!r})")
    customers.unlink()
    arguments = ["erase", "--database", str(database), "--folders", str(shop / "target")]

    def erase():
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{ERASED.upper()}\n"))
        return main(arguments)

    assert erase() == 1
    refused = capsys.readouterr().err
    assert "main.shop_customers.email (1 rows)" in refused
    assert ERASED not in refused.lower()

    change(database, f"delete from shop_customers where email = '{ERASED}'", "checkpoint")
    build = run_in(shop, *RUN, input_customers="main.shop_customers")
    assert build.succeeded, build.output
    # as if its tests had passed
    change(database, f"delete from {PENDING}")
    publish(shop)
    assert find_bytes(shop, ERASED) == [Path("cartwise.duckdb")], "there is something to erase"

    assert erase() == 0
    assert find_bytes(shop, ERASED) == []
    assert read(database, "select count(*) from shop_customers") == [(3,)]
    assert read(published, "select count(*) from cartwise__orders") == [(12,)]
    again = run_in(
        shop, "run", "--select", "stg_cartwise__customers", input_customers="main.shop_customers"
    )
    assert again.succeeded, again.output


@pytest.mark.parametrize("traces", [[], ["1234"], [ERASED, ""]])
def test_a_text_too_short_to_look_for_is_refused(shop, traces):
    with pytest.raises(PublishingError, match="at least 5 characters"):
        erase_traces(shop / "cartwise.duckdb", shop / "marts.duckdb", traces, [])


def test_files_with_traces_are_named(shop):
    text = "gone@example.org"
    (shop / "cartwise.duckdb.old").write_bytes(b"x" * 100 + text.upper().encode())
    (shop / "target" / "notes.txt").write_text(text)
    (shop / "unrelated.txt").write_text(text)
    left = erase_traces(
        shop / "cartwise.duckdb", shop / "marts.duckdb", [text], [shop / "target", shop / "none"]
    )
    assert left == [shop / "cartwise.duckdb.old", shop / "target" / "notes.txt"]


def test_marts_that_cannot_be_published_anew_stop_the_erasing(shop):
    publish(shop)
    change(shop / "cartwise.duckdb", f"insert into {PENDING} values ('model.a.b', 'error')")
    before = [(shop / name).read_bytes() for name in ("cartwise.duckdb", "marts.duckdb")]
    with pytest.raises(PublishingError, match=r"model.a.b \(error\)"):
        erase_traces(shop / "cartwise.duckdb", shop / "marts.duckdb", [ERASED + ".nl"], [])
    assert before == [(shop / name).read_bytes() for name in ("cartwise.duckdb", "marts.duckdb")]
