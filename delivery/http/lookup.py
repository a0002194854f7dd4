"""From an endpoint to the addresses that may be dialled."""

from datetime import timedelta
from ipaddress import ip_address

from delivery.http.addresses import AddressRules
from delivery.http.deadline import Deadline
from delivery.http.endpoints import Endpoint
from delivery.http.failures import DeadlineError, RefusedAddressError, UnreachableError
from delivery.http.outcomes import Phase
from delivery.http.purposes import Address
from delivery.http.resolver import Lookups, Resolver

_LONGEST_LOOKUP = timedelta(seconds=3)
_MOST_ADDRESSES = 20
_NAME_UNKNOWN = "The endpoint's host name could not be resolved."


class CheckedLookup:
    """Finds the addresses of endpoints, in bounded time, and lets only permitted ones through."""

    def __init__(self, *, rules: AddressRules, resolver: Resolver) -> None:
        self._rules = rules
        self._lookups = Lookups(resolver)

    def addresses(self, endpoint: Endpoint, *, group: str, deadline: Deadline) -> list[Address]:
        """Return the endpoint's addresses, 1 to 20, in the order to try them.

        `group` is for whom they are looked up: each has a share of the look-ups of its own.

        Raises:
            DeadlineError: the look-up took 3 s, or all that is left.
            RefusedAddressError: the rules refuse one of all the addresses; then none is used.
            UnreachableError: the name has no address.
        """
        if endpoint.address is not None:
            found = [endpoint.address]
        else:
            found = self._look_up(endpoint, group=group, deadline=deadline)
        if not all(self._rules.permits(address, host=endpoint.host) for address in found):
            raise RefusedAddressError
        if not found:
            raise UnreachableError(_NAME_UNKNOWN)
        return found[:_MOST_ADDRESSES]

    def close(self) -> None:
        """Start no further look-ups; those under way end by themselves."""
        self._lookups.close()

    def _look_up(self, endpoint: Endpoint, *, group: str, deadline: Deadline) -> list[Address]:
        longest = min(_LONGEST_LOOKUP.total_seconds(), deadline.remaining(Phase.RESOLVE))
        try:
            answers = self._lookups.answers(
                endpoint.host, endpoint.port, group=group, seconds=longest
            )
        except TimeoutError:
            after = min(_LONGEST_LOOKUP, timedelta(seconds=deadline.seconds))
            raise DeadlineError(phase=Phase.RESOLVE, after=after) from None
        return list(dict.fromkeys(map(_read_address, answers)))


def _read_address(answer: object) -> Address:
    # `ip_address` reads numbers and bytes as well, which a resolver does not mean as addresses.
    if not isinstance(answer, str):
        raise RefusedAddressError
    try:
        return ip_address(answer)
    except ValueError:
        raise RefusedAddressError from None
