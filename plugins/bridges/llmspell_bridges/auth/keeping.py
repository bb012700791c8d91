"""Credentials in the system's keyring, under names, each with the servers that it may be sent to."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from llmspell_bridges.auth.credential import Credential, Dropped
from llmspell_bridges.auth.failures import NoCredential
from llmspell_bridges.auth.oauth2 import OAuth2, Surroundings
from llmspell_bridges.llm import keyring
from llmspell_core.errors import BadArgument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmspell_core.bridge import Context

__all__ = ["forget", "loaded", "save"]


def save(name: str, credential: Credential | OAuth2, hosts: Sequence[str] | None) -> None:
    """Keep a credential.

    :param hosts: the servers that it may be sent to; those that it has already when left out
    :raises BadArgument: when it would then be sent to any server, or to more than now
    """
    own = credential.hosts
    if own is None and not hosts:
        problem = "must name the servers that it may be sent to: whoever loads it does not know the secret"
        raise BadArgument("auth.save", None, "hosts", problem)
    if own is not None and not set(hosts or own) <= set(own):
        raise BadArgument("auth.save", None, "hosts", f"may name no others than {', '.join(own)}")
    _write(name, credential, list(hosts or own or ()))


async def loaded(context: Context, name: str, around: Surroundings) -> Credential | OAuth2:
    """Return what is kept under a name; :raises NoCredential: when there is nothing, and was nothing before."""
    import asyncio

    found: Credential | OAuth2 | None = None

    async def read() -> None:
        nonlocal found
        found = await asyncio.to_thread(_load, name, around)

    await context.once("load", read)
    if found is None:
        # It was loaded before the run was interrupted, and may have been dropped since.
        try:
            await read()
        except NoCredential:
            return Dropped(name)
    assert found is not None
    return found


def _load(name: str, around: Surroundings) -> Credential | OAuth2:
    """Return what is kept under a name; :raises NoCredential: when there is nothing."""
    text = keyring.get(f"auth:{name}")
    if text is None:
        raise NoCredential(name, "nothing is kept under that name; auth.save keeps a credential")
    kept: dict[str, Any] = json.loads(text)
    hosts = tuple(kept.pop("hosts"))
    if kept["kind"] == "oauth2":
        access = OAuth2.of_kept(name, kept, hosts, around)
        access.keep = partial(_rewrite, name, access, list(hosts))
        return access
    found = Credential.of_kept(name, kept, hosts)
    for secret in found.secrets():
        around.note(secret)
    return found


def _write(name: str, credential: Credential | OAuth2, hosts: list[str]) -> None:
    keyring.keep(f"auth:{name}", json.dumps({**credential.kept(), "hosts": hosts}))
    if isinstance(credential, OAuth2):
        credential.keep = partial(_rewrite, name, credential, hosts)


def _rewrite(name: str, access: OAuth2, hosts: list[str]) -> None:
    """Keep what has become of it, unless somebody has dropped it since."""
    if keyring.get(f"auth:{name}") is not None:
        _write(name, access, hosts)


def forget(name: str) -> bool:
    """Drop what is kept under a name; return whether there was something."""
    found = keyring.get(f"auth:{name}") is not None
    keyring.remove(f"auth:{name}")
    return found
