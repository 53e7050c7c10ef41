"""Fixtures that several test folders share."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from dbt_runs import REPOSITORY, DbtRun, call_dbt


@pytest.fixture(scope="session")
def run_dbt() -> Callable[..., DbtRun]:
    """Return the function that runs dbt on the project, in any folder."""
    return call_dbt


@pytest.fixture(scope="session")
def demo_build(tmp_path_factory: pytest.TempPathFactory) -> DbtRun:
    """Return a build of the bundled demo shop with all its data tests and unit tests."""
    build = call_dbt(["build"], tmp_path_factory.mktemp("demo") / "cartwise.duckdb")
    assert build.succeeded, build.output
    return build


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
