"""OAuth 2 as a client: what is sent to an authorization server, and what its answers are taken for."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from llmspell_bridges.auth.failures import OAuthFailed
from llmspell_bridges.missing import LibraryMissing
from llmspell_core.present import spelled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llmspell_bridges.auth.server import Server
    from llmspell_bridges.auth.wire import Wire

__all__ = ["Client", "Pending", "Token", "answer_of", "ask_person", "narrowed", "redeem", "revoke", "token_request"]

_EARLY = 30.0
_MOST = 8192
_LONGEST = 10 * 366 * 86400.0


@dataclass(frozen=True)
class Client:
    """Who asks.

    :param method: how the secret is sent
    """

    id: str
    secret: str | None = field(default=None, repr=False)
    method: str = "client_secret_basic"
    scopes: tuple[str, ...] = ()
    redirect_uri: str | None = None
    audience: str | None = None


@dataclass(frozen=True)
class Pending:
    """A person was asked, and has not answered yet.

    :param nonce: what an identity token has to say; None where none was asked for
    """

    verifier: str = field(repr=False)
    nonce: str | None = field(repr=False)
    redirect_uri: str | None
    at: float


@dataclass(frozen=True)
class Token:
    """What a server gave.

    :param scopes: what it allows, where the server said so, else what was asked for
    """

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    expires_at: float | None
    scopes: tuple[str, ...]
    grant: str
    identity: str | None = field(default=None, repr=False)
    lifetime: float = 0.0

    def is_fresh(self, now: float) -> bool:
        """Tell whether it can be used for some time yet; a short-lived one until nine tenths of its time are gone."""
        return self.expires_at is None or now < self.expires_at - min(_EARLY, self.lifetime / 10)


def ask_person(server: Server, client: Client, now: float, more: Mapping[str, str | None]) -> tuple[str, str, Pending]:
    """Return the URL where a person allows what is asked for, the state that comes back, and what to remember of it."""
    parameters, challenge = _library()
    if server.authorize_url is None:
        raise OAuthFailed(
            "no_url", f"it is not known where a person can be asked; pass {spelled('authorize_url')!r} or 'issuer'"
        )
    state = secrets.token_urlsafe(24)
    nonce = secrets.token_urlsafe(24) if "openid" in client.scopes else None
    verifier = secrets.token_urlsafe(48)
    url: str = parameters.prepare_grant_uri(
        server.authorize_url,
        client.id,
        "code",
        redirect_uri=client.redirect_uri,
        scope=list(client.scopes) or None,
        state=state,
        code_challenge=challenge(verifier),
        code_challenge_method="S256",
        nonce=nonce,
        audience=client.audience,
        **more,
    )
    return url, state, Pending(verifier, nonce, client.redirect_uri, now)


def answer_of(url: str, server: Server, pending: dict[str, Pending], now: float) -> tuple[str, Pending]:
    """Return the code that a person was sent back with, and what was remembered; each answer counts once.

    :raises OAuthFailed: when it answers no question of ours, comes from another server, or says no
    """
    from urllib.parse import parse_qs, urlsplit

    said = {name: values[-1] for name, values in parse_qs(urlsplit(url).query).items()}
    state = next(
        (known for known in pending if hmac.compare_digest(known.encode(), said.get("state", "").encode())), None
    )
    if state is None:
        raise OAuthFailed("wrong_state", "the URL answers no question that was asked here; begin with authorize()")
    asked = pending.pop(state)
    if now - asked.at > 3600:
        raise OAuthFailed("too_late", "the answer came more than an hour after the question; begin with authorize()")
    named = said.get("iss")
    if (named is not None and server.issuer is not None and named != server.issuer) or (
        named is None and server.names_itself
    ):
        raise OAuthFailed("wrong_issuer", f"the answer comes from {str(named)[:200]!r}, not from {server.issuer!r}")
    if "error" in said:
        problem = f"the authorization server answers {said['error'][:80]!r}"
        raise OAuthFailed(said["error"][:80], problem, description=said.get("error_description", "")[:500])
    if "code" not in said:
        raise OAuthFailed("bad_answer", "the URL has no code; pass the whole one that the person was sent back to")
    if len(said["code"]) > _MOST:
        raise OAuthFailed("bad_answer", f"the code in the URL has more than {_MOST} characters, so no server gave it")
    return said["code"], asked


async def token_request(server: Server, client: Client, wire: Wire, grant: str, **fields: str | None) -> dict[str, Any]:
    """Return what the server answers to a request for a token; :raises OAuthFailed: when it refuses."""
    parameters, _ = _library()
    if server.token_url is None:
        raise OAuthFailed(
            "no_url", f"it is not known where tokens come from; pass {spelled('token_url')!r} or 'issuer'"
        )
    form = parameters.prepare_token_request(grant, **{name: value for name, value in fields.items() if value})
    url, headers, form = _signed(client, server.token_url, form)
    status, answer = await wire.post(url, headers, form)
    if status != 200:
        raise _refused(status, answer)
    return answer


def redeem(answer: Mapping[str, Any], grant: str, asked: Sequence[str], now: float, before: Token | None) -> Token:
    """Return the token that a server gave.

    :param before: the one that it takes the place of, whose refresh token stays when no new one came
    """
    access, kind = answer.get("access_token"), answer.get("token_type")
    if not isinstance(access, str) or not 0 < len(access) <= _MOST or not access.isascii() or not access.isprintable():
        raise OAuthFailed("bad_answer", "the authorization server gave no access token that can be sent")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise OAuthFailed("bad_answer", f"the token is of the type {str(kind)[:40]!r}; only bearer tokens are sent")
    seconds = answer.get("expires_in")
    if isinstance(seconds, str) and seconds.isdecimal():
        seconds = float(seconds[:15])
    lifetime = float(seconds) if isinstance(seconds, (int, float)) and 0 <= seconds <= _LONGEST else None
    said, refresh = answer.get("scope"), answer.get("refresh_token")
    scopes = tuple(said.split()) if isinstance(said, str) else tuple(asked)
    if not isinstance(refresh, str) or len(refresh) > _MOST:
        refresh = before.refresh if before is not None else None
    identity = answer.get("id_token")
    return Token(
        access,
        refresh,
        None if lifetime is None else now + lifetime,
        scopes,
        grant,
        identity if isinstance(identity, str) else None,
        lifetime or 0.0,
    )


async def revoke(server: Server, client: Client, wire: Wire, token: str, hint: str) -> bool:
    """Give a token back; return whether the server has a place for that."""
    if server.revoke_url is None:
        return False
    from urllib.parse import urlencode

    url, headers, form = _signed(client, server.revoke_url, urlencode({"token": token, "token_type_hint": hint}))
    status, answer = await wire.post(url, headers, form)
    if status not in (200, 204):
        raise _refused(status, answer)
    return True


def _signed(client: Client, url: str, form: str) -> tuple[str, dict[str, str], str]:
    from urllib.parse import quote

    from authlib.oauth2.auth import ClientAuth

    name, secret = client.id, client.secret
    method = client.method if secret is not None else "none"
    if method == "client_secret_basic":
        name, secret = quote(name, safe=""), quote(secret or "", safe="")
    headers: dict[str, str] = {}
    signed: tuple[str, dict[str, str], str] = ClientAuth(name, secret, method).prepare("POST", url, headers, form)
    return signed


def _refused(status: int, answer: Mapping[str, Any]) -> OAuthFailed:
    error, described = answer.get("error"), answer.get("error_description")
    error = error[:80] if isinstance(error, str) else "bad_answer"
    description = described[:500] if isinstance(described, str) else ""
    cure = f"; begin with authorize() or {spelled('client_credentials')}() again" if error == "invalid_grant" else ""
    problem = (
        f"the authorization server answers {error!r} (status {status}){': ' if description else ''}{description}{cure}"
    )
    return OAuthFailed(error, problem, description=description, status=status)


def _library() -> tuple[Any, Any]:
    try:
        from authlib.oauth2.rfc6749 import parameters
        from authlib.oauth2.rfc7636 import create_s256_code_challenge
    except ModuleNotFoundError as error:
        raise LibraryMissing(error, "auth") from None
    return parameters, create_s256_code_challenge


def narrowed(client: Client, scopes: Sequence[str] | None, redirect_uri: str | None) -> Client:
    """Return the client that asks for other scopes, or sends people back elsewhere."""
    return replace(
        client,
        scopes=client.scopes if scopes is None else tuple(scopes),
        redirect_uri=client.redirect_uri if redirect_uri is None else redirect_uri,
    )
