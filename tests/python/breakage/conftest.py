"""Fixtures of the tests that break things."""

import pytest
from small_shop import FOLDER, write_csv


@pytest.fixture(scope="session")
def empty_shop(good_build, tmp_path_factory):
    """Return the function that makes a folder with marts and no shop."""

    def empty_shop():
        folder = good_build.copy(tmp_path_factory.mktemp("shop"))
        for path in (folder / FOLDER).iterdir():
            path.unlink()
        return folder

    return empty_shop


@pytest.fixture(scope="session")
def build_shop(empty_shop, run_in):
    """Return the function that builds a shop from CSV files."""

    def build_shop(shop, *command, **variables):
        folder = empty_shop()
        write_csv(shop, folder)
        return run_in(folder, *command, **variables)

    return build_shop
