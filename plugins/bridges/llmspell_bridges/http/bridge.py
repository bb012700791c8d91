"""The bridge ``http``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Unpack

from llmspell_bridges.auth.credential import Credential
from llmspell_bridges.auth.oauth2 import OAuth2
from llmspell_bridges.http.door import Door
from llmspell_bridges.http.messages import BadHeader, Request, Response, basic, checked_headers
from llmspell_bridges.http.records import Auth, CallOptions, ResponseRecord
from llmspell_bridges.http.settings import HttpSettings
from llmspell_bridges.http.urls import Url
from llmspell_core.bridge import Bridge, expose
from llmspell_core.errors import BadArgument, ConversionError
from llmspell_core.values import lower

if TYPE_CHECKING:
    from llmspell_core.bridge import Context

__all__ = ["HttpBridge"]

_TIMEOUT, _LONGEST = 30.0, 600.0
_UNREPEATABLE = ("POST", "PATCH")
"""Methods whose repetition may have another effect."""
_SECRET = (
    "url?",
    "query?",
    "auth",
    "headers.authorization",
    "headers.proxy-authorization",
    "headers.cookie",
    "headers.api-key",
    "headers.x-api-key",
    "headers.x-auth-token",
    "headers.x-goog-api-key",
)
"""What tells a server who asks, and nobody else."""
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class HttpBridge(Bridge):
    """Send requests to the hosts that the caller granted.

    An answer of any status is an answer; only where there is none an error is raised. Redirects are followed as far as
    the hosts they lead to were granted. Private, loopback and link-local addresses are refused unless the grant names
    them. Bodies and times are bounded.
    """

    name = "http"
    settings = HttpSettings
    roles = ("_fetch",)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._door = Door(context, context.options)

    async def close(self) -> None:
        """Close every connection."""
        await self._door.close()

    @expose(needs="net:{url}", secret=_SECRET)
    async def get(self, url: Url, **options: Unpack[CallOptions]) -> ResponseRecord:
        """Return the answer to a GET request.

        :param url: what to get
        """
        return await self._send("GET", url, options)

    @expose(needs="net:{url}", secret=_SECRET)
    async def post(self, url: Url, **options: Unpack[CallOptions]) -> ResponseRecord:
        """Return the answer to a POST request.

        :param url: where to send it
        """
        return await self._send("POST", url, options)

    @expose(needs="net:{url}", secret=_SECRET)
    async def put(self, url: Url, **options: Unpack[CallOptions]) -> ResponseRecord:
        """Return the answer to a PUT request.

        :param url: where to send it
        """
        return await self._send("PUT", url, options)

    @expose(needs="net:{url}", secret=_SECRET)
    async def patch(self, url: Url, **options: Unpack[CallOptions]) -> ResponseRecord:
        """Return the answer to a PATCH request.

        :param url: where to send it
        """
        return await self._send("PATCH", url, options)

    @expose(needs="net:{url}", secret=_SECRET)
    async def delete(self, url: Url, **options: Unpack[CallOptions]) -> ResponseRecord:
        """Return the answer to a DELETE request.

        :param url: what to delete
        """
        return await self._send("DELETE", url, options)

    @expose(needs="net:{url}", secret=_SECRET)
    async def request(self, *, url: Url, method: str = "GET", **options: Unpack[CallOptions]) -> ResponseRecord:
        """Return the answer to a request of any method.

        :param url: where to send it
        :param method: GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS
        """
        if method.upper() not in _METHODS:
            raise BadArgument("http.request", None, "method", f"must be one of {', '.join(_METHODS)}, not {method!r}")
        return await self._send(method.upper(), url, options)

    async def _send(self, method: str, url: str, options: CallOptions) -> ResponseRecord:
        where = f"http.{method.lower()}"
        timeout, retries = options.get("timeout") or _TIMEOUT, options.get("retries") or 0
        if not 0 < timeout <= _LONGEST:
            raise BadArgument(where, None, "timeout", f"must be more than 0 and at most {_LONGEST:g} seconds")
        if not 0 <= retries <= 10:
            raise BadArgument(where, None, "retries", f"must be from 0 to 10, not {retries}")
        request = _request(where, method, options, self._key(method))
        client, target = await self._door.opened(url)
        if query := options.get("query"):
            target = target.copy_merge_params(_query(query))
        if not isinstance(auth := options.get("auth"), (Credential, OAuth2)):
            return _record(await client.send(target, request, seconds=timeout, retries=retries), options)
        proof = await auth.proof_for(str(target))
        target = target.copy_merge_params(proof.query) if proof.query else target
        response = await client.send(target, request.proved(proof.headers), seconds=timeout, retries=retries)
        # A server may send back what it was sent, and the spell is not to read that.
        return self.context.secrets.clean(_record(response, options))

    def _key(self, method: str) -> str | None:
        """Return what tells a server, in a run that can go on, that a request that is not repeatable is the same."""
        return self.context.idempotency_key if self.context.recall is not None and method in _UNREPEATABLE else None


def _request(where: str, method: str, options: CallOptions, key: str | None) -> Request:
    given = dict(options.get("headers") or {})
    names = {name.lower() for name in given}
    if key and "idempotency-key" not in names:
        given["Idempotency-Key"] = key
    body, kind = _body(where, options)
    if kind and "content-type" not in names:
        given["Content-Type"] = kind
    if isinstance(auth := options.get("auth"), Auth) and "authorization" not in names:
        given["Authorization"] = _authorization(where, auth)
    try:
        headers = checked_headers(given)
    except BadHeader as error:
        raise BadArgument(where, None, "headers", str(error)) from error
    return Request(method, headers, body if body is not None or method in ("GET", "HEAD", "OPTIONS") else b"")


def _body(where: str, options: CallOptions) -> tuple[bytes | None, str]:
    body, value = options.get("body"), options.get("json")
    if body is not None and value is not None:
        raise BadArgument(where, None, "json", "cannot be sent together with a body; leave one of them out")
    if value is not None:
        try:
            return json.dumps(value, ensure_ascii=False, allow_nan=False).encode(), "application/json"
        except (TypeError, ValueError) as error:
            raise BadArgument(where, None, "json", f"JSON has no form for it: {error}") from error
    if isinstance(body, str):
        return body.encode(), "text/plain; charset=utf-8"
    return body, "application/octet-stream" if body is not None else ""


def _authorization(where: str, auth: Auth) -> str:
    if auth.bearer:
        return f"Bearer {auth.bearer}"
    if auth.username is None:
        raise BadArgument(where, None, "auth", "has neither a bearer token nor a username")
    return basic(auth.username, auth.password)


def _query(query: dict[str, Any]) -> list[tuple[str, str]]:
    rows = [(name, item) for name, value in query.items() for item in (value if isinstance(value, list) else [value])]
    return [(name, _word(item)) for name, item in rows if item is not None]


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _record(response: Response, options: CallOptions) -> ResponseRecord:
    raw = bool(options.get("bytes"))
    return ResponseRecord(
        status=response.status,
        ok=200 <= response.status < 300,
        url=response.url,
        headers=dict(response.headers),
        text=None if raw else response.text(),
        bytes=response.body if raw else None,
        json=_value(response),
    )


def _value(response: Response) -> Any:
    value = response.json()
    try:
        return lower(value, lambda item, path: item)
    except ConversionError:
        return None
