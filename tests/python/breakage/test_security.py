"""Inputs cannot reach past themselves, and what is personal stays out of marts, logs and files."""

import functools

import pytest
from faults import fault
from small_shop import FOLDER, RUN, make_shop

PERSONAL = [
    *(customer["email"] for customer in make_shop()["customers"]),
    *(str(customer["birth_date"]) for customer in make_shop()["customers"]),
]


@fault(
    "the build is green and writes a debug log",
    "no e-mail address and no birth date in the database, in its log or any other file",
)
def test_personal_data_is_written_nowhere(good_build, run_in, tmp_path):
    folder = good_build.copy(tmp_path)
    for path in (folder / "logs").iterdir():
        path.unlink()
    build = run_in(
        folder,
        *("--debug", *RUN, "--write-json", "--exclude-resource-type", "seed"),
        *("--select", "+path:models/marts/core"),
    )
    assert build.succeeded, build.output
    files = [
        path
        for path in folder.rglob("*")
        if path.is_file() and not path.is_relative_to(folder / FOLDER)
    ]
    names = {path.name for path in files}
    assert {"cartwise.duckdb", "dbt.log", "dbt_output.txt", "manifest.json"} <= names
    found = {
        path.name
        for path in files
        if any(text.encode() in path.read_bytes().lower() for text in PERSONAL)
    }
    assert found == set()
    assert any(PERSONAL[0] in path.read_text() for path in (folder / FOLDER).iterdir())


ELSEWHERE = {
    "input_orders": "read_csv('/etc/hostname')",
    "input_events": "read_csv('https://example.org/events.csv')",
}
TWO_STATEMENTS = {"input_order_lines": "cartwise__orders; drop table cartwise__orders"}
REFUSED = [
    pytest.param(
        ELSEWHERE,
        ["Permission Error", "/etc/hostname", "`orders` cannot be read"],
        marks=fault(
            "an input reads a file outside of `data_path`", "refused, with the file's name"
        ),
    ),
    pytest.param(
        ELSEWHERE,
        ["https://example.org/events.csv", "`events` cannot be read"],
        marks=fault("an input reads from the network", "refused, with the address"),
    ),
    pytest.param(
        TWO_STATEMENTS,
        ["`input_order_lines` is cartwise__orders; drop", "must be a relation"],
        marks=fault("an input holds a second statement", "refused by name; it is not run"),
    ),
]


@pytest.fixture(scope="module")
def reach_out(good_build, run_in, tmp_path_factory):
    """Return the function that builds with vars, once for each set of them."""

    @functools.cache
    def reach_out(items):
        folder = good_build.copy(tmp_path_factory.mktemp("reach"))
        return run_in(folder, *RUN, **dict(items))

    return reach_out


@pytest.mark.parametrize(("variables", "parts"), REFUSED)
def test_an_input_that_reaches_out_is_refused(variables, parts, reach_out, good_build, marts_of):
    build = reach_out(tuple(variables.items()))
    assert not build.succeeded
    output = " ".join(build.output.split())
    assert [part for part in parts if part not in output] == []
    assert "Traceback" not in output
    assert marts_of(build) == good_build.marts
