"""The way of one bridge to the web: opened on first use, with the run's policy asked at each step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.http.failures import HttpFailed
from llmspell_bridges.missing import cure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from llmspell_bridges.http.client import Client
    from llmspell_core.bridge import Context
    from llmspell_core.errors import Denied

__all__ = ["Door"]

_MAX_BYTES = 16 * 2**20


class Door:
    """Opens a client for the run, and closes it.

    :param context: as the bridge has it that asks
    :param settings: those of the bridge ``http``
    :param extra: what of the distribution has the library: ``pip install 'llmspell-bridges[extra]'``
    :param admit: called with host and port before a redirect is followed; the policy is asked when left out
    :param max_bytes: the most that an answer may hold
    """

    def __init__(
        self,
        context: Context,
        settings: Mapping[str, Any],
        *,
        extra: str = "http",
        admit: Callable[[str, int], object] | None = None,
        max_bytes: int | None = None,
    ) -> None:
        self._context, self._extra, self._admit = context, extra, admit or self._ask
        self._settings = settings
        self._max_bytes = max_bytes or int(settings.get("max_bytes", _MAX_BYTES))
        self._client: Client | None = None

    async def close(self) -> None:
        """Close every connection."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def opened(self, url: str) -> tuple[Client, Any]:
        """Return the client, and a URL as its library reads it; that the run may ask there was decided before."""
        import asyncio

        if self._client is None:
            # Importing the library and reading the certificates takes a while.
            backend, tls = await asyncio.to_thread(self._prepared)
            if self._client is None:
                from llmspell_bridges.http.client import Client

                self._client = Client(self._admit, backend, tls, self._max_bytes)
        from llmspell_bridges.http.addresses import capability
        from llmspell_bridges.http.client import host_and_port, parse

        target = parse(url)
        # The URL was read once for the policy; what counts is how the library reads it.
        self._context.confirm(capability(*host_and_port(target)))
        return self._client, target

    def _prepared(self) -> tuple[Any, Any]:
        try:
            import httpcore2

            import llmspell_bridges.http.client  # noqa: F401 - imported here, off the loop, for those who use it next
            from llmspell_bridges.http.connections import Checked
        except ModuleNotFoundError as error:
            raise HttpFailed("http", "not_installed", cure(error, self._extra)) from None
        from llmspell_bridges.http.addresses import resolve

        tls = self._context.shared.get((__name__, "tls"), httpcore2.default_ssl_context)
        found = self._settings.get("resolve", resolve)
        return Checked(lambda: self._context.policy, found, refused=self._note_refusal), tls

    def _note_refusal(self, error: Denied) -> None:
        capability, reason = getattr(error, "capability", ""), getattr(error, "rule", "") or "not a public address"
        self._context.guard.refused(capability, reason, self._context.bridge)

    def _ask(self, host: str, port: int) -> None:
        from llmspell_bridges.http.addresses import capability

        self._context.require(capability(host, port), "redirect")
