"""What happens to a finished build: publish its marts, export one, leave no trace of a person.

Every file is written beside the old one and swapped in when it is complete, so that whoever reads
sees the old one or the new one, whole.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb

import cartwise

MARTS_PREFIX = "cartwise__"
PENDING = "cartwise_pending"
STORAGE_VERSION = "v1.5.0"
"""DuckDB from this version on can open what is published, which is more than what built it."""
FORMULA_STARTS = "=+-@\t\r\n"
"""A spreadsheet takes a text that starts so for a formula (OWASP, "CSV Injection")."""
SHORTEST_TRACE = 5
CHUNK = 1 << 22


class PublishingError(Exception):
    """Something that the user has to put right; the message says what and how."""


def publish_marts(database: Path, published: Path) -> dict[str, int]:
    """Copy the marts of a green build into a file for readers, and swap it in.

    Readers never block a build nor a build them: those that have the old file open keep it, whole.

    Parameters
    ----------
    database : pathlib.Path
        The DuckDB file that dbt builds into.
    published : pathlib.Path
        The file to replace. It holds the tables whose names start with ``cartwise__``, all in the
        schema main, and `cartwise__publication`: one row with version, as-of date and time.

    Returns
    -------
    dict of str to int
        Number of rows of each mart.

    Raises
    ------
    PublishingError
        If the last build of any model, or its tests, did not end well, another process writes, or
        there is no room. The old file is then as it was.
    """
    if database.resolve() == published.resolve():
        raise PublishingError(f"The marts of {database} cannot be published into the file itself.")
    with _read(database, published) as connection, _replace(published) as unfinished:
        marts = _find_marts(connection, database)
        _check_nothing_is_pending(connection, database)
        connection.execute(
            f"attach {_literal(unfinished)} as published (storage_version '{STORAGE_VERSION}')"
        )
        counts = {
            name: connection.execute(
                f"create table published.{_quote(name)} as from {_relation(schema, name)}"
            ).fetchone()[0]
            for name, schema in marts.items()
        }
        connection.execute(
            f"create table published.{MARTS_PREFIX}publication as select "
            "cast(? as varchar) as cartwise_version, cast(? as date) as as_of_date, "
            "cast(? as timestamp) as published_at, cast(? as integer) as count_marts",
            [
                cartwise.__version__,
                _find_as_of_date(connection, marts),
                datetime.now(UTC).replace(tzinfo=None),
                len(marts),
            ],
        )
        connection.execute("detach published")
    return counts


def export_mart(database: Path, mart: str, file: Path) -> int:
    """Write one mart to a CSV or Parquet file.

    In CSV a text that a spreadsheet would take for a formula gets an apostrophe before it.

    Parameters
    ----------
    database : pathlib.Path
        A published file, or one that dbt builds into.
    mart : str
        Its table.
    file : pathlib.Path
        Where to; its suffix, .csv or .parquet, says how.

    Returns
    -------
    int
        Number of rows.

    Raises
    ------
    PublishingError
        If there is no such mart, the suffix is another one, or the file cannot be written.
    """
    if file.suffix not in {".csv", ".parquet"}:
        raise PublishingError(f"{file} must end in .csv or .parquet.")
    with _read(database, file) as connection, _replace(file) as unfinished:
        marts = _find_marts(connection, database)
        if mart not in marts:
            raise PublishingError(f"{database} has no mart {mart}. It has: {', '.join(marts)}.")
        relation = _relation(marts[mart], mart)
        described = connection.execute(f"describe {relation}").fetchall()
        columns = [_quote(name) for name, *_ in described]
        if file.suffix == ".csv":
            columns = [_defuse(name, kind) for name, kind, *_ in described]
        return connection.execute(
            f"copy (select {', '.join(columns)} from {relation}) to {_literal(unfinished)} "
            f"(format {file.suffix[1:]})"
        ).fetchone()[0]


def erase_traces(
    database: Path, published: Path, traces: Sequence[str], folders: Iterable[Path]
) -> list[Path]:
    """Write a database anew without what was deleted from it, and look for traces that are left.

    DuckDB keeps the bytes of rows that were deleted or replaced until their space is used again.

    Parameters
    ----------
    database : pathlib.Path
        The DuckDB file that dbt builds into. The rows in question must be gone from the shop's
        data, and the marts built since.
    published : pathlib.Path
        The published marts; written anew where the file exists.
    traces : sequence of str
        E-mail addresses or other texts of at least five characters, in any case.
    folders : iterable of pathlib.Path
        Other folders to look into, such as dbt's target and logs.

    Returns
    -------
    list of pathlib.Path
        Files in which bytes of a trace were found after all.

    Raises
    ------
    PublishingError
        If a table still holds one of the texts, or what `publish_marts` raises. Nothing has been
        changed then.
    """
    if not traces or min(map(len, traces)) < SHORTEST_TRACE:
        raise PublishingError(
            f"Give the texts to erase, one a line, each of at least {SHORTEST_TRACE} characters: "
            "shorter ones would be found by chance."
        )
    with _read(database, database) as connection:
        if found := list(_find_columns(connection, traces)):
            places = ", ".join(f"{place} ({count} rows)" for place, count in found[:10])
            raise PublishingError(
                f"{len(found)} column(s) of {database} still hold what is to be erased: {places}. "
                "Delete it from the shop's own data, run `dbt build --full-refresh`, then erase."
            )
        if published.exists():
            _check_nothing_is_pending(connection, database)
        with _replace(database) as unfinished:
            connection.execute(f"attach {_literal(unfinished)} as rewritten")
            connection.execute("copy from database work to rewritten")
            connection.execute("detach rewritten")
    if published.exists():
        publish_marts(database, published)
    files = [
        path
        for folder in {database.parent, published.parent}
        for path in folder.iterdir()
        if database.stem in path.name or published.stem in path.name
    ]
    files += [path for folder in folders for path in folder.rglob("*")]
    return [path for path in sorted(set(files)) if path.is_file() and _holds(path, traces)]


@contextmanager
def _read(database: Path, *written: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database as `work`, to be read only; it reaches no file but those `written`."""
    if not database.is_file():
        raise PublishingError(f"There is no database {database}: run `dbt build` first.")
    with duckdb.connect(config={"temp_directory": f"{database}.tmp"}) as connection:
        try:
            connection.execute(f"attach {_literal(database)} as work (read_only)")
            folders = ", ".join(_literal(file.absolute().parent) for file in written)
            connection.execute(f"set allowed_directories = [{folders}]")
            connection.execute("set enable_external_access = false")
            connection.execute("set lock_configuration = true")
            yield connection
        except duckdb.Error as error:
            (reason, *_) = str(error).splitlines()
            raise PublishingError(
                f"{database} cannot be read or copied: {reason} "
                "If another process builds into it, wait for it to end."
            ) from error
        except OSError as error:
            raise PublishingError(f"{error.filename}: {error.strerror}") from error


