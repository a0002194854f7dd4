"""The fields of an event, read from the attributes of the same names."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import connections, models, router
from django.db.models.manager import BaseManager

from events.errors import InvalidEventClass, InvalidPayload
from events.fields import Choice, FieldType, ListOf, Nullable, ObjectOf, Path, misfit
from events.meta import meta_of
from events.sources.owners import attribute

_NOTHING = object()
_METHODS = (types.FunctionType, classmethod, staticmethod, functools.partialmethod)


def check_attributes(fields: ObjectOf, *, model: type[models.Model], where: str) -> None:
    """Raise `InvalidEventClass` for a field that no instance of `model` has an attribute for."""
    for field in fields.fields:
        if fault := _fault(model, field.name):
            raise InvalidEventClass(
                f"{where}.{field.name}: {model.__name__} has {fault} of this name. Name a field or "
                f"a property of {model.__name__}, or override from_instance."
            )
        inner, related = _object_in(field.type), _related_model(model, field.name)
        if inner and related:
            check_attributes(inner, model=related, where=f"{where}.{field.name}")


def check_owner_path(rule: object, *, model: type[models.Model], where: str) -> None:
    """Raise `InvalidEventClass` for a path of attributes that `model`, or one on its way, lacks.

    Where it leaves the models, as through a property, only an instance can tell.
    """
    found: type[models.Model] | None = model
    for name in rule.split(".") if isinstance(rule, str) else ():
        if found and (fault := _fault(found, name)):
            raise InvalidEventClass(
                f"{where}: owner={rule!r} leads to no owner: {found.__name__} has {fault} "
                f"{name!r}. Name fields or properties, or pass a callable that returns the owner."
            )
        found = found and _related_model(found, name)


def _fault(model: type[models.Model], name: str) -> str | None:
    # Not asked of the class itself: a descriptor may answer to instances only.
    found = inspect.getattr_static(model, name, _NOTHING)
    if found is _NOTHING:
        return "no attribute"
    return "a method" if isinstance(found, _METHODS) else None


def _object_in(of: FieldType) -> ObjectOf | None:
    match of:
        case Nullable() | ListOf():
            return _object_in(of.inner)
        case ObjectOf():
            return of
        case _:
            return None


def _related_model(model: type[models.Model], name: str) -> type[models.Model] | None:
    try:
        related = meta_of(model).get_field(name).related_model
    except FieldDoesNotExist:
        return None
    return related if isinstance(related, type) else None


def read_object(fields: ObjectOf, source: object, path: Path = ()) -> object:
    """Return the dataclass whose fields hold what the attributes of `source` hold.

    Dataclasses within it are read from the attributes of what stands there, lists from whatever can
    be iterated, related managers included. Raises `InvalidPayload` if an attribute is missing.
    """
    values = {
        field.name: read_value(
            field.type, _read_attribute(source, field.name, path), (*path, field.name)
        )
        for field in fields.fields
    }
    found: object = fields.python_type(**values)
    return found


def read_value(of: FieldType, value: Any, path: Path) -> object:
    """Return a value as a field of this type holds it; whether it fits is asked at publishing."""
    match of:
        case _ if value is None or _is_no_choice(of, value):
            return None
        case Nullable():
            return read_value(of.inner, value, path)
        case ListOf():
            items = enumerate(_items(value, path))
            return [read_value(of.inner, item, (*path, str(i))) for i, item in items]
        case ObjectOf() if not isinstance(value, of.python_type):
            return read_object(of, value, path)
        case Choice():
            return of.decode(of.encode(value, path), path)
        case _:
            return value


def _is_no_choice(of: FieldType, value: object) -> bool:
    # An empty text is what Django keeps where nothing was chosen.
    match of:
        case Nullable(inner=Choice(members=members)):
            return value == "" and value not in members
        case _:
            return False


def _items(value: Any, path: Path) -> Iterable[Any]:
    if isinstance(value, BaseManager):
        return value.all()
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise misfit("a list", value, path)
    return value


def _read_attribute(source: object, name: str, path: Path) -> Any:
    try:
        value = attribute(source, name)
    except AttributeError as error:
        raise InvalidPayload(
            f"{type(source).__name__} has no attribute of this name.", path=(*path, name)
        ) from error
    return _as_stored(source, name, value) if isinstance(source, models.Model) else value


def _as_stored(instance: models.Model, name: str, value: Any) -> Any:
    # An instance keeps what it was given, such as "9.90" for a decimal, until it is read again.
    if isinstance(value, models.Choices):
        return value.value
    if isinstance(value, models.Model) or hasattr(value, "resolve_expression"):
        return value
    try:
        field = meta_of(instance.__class__).get_field(name)
        stored = field.to_python(value) if isinstance(field, models.Field) else value
        return _rounded(stored, field, of=instance) if isinstance(stored, Decimal) else stored
    except (FieldDoesNotExist, ValidationError, TypeError, ValueError, ArithmeticError):
        return value


def _rounded(value: Decimal, field: Any, *, of: models.Model) -> Decimal:
    if getattr(field, "decimal_places", None) is None:
        return value
    database = connections[router.db_for_write(of.__class__, instance=of)]
    # PostgreSQL rounds by itself; for SQLite, Django does.
    halves = ROUND_HALF_UP if database.vendor == "postgresql" else ROUND_HALF_EVEN
    return value.quantize(Decimal(1).scaleb(-field.decimal_places), halves)
