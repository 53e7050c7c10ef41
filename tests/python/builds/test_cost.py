"""What a build costs, in counts that are the same on any machine.

Each bound is a multiple of the order lines, a little above what the demo shop needs. A change that
breaks one makes every shop pay: `make bench` says what it costs in seconds.
"""

import json

import duckdb
import pytest

MOST_ROWS = 52  # in all tables together
MOST_ROWS_OF_A_TABLE = 6
MOST_ROWS_OF_AN_INTERMEDIATE = 18
MOST_ROWS_IN_PYTHON = 6  # that a Python model reads


@pytest.fixture(scope="module")
def rows(demo_build):
    """Return the number of rows of each table."""
    tables = demo_build.column("select table_name from duckdb_tables()")
    return {table: demo_build.column(f"select count(*) from {table}")[0] for table in tables}


@pytest.fixture(scope="module")
def manifest(demo_build):
    return json.loads((demo_build.database.parent / "target" / "manifest.json").read_text())


@pytest.fixture(scope="module")
def lines(rows):
    return rows["int_cartwise__order_lines"]


def find_above(counts, bound, lines):
    """Return what lies above a bound, in rows per order line."""
    return {name: count / lines for name, count in counts.items() if count > bound * lines}


def test_a_build_writes_few_rows(rows, lines):
    assert sum(rows.values()) <= MOST_ROWS * lines
    assert find_above(rows, MOST_ROWS_OF_A_TABLE, lines) == {}


def walk(operator):
    yield operator
    for child in operator.get("children", []):
        yield from walk(child)


def test_no_query_makes_many_rows_on_its_way(demo_build, manifest, lines):
    """A join that multiplies rows shows here, even if what it makes is summed up again."""
    peaks = {}
    with duckdb.connect(str(demo_build.database), read_only=True) as connection:
        for node in manifest["nodes"].values():
            if node["resource_type"] == "model" and node["language"] == "sql":
                (plan,) = connection.execute(
                    f"explain (analyze, format json) {node['compiled_code']}"
                ).fetchall()
                operators = walk(json.loads(plan[1])["operator"][0])
                peaks[node["name"]] = max(step["intermediate_rows"] for step in operators)
    assert len(peaks) > 100
    assert find_above(peaks, MOST_ROWS_OF_AN_INTERMEDIATE, lines) == {}


def test_python_reads_few_rows(rows, manifest, lines):
    read = {
        node["name"]: sum(
            rows[manifest["nodes"][parent]["name"]] for parent in node["depends_on"]["nodes"]
        )
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["language"] == "python"
    }
    assert len(read) >= 10
    assert find_above(read, MOST_ROWS_IN_PYTHON, lines) == {}