@contextmanager
def _replace(file: Path) -> Iterator[Path]:
    """Give a name beside a file to write to, and swap what was written in when all went well."""
    for left in file.parent.glob(f".{file.name}.*.tmp"):
        if not _is_running(left.name.split(".")[-2]):
            left.unlink(missing_ok=True)
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        yield unfinished
        with unfinished.open("rb+") as written:
            os.fsync(written.fileno())
        # what a crashed writer left beside the old file does not belong to the new one
        file.with_name(f"{file.name}.wal").unlink(missing_ok=True)
        os.replace(unfinished, file)
    finally:
        unfinished.unlink(missing_ok=True)
        unfinished.with_name(f"{unfinished.name}.wal").unlink(missing_ok=True)


def _is_running(process_id: str) -> bool:
    try:
        os.kill(int(process_id), 0)
    except PermissionError:
        return True
    except (OSError, ValueError, OverflowError):
        return False
    return True


def _find_marts(connection: duckdb.DuckDBPyConnection, database: Path) -> dict[str, str]:
    """Return the schema of each mart."""
    rows = connection.execute(
        "select table_name, list(table_schema order by table_schema) "
        "from information_schema.tables "
        "where table_catalog = 'work' and starts_with(table_name, ?) group by 1 order by 1",
        [MARTS_PREFIX],
    ).fetchall()
    if not rows:
        raise PublishingError(f"{database} holds no marts: run `dbt build` first.")
    for name, schemas in rows:
        if len(schemas) > 1:
            raise PublishingError(
                f"{database} holds {name} in the schemas {', '.join(schemas)}: drop those that are "
                "not used, or build each into a database of its own."
            )
    return {name: schemas[0] for name, schemas in rows}


