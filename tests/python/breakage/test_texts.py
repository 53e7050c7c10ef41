"""Texts arrive in the marts as they are, and files that cannot be read are named."""

import shutil

import pyarrow as pa
import pytest
from faults import fault
from small_shop import BUILD, FOLDER, RUN, make_shop, write_csv, write_parquet

CORE = (
    *("--select", "+path:models/marts/core", "+cartwise__data_quality"),
    *("--indirect-selection", "cautious"),
)

# -- Odd texts -------------------------------------------------------------------------------------

TEXTS = [
    "Zoë Ødegård, 東京",
    "👩‍👩‍👧 🍵",
    "שלום \u202eسمك",
    "Z̴̡a̶l̷g̸o",
    "'; drop table cartwise__orders; --",
    "x' or '1'='1",
    "{{ env_var('HOME') }} {% do exit() %}",
    '<script>alert("1")</script>',
    "100% %s %(x)s {0} $1 \\1",
    "C:\\new\\0 \\",
    "two\nlines\r\nor three",
    "=1+1",
    "\"'`,;\t|",
    "NULL",
    "nan",
    "-0",
    "\x01\x1b[31m\x7f",
    "no\0thing",
]
LONG = " ".join(f"word{number}" for number in range(235_000))


def write_texts(folder):
    """Write a shop with each text in each text column of each input.

    Some are CSV and some Parquet files.
    """
    shop = make_shop()
    texts = {
        "orders": ("order_id", "customer_id", "channel"),
        "order_lines": ("order_line_id", "order_id", "product_id"),
        "refunds": ("order_id", "product_id"),
        "customers": ("customer_id", "email", "gender", "country", "city"),
        "products": ("product_id", "name", "description", "category", "brand"),
        "reviews": (
            *("review_id", "product_id", "customer_id", "order_id"),
            *("title", "body", "topic", "language"),
        ),
        "events": ("event_id", "event_type", "customer_id", "session_id", "product_id"),
    }
    for name, columns in texts.items():
        first = {**shop[name][0]}
        for row in shop[name]:
            row.update({column: str(row[column]) for column in columns if row[column] is not None})
        shop[name] += [{**first, **dict.fromkeys(columns, text)} for text in TEXTS]
    order = shop["orders"][0]
    shop["orders"] += [
        {**order, "order_id": f"status {number}", "status": text}
        for number, text in enumerate(TEXTS)
    ]
    shop["reviews"][0]["body"] = LONG
    shop["customers"][0]["city"] = LONG
    csv_files = ("orders", "refunds", "customers", "products")
    write_csv({name: shop[name] for name in csv_files}, folder)
    others = {name: rows for name, rows in shop.items() if name not in csv_files}
    write_parquet(others, folder, {"reviews": {"topic": pa.string()}})


@pytest.fixture(scope="module")
def texts(empty_shop, run_in):
    """Return a build of the shop with every odd text everywhere."""
    folder = empty_shop()
    write_texts(folder)
    command = (*BUILD, "--exclude", "test_type:generic")
    build = run_in(folder, *command, max_set_aside_share=0.9)
    assert build.succeeded, build.output
    return build


@fault(
    "Unicode, emoji, right-to-left text, SQL, Jinja, HTML, line breaks or NUL bytes in every text"
    " column of every input",
    "green, and each arrives unchanged wherever a mart shows it",
)
def test_texts_arrive_unchanged(texts):
    shown = {
        "cartwise__orders": ("order_id", "customer_id", "channel"),
        "cartwise__order_lines": ("order_line_id", "order_id", "product_id"),
        "cartwise__customers": ("customer_id", "gender", "country", "city"),
        "cartwise__customer_identities": ("account_id", "customer_id"),
        "cartwise__products": ("product_id", "product_name", "description", "category", "brand"),
        "cartwise__review_sentiments": ("review_id", "product_id", "customer_id", "order_id"),
        "cartwise__customer_segments": ("customer_id",),
        "cartwise__repurchase_intervals": ("product_id",),
        "int_cartwise__reviews_checked": ("title", "body"),
        "int_cartwise__events_checked": ("event_id", "event_type", "session_id"),
    }
    missing = {
        (table, column): lost
        for table, columns in shown.items()
        for column in columns
        if (lost := set(TEXTS) - set(texts.column(f"select distinct {column} from {table}")))
    }
    assert missing == {}


@fault("a status is SQL, or any other odd text", "the order is set aside and counted")
def test_odd_statuses_are_set_aside(texts):
    assert texts.column(
        "select count_rows from cartwise__data_quality "
        "where input_name = 'orders' and rule = 'unknown_status'"
    ) == [len(TEXTS)]


@fault("a review and a cell of a CSV file of 2.4 MB", "they arrive whole")
def test_long_texts_arrive_whole(texts):
    assert len(LONG) > 2_400_000
    assert texts.column(
        f"select count(*) from int_cartwise__reviews_checked where body = '{LONG}'"
    ) == [1]
    assert texts.column(f"select count(*) from cartwise__customers where city = '{LONG}'") == [1]


# -- Odd files -------------------------------------------------------------------------------------


