"""The machine fails, other processes interfere, or it is set up in another way."""

import os
import re
import resource
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import duckdb
import pytest
from dbt_runs import REPOSITORY, call_dbt, change, publish
from faults import fault
from small_shop import FOLDER, RUN

from cartwise.publishing import PublishingError

CORE = ("--select", "+path:models/marts/core")
COUNT_LINES = 300_000
NEW_MARTS = [path.stem for path in (REPOSITORY / "models" / "marts" / "core").glob("*.sql")]


def spoil_marts(folder):
    """Change what only a build can put right again."""
    change(
        folder / "cartwise.duckdb",
        "update cartwise__orders set channel = 'spoiled'",
        "delete from cartwise__basket_rules",
        "update cartwise__daily_sales set total_net_amount = -1",
    )


# -- Disk and memory -------------------------------------------------------------------------------


def write_large_shop(folder):
    """Write 30,000 orders of ten lines each."""
    for path in (folder / FOLDER).iterdir():
        path.unlink()
    for name, query in {
        "orders": "select range as order_id, range % 999 as customer_id, "
        f"timestamp '2025-01-01' + to_minutes(range) as ordered_at from range({COUNT_LINES // 10})",
        "order_lines": "select range as order_line_id, range // 10 as order_id, "
        "'product ' || hash(range) % 5000 as product_id, 1 as quantity, "
        f"1 + range % 700 / 100 as unit_price from range({COUNT_LINES})",
    }.items():
        file = str(folder / FOLDER / f"{name}.parquet").replace("'", "''")
        duckdb.sql(f"copy ({query}) to '{file}'")


@contextmanager
def limit_files(size):
    """Let no process that is started here write past a size, as if the disk were full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@fault(
    "the disk is full while dbt builds",
    "a message; each mart is the old or the new one, none is published; the next build is fine",
)
def test_a_full_disk_stops_the_build(shop, run_in, marts_of, good_build):
    publish(shop)
    published = (shop / "marts.duckdb").read_bytes()
    size = (shop / "cartwise.duckdb").stat().st_size
    write_large_shop(shop)
    with limit_files(size + 1_000_000):
        build = call_dbt(
            [*RUN, *CORE],
            shop / "cartwise.duckdb",
            {"data_path": FOLDER},
            in_own_process=True,
        )

    assert not build.succeeded
    assert "File too large" in build.output
    assert "Traceback" not in build.output
    # the one mart that does not read the lines is new
    marts = marts_of(build)
    changed = {name for name, rows in good_build.marts.items() if marts[name] != rows}
    assert changed <= {"cartwise__customer_identities"}
    with pytest.raises(PublishingError, match="did not end well"):
        publish(shop)
    assert (shop / "marts.duckdb").read_bytes() == published

    again = run_in(shop, *RUN, *CORE)
    assert again.succeeded, again.output
    assert again.column("select count(*) from cartwise__order_lines") == [COUNT_LINES]


PROFILE = """
cartwise:
  target: small
  outputs:
    small:
      type: duckdb
      path: "{{ env_var('CARTWISE_DB') }}"
      threads: 2
      config_options: {memory_limit: 60MB, temp_directory: spilled}
