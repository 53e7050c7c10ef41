"""The faults that tests provoke: each is marked, and all stand in docs/reliability.md.

``python tests/python/faults.py`` writes the page's table anew.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
PAGE = TESTS.parents[1] / "docs" / "reliability.md"
BEGIN, END = "<!-- faults -->\n", "<!-- end of faults -->\n"


def fault(what: str, outcome: str) -> pytest.MarkDecorator:
    """Mark a test: what goes wrong, and what must come of it."""
    return pytest.mark.fault(what=what, outcome=outcome)


def list_faults() -> Iterator[tuple[str, str, str]]:
    """Read the folder, fault and outcome of each mark from the source of the tests."""
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "fault":
                what, outcome = (ast.literal_eval(argument) for argument in node.args)
                yield path.relative_to(TESTS).parts[0], what, outcome


def write_table() -> str:
    """Lay the faults out as a table of the page."""
    lines = ["| what goes wrong | what happens | tests |", "|---|---|---|"]
    lines += [f"| {what} | {outcome} | {folder} |" for folder, what, outcome in list_faults()]
    return "\n".join(lines) + "\n"


def find_table(page: str) -> str:
    """Return the table that stands on the page."""
    return page.partition(BEGIN)[2].partition(END)[0]


if __name__ == "__main__":
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(before + BEGIN + write_table() + END + after, encoding="utf-8")
