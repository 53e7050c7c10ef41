"""Fixtures that several test folders share."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


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
