"""Sessions: who has proved who they are, known again until it expires."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any

from llmspell_bridges.auth.records import AuthSession
from llmspell_bridges.state.failures import telling
from llmspell_bridges.state.scopes import refuse_objects

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmspell_bridges.state.space import Space

__all__ = ["Sessions"]

_FOLDER = "auth/sessions/"


class Sessions:
    """Kept in the space of all runs of the spell, under the hash of each one's id: who can list keys learns none."""

    def __init__(self, space: Space) -> None:
        self._space = space

    async def create(self, subject: str, data: Any, now: float, seconds: float) -> AuthSession:
        """Return a new session."""
        refuse_objects(data)
        made = secrets.token_urlsafe(32)
        kept = {"subject": subject, "data": data, "created_at": now, "expires_at": now + seconds}
        with telling("auth.create_session"):
            await self._space.set(_key(made), kept, now + seconds)
        return _record(made, kept)

    async def get(self, id: str) -> AuthSession | None:
        """Return a session, or None when there is none or it has expired."""
        kept = await self._space.get(_key(id))
        return None if kept is None else _record(id, kept.value)

    async def end(self, id: str) -> bool:
        """Drop a session; return whether there was one."""
        return await self._space.delete(_key(id))


def _record(id: str, kept: Mapping[str, Any]) -> AuthSession:
    return AuthSession(
        id=id,
        subject=kept["subject"],
        data=kept["data"],
        created_at=kept["created_at"],
        expires_at=kept["expires_at"],
    )


def _key(id: str) -> str:
    return _FOLDER + hashlib.sha256(id.encode()).hexdigest()
