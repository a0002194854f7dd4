"""The schema: the files show it as it is, and all of it is described and named alike."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from graphql import (
    FieldDefinitionNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    is_introspection_type,
    is_specified_scalar_type,
    parse,
)

from api.schema import schema
from delivery.authentication import authentications
from delivery.formats import payload_formats
from delivery.retry import retry_policies
from events import Event
from events.registry import RegistryClosed

ROOT = Path(__file__).resolve().parents[2]
CAMEL, PASCAL, UPPER = "[a-z][A-Za-z0-9]*", "[A-Z][A-Za-z0-9]*", "[A-Z][A-Z0-9]*(_[A-Z0-9]+)*"
ROOTS = ("Query", "Mutation")
CORE = schema._schema
TYPES: list[GraphQLNamedType] = [
    found
    for found in CORE.type_map.values()
    if not is_introspection_type(found) and not is_specified_scalar_type(found)
]


def of_kind(*kinds: type) -> list[GraphQLNamedType]:
    return [found for found in TYPES if isinstance(found, kinds)]


def parts() -> Iterator[tuple[str, str | None, str, str]]:
    """Give the place, the description, the name and the form of the name of all there is."""
    for found in TYPES:
        yield found.name, found.description, found.name, PASCAL
        if isinstance(found, GraphQLEnumType):
            for name, value in found.values.items():
                yield f"{found.name}.{name}", value.description, name, UPPER
        if isinstance(found, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for name, field in found.fields.items():
                yield f"{found.name}.{name}", field.description, name, CAMEL
        if isinstance(found, GraphQLObjectType | GraphQLInterfaceType):
            for name, answered in found.fields.items():
                for key, argument in answered.args.items():
                    yield f"{found.name}.{name}({key})", argument.description, key, CAMEL


def root_fields() -> Iterator[FieldDefinitionNode]:
    """Give the fields of the roots, as they are printed."""
    for definition in parse(schema.as_str()).definitions:
        if isinstance(definition, ObjectTypeDefinitionNode) and definition.name.value in ROOTS:
            yield from definition.fields or ()


def write_schema(*arguments: str, settings: str, data: Path) -> subprocess.CompletedProcess[str]:
    """Run the command as a project does that has these settings."""
    return subprocess.run(
        [sys.executable, "manage.py", "write_schema", *arguments, "--settings", settings],
        cwd=ROOT,
        env={**os.environ, "HOOKLINE_DATA_DIR": str(data)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_file_at_the_top_is_the_schema_of_the_package_itself(tmp_path: Path) -> None:
    checked = write_schema("--check", settings="api.settings", data=tmp_path)

    assert checked.returncode == 0, checked.stderr


def test_the_file_of_the_bookshop_is_its_schema(tmp_path: Path) -> None:
    settings = "examples.bookshop.settings"

    checked = write_schema(
        "--check", "examples/bookshop/schema.graphql", settings=settings, data=tmp_path
    )

    assert checked.returncode == 0, checked.stderr


def test_a_written_schema_passes_the_check(tmp_path: Path) -> None:
    path = tmp_path / "schema.graphql"

    call_command("write_schema", str(path))
    call_command("write_schema", str(path), "--check")

    assert path.read_text() == f"{schema.as_str()}\n"


def test_the_check_names_what_changed_and_how_to_write_it(tmp_path: Path) -> None:
    path = tmp_path / "schema.graphql"
    path.write_text(schema.as_str().replace("viewer: Viewer", "watcher: Viewer"))

    with pytest.raises(CommandError) as refused:
        call_command("write_schema", str(path), "--check")

    assert f"manage.py write_schema {path}" in str(refused.value)
    assert "-  watcher: Viewer" in str(refused.value)
    assert "+  viewer: Viewer" in str(refused.value)


def test_the_check_fails_where_there_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="out of date"):
        call_command("write_schema", str(tmp_path / "none.graphql"), "--check")


def test_all_there_is_has_a_description_in_sentences() -> None:
    described = {place: (text or "").strip() for place, text, _, _ in parts()}

    assert len(described) > 200
    assert not [place for place, text in described.items() if not text.endswith(".")]


def test_names_are_written_as_graphql_writes_them() -> None:
    assert not [place for place, _, name, form in parts() if not re.fullmatch(form, name)]


def test_inputs_and_only_inputs_are_named_so() -> None:
    inputs = of_kind(GraphQLInputObjectType)

    assert inputs
    assert [found for found in TYPES if found.name.endswith("Input")] == inputs


def test_a_root_field_can_be_null_so_that_its_failure_hides_no_other() -> None:
    assert not [f.name.value for f in root_fields() if isinstance(f.type, NonNullTypeNode)]


def test_every_root_field_requires_a_scope_but_those_that_judge_by_what_they_find() -> None:
    unmarked = {
        field.name.value
        for field in root_fields()
        if "requiresScope" not in [directive.name.value for directive in field.directives or ()]
    }

    assert unmarked == {"viewer", "node", "nodes"}


def test_every_connection_is_paged_forwards_and_bounded() -> None:
    connections = {
        f"{found.name}.{name}": {key: str(a.type) for key, a in field.args.items()}
        for found in of_kind(GraphQLObjectType)
        if isinstance(found, GraphQLObjectType)
        for name, field in found.fields.items()
        if str(field.type).rstrip("!").endswith("Connection")
    }

    assert len(connections) == 8
    for arguments in connections.values():
        assert arguments["first"] == "Int!"
        assert arguments["after"] == "String"
        assert {"last", "before"}.isdisjoint(arguments)


def test_what_is_registered_after_the_schema_was_made_is_refused() -> None:
    with pytest.raises(RegistryClosed, match="the GraphQL schema"):

        class TooLate(Event, name="too.late"):
            """Something happened that the schema does not know."""

    with pytest.raises(RegistryClosed, match="the GraphQL schema"):
        retry_policies.register("tooLate", retry_policies.get("fixed"))
    with pytest.raises(RegistryClosed, match="the GraphQL schema"):
        authentications.register("tooLate", authentications.get("basic"))
    with pytest.raises(RegistryClosed, match="the GraphQL schema"):
        payload_formats.register("too_late", payload_formats.get("standard"))
