"""Requests over the web, within bounds: each hop asked for, each address checked, time and size counted."""

from __future__ import annotations

import asyncio
import time
from itertools import count
from typing import TYPE_CHECKING

import httpcore2
import httpx2

from llmspell_bridges.http.body import ENCODINGS, Body, TooLarge
from llmspell_bridges.http.connections import pool
from llmspell_bridges.http.failures import HttpFailed, Reason
from llmspell_bridges.http.messages import Request, Response, joined
from llmspell_bridges.http.retries import after_answer, after_failure
from llmspell_core.errors import LimitExceeded

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Mapping

__all__ = ["Client", "host_and_port", "parse"]

_HOPS = 10
_REDIRECTS = (301, 302, 303, 307, 308)
_PORTS = {"http": 80, "https": 443}


class Client:
    """Sends the requests of one run.

    :param admit: called with host and port before a redirect is followed; raises when it may not be
    :param backend: makes the connections
    :param tls: how servers are verified
    :param max_bytes: the most that a body may hold, unpacked
    :param sleep: waits between retries
    """

    def __init__(
        self,
        admit: Callable[[str, int], object],
        backend: httpcore2.AsyncNetworkBackend,
        tls: ssl.SSLContext,
        max_bytes: int,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._admit, self._max_bytes, self._sleep = admit, max_bytes, sleep
        self._pool = pool(backend, tls)

    async def send(self, url: httpx2.URL, request: Request, *, seconds: float, retries: int) -> Response:
        """Return the answer, that of the last server where others redirect to it.

        :param seconds: for all of it, redirects, retries and the whole body included
        :param retries: how many times more to ask where that may help
        :raises HttpFailed: when there is none
        """
        timer = asyncio.timeout(seconds)
        try:
            async with timer:
                return await self._attempts(url, request, retries, asyncio.get_running_loop().time() + seconds)
        except TimeoutError:
            if not timer.expired():
                raise
            problem = f"no whole answer within {seconds:g} seconds; pass a longer timeout"
            raise HttpFailed(_bare(url), "timeout", problem) from None

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.aclose()

    async def _attempts(self, url: httpx2.URL, request: Request, retries: int, deadline: float) -> Response:
        for attempt in count():
            response: Response | None = None
            try:
                response = await self._follow(url, request)
                pause = after_answer(request, response, attempt, time.time())
            except HttpFailed as failure:
                pause = after_failure(request, failure, attempt)
                if pause is None or attempt >= retries or not _in_time(pause, deadline):
                    raise
            if response is not None and (pause is None or attempt >= retries or not _in_time(pause, deadline)):
                return response
            await self._sleep(pause or 0.0)
        raise AssertionError("counting never ends")

    async def _follow(self, url: httpx2.URL, request: Request) -> Response:
        first = url
        for hop in range(_HOPS + 1):
            if hop:
                self._admit(*host_and_port(url))
            response = await self._exchange(url, request)
            location = response.headers.get("location")
            if response.status not in _REDIRECTS or location is None:
                return response
            target = parse(location, url)
            request = request.redirected(response.status, elsewhere=_origin(target) != _origin(url))
            url = target
        raise HttpFailed(_bare(first), "redirects", f"redirected more than {_HOPS} times")

    async def _exchange(self, url: httpx2.URL, request: Request) -> Response:
        target = httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        headers = [("Host", url.netloc.decode()), ("Accept", "*/*")]
        headers += [("Accept-Encoding", ENCODINGS), ("User-Agent", "llmspell")]
        own = {name.lower() for name, _ in request.headers}
        headers = [row for row in headers if row[0].lower() not in own] + list(request.headers)
        try:
            async with self._pool.stream(
                request.method, target, headers=_encoded(headers), content=request.body
            ) as answer:
                found = joined(answer.headers)
                return Response(str(url), answer.status, found, await self._body(url, answer, found))
        except httpcore2.ConnectError as error:
            raise HttpFailed(_bare(url), *_reached(error)) from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.TimeoutException) as error:
            raise HttpFailed(
                _bare(url), "network", f"the connection failed: {error or type(error).__name__}"
            ) from error

    async def _body(self, url: httpx2.URL, answer: httpcore2.Response, headers: Mapping[str, str]) -> bytes:
        body = Body(headers.get("content-encoding", ""), self._max_bytes)
        try:
            announced = headers.get("content-length", "")
            if announced.isdecimal() and int(announced) > self._max_bytes:
                raise TooLarge
            async for chunk in answer.aiter_stream():
                body.add(chunk)
        except TooLarge as error:
            message = f"{_bare(url)}: the answer is larger than {self._max_bytes} bytes; ask for less"
            raise LimitExceeded("http_bytes", self._max_bytes, message) from error
        except ValueError as error:
            raise HttpFailed(_bare(url), "network", str(error)) from error
        return body.whole()


def parse(text: str, base: httpx2.URL | None = None) -> httpx2.URL:
    """Return a URL, of ``http`` or ``https`` and with a host; :raises HttpFailed: when it is none."""
    try:
        url = base.join(text) if base is not None else httpx2.URL(text)
    except (httpx2.InvalidURL, ValueError) as error:
        raise HttpFailed(text.partition("?")[0][:200], "bad_request", f"it is no URL: {error}") from error
    if url.scheme not in _PORTS or not url.host:
        raise HttpFailed(_bare(url), "bad_request", "a URL begins with http:// or https:// and names a host")
    if url.userinfo:
        raise HttpFailed(_bare(url), "bad_request", "a URL may not hold a name and password; pass the option 'auth'")
    return url


def host_and_port(url: httpx2.URL) -> tuple[str, int]:
    """Return which server a URL asks."""
    return url.raw_host.decode(), url.port or _PORTS[url.scheme]


def _origin(url: httpx2.URL) -> tuple[str, str, int]:
    return url.scheme, *host_and_port(url)


def _bare(url: httpx2.URL) -> str:
    """Return a URL without what may be secret in it."""
    return str(url.copy_with(query=None, fragment=None, userinfo=b""))


def _encoded(headers: list[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers]


def _in_time(pause: float, deadline: float) -> bool:
    return asyncio.get_running_loop().time() + pause < deadline


def _reached(error: Exception) -> tuple[Reason, str]:
    import ssl

    if isinstance(error.__cause__, ssl.SSLError) or "certificate" in str(error).lower() or "ssl" in str(error).lower():
        return "tls", f"the server cannot be verified: {error}"
    return "connect", f"nobody answers there: {error}"
