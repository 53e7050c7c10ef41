"""Fixtures that several test folders share."""

import fcntl
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from dbt_runs import REPOSITORY, DbtRun, call_dbt
from small_shop import BUILD, FOLDER, make_shop, write_csv

# what takes longest starts first, or one process would be left alone with it at the end
LONGEST = ("spark", "examples")

Marts = dict[str, list[tuple[str, ...]]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest tests first."""
    items.sort(key=lambda item: item.path.parent.name not in LONGEST)


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
def run_dbt() -> Callable[..., DbtRun]:
    """Return the function that runs dbt on the project, in any folder."""
    return call_dbt


def build_demo(folder: Path) -> None:
    """Build the bundled demo shop with all its data tests and unit tests."""
    folder.mkdir()
    build = call_dbt(["build", "--write-json"], folder / "cartwise.duckdb")
    if not build.succeeded:
        shutil.rmtree(folder)
    assert build.succeeded, build.output


@pytest.fixture(scope="session")
def demo_build(tmp_path_factory: pytest.TempPathFactory) -> DbtRun:
    """Return a build of the demo, which only one of several processes of tests makes."""
    folder = tmp_path_factory.getbasetemp() / "demo"
    if "PYTEST_XDIST_WORKER" not in os.environ:
        build_demo(folder)
    else:
        shared = folder.parents[1] / "demo"
        with shared.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not shared.exists():
                build_demo(shared)
            shutil.copytree(shared, folder)
    return DbtRun(True, (folder / "dbt_output.txt").read_text(), folder / "cartwise.duckdb")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data sets, which are not part of the repository.

    The environment variable CARTWISE_SHARED_DATA names it; without it, `shared/data` beside the
    checkout is used.
    """
    default = REPOSITORY.parent / "shared" / "data"
    folder = Path(os.environ.get("CARTWISE_SHARED_DATA", default))
    if not folder.is_dir():
        pytest.skip(f"no real data sets in {folder}: set CARTWISE_SHARED_DATA to their folder")
    return folder


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
    build = run_in(folder, *BUILD)
    assert build.succeeded, build.output
    return GoodBuild(folder, read_marts(build))


@pytest.fixture
def shop(good_build: GoodBuild, tmp_path: Path) -> Path:
    """Return a folder with the small shop and its build, to be changed."""
    return good_build.copy(tmp_path)
