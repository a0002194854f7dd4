"""The forms that the catalogue can be had in."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping

from events.catalogue.asyncapi import as_asyncapi
from events.catalogue.jsonschema import as_json_schema
from events.catalogue.pydantic import as_pydantic
from events.catalogue.typescript import as_typescript
from events.event import EventType


class CatalogueForm(enum.Enum):
    """A form that receivers can use."""

    JSON_SCHEMA = "jsonschema"
    ASYNCAPI = "asyncapi"
    TYPESCRIPT = "typescript"
    PYDANTIC = "pydantic"

    def write(self, event_types: Iterable[EventType]) -> str:
        """Return the text of a file with these event types: the same for the same classes."""
        return _WRITERS[self](event_types)


_WRITERS: Mapping[CatalogueForm, Callable[[Iterable[EventType]], str]] = {
    CatalogueForm.JSON_SCHEMA: as_json_schema,
    CatalogueForm.ASYNCAPI: as_asyncapi,
    CatalogueForm.TYPESCRIPT: as_typescript,
    CatalogueForm.PYDANTIC: as_pydantic,
}