"""


@fault("there is less memory than the tables take", "they are spilled to disk, and complete")
def test_little_memory_is_enough(shop, tmp_path):
    write_large_shop(shop)
    project = tmp_path / "project"
    project.mkdir()
    for name in ("dbt_project.yml", "macros", "models", "seeds", "tests"):
        (project / name).symlink_to(REPOSITORY / name)
    (project / "profiles.yml").write_text(PROFILE)

    build = call_dbt(
        [*RUN, *CORE], shop / "cartwise.duckdb", {"data_path": FOLDER}, project=project
    )

    assert build.succeeded, build.output
    file = str(shop / FOLDER / "order_lines.parquet").replace("'", "''")
    expected = duckdb.sql(f"select count(*), round(sum(unit_price), 2) from '{file}'").fetchall()
    for mart in ("orders", "order_lines", "customers", "products", "daily_sales"):
        amount = "net_amount" if mart in ("orders", "order_lines") else "total_net_amount"
        assert build.query(f"select sum({amount}) from cartwise__{mart}") == [expected[0][1:]]
    assert build.query("select count(*) from cartwise__order_lines") == [expected[0][:1]]


@fault("a folder has the name of the database", "dbt's message; nothing is written")
def test_a_database_that_cannot_be_opened_is_named(shop, run_in):
    (shop / "cartwise.duckdb").unlink()
    (shop / "cartwise.duckdb").mkdir()
    build = run_in(shop, *RUN)
    assert not build.succeeded
    assert "Is a directory" in build.output
    assert list((shop / "cartwise.duckdb").iterdir()) == []


# -- Other processes -------------------------------------------------------------------------------

HOLDER = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(1, flush=True); input()"


@fault(
    "another process holds the database when dbt starts",
    "dbt's message; the marts stay as they are",
)
def test_a_locked_database_is_left_alone(shop, run_in, marts_of, good_build):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(shop / "cartwise.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    holder.stdout.readline()
    try:
        build = run_in(shop, *RUN)
    finally:
        holder.communicate(b"\n")
    assert not build.succeeded
    assert "Could not set lock on file" in build.output
    assert marts_of(build) == good_build.marts


@fault(
    "a dashboard keeps marts.duckdb open while dbt builds and marts are published",
    "no error on either side: it reads the old marts, whoever opens the file then the new ones",
)
def test_a_reader_and_a_build_do_not_disturb_each_other(shop, run_in):
    change(
        shop / "cartwise.duckdb",
        "delete from cartwise__daily_sales where order_date < '2025-01-09'",
    )
    publish(shop)
    days = "select count(*) from cartwise__daily_sales"
    with duckdb.connect(str(shop / "marts.duckdb"), read_only=True) as reader:
        before = reader.sql(days).fetchall()
        build = run_in(shop, "build", "--select", "cartwise__daily_sales")
        assert build.succeeded, build.output
        publish(shop)
        assert reader.sql(days).fetchall() == before
    with duckdb.connect(str(shop / "marts.duckdb"), read_only=True) as reader:
        ((count,),) = reader.sql(days).fetchall()
    assert count == before[0][0] + 8


def kill_at(folder, model, run):
    """Run dbt until it has begun a model, and kill it there."""
    answers = []
    thread = threading.Thread(target=lambda: answers.append(run()))
    (folder / "dbt_output.txt").unlink()
    thread.start()
    output = folder / "dbt_output.txt"
    until = time.monotonic() + 60
    while not re.search(rf"START .* main\.{model} ", output.read_text() if output.exists() else ""):
        assert thread.is_alive(), answers
        assert time.monotonic() < until
        time.sleep(0.005)
    os.kill(int((folder / "dbt_output.pid").read_text()), signal.SIGKILL)
    thread.join()
    assert not answers[0].succeeded


@fault(
    "dbt is killed in the middle of a SQL model, then in the middle of a Python model",
    "nothing is published; the next build makes the marts of one that was never killed",
)
def test_a_killed_build_is_made_good_by_the_next(shop, run_in, marts_of, good_build):
    spoil_marts(shop)
    for model, command in {
        "int_cartwise__order_lines": ("run", *CORE),
        "ml_cartwise__association_rules": ("run", "--select", "+cartwise__basket_rules"),
    }.items():
        kill_at(shop, model, lambda command=command: run_in(shop, *command))
        with pytest.raises(PublishingError, match=r"\(unfinished\)"):
            publish(shop)

    build = run_in(shop, "run", *CORE, "+cartwise__basket_rules")
    assert build.succeeded, build.output
    assert marts_of(build) == good_build.marts


# -- Another machine -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def two_builds(good_build, run_in, tmp_path_factory):
    """Return a build of another time zone and locale, and one of the same database meanwhile."""
    folder = good_build.copy(tmp_path_factory.mktemp("two"))
    spoil_marts(folder)
    locales = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout
    environment = {
        "TZ": "Asia/Kolkata",
        "LC_ALL": "tr_TR.utf8" if "tr_TR.utf8" in locales else "C",
    }
    answers = []

    def build():
        answers.append(
            call_dbt(
                [*RUN, *CORE, "--threads", "8"],
                folder / "cartwise.duckdb",
                {"data_path": FOLDER},
                environment=environment,
                in_own_process=True,
            )
        )

    thread = threading.Thread(target=build)
    log = folder / "logs" / "dbt.log"
    log.unlink(missing_ok=True)
    thread.start()
    until = time.monotonic() + 60
    while not (log.exists() and "stg_cartwise__orders" in log.read_text()):
        assert thread.is_alive()
        assert time.monotonic() < until
        time.sleep(0.01)
    second = run_in(folder, *RUN, *CORE)
    thread.join()
    return answers[0], second


@fault("two builds of one database at once", "one wins; the other stops with dbt's message")
def test_of_two_builds_one_wins(two_builds, marts_of, good_build):
    first, second = two_builds
    assert first.succeeded, first.output
    assert not second.succeeded
    assert "Could not set lock on file" in second.output


@fault("another time zone and locale, and 8 threads", "the same marts to the last digit")
def test_time_zone_and_locale_change_nothing(two_builds, marts_of, good_build):
    marts = marts_of(two_builds[0])
    assert {name: marts[name] == good_build.marts[name] for name in NEW_MARTS} == dict.fromkeys(
        NEW_MARTS, True
    )


CLOCKS = (
    r"\b(now|today|get_current_\w+|random|uuid)\(|\bcurrent_(date|time|timestamp)\b|\bgetdate\b"
)


@fault("the clock is wrong", "the same marts: no SQL and no model asks for the time")
def test_nothing_depends_on_the_clock(good_build):
    compiled = good_build.folder / "target" / "run"
    found = {
        path.name: match.group()
        for path in compiled.rglob("*")
        if path.suffix in (".sql", ".py")
        and (match := re.search(CLOCKS, path.read_text(), re.IGNORECASE))
    }
    assert len(list(compiled.rglob("*.sql"))) > 100
    assert found == {}


@fault(
    "the database is of an older version: columns and tables are missing, others are too many",
    "green, with the new columns; earlier runs are kept",
)
def test_an_older_database_is_brought_up_to_date(shop, run_in, marts_of, good_build):
    change(
        shop / "cartwise.duckdb",
        "alter table cartwise__model_metrics drop column baseline",
        "alter table cartwise__model_metrics add column accuracy double",
        "update cartwise__model_metrics set as_of_date = as_of_date - 30",
        "alter table score_cartwise__segments drop column silhouette",
        "create table cartwise__customer_values as from cartwise__customers",
        "drop table cartwise__basket_rules",
        "drop table int_cartwise__order_lines cascade",
        "create or replace table int_cartwise__reviews_checked as select 1 as one",
    )
    build = run_in(shop, *RUN)
    assert build.succeeded, build.output
