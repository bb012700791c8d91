"""Sessions: who has proved who they are, known again until it expires."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any

from llmspell_bridges.auth.records import AuthSession
from llmspell_bridges.state.scopes import keep, refuse_objects

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmspell_bridges.state.store import Store

__all__ = ["Sessions"]

_FOLDER = "auth/sessions/"


class Sessions:
    """Kept in the store of all runs of the spell, under the hash of each one's id: who can list keys learns none."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def create(self, subject: str, data: Any, now: float, seconds: float) -> AuthSession:
        """Return a new session; those that have expired are dropped first."""
        self._sweep(now)
        refuse_objects(data)
        made = secrets.token_urlsafe(32)
        kept = {"subject": subject, "data": data, "created_at": now, "expires_at": now + seconds}
        keep(self._store, _key(made), kept)
        return _record(made, kept)

    def get(self, id: str, now: float) -> AuthSession | None:
        """Return a session, or None when there is none or it has expired."""
        kept = self._store.get(_key(id))
        if kept is None or kept["expires_at"] <= now:
            return None
        return _record(id, kept)

    def end(self, id: str) -> bool:
        """Drop a session; return whether there was one."""
        return self._store.delete(_key(id))

    def _sweep(self, now: float) -> None:
        for key in self._store.keys(_FOLDER):
            if self._store.get(key)["expires_at"] <= now:
                self._store.delete(key)


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
