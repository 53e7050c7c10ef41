"""Run dbt on the project, as its own process."""

import atexit
import functools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from cartwise.publishing import publish_marts

REPOSITORY = Path(__file__).resolve().parents[2]

# what dbt remembers of a project that it has parsed
PARSED = "partial_parse.msgpack"
_parsed: dict[tuple[str, ...], Path] = {}


@dataclass(frozen=True)
class DbtRun:
    """What a dbt command left behind."""

    succeeded: bool
    output: str
    database: Path

    def query(self, sql: str) -> list[tuple]:
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.sql(sql).fetchall()

    def column(self, sql: str) -> list[Any]:
        return [row[0] for row in self.query(sql)]


def change(database: Path, *statements: str) -> None:
    """Run statements on a database that no dbt has open."""
    with duckdb.connect(str(database)) as connection:
        for statement in statements:
            connection.execute(statement)


def publish(folder: Path) -> None:
    """Publish the marts of a folder's build beside it."""
    publish_marts(folder / "cartwise.duckdb", folder / "marts.duckdb")


def call_dbt(
    command: Sequence[str],
    database: Path,
    variables: Mapping[str, Any] | None = None,
    project: Path = REPOSITORY,
    environment: Mapping[str, str] | None = None,
    working_directory: Path | None = None,
    in_own_process: bool = False,
) -> DbtRun:
    """Run dbt outside this process, in which it would keep the database locked.

    It is a fork of the server of `dbt_server.py` or, `in_own_process`, the command as users run it,
    which shares neither modules nor the order of sets with other runs. Unless there is a
    `working_directory`, it runs in the database's folder: where the path to it is the same in each
    folder, dbt parses the project once for each set of vars.
    """
    folder = database.parent
    target = folder / "target"
    variables_text = json.dumps(dict(variables or {}))
    arguments = [
        *("--no-use-colors", *command),
        *("--project-dir", str(project), "--profiles-dir", str(project)),
        *("--vars", variables_text),
    ]
    run = {
        "folder": str(working_directory or folder),
        "environment": {
            **os.environ,
            "CARTWISE_DB": str(database) if working_directory else database.name,
            "DBT_TARGET_PATH": str(target),
            "DBT_LOG_PATH": str(folder / "logs"),
            # a second of each run, unless its command holds --write-json
            "DBT_WRITE_JSON": "false",
            **(environment or {}),
        },
    }
    # dbt itself finds out whether it may use this
    known = _parsed.setdefault((str(project), variables_text), target / PARSED)
    if known.exists() and not (target / PARSED).exists():
        target.mkdir(exist_ok=True)
        shutil.copy(known, target)
    if in_own_process:
        exit_code, output = _run_command(arguments, **run)
    else:
        exit_code, output = _ask_server(arguments, **run)
    return DbtRun(exit_code == 0, output, database)


def _run_command(
    arguments: Sequence[str], folder: str, environment: Mapping[str, str]
) -> tuple[int, str]:
    process = subprocess.run(
        [str(Path(sys.executable).parent / "dbt"), *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return process.returncode, process.stdout


def _ask_server(
    arguments: Sequence[str], folder: str, environment: Mapping[str, str]
) -> tuple[int, str]:
    server = _start_server()
    output = Path(environment["DBT_LOG_PATH"]).parent / "dbt_output.txt"
    run = {"folder": folder, "environment": environment, "output": str(output)}
    print(json.dumps({**run, "arguments": list(arguments)}), file=server.stdin, flush=True)
    exit_code = server.stdout.readline()
    assert exit_code, "the dbt server has ended"
    return int(exit_code), output.read_text(errors="replace")


@functools.cache
def _start_server() -> subprocess.Popen:
    script = Path(__file__).with_name("dbt_server.py")
    server = subprocess.Popen(
        # Python 3.12 and later warn of forks beside threads, here those of libraries that bear it
        [sys.executable, "-W", "ignore:This process", str(script), str(REPOSITORY)],
        env={**os.environ, "CARTWISE_DB": ":memory:"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    # it ends when its input does
    atexit.register(server.communicate)
    return server
