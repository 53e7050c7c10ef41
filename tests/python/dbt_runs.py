"""Run dbt on the project, as its own process."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

REPOSITORY = Path(__file__).resolve().parents[2]


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


def call_dbt(
    command: Sequence[str],
    database: Path,
    variables: Mapping[str, Any] | None = None,
    project: Path = REPOSITORY,
    environment: Mapping[str, str] | None = None,
    working_directory: Path | None = None,
) -> DbtRun:
    """Run dbt as its own process: in-process it would keep the database locked."""
    folder = database.parent
    process = subprocess.run(
        [
            str(Path(sys.executable).parent / "dbt"),
            "--no-use-colors",
            *command,
            "--project-dir",
            str(project),
            "--profiles-dir",
            str(project),
            "--vars",
            json.dumps(dict(variables or {})),
        ],
        cwd=working_directory or folder,
        env={
            **os.environ,
            "CARTWISE_DB": str(database),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
            **(environment or {}),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return DbtRun(process.returncode == 0, process.stdout, database)
