"""What headers a webhook may add to its requests, and the mistakes there can be in them."""

from __future__ import annotations

from collections.abc import Iterator

from delivery.authentication import Authentication, HeaderAuthentication
from delivery.errors import ErrorCode, Mistake
from delivery.http.headers import Headers, is_header_name, is_header_value, is_reserved

_MOST_HEADERS = 20
_LONGEST_NAME = 100
_LONGEST_VALUE = 1_000

Path = tuple[str, ...]


def header_mistakes(
    headers: Headers, *, authentication: Authentication | None
) -> Iterator[Mistake]:
    """Find what is wrong with a webhook's own headers, and with one that authenticates it."""
    if len(headers) > _MOST_HEADERS:
        message = f"There may be {_MOST_HEADERS} headers at most, not {len(headers)}."
        yield Mistake(code=ErrorCode.OUT_OF_RANGE, message=message, path=("headers",))
    taken: set[str] = set()
    if isinstance(authentication, HeaderAuthentication):
        yield from _of_authentication(authentication)
        taken.add(authentication.header_name.lower())
    for index, (name, value) in enumerate(headers):
        path = ("headers", str(index))
        yield from _name_mistakes(name, path=(*path, "name"))
        yield from _value_mistakes(value, path=(*path, "value"))
        if len(value) > _LONGEST_VALUE:
            message = (
                f"A header may have {_LONGEST_VALUE:,} characters at most, not {len(value):,}."
            )
            yield Mistake(code=ErrorCode.OUT_OF_RANGE, message=message, path=(*path, "value"))
        if name.lower() in taken:
            message = f"The header {name:.100} is set twice. Leave one of them out."
            yield Mistake(code=ErrorCode.INVALID, message=message, path=(*path, "name"))
        taken.add(name.lower())


def _of_authentication(chosen: HeaderAuthentication) -> Iterator[Mistake]:
    path = ("authentication", chosen.name)
    yield from _name_mistakes(chosen.header_name, path=(*path, "header_name"))
    yield from _value_mistakes(chosen.header_value, path=(*path, "header_value"))


def _name_mistakes(name: str, *, path: Path) -> Iterator[Mistake]:
    if not name:
        message = "The header has no name. Give it one."
        yield Mistake(code=ErrorCode.REQUIRED, message=message, path=path)
    elif len(name) > _LONGEST_NAME:
        message = f"A header's name may have {_LONGEST_NAME} characters at most, not {len(name):,}."
        yield Mistake(code=ErrorCode.OUT_OF_RANGE, message=message, path=path)
    elif not is_header_name(name):
        message = "This is no name of a header. Use ASCII letters, digits and hyphens."
        yield Mistake(code=ErrorCode.INVALID, message=message, path=path)
    elif is_reserved(name):
        message = f"The header {name} is not yours to set: the sender, or HTTP itself, sets it."
        yield Mistake(code=ErrorCode.FORBIDDEN_HEADER, message=message, path=path)


def _value_mistakes(value: str, *, path: Path) -> Iterator[Mistake]:
    if not is_header_value(value):
        message = (
            "This cannot be the value of a header. Use characters of Latin-1, without line breaks "
            "and other control characters, and no spaces at either end."
        )
        yield Mistake(code=ErrorCode.INVALID, message=message, path=path)
