"""HTTP messages, as they were sent and received."""

from __future__ import annotations

from collections.abc import Iterable

import strawberry


@strawberry.type(description="A header of an HTTP message.")
class HttpHeader:
    """A header of an HTTP message."""

    name: str = strawberry.field(description="The header's name.")
    value: str = strawberry.field(
        description="The header's value. What is secret is shown as `•••`."
    )


@strawberry.type(description="An HTTP request.")
class HttpRequest:
    """An HTTP request."""

    method: str = strawberry.field(description="The method.")
    url: str = strawberry.field(description="Where it was sent.")
    headers: list[HttpHeader] = strawberry.field(description="Its headers.")
    body: str | None = strawberry.field(
        description=("Its body. Null when none was sent, and once the format that made it is gone.")
    )


@strawberry.type(description="An HTTP response.")
class HttpResponse:
    """An HTTP response."""

    status_code: int = strawberry.field(description="The status code.")
    headers: list[HttpHeader] = strawberry.field(description="Its headers.")
    body: str | None = strawberry.field(
        description="The start of its body. Null once it was cleared away."
    )
    is_body_truncated: bool = strawberry.field(description="Whether the body was longer.")


def http_headers(stored: Iterable[tuple[str, str]]) -> list[HttpHeader]:
    """Return headers as they are shown, given pairs of name and value."""
    return [HttpHeader(name=name, value=value) for name, value in stored]
