"""The keys that servers sign with: fetched when first needed, and again when a token names one that is new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmspell_bridges.auth import tokens
from llmspell_bridges.auth.failures import BadToken, OAuthFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_bridges.auth.wire import Wire

__all__ = ["KeySets"]

_OLD = 300.0
_PAUSE = 10.0
"""Seconds before a set is fetched again: tokens with made-up names must not make a spell a nuisance."""
_MOST = 20


@dataclass(frozen=True)
class _Fetched:
    keys: list[tokens.Key]
    at: float


class KeySets:
    """The key sets of one run, by URL."""

    def __init__(self, wire: Wire, clock: Callable[[], float]) -> None:
        self._wire, self._clock = wire, clock
        self._known: dict[str, _Fetched] = {}

    async def key(self, url: str, token: str) -> tokens.Key:
        """Return the key that a token names; :raises BadToken: when the set at the URL has none that fits."""
        known = self._known.get(url)
        if known is None or self._clock() - known.at > _OLD:
            known = await self._fetch(url)
        found = tokens.pick(known.keys, token)
        if found is None and self._clock() - known.at >= _PAUSE:
            found = tokens.pick((await self._fetch(url)).keys, token)
        if found is None:
            name = tokens.key_id(token)
            which = f"no key {name[:80]!r} that fits" if name else "not one key alone that fits"
            raise BadToken("key", f"the keys at {url} have {which}")
        return found

    async def _fetch(self, url: str) -> _Fetched:
        said = await self._wire.get(url, "JWK set")
        try:
            keys = tokens.keys_of(said, public=True)
        except tokens.BadKey as error:
            raise OAuthFailed("bad_answer", f"{url}: {error}") from None
        if len(self._known) >= _MOST:
            self._known.pop(next(iter(self._known)))
        self._known[url] = _Fetched(keys, self._clock())
        return self._known[url]
