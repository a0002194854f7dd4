"""Payload formats: what one makes of an event, what writing one takes, and those there are."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypeAlias, TypeVar
from uuid import UUID

from delivery.registration import check_class, description_of
from events.names import is_field_name
from events.registry import Registry

_LONGEST_NAME = 50

Sign: TypeAlias = Callable[[bytes], bytes]
"""Gives the HMAC-SHA256 of some bytes, with the text of the webhook's newest secret as its key."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """What a body is made of.

    `payload_json` is the payload as JSON text, already selected; put it into a body as it is, so
    that no number changes on the way. `source` names this installation. `webhook_id` and `url` are
    empty for a format that is shared.
    """

    event_id: str
    event_uuid: UUID
    event_type: str
    occurred_at: datetime
    payload_json: str
    source: str
    webhook_id: str = ""
    url: str = ""


class PayloadFormat(ABC):
    """Makes the body of requests. A format of your own needs only `body`.

    Decorate it with `payload_format`. `content_type` is that of the body. A format that `is_shared`
    makes the same body for every webhook: it is made once for all of them then, and the message
    says nothing of any webhook. One that `needs_shared_secret` calls `sign`, which webhooks that
    sign by Ed25519 cannot; they are kept from choosing it.
    """

    content_type: ClassVar[str] = "application/json"
    is_shared: ClassVar[bool] = False
    needs_shared_secret: ClassVar[bool] = False

    @abstractmethod
    def body(self, message: Message) -> bytes:
        """Make the body of an event; it must depend on nothing but the message."""

    def headers(self, message: Message, *, body: bytes, sign: Sign) -> Mapping[str, str]:
        """Make headers to send beside those of Standard Webhooks, which they cannot replace."""
        return {}


@dataclass(frozen=True, kw_only=True)
class RegisteredFormat:
    """A payload format that can be chosen by its name."""

    name: str
    description: str
    format: PayloadFormat

    @property
    def symbol(self) -> str:
        """The name as GraphQL has it, such as `REST_HOOKS`."""
        return self.name.upper()


payload_formats: Registry[RegisteredFormat] = Registry(noun="payload format")

Format = TypeVar("Format", bound=PayloadFormat)


def payload_format(name: str) -> Callable[[type[Format]], type[Format]]:
    """Let webhooks choose a `PayloadFormat` by `name`, which is in snake_case.

    The first paragraph of its docstring becomes its description. It is made once, without
    arguments, and used by many threads.

    Raises (when the class is defined):
        TypeError: The class, its docstring or its `body` is not as it must be.
        ValueError: The name is not in snake_case, or longer than 50 characters.
        AlreadyRegistered: Another format has the name.
        RegistryClosed: The formats have been read already.
    """

    def register(cls: type[Format]) -> type[Format]:
        if not is_field_name(name) or len(name) > _LONGEST_NAME:
            raise ValueError(
                f"A payload format cannot be named {name!r}. Name it in snake_case, such as "
                f"'rest_hooks', with {_LONGEST_NAME} characters at most."
            )
        check_class(cls, base=PayloadFormat, method="body", noun="payload format")
        made = RegisteredFormat(name=name, description=description_of(cls), format=cls())
        payload_formats.register(name, made)
        return cls

    return register
