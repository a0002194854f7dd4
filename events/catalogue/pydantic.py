"""The catalogue as a Python module of pydantic models, version 2."""

from __future__ import annotations

import json
import keyword
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

from events.catalogue.catalogue import Body, Catalogue, Definition
from events.catalogue.jsonschema import TIMESTAMP_DESCRIPTION
from events.catalogue.lines import one_line
from events.event import EventType
from events.fields import Choice, Field, FieldType, ListOf, Nullable, ObjectOf
from events.scalars import Scalar

_HEADING = '''\
"""The bodies of webhook requests, whole: without a selection, in the standard format.

Made by `manage.py export_catalogue --format pydantic`. Do not edit.
"""
'''
_ENDING = (
    "_BODY: pydantic.TypeAdapter[Body] = pydantic.TypeAdapter(Body)\n",
    '''\
def parse(body: str | bytes) -> Body:
    """Return the body of a request, or raise `pydantic.ValidationError`."""
    return _BODY.validate_json(body)
''',
)
_LINE = 84
_MODULES = {"datetime", "decimal", "pydantic", "typing", "uuid"}
_BUILTINS = {"bool", "bytes", "float", "int", "list", "str"}
_RESERVED = {*keyword.kwlist, *_MODULES, *_BUILTINS, "Body", "_BODY", "parse"}
# What a model has besides its fields and what begins with `model_`.
_OF_MODELS = frozenset(
    """
    construct copy dict from_orm json parse_file parse_obj parse_raw schema schema_json
    update_forward_refs validate
    """.split()  # noqa: SIM905 - one name a line would fill a page
)
_PYTHON_TYPES = {
    datetime: "pydantic.AwareDatetime",
    date: "datetime.date",
    Decimal: "decimal.Decimal",
    UUID: "uuid.UUID",
}


def as_pydantic(event_types: Iterable[EventType]) -> str:
    """Return a module with a model for each payload, and `parse` for the body of a request.

    A model takes fields that it does not know and leaves them out: payloads get new fields. One
    that has a default in the event class may be missing, and is None then.
    """
    return _Module(Catalogue(event_types, reserved=_RESERVED)).text()


