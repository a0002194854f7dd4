"""Requests as the bytes that go on the wire."""

from requests.exceptions import InvalidHeader

from delivery.http.headers import Headers, is_header_name, is_header_value

_INVALID_HEADER = (
    "A header of the request is not one that HTTP allows. Use tokens as names, and values without "
    "line breaks, NUL or characters outside Latin-1."
)


def request_bytes(*, target: str, headers: Headers, body: bytes) -> bytes:
    """Write a POST, of which `target` is fit for a request line and `headers` frame the body.

    Raises:
        requests.exceptions.InvalidHeader: HTTP does not allow one of the headers.
    """
    if not all(is_header_name(name) and is_header_value(value) for name, value in headers):
        # The message does not show the value, which may be a password.
        raise InvalidHeader(_INVALID_HEADER)
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers])
    return f"POST {target} HTTP/1.1\r\n{lines}\r\n".encode("latin-1") + body
