"""How much may be given with a document, in variables and in arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from api.errors import bad_request

if TYPE_CHECKING:
    from api.documents import Document, SelectedField

_MOST_VALUES = 30_000
# So many characters of a text take about as long to look at as a value.
_CHARACTERS_OF_A_VALUE = 100
# To read one of these takes about as long as so many values.
_COSTLY_TEXTS: Mapping[str, int] = {"like": 50, "selection": 50}


def refuse_many_values(document: Document, fields: Iterator[SelectedField]) -> None:
    """Raise the BAD_REQUEST error for more values than one request may give.

    Those of a variable count once by themselves, and once more for each field that they are given
    to: for that often they are read.
    """
    left = _MOST_VALUES
    for size in _sizes(document, fields):
        left -= size
        if left < 0:
            raise bad_request(
                f"The variables and arguments hold more than {_MOST_VALUES:,} values, counting "
                "those of a variable for each field it is given to. Send less at a time."
            )


def _sizes(document: Document, fields: Iterator[SelectedField]) -> Iterator[int]:
    yield from _sizes_within(document.variables)
    for field in fields:
        for name in field.definition.args:
            yield from _sizes_within(document.argument(field, name))


def _sizes_within(value: object) -> Iterator[int]:
    # Without recursion, for a value may be nested as deeply as JSON can be read.
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str(text):
                yield 1 + len(text) // _CHARACTERS_OF_A_VALUE
            case list(items):
                yield 1
                waiting += items
            case dict(items):
                yield 1 + sum(_size_of_entry(*item) for item in items.items())
                waiting += items.values()
            case _:
                yield 1


def _size_of_entry(name: str, value: object) -> int:
    costly = _COSTLY_TEXTS.get(name, 0) if isinstance(value, str) else 0
    return costly + len(name) // _CHARACTERS_OF_A_VALUE
