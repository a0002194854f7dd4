"""Why an attempt got no answer, as exceptions that any user of `requests` can catch.

Their messages are sentences for the webhook's owner and name no internal address.
"""

import contextlib
from collections.abc import Iterator
from datetime import timedelta

import requests

from delivery.http.outcomes import Phase
from delivery.http.purposes import Address


class AttemptError(requests.RequestException):
    """An attempt that failed; `remote_address` is the one that was dialled, if any."""

    remote_address: Address | None = None


@contextlib.contextmanager
def dialling(address: Address) -> Iterator[None]:
    """Say in the errors of what is done meanwhile which address was dialled."""
    try:
        yield
    except AttemptError as error:
        error.remote_address = address
        raise


class DeadlineError(AttemptError, requests.Timeout):
    """The time for an attempt, or for a part of it, was used up in `phase`."""

    def __init__(self, *, phase: Phase, after: timedelta) -> None:
        super().__init__(f"Timed out while {phase.description}.")
        self.phase = phase
        self.after = after


class RefusedAddressError(requests.ConnectionError):
    """The endpoint's name leads to an address that the rules refuse."""

    def __init__(self) -> None:
        # The same words whatever was refused: nobody is to map our network by asking.
        super().__init__("The endpoint's address is not one that webhooks may be sent to.")


class UnreachableError(AttemptError, requests.ConnectionError):
    """The name, the connection or the protocol failed."""


class NoAnswerError(UnreachableError):
    """The connection ended before one byte of the answer came."""


class TlsError(AttemptError, requests.exceptions.SSLError):
    """The certificate or the handshake failed."""
