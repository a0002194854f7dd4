"""From an endpoint to the addresses that may be dialled."""

import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from datetime import timedelta
from ipaddress import ip_address
from typing import TypeAlias

from delivery.http.addresses import AddressRules
from delivery.http.deadline import Deadline
from delivery.http.endpoints import Endpoint
from delivery.http.failures import DeadlineError, RefusedAddressError, UnreachableError
from delivery.http.outcomes import Phase
from delivery.http.purposes import Address

Resolver: TypeAlias = Callable[[str, int], Sequence[str]]

_LONGEST_LOOKUP = timedelta(seconds=3)
_THREADS = 16
_NAME_UNKNOWN = "The endpoint's host name could not be resolved."


def system_resolver(host: str, port: int) -> list[str]:
    """Look a name up as the operating system does, and return its addresses in its order.

    Raises:
        OSError: the name has no address, or the look-up failed.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class CheckedLookup:
    """Finds the addresses of endpoints, in bounded time, and lets only permitted ones through."""

    def __init__(self, *, rules: AddressRules, resolver: Resolver) -> None:
        self._rules = rules
        self._resolver = resolver
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="webhook-lookup")
        self._under_way: dict[tuple[str, int], Future[Sequence[str]]] = {}
        self._lock = threading.Lock()

    def addresses(self, endpoint: Endpoint, *, deadline: Deadline) -> list[Address]:
        """Return the endpoint's addresses, at least one, in the order to try them.

        Raises:
            DeadlineError: the look-up took 3 s, or all that is left.
            RefusedAddressError: the rules refuse one of the addresses; then none is used.
            UnreachableError: the name has no address.
        """
        if endpoint.address is not None:
            found = [endpoint.address]
        else:
            found = _parse(self._look_up(endpoint, deadline=deadline))
        if not all(self._rules.permits(address, host=endpoint.host) for address in found):
            raise RefusedAddressError
        if not found:
            raise UnreachableError(_NAME_UNKNOWN)
        return found

    def close(self) -> None:
        """Start no further look-ups; those under way end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _look_up(self, endpoint: Endpoint, *, deadline: Deadline) -> Sequence[str]:
        longest = min(_LONGEST_LOOKUP.total_seconds(), deadline.remaining(Phase.RESOLVE))
        lookup = self._start(endpoint.host, endpoint.port)
        try:
            return lookup.result(longest)
        except (TimeoutError, CancelledError):
            # One that is still in the queue would only hold up those behind it.
            lookup.cancel()
            after = min(_LONGEST_LOOKUP, timedelta(seconds=deadline.seconds))
            raise DeadlineError(phase=Phase.RESOLVE, after=after) from None
        except (OSError, UnicodeError) as error:
            raise UnreachableError(_NAME_UNKNOWN) from error

    def _start(self, host: str, port: int) -> Future[Sequence[str]]:
        # A name is looked up once at a time, so that a name server which never answers holds one
        # thread and not all of them.
        key = (host, port)
        with self._lock:
            if under_way := self._under_way.get(key):
                return under_way
            lookup = self._under_way[key] = self._threads.submit(self._resolver, host, port)
        lookup.add_done_callback(lambda _: self._under_way.pop(key, None))
        return lookup


def _parse(answers: Sequence[str]) -> list[Address]:
    try:
        return [ip_address(answer) for answer in dict.fromkeys(answers)]
    except ValueError:
        raise RefusedAddressError from None
