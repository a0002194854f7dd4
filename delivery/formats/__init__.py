"""How an event becomes the body of a request."""

from delivery.formats.familiar import DataOnlyFormat, RestHooksFormat, WhispererFormat
from delivery.formats.format import (
    Message,
    PayloadFormat,
    RegisteredFormat,
    Sign,
    payload_format,
    payload_formats,
)
from delivery.formats.standard import STANDARD, CloudEventsFormat, StandardFormat

__all__ = [
    "STANDARD",
    "CloudEventsFormat",
    "DataOnlyFormat",
    "Message",
    "PayloadFormat",
    "RegisteredFormat",
    "RestHooksFormat",
    "Sign",
    "StandardFormat",
    "WhispererFormat",
    "payload_format",
    "payload_formats",
]
