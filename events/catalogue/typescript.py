"""The catalogue as TypeScript."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from events.catalogue.catalogue import Body, Catalogue, Definition
from events.catalogue.jsonschema import TIMESTAMP_DESCRIPTION
from events.catalogue.lines import one_line
from events.event import EventType
from events.fields import Choice, Field, FieldKind, FieldType, JsonValue, ListOf, Nullable, ObjectOf
from events.schema import field_notes

_HEADING = """\
// The bodies of webhook requests, whole: without a selection, in the standard format.
// Made by `manage.py export_catalogue --format typescript`. Do not edit.
"""
_RESERVED = frozenset(
    """
    Body Record any as asserts async await bigint boolean break case catch class const constructor
    continue debugger declare default delete do else enum export extends false finally for from
    function get if implements import in infer instanceof interface is keyof let module namespace
    never new null number object of package private protected public readonly require return set
    static string super switch symbol this throw true try type typeof undefined unique unknown var
    void while with yield
    """.split()  # noqa: SIM905 - one name a line would fill a page
)
_PLAIN = {
    FieldKind.INTEGER: "number",
    FieldKind.NUMBER: "number",
    FieldKind.BOOLEAN: "boolean",
}


def as_typescript(event_types: Iterable[EventType]) -> str:
    """Return a module with a type for each payload, and `Body`, to be narrowed by its `type`."""
    return _Module(Catalogue(event_types, reserved=_RESERVED)).text()


class _Module:
    """Writes the module."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def text(self) -> str:
        """Return all of it."""
        bodies = self._catalogue.bodies
        blocks = [
            _HEADING,
            *(self._definition(each) for each in self._catalogue.definitions),
            *(self._body(body) for body in bodies),
            "/** The body of a request. */\nexport type Body =\n"
            + "\n".join(f"  | {body.name}" for body in bodies)
            + ";\n",
        ]
        return "\n".join(blocks)

    def _definition(self, of: Definition) -> str:
        comment = "\n".join(_comment(of.description, deprecation_reason=of.deprecation_reason))
        heading = f"{comment}\n" if comment else ""
        match of.type:
            case ObjectOf(fields=()):
                return f"{heading}export type {of.name} = Record<string, never>;\n"
            case ObjectOf():
                lines = "\n".join(line for each in of.type.fields for line in self._field(each))
                return f"{heading}export interface {of.name} {{\n{lines}\n}}\n"
            case Choice():
                return f"{heading}export type {of.name} = {_union(of.type)};\n"

    def _field(self, field: Field) -> Iterator[str]:
        notes = _comment(*field_notes(field), deprecation_reason=field.deprecation_reason)
        yield from (f"  {line}" for line in notes)
        mark = "" if field.is_required else "?"
        yield f"  {field.name}{mark}: {self._type(field.type)};"

    def _body(self, body: Body) -> str:
        reason = body.event_type.deprecation_reason
        comment = "\n".join(_comment(body.description, deprecation_reason=reason))
        data = self._type(body.event_type.fields)
        return (
            f"{comment}\n"
            f"export interface {body.name} {{\n"
            f"  type: {_literal(body.event_type.name)};\n"
            f"  /** {TIMESTAMP_DESCRIPTION} */\n"
            f"  timestamp: string;\n"
            f"  data: {data};\n"
            f"}}\n"
        )

    def _type(self, of: FieldType) -> str:
        name = self._catalogue.name_of(of)
        if name:
            return name
        match of:
            case Nullable():
                return f"{self._type(of.inner)} | null"
            case ListOf():
                inner = self._type(of.inner)
                return f"({inner})[]" if " | " in inner else f"{inner}[]"
            case Choice():
                return _union(of)
            case _:
                return _PLAIN.get(of.kind, "string")


def _union(of: Choice) -> str:
    return " | ".join(map(_literal, of.members))


def _literal(value: JsonValue) -> str:
    return json.dumps(value)


def _comment(*paragraphs: str, deprecation_reason: str | None) -> Iterator[str]:
    """Give the lines of a comment, which an editor shows; none if there is nothing to say."""
    texts = [one_line(text) for text in paragraphs if text]
    if deprecation_reason is not None:
        texts.append(f"@deprecated {one_line(deprecation_reason)}")
    safe = [text.replace("*/", "*\\/") for text in texts]
    if len(safe) == 1:
        yield f"/** {safe[0]} */"
    elif safe:
        yield from ("/**", *(f" * {text}" for text in safe), " */")
