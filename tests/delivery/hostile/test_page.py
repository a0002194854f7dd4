"""The page on the hostile receiver lists what there is."""

from __future__ import annotations

from delivery.hostile import behaviours
from delivery.hostile.catalogue import groups
from tests.pages import Page

_PAGE = Page("docs/hostile-receiver.md")


def test_the_page_says_of_every_behaviour_what_the_command_says() -> None:
    lines = _PAGE.text.splitlines()

    assert _PAGE.table("Behaviours") == list(behaviours)
    for behaviour in behaviours.values():
        expected = behaviour.expected.description
        assert f"| `{behaviour.name}` | {behaviour.description} | {expected} |" in lines


def test_the_page_has_the_groups_that_the_command_shows() -> None:
    _, _, rest = _PAGE.text.partition("\n## Behaviours\n")

    assert [line[4:] for line in rest.splitlines() if line.startswith("### ")] == list(groups)
