"""How authorization servers are asked: through the run's policy, encrypted, never redirected."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from llmspell_bridges.auth.failures import OAuthFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmspell_core.bridge import Context

__all__ = ["Wire", "check_url"]

_SECONDS = 30.0
_MAX_BYTES = 2**20
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Wire:
    """Sends the requests of one run to authorization servers."""

    def __init__(self, context: Context) -> None:
        from llmspell_bridges.http.door import Door

        self._context = context
        settings = context.of("http").options
        self._door = Door(context, settings, extra="auth", admit=_refuse_redirect, max_bytes=_MAX_BYTES)

    async def close(self) -> None:
        """Close every connection."""
        await self._door.close()

    async def get(self, url: str, what: str) -> dict[str, Any]:
        """Return the map that a server has at a URL.

        :param what: what it is, for errors
        """
        status, body = await self._ask("GET", url, {"Accept": "application/json"}, None)
        if status != 200 or body is None:
            raise OAuthFailed("bad_answer", f"{_bare(url)}: no {what} there (status {status})", status=status)
        return body

    async def post(self, url: str, headers: Mapping[str, str], form: str) -> tuple[int, dict[str, Any]]:
        """Return the status and the map that a server answers to a form; an empty one where it answers none."""
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        status, body = await self._ask("POST", url, {**kind, **headers}, form.encode())
        return status, body or {}

    async def _ask(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, dict[str, Any] | None]:
        from llmspell_bridges.http.messages import Request

        check_url(url)
        self._context.require(f"net:{url}", "oauth2")
        client, target = await self._door.opened(url)
        request = Request(method, tuple(headers.items()), body)
        response = await client.send(target, request, seconds=_SECONDS, retries=0)
        try:
            answer = json.loads(response.body)
        except (ValueError, RecursionError):
            answer = None
        return response.status, answer if isinstance(answer, dict) else None


def check_url(url: Any, what: str = "the URL of an authorization server") -> str:
    """Return the URL, when nobody can read on the way what is sent there; :raises OAuthFailed: otherwise."""
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
        secure = parts is not None and (
            parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        )
    except ValueError:
        secure = False
    if not secure:
        raise OAuthFailed("bad_url", f"{what} begins with https://, not {str(url)[:200]!r}")
    return str(url)


def _refuse_redirect(host: str, port: int) -> None:
    problem = f"an authorization server redirected to {host}:{port}; name the server that answers by itself"
    raise OAuthFailed("redirected", problem)


def _bare(url: str) -> str:
    return url.partition("?")[0]