def _check_nothing_is_pending(connection: duckdb.DuckDBPyConnection, database: Path) -> None:
    schemas = connection.execute(
        "select table_schema from information_schema.tables "
        "where table_catalog = 'work' and table_name = ?",
        [PENDING],
    ).fetchall()
    if not schemas:
        raise PublishingError(f"{database} has no table {PENDING}: run `dbt build` first.")
    pending = [
        f"{node_id} ({status})"
        for (schema,) in schemas
        for node_id, status in connection.execute(
            f"select node_id, status from {_relation(schema, PENDING)} "
            "order by status = 'skipped', status = 'unfinished', node_id"
        ).fetchall()
    ]
    if pending:
        raise PublishingError(
            f"{len(pending)} model(s) or test(s) of {database} did not end well or have not run "
            f"since: {', '.join(pending[:5])}. Nothing was published. Put it right and run "
            "`dbt build`."
        )


def _find_as_of_date(connection: duckdb.DuckDBPyConnection, marts: dict[str, str]) -> object:
    name = f"{MARTS_PREFIX}customers"
    if name not in marts:
        return None
    return connection.execute(
        f"select max(as_of_date) from {_relation(marts[name], name)}"
    ).fetchone()[0]


def _find_columns(
    connection: duckdb.DuckDBPyConnection, traces: Sequence[str]
) -> Iterator[tuple[str, int]]:
    """Find columns of tables that hold one of the texts, and in how many rows."""
    columns = connection.execute(
        "select schema_name, table_name, column_name from duckdb_columns() "
        "semi join duckdb_tables() using (database_name, table_oid) "
        "where database_name = 'work' and data_type like '%VARCHAR%' order by all"
    ).fetchall()
    for schema, table, column in columns:
        (count,) = connection.execute(
            f"select count(*) from {_relation(schema, table)} where list_bool_or(list_transform("
            f"cast(? as varchar[]), "
            f"lambda trace: contains(lower(cast({_quote(column)} as varchar)), trace)))",
            [[trace.lower() for trace in traces]],
        ).fetchone()
        if count:
            yield f"{schema}.{table}.{column}", count


def _holds(file: Path, traces: Sequence[str]) -> bool:
    """Look for texts in the bytes of a file."""
    wanted = [trace.lower().encode() for trace in traces]
    overlap = max(map(len, wanted))
    end = b""
    with file.open("rb") as opened:
        while chunk := opened.read(CHUNK):
            window = (end + chunk).lower()
            if any(trace in window for trace in wanted):
                return True
            end = window[-overlap:]
    return False


def _defuse(name: str, kind: str) -> str:
    """Return the expression of a column in which no text can be taken for a formula."""
    column = _quote(name)
    if kind != "VARCHAR":
        return column
    return (
        f"case when {column} <> '' and contains({_literal(FORMULA_STARTS)}, left({column}, 1)) "
        f"then '''' || {column} else {column} end as {column}"
    )


def _relation(schema: str, name: str) -> str:
    return f"work.{_quote(schema)}.{_quote(name)}"


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str | Path) -> str:
    return "'" + str(text).replace("'", "''") + "'"
