"""Requests as the bytes that go on the wire."""

from collections.abc import Mapping

from requests.exceptions import InvalidHeader

from delivery.http.headers import is_header_name, is_header_value

_INVALID_HEADER = (
    "A header of the request is not one that HTTP allows. Use tokens as names, and values without "
    "line breaks, NUL or characters outside Latin-1."
)
_INVALID_LENGTH = "The headers of the request do not say how long its body is."


def request_bytes(*, method: str, target: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """Write a request, whose `target` is known to be fit for a request line.

    Raises:
        requests.exceptions.InvalidHeader: HTTP does not allow one of the headers, or the receiver
            would take the body to be of another length.
        ValueError: the method is none, or one of those whose answers have no body of their own.
    """
    # A method is a token, as the name of a header is.
    if not is_header_name(method) or method in {"HEAD", "CONNECT"}:
        raise ValueError(f"method={method!r} cannot be sent; use POST, or another with a body.")
    lines = [f"{method} {target} HTTP/1.1"]
    for name, value in headers.items():
        if not is_header_name(name) or not is_header_value(value):
            # The message does not show the value, which may be a password.
            raise InvalidHeader(_INVALID_HEADER)
        lines.append(f"{name}: {value}")
    stated = headers.get("Content-Length", "0")
    if stated != str(len(body)) or "Transfer-Encoding" in headers:
        raise InvalidHeader(_INVALID_LENGTH)
    return "\r\n".join([*lines, "\r\n"]).encode("latin-1") + body