@fault(
    "CSV with tabs, pipes, CRLF ends, quoted line breaks, or one byte-order mark",
    "the same marts as from commas",
)
def test_dialects_of_csv_are_told(good_build, empty_shop, run_in, marts_of):
    folder = empty_shop()
    (folder / "cartwise.duckdb").unlink()
    shop = make_shop()
    write_csv({name: shop[name] for name in ("orders", "customers")}, folder, delimiter="\t")
    write_csv({name: shop[name] for name in ("order_lines", "reviews")}, folder, delimiter="|")
    write_csv({"events": shop["events"]}, folder, encoding="utf-8-sig")
    write_csv({name: shop[name] for name in ("refunds", "products")}, folder)
    refunds = folder / FOLDER / "refunds.csv"
    refunds.write_bytes(refunds.read_bytes().replace(b"\r\n", b"\n"))

    build = run_in(folder, *RUN, *CORE)

    assert build.succeeded, build.output
    marts = marts_of(build)
    assert len(marts) >= 8
    assert marts == {name: good_build.marts[name] for name in marts}


@pytest.fixture(scope="module")
def unreadable(good_build, empty_shop, run_in):
    """Return a build of a shop where each file has a fault of its own, over good marts."""
    folder = empty_shop()
    shop = make_shop()
    write_csv(shop, folder)
    files = folder / FOLDER
    (files / "orders.csv").rename(files / "moved.csv")
    (files / "orders.csv").mkdir()
    (files / "moved.csv").rename(files / "orders.csv" / "orders.csv")
    lines = (files / "order_lines.csv").read_text()
    (files / "order_lines.csv").write_bytes(lines.replace(",12,", ",thé,").encode("latin-1"))
    (files / "refunds.csv").write_bytes(b"order_id,amount,refunded_at\r\n1,1,2025\n1,2,2025\r\n")
    customers = (files / "customers.csv").read_text()
    (files / "customers.csv").write_text(customers.partition("\n")[2])
    (files / "events.csv").write_bytes(b"")
    write_parquet({name: shop[name] for name in ("products", "reviews")}, folder, {})
    whole = (files / "products.parquet").read_bytes()
    (files / "products.parquet").write_bytes(whole[: len(whole) // 2])
    (files / "reviews.parquet").write_text("review_id,body\n1,good\n")
    return run_in(folder, "--debug", *RUN)


UNREADABLE = [
    pytest.param(
        ['orders.csv": Is a directory', "`orders` cannot be read"],
        marks=fault("a folder is called orders.csv", "the message says so"),
    ),
    pytest.param(
        ["`order_lines`: 8 line(s) of order_lines.csv", "from line 3 to line 24", "as UTF-8"],
        marks=fault(
            "a CSV file is written in Latin-1", "the message counts the lines and asks for UTF-8"
        ),
    ),
    pytest.param(
        ["refunds.csv", "`refunds` cannot be read", "must end alike"],
        marks=fault("lines end in both ways", "the message names the file and says what to do"),
    ),
    pytest.param(
        ["`customers`", "lacks 1 required column(s): customer_id. It has: ?, ?, ?, female, nl"],
        marks=fault(
            "a CSV file has no header",
            "the message lists the missing columns, and nothing that may be personal",
        ),
    ),
    pytest.param(
        ["products.parquet", "`products` cannot be read", "must be whole"],
        marks=fault("a Parquet file is cut short", "the message names the file and what to do"),
    ),
    pytest.param(
        ["reviews.parquet", "`reviews` cannot be read", "must be whole"],
        marks=fault("a Parquet file is none", "the message names the file and what to do"),
    ),
    pytest.param(
        ["`events`", "lacks 3 required column(s): event_id, occurred_at, event_type"],
        marks=fault("a CSV file has 0 bytes", "the message lists the missing columns"),
    ),
]


@pytest.mark.parametrize("parts", UNREADABLE)
def test_a_file_that_cannot_be_read_is_named(parts, unreadable, good_build, marts_of):
    assert not unreadable.succeeded
    output = " ".join(unreadable.output.split())
    assert [part for part in parts if part not in output] == []
    assert marts_of(unreadable) == good_build.marts


def test_no_message_shows_python_or_a_person(unreadable):
    log = (unreadable.database.parent / "logs" / "dbt.log").read_text()
    assert "Traceback" not in unreadable.output
    assert [text for text in ("@example", "1981-01-31") if text in unreadable.output + log] == []


@fault("the folder of `data_path` is not there", "the message names it; old marts stay")
def test_a_missing_folder_is_named(good_build, empty_shop, run_in, marts_of):
    folder = empty_shop()
    (folder / FOLDER).rmdir()
    build = run_in(folder, *RUN)
    assert not build.succeeded
    assert f"no orders.parquet or orders.csv in the folder {FOLDER}" in build.output
    assert "Traceback" not in build.output
    assert marts_of(build) == good_build.marts


@fault(
    "the name of the folder stands for that of another, as shop [1] for shop 1", "it is read itself"
)
def test_another_folder_is_never_read(empty_shop, run_in):
    folder = empty_shop()
    shop = make_shop()
    write_csv(shop, folder)
    other = folder / FOLDER.replace("[1]*", "1 of another")
    shutil.copytree(folder / FOLDER, other)
    write_csv({"orders": shop["orders"][:1]}, folder)

    build = run_in(folder, "run", "--select", "stg_cartwise__orders")

    assert build.succeeded, build.output
    assert build.column("select count(*) from int_cartwise__orders_checked") == [12]
    assert run_in(folder, "run", "--select", "int_cartwise__orders_checked").succeeded
    assert build.column("select count(*) from int_cartwise__orders_checked") == [1]
