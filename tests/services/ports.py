"""Which port a server of the tests may take."""

import random
import socket

# Below what Linux and macOS hand to outgoing connections: a server that is stopped and
# started again must find its port free, however many clients connected meanwhile.
_CANDIDATES = range(10_000, 32_000)


def free_port() -> int:
    """Find a TCP port of 127.0.0.1 that nobody listens on.

    Raises:
        RuntimeError: A hundred random ports were all taken.
    """
    for port in random.sample(_CANDIDATES, k=100):
        with socket.socket() as probe:
            # As servers do: a port whose last connections are in TIME_WAIT is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise RuntimeError(
        f"100 random ports between {_CANDIDATES[0]} and {_CANDIDATES[-1]} are taken. "
        "Look for servers that an earlier run left behind."
    )
