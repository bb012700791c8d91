"""The web, by the bridge for it and what was granted to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.http.bridge import HttpBridge
from llmspell_bridges.http.urls import check_url
from llmspell_core.errors import BadArgument

if TYPE_CHECKING:
    from llmspell_core.bridge import Context

__all__ = ["fetch", "opened"]


async def fetch(
    context: Context,
    url: str,
    headers: dict[str, str],
    timeout: float,  # noqa: ASYNC109 - the name that callers of the tool know
) -> dict[str, Any]:
    """Return the answer to a GET request: ``{status, ok, url, headers, text, json}``."""
    try:
        check_url(url)
    except ValueError as error:
        raise BadArgument("http_fetch", None, "url", str(error)) from None
    answer = dict(await opened(context, url).get(url, headers=headers, timeout=timeout))
    return {name: value for name, value in answer.items() if name != "bytes"}


def opened(context: Context, url: str) -> HttpBridge:
    """Return the bridge that sends the requests of this run's tools; :raises Denied: when it may not ask the host."""
    own = context.of("http")
    own.require(f"net:{url}", "get")

    bridge: HttpBridge = context.run.get((__name__, "http"), lambda: HttpBridge(own))
    return bridge
