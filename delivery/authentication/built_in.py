"""The schemes that come with Hookline: a password, a token, and a header of one's choice."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Annotated

from delivery.authentication.scheme import Authentication, authentication
from delivery.http.request import OutgoingRequest
from delivery.options import Length, OptionError, OptionErrorCode, Secret

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_TOKEN = re.compile(r"[\x21-\x7e]+")
_LONGEST_SECRET = 4_000


@authentication("basic", is_custom=False)
class BasicAuthentication(Authentication):
    """A user name and a password, by HTTP Basic."""

    username: Annotated[str, "The user name.", Length(1, 255)]
    password: Annotated[str, "The password.", Length(0, 255), Secret()]

    def headers(self, request: OutgoingRequest) -> Mapping[str, str]:
        """Return them in the `Authorization` header, as UTF-8 (RFC 7617)."""
        pair = f"{self.username}:{self.password}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}

    def validate(self) -> Iterator[OptionError]:
        """Find what Basic cannot carry: a colon in the name, and control characters."""
        if ":" in self.username:
            yield _invalid("username", "must not contain a colon, which ends it.")
        for key, text in (("username", self.username), ("password", self.password)):
            if _CONTROL.search(text):
                yield _invalid(key, "must not contain control characters, such as line breaks.")


@authentication("bearer", is_custom=False)
class BearerAuthentication(Authentication):
    """A token in the `Authorization` header."""

    token: Annotated[str, "The token.", Length(1, _LONGEST_SECRET), Secret(hint=True)]

    def headers(self, request: OutgoingRequest) -> Mapping[str, str]:
        """Return the token in the `Authorization` header (RFC 6750)."""
        return {"Authorization": f"Bearer {self.token}"}

    def validate(self) -> Iterator[OptionError]:
        """Find what no token holds."""
        if not _TOKEN.fullmatch(self.token):
            yield _invalid("token", "must be of visible ASCII characters, without spaces.")


@authentication("header", is_custom=False)
class HeaderAuthentication(Authentication):
    """A secret in a header of your choice."""

    header_name: Annotated[str, "The header's name.", Length(1, 100)]
    header_value: Annotated[str, "The header's value.", Length(1, _LONGEST_SECRET), Secret()]

    def headers(self, request: OutgoingRequest) -> Mapping[str, str]:
        """Return that one header."""
        return {self.header_name: self.header_value}


def _invalid(key: str, complaint: str) -> OptionError:
    return OptionError(path=(key,), code=OptionErrorCode.INVALID, message=f"{key} {complaint}")
