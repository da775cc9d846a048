"""Which network addresses a server of the public may have.

Whoever gives an address of a web page could otherwise have the platform's own network read to
them: databases on the loopback address, or a cloud's metadata at 169.254.169.254.
"""

from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# IPv6 addresses behind which a router or a tunnel puts an IPv4 address, and where in them it is.
_NAT64 = IPv6Network("64:ff9b::/96")
_COMPATIBLE = IPv6Network("::/96")
# No server of the public is in these, whatever Python's own table says.
_NEVER = (
    ip_network("192.88.99.0/24"),  # relays of 6to4
    ip_network("192.0.0.0/24"),
    ip_network("100.64.0.0/10"),
    ip_network("64:ff9b:1::/48"),  # NAT64 inside a network
    ip_network("2001::/23"),  # Teredo and others for protocols
    ip_network("2001:db8::/32"),
    ip_network("3fff::/20"),
    ip_network("5f00::/16"),
    ip_network("fec0::/10"),
)


def is_allowed(address: str, networks: Iterable[Network] = ()) -> bool:
    """Whether this address may be connected to: a public one, or one in `networks`."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.scope_id:
        return False
    return any(found in network for network in networks) or _is_public(found)


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and (inner := _inner(address)) is not None:
        return _is_public(inner)
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not address.is_unspecified
        and not any(address in network for network in _NEVER)
    )


def _inner(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that this one only wraps."""
    if address in _NAT64 or address in _COMPATIBLE:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour
