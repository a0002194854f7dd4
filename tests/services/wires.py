"""A network in which every address leads to the loopback interface."""

import socket
from ipaddress import IPv4Address

from delivery.http.dialing import connect_tcp
from delivery.http.purposes import Address


class Wires:
    """Leads every address to the loopback interface, but those that are cut or swallow packets."""

    def __init__(self) -> None:
        self.cut: set[Address] = set()
        self.swallowing: set[Address] = set()
        self.dialled: list[Address] = []

    def __call__(self, address: Address, *, port: int, seconds: float) -> socket.socket:
        self.dialled.append(address)
        if address in self.cut:
            raise ConnectionRefusedError(111, "refused")
        if address in self.swallowing:
            raise TimeoutError
        return connect_tcp(IPv4Address("127.0.0.1"), port=port, seconds=seconds)
