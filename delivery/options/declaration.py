"""Reads options from a dataclass's type hints, and refuses what cannot be an option."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import timedelta
from functools import cache
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

from delivery.options.option import Between, Length, Option, OptionKind, Secret
from delivery.options.values import dump, load, problems
from events.names import FIELD_NAME_RULE, camel_case, is_field_name

Limit = TypeVar("Limit", Between, Length)


@dataclass(frozen=True)
class _Shape:
    """What a field of some type becomes, and the limits that hold if it declares none."""

    kind: OptionKind
    between: Between | None = None
    length: Length | None = None


# What GraphQL's Int can carry.
_INT_MAX = 2**31 - 1
_ANY_SPAN = Between(timedelta(0), timedelta(seconds=_INT_MAX))

_SHAPES: Mapping[Any, _Shape] = {
    int: _Shape(OptionKind.INTEGER, Between(-_INT_MAX - 1, _INT_MAX)),
    float: _Shape(OptionKind.NUMBER, Between(-sys.float_info.max, sys.float_info.max)),
    str: _Shape(OptionKind.TEXT, length=Length(0, 255)),
    bool: _Shape(OptionKind.BOOLEAN),
    timedelta: _Shape(OptionKind.SECONDS, _ANY_SPAN),
    tuple[timedelta, ...]: _Shape(OptionKind.SECONDS_LIST, _ANY_SPAN, Length(0, 100)),
}


def options_of(cls: type) -> tuple[Option, ...]:
    """Describe the fields of a dataclass as options, in the order of their definition.

    A field is declared as `name: Annotated[int, "What it is for.", Between(1, 50)] = 6`. Its type
    is int, float, str, bool, timedelta (stored as whole seconds) or tuple[timedelta, ...]; its key
    is its name in camelCase, with `Seconds` added for spans of time. `Secret()` marks a text that
    must not be shown again.

    Raises:
        TypeError: A field cannot be an option; the message names the class and the field.
    """
    return _declared_options(cls)


@cache
def _declared_options(cls: type) -> tuple[Option, ...]:
    if not is_dataclass(cls):
        raise TypeError(f"{cls.__qualname__} has no options: decorate it with @dataclass.")
    hints = _hints(cls)
    options = tuple(_option(cls, field, hints[field.name]) for field in fields(cls) if field.init)
    _refuse_shared_keys(cls, options)
    return options


def _hints(cls: type) -> dict[str, Any]:
    try:
        return get_type_hints(cls, include_extras=True)
    except NameError as error:
        raise TypeError(
            f"{cls.__qualname__} has a type hint that cannot be read ({error}). "
            "Define or import the name in its module, outside `if TYPE_CHECKING`."
        ) from error


def _option(cls: type, field: Field[Any], hint: Any) -> Option:
    where = f"{cls.__qualname__}.{field.name}"
    bare, *notes = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    shape = _shape(where, bare)
    between = _limit(where, notes, limit=Between, default=shape.between)
    length = _limit(where, notes, limit=Length, default=shape.length)
    option = Option(
        name=field.name,
        key=_key(where, field.name, kind=shape.kind),
        kind=shape.kind,
        description=_description(where, notes),
        default=field.default if field.default_factory is MISSING else field.default_factory(),
        minimum=dump(between.minimum) if between else None,
        maximum=dump(between.maximum) if between else None,
        min_length=length.minimum if length else None,
        max_length=length.maximum if length else None,
        secret=next((note for note in notes if isinstance(note, Secret)), None),
    )
    _refuse_wrong_default(where, option)
    _refuse_wrong_secret(where, option)
    return option


def _shape(where: str, bare: Any) -> _Shape:
    if bare not in _SHAPES:
        raise TypeError(
            f"{where} is declared as {bare}, which no option can be. Declare it as int, float, "
            "str, bool, timedelta or tuple[timedelta, ...]."
        )
    return _SHAPES[bare]


def _limit(
    where: str, notes: Sequence[Any], *, limit: type[Limit], default: Limit | None
) -> Limit | None:
    declared = next((note for note in notes if isinstance(note, limit)), None)
    if declared is None:
        return default
    if default is None:
        raise TypeError(f"{where} cannot have {limit.__name__}(…): it holds nothing to measure.")
    if isinstance(declared.minimum, timedelta) != isinstance(default.minimum, timedelta):
        raise TypeError(f"{where} has {declared}. Give spans of time timedelta bounds.")
    return declared


def _key(where: str, name: str, *, kind: OptionKind) -> str:
    if not is_field_name(name):
        raise TypeError(
            f"{where} has a name that GraphQL could not carry. Rename it: {FIELD_NAME_RULE}."
        )
    is_time = kind in {OptionKind.SECONDS, OptionKind.SECONDS_LIST}
    return camel_case(name) + ("Seconds" if is_time else "")


def _description(where: str, notes: Sequence[Any]) -> str:
    text = next((note for note in notes if isinstance(note, str)), "")
    if not text:
        raise TypeError(
            f"{where} does not say what it is for. "
            'Declare it as Annotated[<its type>, "What it is for."].'
        )
    return text


def _refuse_wrong_default(where: str, option: Option) -> None:
    if option.is_required:
        return
    stored = dump(option.default)
    wrong = [problem.message for problem in problems(option, stored, path=(option.key,))]
    # A plain 5 for a timedelta would be stored well enough, and read back as something else.
    if not wrong and load(option.kind, stored) != option.default:
        wrong = [f"{option.key} must be {option.kind.value}."]
    if wrong:
        raise TypeError(f"{where} has the default {option.default!r}: {' '.join(wrong)}")


def _refuse_wrong_secret(where: str, option: Option) -> None:
    if option.is_secret and option.kind is not OptionKind.TEXT:
        raise TypeError(f"{where} cannot be a Secret(): only a str can.")
    if option.is_secret and not option.is_required:
        raise TypeError(f"{where} has a default, which is no secret. Remove it.")


def _refuse_shared_keys(cls: type, options: tuple[Option, ...]) -> None:
    by_key: dict[str, Option] = {}
    for option in options:
        other = by_key.setdefault(option.key, option)
        if other is not option:
            raise TypeError(
                f"{cls.__qualname__}.{option.name} and {cls.__qualname__}.{other.name} would share "
                f"the key {option.key!r}. Rename one of them."
            )
