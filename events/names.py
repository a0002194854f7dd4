"""The names of fields in the two spellings that they have: Python's and GraphQL's."""

from __future__ import annotations

import re

FIELD_NAME_RULE = (
    "lower-case ASCII letters, digits and single underscores, beginning with a letter, and not "
    "`is_type_of`"
)
"""What `is_field_name` asks for, to be said by those who refuse a name."""

EMPTY_OBJECT_FIELD = "is_empty"
"""The only field of an object without fields, which GraphQL does not allow."""

_SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
# Strawberry takes an attribute of this name for a function of its own.
_TAKEN = "is_type_of"


def is_field_name(name: str) -> bool:
    """Return whether GraphQL can carry a field of this name."""
    return bool(_SNAKE_CASE.fullmatch(name)) and name != _TAKEN


def camel_case(name: str) -> str:
    """Return the name as GraphQL has it, such as `orderId` for `order_id`."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def data_type_name(name: str) -> str:
    """Return what GraphQL calls the object type of a payload, or of a dataclass within one."""
    return f"{name}Data"
