"""IDs: UUIDs that grow with time, shown with a prefix that tells what they are of."""

import re
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.db import models
from uuid_utils.compat import uuid7

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HEX = re.compile(r"[0-9a-f]{32}")
_PUBLIC_ID = re.compile(rf"[a-z]{{3}}_{_HEX.pattern}")


def new_id() -> UUID:
    """Return a new UUID, version 7 (RFC 9562): later ones sort after earlier ones."""
    return uuid7()


def earliest_id(moment: datetime) -> UUID:
    """Return what sorts after all IDs made before a moment, and before those made from it on."""
    milliseconds = (moment - _EPOCH) // timedelta(milliseconds=1)
    return UUID(int=max(milliseconds, 0) << 80)


class IdentifiedModel(models.Model):
    """A model with a UUID as its key and one text for it in GraphQL, headers and logs."""

    ID_PREFIX: ClassVar[str]

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.public_id

    @property
    def public_id(self) -> str:
        """The ID as people and programs see it, such as `evt_01890a5dac96774bbcceb302099a8057`."""
        return public_id(self.ID_PREFIX, self.pk)

    @classmethod
    def parse_id(cls, text: str) -> UUID | None:
        """Return the key in a public ID, or None if the text is not an ID of this model."""
        prefix, _, digits = text.rpartition("_")
        return UUID(digits) if prefix == cls.ID_PREFIX and _HEX.fullmatch(digits) else None


def public_id(prefix: str, key: UUID) -> str:
    """Return the public form of a key whose row is not at hand."""
    return f"{prefix}_{key.hex}"


def is_public_id(text: str) -> bool:
    """Return whether a text has the form of an ID, whatever it may be of."""
    return _PUBLIC_ID.fullmatch(text) is not None
