"""Where a host really is, and whether a run may connect there."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Literal, TypeAlias

from llmspell_bridges.http.failures import HttpFailed, NotPublic
from llmspell_core.guard import NotGranted

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from llmspell_core.policy import Policy

__all__ = ["Resolve", "allowed_addresses", "capability", "kind_of_address", "resolve"]

Resolve: TypeAlias = "Callable[[str, int], Awaitable[Sequence[str]]]"
"""Returns the addresses of a host, the best first."""

_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
_Kind: TypeAlias = Literal["loopback", "link-local", "metadata", "private", "reserved"]

# What clouds tell their machines from is not all in link-local ranges.
_METADATA = frozenset(
    map(ipaddress.ip_address, ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"))
)
_SHARED = ipaddress.IPv4Network("100.64.0.0/10")
_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))


async def resolve(host: str, port: int) -> list[str]:
    """Return the addresses that the system knows of a host."""
    import asyncio
    import socket

    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise HttpFailed(host, "dns", "the host is not known") from error
    return list(dict.fromkeys(str(row[4][0]) for row in found))


def allowed_addresses(host: str, port: int, addresses: Sequence[str], policy: Policy) -> list[str]:
    """Return those of a host's addresses that a run may connect to.

    A host that is granted by its name may be at a private address, but at a loopback, link-local or metadata address
    only if that is granted too: else whoever runs the host's name server could lead a spell there.

    :raises NotPublic, NotGranted: when there are none
    """
    refused: Exception = HttpFailed(host, "dns", "the host has no address")
    allowed: list[str] = []
    for address in addresses:
        needed = capability(address, port)
        decision, kind = policy.decide(needed), kind_of_address(address)
        if decision.rule and not decision.allowed:
            refused = NotGranted(decision, f"{host!r}")
        elif kind is None or policy.names(needed) or _is_named(host, port, kind, policy):
            allowed.append(address)
        else:
            refused = NotPublic(host, address, kind, needed)
    if not allowed:
        raise refused
    return allowed


def kind_of_address(address: str) -> _Kind | None:
    """Return what an address is for, or None when it is one of the public internet."""
    ip = _inner(ipaddress.ip_address(address))
    if ip in _METADATA:
        return "metadata"
    if ip.is_loopback or ip.is_unspecified:
        return "loopback"
    if ip.is_link_local:
        return "link-local"
    if ip.is_private or ip in _SHARED:
        return "private"
    return None if ip.is_global and not ip.is_multicast else "reserved"


def capability(host: str, port: int) -> str:
    """Return what connecting to a host needs."""
    return f"net:[{host}]:{port}" if ":" in host else f"net:{host}:{port}"


def _is_named(host: str, port: int, kind: _Kind, policy: Policy) -> bool:
    if kind == "private" or (kind == "loopback" and (host == "localhost" or host.endswith(".localhost"))):
        return policy.names(capability(host, port))
    return False


def _inner(ip: _Address) -> _Address:
    """Return the address that another one stands for."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip.ipv4_mapped or ip.sixtofour:
        return ip.ipv4_mapped or ip.sixtofour or ip
    if ip.teredo:
        return ip.teredo[1]
    if any(ip in network for network in _NAT64) or (int(ip) >> 32 == 0 and int(ip) > 1):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip
