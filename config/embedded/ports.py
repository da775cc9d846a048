"""Free TCP ports on the loopback address."""

import socket

from config.embedded.errors import EmbeddedError

LOOPBACK = "127.0.0.1"
ATTEMPTS = 200


def is_free(port: int) -> bool:
    """Whether a server could listen on 127.0.0.1:`port` at this moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the servers do: connections that linger from the last run don't count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def free_port(first: int, avoid: frozenset[int] = frozenset()) -> int:
    """`first`, or the next port after it that is free and not in `avoid`."""
    for port in range(first, min(first + ATTEMPTS, 65536)):
        if port not in avoid and is_free(port):
            return port
    raise EmbeddedError(f"no free port on {LOOPBACK} from {first} on ({ATTEMPTS} tried)")
