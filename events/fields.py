"""What a field of an event may hold: a small tree of types that checks, encodes and decodes.

Everything that is derived from an event class (JSON text, JSON Schema, sample, GraphQL type) walks
this tree, so a new kind of field is one class here or one line in `events.scalars`.
"""

from __future__ import annotations

import enum
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import MISSING, dataclass
from typing import TypeAlias

from events.errors import InvalidPayload

JsonValue: TypeAlias = (
    "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"  # RFC 8259
)
Path: TypeAlias = tuple[str, ...]


class FieldKind(enum.Enum):
    """What a field holds, as JSON shows it."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    DATE = "date"
    UUID = "uuid"
    LIST = "list"
    OBJECT = "object"


class FieldType(ABC):
    """A type of field: Python value to JSON value and back, refusing what does not fit."""

    @property
    @abstractmethod
    def kind(self) -> FieldKind:
        """What the field holds."""

    @abstractmethod
    def encode(self, value: object, path: Path) -> JsonValue:
        """Return the JSON value of `value`, or raise `InvalidPayload` with `path`."""

    @abstractmethod
    def decode(self, value: JsonValue, path: Path) -> object:
        """Return the Python value of `value`, or raise `InvalidPayload` with `path`."""


def first_paragraph(docstring: str | None) -> str:
    """Return what a docstring says first, as one line."""
    return " ".join((docstring or "").split("\n\n", maxsplit=1)[0].split())


def misfit(expected: str, value: object, path: Path) -> InvalidPayload:
    """Return the error for a value of the wrong type."""
    return InvalidPayload(
        f"expected {expected}, found {type(value).__name__} {_shown(value)}.", path=path
    )


def _shown(value: object) -> str:
    try:
        return f"{value!r:.80}"
    except ValueError:
        return "of more digits than Python writes"
    except RecursionError:
        return "nested too deeply"


@dataclass(frozen=True, kw_only=True)
class Choice(FieldType):
    """One of a fixed set of values, declared by an `Enum` or a `Literal`."""

    name: str
    members: Mapping[JsonValue, object]

    @property
    def enum_class(self) -> type[enum.Enum] | None:
        """The class that declares it; None for a `Literal`, which has no name of its own."""
        member = next(iter(self.members.values()))
        return type(member) if isinstance(member, enum.Enum) else None

    @property
    def description(self) -> str:
        """What its class says of itself."""
        return first_paragraph(self.enum_class.__doc__) if self.enum_class else ""

    @property
    def kind(self) -> FieldKind:
        """What the field holds: whole numbers if all members are, else text."""
        is_whole = all(isinstance(value, int) for value in self.members)
        return FieldKind.INTEGER if is_whole else FieldKind.STRING

    def encode(self, value: object, path: Path) -> JsonValue:
        """Return the JSON value of a member, or of the plain value that a database column holds."""
        for json_value, member in self.members.items():
            if value is member or (type(value) is type(json_value) and value == json_value):
                return json_value
        raise misfit(self._expected, value, path)

    def decode(self, value: JsonValue, path: Path) -> object:
        """Return the member."""
        for json_value, member in self.members.items():
            if type(json_value) is type(value) and json_value == value:
                return member
        raise misfit(self._expected, value, path)

    @property
    def _expected(self) -> str:
        return f"one of {', '.join(map(repr, self.members))}"


@dataclass(frozen=True, kw_only=True)
class Nullable(FieldType):
    """A value that may be missing."""

    inner: FieldType

    @property
    def kind(self) -> FieldKind:
        """What the field holds when it holds something."""
        return self.inner.kind

    def encode(self, value: object, path: Path) -> JsonValue:
        """Return the JSON value, null for None."""
        return None if value is None else self.inner.encode(value, path)

    def decode(self, value: JsonValue, path: Path) -> object:
        """Return the Python value, None for null."""
        return None if value is None else self.inner.decode(value, path)


@dataclass(frozen=True, kw_only=True)
class ListOf(FieldType):
    """A list of values of one type."""

    inner: FieldType

    @property
    def kind(self) -> FieldKind:
        """A list."""
        return FieldKind.LIST

    def encode(self, value: object, path: Path) -> JsonValue:
        """Return the JSON list of a list or tuple."""
        if not isinstance(value, list | tuple):
            raise misfit("a list", value, path)
        return [self.inner.encode(item, (*path, str(i))) for i, item in enumerate(value)]

    def decode(self, value: JsonValue, path: Path) -> object:
        """Return the Python list."""
        if not isinstance(value, list):
            raise misfit("a list", value, path)
        return [self.inner.decode(item, (*path, str(i))) for i, item in enumerate(value)]


@dataclass(frozen=True, kw_only=True)
class Field:
    """A named field of an event or of a nested dataclass.

    `deprecation_reason` says why receivers should not use it any more; None while it is in use.
    """

    name: str
    type: FieldType
    description: str
    is_required: bool
    deprecation_reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class ObjectOf(FieldType):
    """A dataclass: the event itself, or one nested in it."""

    python_type: type
    fields: tuple[Field, ...]

    @property
    def description(self) -> str:
        """What the dataclass says of itself."""
        text = self.python_type.__doc__ or ""
        # One without a docstring is given its signature for one.
        return "" if text.startswith(f"{self.python_type.__name__}(") else first_paragraph(text)

    @property
    def kind(self) -> FieldKind:
        """An object."""
        return FieldKind.OBJECT

    def encode(self, value: object, path: Path) -> JsonValue:
        """Return the JSON object, fields in their order of definition."""
        if not isinstance(value, self.python_type):
            raise misfit(self.python_type.__name__, value, path)
        return {f.name: f.type.encode(getattr(value, f.name), (*path, f.name)) for f in self.fields}

    def decode(self, value: JsonValue, path: Path) -> object:
        """Return the dataclass; fields that are absent take their defaults."""
        if not isinstance(value, dict):
            raise misfit("an object", value, path)
        if unknown := sorted(value.keys() - {f.name for f in self.fields}):
            raise InvalidPayload(
                f"there is no such field in {self.python_type.__name__}; it has "
                f"{', '.join(f.name for f in self.fields) or 'none'}.",
                path=(*path, unknown[0]),
            )
        found = {f.name: self._decode_field(f, value, path) for f in self.fields}
        return self.python_type(**{k: v for k, v in found.items() if v is not MISSING})

    def _decode_field(self, field: Field, value: dict[str, JsonValue], path: Path) -> object:
        if field.name in value:
            return field.type.decode(value[field.name], (*path, field.name))
        if field.is_required:
            raise InvalidPayload("a value is required.", path=(*path, field.name))
        return MISSING
