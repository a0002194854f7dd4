"""Which addresses may be dialled."""

from dataclasses import dataclass

from delivery.http.purposes import (
    NEVER_OPENED,
    Address,
    Network,
    Purpose,
    carried_by,
    is_public,
    purpose_of,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressRules:
    """Decides whether an address may be dialled: public ones, and what was opened beside them.

    `allowed_networks` may be dialled under any name, `allowed_hosts` at any address. A host is
    written as a name, or as `.example.internal`, which stands for every name under it as well. What
    `NEVER_OPENED` names stays closed.
    """

    allowed_networks: tuple[Network, ...] = ()
    allowed_hosts: tuple[str, ...] = ()

    def permits(self, address: Address, *, host: str) -> bool:
        """Tell whether an address may be dialled for a host.

        One that carries an IPv4 address inside is permitted only if both are.
        """
        is_open = self._is_allowed_host(host)
        judged = (address, *carried_by(address))
        return all(self._permits(each, is_open=is_open) for each in judged)

    def may_show(self, address: Address, *, host: str) -> bool:
        """Tell whether an owner may learn that this address was dialled for a host.

        What had to be opened is inside somebody's network; what is public is known anyway.
        """
        return (
            is_public(address)
            and not self._is_in_allowed_network(address)
            and not self._is_allowed_host(host)
        )

    def _permits(self, address: Address, *, is_open: bool) -> bool:
        purpose = purpose_of(address)
        if purpose in NEVER_OPENED:
            return False
        return purpose is Purpose.PUBLIC or is_open or self._is_in_allowed_network(address)

    def _is_in_allowed_network(self, address: Address) -> bool:
        return any(address in network for network in self.allowed_networks)

    def _is_allowed_host(self, host: str) -> bool:
        name = host.lower()
        return any(_stands_for(allowed.lower(), name) for allowed in self.allowed_hosts)


def _stands_for(allowed: str, name: str) -> bool:
    return name == allowed.removeprefix(".") or (allowed.startswith(".") and name.endswith(allowed))
