"""Public basket data, read from outside the repository."""

import gzip

import pytest


@pytest.fixture(scope="session")
def groceries(shared_data):
    with gzip.open(shared_data / "groceries" / "groceries.csv.gz", "rt", encoding="utf-8") as lines:
        return [[item.strip() for item in line.strip().split(",")] for line in lines]


@pytest.fixture(scope="session")
def fimi_retail(shared_data):
    with gzip.open(shared_data / "fimi_retail" / "retail.dat.gz", "rt", encoding="utf-8") as lines:
        return [line.split() for line in lines]
