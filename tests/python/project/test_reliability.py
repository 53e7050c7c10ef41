"""The page of faults lists those that tests provoke."""

from faults import PAGE, find_table, list_faults, write_table


def test_the_page_lists_the_faults_that_are_provoked():
    page = PAGE.read_text(encoding="utf-8")
    assert find_table(page) == write_table(), "python tests/python/faults.py writes it anew"


def test_no_fault_is_listed_twice():
    faults = [what for _, what, _ in list_faults()]
    assert len(faults) == len(set(faults))
