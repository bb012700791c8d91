"""What is known of an authorization server: told by the caller, or discovered from what it says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llmspell_bridges.auth.failures import OAuthFailed
from llmspell_bridges.auth.wire import check_url
from llmspell_bridges.missing import LibraryMissing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmspell_bridges.auth.wire import Wire

__all__ = ["Server", "discover"]


@dataclass(frozen=True)
class Server:
    """An authorization server.

    :param names_itself: whether it says who it is when it sends a person back (RFC 9207)
    """

    issuer: str | None = None
    authorize_url: str | None = None
    token_url: str | None = None
    revoke_url: str | None = None
    jwks_url: str | None = None
    scopes: tuple[str, ...] | None = None
    names_itself: bool = False


async def discover(issuer: str, wire: Wire) -> Server:
    """Return what a server says of itself, as OpenID Connect or else as RFC 8414 has it.

    :raises OAuthFailed: when there is nothing, or it speaks for another issuer
    """
    try:
        from authlib.oauth2.rfc8414 import get_well_known_url as plain
        from authlib.oidc.discovery import get_well_known_url as openid
    except ModuleNotFoundError as error:
        raise LibraryMissing(error, "auth") from None
    check_url(issuer, "an issuer")
    try:
        said = await wire.get(openid(issuer, external=True), "description of the server")
    except OAuthFailed as failure:
        if failure.status is None:
            raise
        said = await wire.get(plain(issuer, external=True), "description of the server")
    if said.get("issuer") != issuer:
        other = str(said.get("issuer"))[:200]
        raise OAuthFailed(
            "wrong_issuer", f"the server at {issuer!r} says that it is {other!r}; one of the two is wrong"
        )
    return _server(said)


def _server(said: Mapping[str, Any]) -> Server:
    urls = {name: _url(said, field) for name, field in _FIELDS.items()}
    scopes = said.get("scopes_supported")
    known = tuple(scope for scope in scopes if isinstance(scope, str)) if isinstance(scopes, list) else None
    names_itself = said.get("authorization_response_iss_parameter_supported") is True
    return Server(said["issuer"], **urls, scopes=known, names_itself=names_itself)


_FIELDS = {
    "authorize_url": "authorization_endpoint",
    "token_url": "token_endpoint",
    "revoke_url": "revocation_endpoint",
    "jwks_url": "jwks_uri",
}


def _url(said: Mapping[str, Any], field: str) -> str | None:
    return None if said.get(field) is None else check_url(said[field], f"the server's {field!r}")
