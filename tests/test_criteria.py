"""Every criterion is tested and explained."""

from __future__ import annotations

import re

import pytest

from tests.criteria import CRITERIA, PAGES, criteria_of
from tests.pages import ROOT, Page

_TESTS = {
    name: path
    for path in sorted((ROOT / "tests").rglob("test_*.py"))
    for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
}


@pytest.mark.parametrize("criterion", CRITERIA)
def test_a_criterion_has_a_test_that_carries_its_number(criterion: str) -> None:
    assert [name for name in _TESTS if criterion in criteria_of(name)]


def test_no_test_carries_a_number_that_is_none() -> None:
    carried = {criterion for name in _TESTS for criterion in criteria_of(name)}

    assert carried <= set(CRITERIA)


@pytest.mark.parametrize("letter", PAGES)
def test_a_criterion_has_a_line_on_the_page_of_its_package(letter: str) -> None:
    lines = re.findall(r"^\| ([WDR]\d+) \|", Page(PAGES[letter]).text, re.MULTILINE)

    assert lines == [criterion for criterion in CRITERIA if criterion[0] == letter]
