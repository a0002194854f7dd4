"""`Catalogue`: event types and what their payloads are made of, each under a name of its own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from events.event import EventType
from events.fields import Choice, FieldType, ListOf, Nullable, ObjectOf
from events.names import data_type_name


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A type with a name: a payload, an object within one, or an enum."""

    name: str
    type: ObjectOf | Choice
    title: str
    description: str
    deprecation_reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Body:
    """What a request for an event of some type carries: its type, its moment and its payload."""

    name: str
    event_type: EventType

    @property
    def description(self) -> str:
        """What it is, for people."""
        ordered_by = self.event_type.ordered_by
        order = f" Those of one `{ordered_by}` come one after another." if ordered_by else ""
        return f"The body of a request for `{self.event_type.name}`.{order}"


@dataclass(frozen=True, kw_only=True)
class _Wish:
    """What wants a name: `plain` if nothing else wants it, else `qualified`."""

    key: object
    plain: str
    qualified: str


class Catalogue:
    """Event types, in the order of their names, and the types that their payloads are made of.

    `reserved` are names that the form has another use for. The name of a type is that which it has
    in GraphQL; what would share one with something else is named after its module as well.
    """

    def __init__(self, event_types: Iterable[EventType], *, reserved: Collection[str] = ()) -> None:
        self._event_types = sorted(event_types, key=lambda each: each.name)
        self._payloads = {each.event_class: each for each in self._event_types}
        self._named = dict(self._walk_all())
        self._names = _unique_names(self._wishes(), reserved=reserved)

    @property
    def definitions(self) -> list[Definition]:
        """All types with names, each after those that it is made of."""
        return [self._definition(key, of) for key, of in self._named.items()]

    @property
    def bodies(self) -> list[Body]:
        """The body of each event type."""
        return [Body(name=self._names[each.name], event_type=each) for each in self._event_types]

    def name_of(self, of: FieldType) -> str | None:
        """Return the name of a type, or None for one that has none, such as a text."""
        key = _key(of)
        return self._names[key] if key else None

    def _walk_all(self) -> Iterator[tuple[type, ObjectOf | Choice]]:
        for each in self._event_types:
            yield from _walk(each.fields)

    def _wishes(self) -> Iterator[_Wish]:
        for key, of in self._named.items():
            payload = self._payloads.get(key)
            name = payload.data_type_name if payload else _plain_name(key, of)
            suffix = data_type_name("") if isinstance(of, ObjectOf) else ""
            yield _Wish(key=key, plain=name, qualified=_qualified(key) + suffix)
        for each in self._event_types:
            stem = each.data_type_name.removesuffix(data_type_name(""))
            qualified = _qualified(each.event_class)
            yield _Wish(key=each.name, plain=f"{stem}Body", qualified=f"{qualified}Body")

    def _definition(self, key: type, of: ObjectOf | Choice) -> Definition:
        payload = self._payloads.get(key)
        return Definition(
            name=self._names[key],
            type=of,
            title=payload.name if payload else key.__name__,
            description=payload.description if payload else of.description,
            deprecation_reason=payload.deprecation_reason if payload else None,
        )


def _walk(of: FieldType) -> Iterator[tuple[type, ObjectOf | Choice]]:
    match of:
        case Nullable() | ListOf():
            yield from _walk(of.inner)
        case ObjectOf():
            for field in of.fields:
                yield from _walk(field.type)
            yield of.python_type, of
        case Choice() if of.enum_class:
            yield of.enum_class, of


def _key(of: FieldType) -> type | None:
    match of:
        case ObjectOf():
            return of.python_type
        case Choice():
            return of.enum_class
        case _:
            return None


def _plain_name(key: type, of: ObjectOf | Choice) -> str:
    return data_type_name(key.__name__) if isinstance(of, ObjectOf) else key.__name__


def _qualified(cls: type) -> str:
    words = re.split(r"[^A-Za-z0-9]+", f"{cls.__module__}.{cls.__qualname__}")
    return "".join(word[:1].upper() + word[1:] for word in words)


def _unique_names(wishes: Iterable[_Wish], *, reserved: Collection[str]) -> dict[object, str]:
    # All who want one name are told apart by their modules, not only those who come second: a type
    # that joins them must not take the name that another one had.
    wanted = list(wishes)
    counts = Counter(wish.plain for wish in wanted)
    taken = {*reserved, *counts}
    names: dict[object, str] = {}
    for wish in wanted:
        is_free = counts[wish.plain] == 1 and wish.plain not in reserved
        name = wish.plain if is_free else wish.qualified
        while not is_free and name in taken:
            name += "_"
        taken.add(name)
        names[wish.key] = name
    return names
