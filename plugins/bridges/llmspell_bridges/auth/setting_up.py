"""From what a spell says, and what the caller has set up, to a client and a server."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from llmspell_bridges.auth.failures import NoCredential, UnknownProvider
from llmspell_bridges.auth.flow import Client
from llmspell_bridges.auth.server import Server, discover
from llmspell_bridges.auth.wire import check_url
from llmspell_core.errors import BadArgument, UsageError
from llmspell_core.present import spelled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmspell_bridges.auth.records import OAuthOptions
    from llmspell_bridges.auth.wire import Wire

__all__ = ["client_of", "hosts_of", "server_of"]

_OF_SPELL = ("provider", "scopes", "redirect_uri", "hosts")
_URLS = ("authorize_url", "token_url", "revoke_url", "jwks_url")


def client_of(
    options: OAuthOptions, settings: Mapping[str, Mapping[str, Any]]
) -> tuple[Client, Mapping[str, Any] | None]:
    """Return who asks, and the caller's settings where they say who."""
    said: Mapping[str, Any] = options
    configured = None
    if name := options.get("provider"):
        configured = said = _configured(name, settings)
        for option in options:
            if option not in _OF_SPELL:
                raise BadArgument("auth.oauth2", None, option, f"is the caller's to say of the provider {name!r}")
    if not said.get("client_id"):
        raise BadArgument("auth.oauth2", None, "client_id", "is missing; pass it, or 'provider'")
    client = Client(
        said["client_id"],
        _secret(configured) if configured is not None else options.get("client_secret"),
        said.get("auth_method", "client_secret_basic"),
        tuple(options.get("scopes", said.get("scopes", ()))),
        said.get("redirect_uri") or options.get("redirect_uri"),
        said.get("audience"),
    )
    return client, configured


def hosts_of(options: OAuthOptions, configured: Mapping[str, Any] | None) -> tuple[str, ...] | None:
    """Return the servers that tokens are sent to, or None for any: a spell may only leave out some of the caller's."""
    asked = options.get("hosts")
    if configured is None:
        return None if asked is None else tuple(asked)
    known = tuple(configured["hosts"])
    if asked is not None and not set(asked) <= set(known):
        raise BadArgument("auth.oauth2", None, "hosts", f"may name no others than {', '.join(known)}")
    return known if asked is None else tuple(asked)


async def server_of(said: Mapping[str, Any] | OAuthOptions, wire: Wire) -> Server:
    """Return the authorization server: as it is told, else as it says of itself."""
    from dataclasses import replace

    told: dict[str, Any] = {name: check_url(said[name], f"{name!r}") for name in _URLS if said.get(name)}  # type: ignore[literal-required]
    issuer = said.get("issuer")
    if issuer is None:
        if "token_url" not in told:
            raise BadArgument("auth.oauth2", None, "issuer", f"is missing; pass it, or {spelled('token_url')!r}")
        return Server(**told)
    if "token_url" in told:
        return Server(issuer, **told)
    return replace(await discover(issuer, wire), **told)


def _configured(name: str, settings: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    found = settings.get(name)
    if found is None or "client_id" not in found:
        raise UnknownProvider(name, tuple(sorted(each for each in settings if "client_id" in settings[each])))
    if not found.get("hosts"):
        raise UsageError(f"auth provider {name!r}: 'hosts' names the servers that its tokens may be sent to")
    return found


def _secret(configured: Mapping[str, Any]) -> str | None:
    variable = configured.get("client_secret_env")
    if variable is None:
        return None
    if not os.environ.get(variable):
        raise NoCredential(configured["client_id"], f"set {variable} in the environment")
    return os.environ[variable]
