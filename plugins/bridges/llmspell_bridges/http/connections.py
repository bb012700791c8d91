"""Connections that go only to addresses that were looked up once and checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from httpcore2 import AnyIOBackend, AsyncConnectionPool, AsyncNetworkBackend, AsyncNetworkStream, ConnectError

from llmspell_bridges.http.addresses import Resolve, allowed_addresses
from llmspell_core.errors import Denied

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from llmspell_core.policy import Policy

__all__ = ["Checked", "pool"]


class Checked(AsyncNetworkBackend):
    """Looks a host up, checks what it finds, and connects to that: nobody looks the host up again.

    :param policy: returns the run's policy as it is now
    :param network: connects to an address
    :param refused: called with what refuses every address of a host
    """

    def __init__(
        self,
        policy: Callable[[], Policy],
        resolve: Resolve,
        network: AsyncNetworkBackend | None = None,
        refused: Callable[[Denied], None] = lambda error: None,
    ) -> None:
        self._policy, self._resolve, self._refused = policy, resolve, refused
        self._network = network or AnyIOBackend()

    async def connect_tcp(self, host: str, port: int, *args: Any, **named: Any) -> AsyncNetworkStream:
        """Return a connection to the first of the host's addresses that answers."""
        found = await self._resolve(host, port)
        try:
            addresses = allowed_addresses(host.strip("[]"), port, found, self._policy())
        except Denied as error:
            self._refused(error)
            raise
        for address in addresses[:-1]:
            try:
                return await self._network.connect_tcp(address, port, *args, **named)
            except ConnectError:
                continue
        return await self._network.connect_tcp(addresses[-1], port, *args, **named)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._network.sleep(seconds)


def pool(backend: AsyncNetworkBackend, context: ssl.SSLContext) -> AsyncConnectionPool:
    """Return a pool of such connections, which verify who answers."""
    return AsyncConnectionPool(
        ssl_context=context,
        max_connections=20,
        max_keepalive_connections=10,
        keepalive_expiry=30,
        network_backend=backend,
    )
