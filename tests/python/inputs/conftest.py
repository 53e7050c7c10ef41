"""The small shop, built once; tests copy the build and change its files."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from small_shop import FOLDER, RUN, make_shop, write_csv

Marts = dict[str, list[tuple[str, ...]]]


def read_marts(build: Any) -> Marts:
    """Return every mart's rows as text, sorted: equal when the contents are."""
    names = build.column(
        "select table_name from information_schema.tables "
        "where table_schema = 'main' and starts_with(table_name, 'cartwise__')"
    )
    return {
        name: sorted(tuple(map(repr, row)) for row in build.query(f"select * from {name}"))
        for name in names
    }


@dataclass(frozen=True)
class GoodBuild:
    """A folder with a shop and its database, and the marts in it."""

    folder: Path
    marts: Marts

    def copy(self, folder: Path) -> Path:
        """Copy shop, database and what dbt remembers of the project."""
        return Path(shutil.copytree(self.folder, folder / "copy"))


@pytest.fixture(scope="session")
def run_in(run_dbt: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that runs dbt on the small shop of a folder."""

    def run_in(folder: Path, *command: str, **variables: Any) -> Any:
        variables = {"data_path": FOLDER, **variables}
        return run_dbt(command, folder / "cartwise.duckdb", variables)

    return run_in


@pytest.fixture(scope="session")
def marts_of() -> Callable[[Any], Marts]:
    """Return the function that reads all marts of a build."""
    return read_marts


@pytest.fixture(scope="session")
def good_build(tmp_path_factory: pytest.TempPathFactory, run_in: Callable[..., Any]) -> GoodBuild:
    """Return a build of the small shop from CSV files."""
    folder = tmp_path_factory.mktemp("good")
    write_csv(make_shop(), folder)
    build = run_in(folder, *RUN)
    assert build.succeeded, build.output
    return GoodBuild(folder, read_marts(build))