class _Module:
    """Writes the module."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        # Within a model, a field hides what has the same name outside.
        names = {each.name for each in catalogue.definitions}
        self._unfit = _RESERVED | _OF_MODELS | names
        self._imports = {"pydantic", "typing"}

    def text(self) -> str:
        """Return all of it."""
        definitions = [self._definition(each) for each in self._catalogue.definitions]
        bodies = [self._body(body) for body in self._catalogue.bodies]
        imports = "\n".join(f"import {name}" for name in sorted(self._imports - {"pydantic"}))
        head = f"{_HEADING}\n{imports}\n\nimport pydantic\n"
        return _spaced([head, *definitions, *bodies, self._union(), *_ENDING])

    def _definition(self, of: Definition) -> str:
        about = _docstring(of.description, *_deprecated(of.deprecation_reason))
        match of.type:
            case ObjectOf():
                fields = [line for field in of.type.fields for line in self._field(field)]
                return _model(of.name, about, fields)
            case Choice():
                choice = f"{of.name}: typing.TypeAlias = {_literal(of.type)}"
                return "\n".join([choice, *about]) + "\n"

    def _field(self, field: Field) -> list[str]:
        annotation = self._type(field.type)
        if not field.is_required:
            annotation = annotation.removesuffix(" | None") + " | None"
        name, options = self._field_name(field.name), _options(field)
        if name != field.name:
            options.append(f"alias={_text(field.name)}")
        return _assigned(f"{name}: {annotation}", options)

    def _field_name(self, name: str) -> str:
        # No field's own name ends with an underscore.
        if name.startswith("model_"):  # Pydantic warns of whatever begins like its own methods.
            return f"field_{name}_"
        return f"{name}_" if name in self._unfit else name

    def _body(self, body: Body) -> str:
        reason = body.event_type.deprecation_reason
        told = [f"description={_text(TIMESTAMP_DESCRIPTION)}"]
        fields = [
            f"type: typing.Literal[{_text(body.event_type.name)}]",
            *_assigned("timestamp: pydantic.AwareDatetime", told),
            f"data: {self._type(body.event_type.fields)}",
        ]
        about = _docstring(body.description, *_deprecated(reason))
        return _model(body.name, about, fields)

    def _union(self) -> str:
        names = [body.name for body in self._catalogue.bodies]
        if len(names) == 1:  # There is nothing for pydantic to tell apart.
            return f"Body: typing.TypeAlias = {names[0]}\n"
        bodies = "\n    | ".join(names)
        return (
            f"Body: typing.TypeAlias = typing.Annotated[\n    {bodies},\n"
            f'    pydantic.Field(discriminator="type"),\n]\n'
        )

    def _type(self, of: FieldType) -> str:
        name = self._catalogue.name_of(of)
        if name:
            return name
        match of:
            case Nullable():
                return f"{self._type(of.inner)} | None"
            case ListOf():
                return f"list[{self._type(of.inner)}]"
            case Choice():
                return _literal(of)
            case Scalar():
                return self._scalar(of)
            case _:
                raise TypeError(f"{of!r} has no form in Python.")

    def _scalar(self, of: Scalar) -> str:
        written = _PYTHON_TYPES.get(of.python_type, of.python_type.__name__)
        if "." in written:
            self._imports.add(written.partition(".")[0])
        return written


def _spaced(blocks: list[str]) -> str:
    """Return the blocks with as many lines between them as Python's style asks for."""
    text = blocks[0]
    for before, block in pairwise(blocks):
        is_beside_a_body = any(each.startswith(("class ", "def ")) for each in (before, block))
        text += ("\n\n" if is_beside_a_body else "\n") + block
    return text


def _model(name: str, about: list[str], fields: list[str]) -> str:
    lines = [*about, "", *fields] if about and fields else [*about, *fields] or ["pass"]
    inside = "\n".join(f"    {line}" if line else "" for line in lines)
    return f"class {name}(pydantic.BaseModel):\n{inside}\n"


def _options(field: Field) -> list[str]:
    options = {
        "default": None if field.is_required else "None",
        "description": _text(one_line(field.description)) if field.description else None,
        "deprecated": _text(one_line(reason)) if (reason := field.deprecation_reason) else None,
    }
    return [f"{name}={text}" for name, text in options.items() if text]


def _assigned(field: str, options: list[str]) -> list[str]:
    """Return the lines of a field with what pydantic is to know of it."""
    if options in ([], ["default=None"]):
        return [f"{field} = None" if options else field]
    line = f"{field} = pydantic.Field({', '.join(options)})"
    if len(line) <= _LINE:
        return [line]
    return [f"{field} = pydantic.Field(", *(f"    {option}," for option in options), ")"]


def _literal(of: Choice) -> str:
    return f"typing.Literal[{', '.join(map(_text, of.members))}]"


def _text(value: object) -> str:
    # JSON's escapes are Python's; half of a surrogate pair, which are not, is nowhere in a class.
    return json.dumps(value, ensure_ascii=False)


def _deprecated(reason: str | None) -> Iterator[str]:
    if reason is not None:
        yield f"Deprecated: {reason}"


def _docstring(*paragraphs: str) -> list[str]:
    """Return the lines of a docstring; none if there is nothing to say."""
    lines = [one_line(text) for text in paragraphs if text]
    texts = [line.replace("\\", "\\\\").replace('"', '\\"') for line in lines]
    if len(texts) < 2:  # noqa: PLR2004 - as many as fit in a line
        return [f'"""{text}"""' for text in texts]
    first, *others = texts
    return [f'"""{first}', *(line for text in others for line in ("", text)), '"""']
