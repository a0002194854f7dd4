"""`manage.py export_catalogue`: the event types for those who receive them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from events import Event
from events.catalogue.forms import CatalogueForm
from events.event import event_types

every_form = pytest.mark.parametrize("form", CatalogueForm, ids=lambda form: form.value)


def export(form: CatalogueForm, *names: str, output: Path | None = None) -> str:
    out = StringIO()
    call_command("export_catalogue", *names, format=form.value, output=output, stdout=out)
    return out.getvalue()


@pytest.fixture
def parcel_lost() -> Iterator[str]:
    with event_types.scratch():

        class ParcelLost(Event, name="parcel.lost", deprecated="Use parcel.gone."):
            """A parcel did not arrive — ever."""

            weight: float | None

        yield "parcel.lost"


@every_form
def test_all_that_is_registered_is_printed_as_the_form_has_it(
    form: CatalogueForm, parcel_lost: str
) -> None:
    printed = export(form)

    assert printed == form.write(event_types)
    assert all(name in printed for name in event_types.names())
    assert parcel_lost in printed
    assert "A parcel did not arrive — ever." in printed
    assert "Use parcel.gone." in printed


@every_form
def test_only_the_event_types_that_are_named_are_exported(
    form: CatalogueForm, parcel_lost: str
) -> None:
    printed = export(form, "ping", parcel_lost, "ping")

    assert printed == form.write([event_types.get("ping"), event_types.get(parcel_lost)])
    assert "book.added" not in printed


@every_form
def test_a_file_has_what_would_be_printed(form: CatalogueForm, tmp_path: Path) -> None:
    path = tmp_path / "catalogue"

    assert export(form, output=path) == f"Wrote {path}.\n"
    assert path.read_text(encoding="utf-8") == export(form)


def test_every_event_type_of_the_project_is_in_the_json_schema() -> None:
    bodies = json.loads(export(CatalogueForm.JSON_SCHEMA))["$defs"].values()

    types = {
        body["properties"]["type"].get("const")
        for body in bodies
        if "type" in body.get("properties", ())
    }
    assert set(event_types.names()) <= types


def test_an_event_type_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"no event type named 'pong'\. Did you mean 'ping'"):
        export(CatalogueForm.TYPESCRIPT, "pong", output=tmp_path / "events.ts")

    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "events.ts"

    with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
        export(CatalogueForm.TYPESCRIPT, output=path)


def test_a_form_that_there_is_not_is_refused() -> None:
    with pytest.raises(CommandError, match="invalid choice: 'cobol'"):
        call_command("export_catalogue", "--format", "cobol")
