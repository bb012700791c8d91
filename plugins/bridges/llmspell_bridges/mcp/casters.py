"""Casts for clients: each in a cage of its own, all under one policy and one budget."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from llmspell_core.spells import ASKED

if TYPE_CHECKING:
    from llmspell_core.budget import Purse
    from llmspell_core.policy import Policy
    from llmspell_core.runner import Result, Runner
    from llmspell_core.spells import Spell

__all__ = ["Caster"]

_AT_ONCE = 8
_log = logging.getLogger("llmspell.mcp")


class Caster:
    """Casts spells for a server.

    :param policy: what every spell may do
    :param purse: pays for all of them
    :param sets: permission sets that are granted to the spells whose manifests have them
    """

    def __init__(self, runner: Runner, policy: Policy, purse: Purse, sets: tuple[str, ...] = ()) -> None:
        self._runner, self._policy, self._purse, self._sets = runner, policy, purse, sets
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def cast(self, spell: Spell, params: dict[str, Any], engine: str | None = None) -> Result:
        """Return what comes of a spell; :raises UsageError: when it cannot be cast."""
        async with self._places:
            policy = self._policy_of(spell)
            result = await self._runner.acast(spell, engine=engine, params=params, policy=policy, purse=self._purse)
        ended = "done" if result.error is None else f"{result.error.kind}: {str(result.error)[:200]!r}"
        _log.info("%s in %.3f s: %s", spell.file, result.duration, ended)
        return result

    def _policy_of(self, spell: Spell) -> Policy:
        manifest = spell.manifest
        granted = [name for name in self._sets if name == ASKED or name in manifest.permission_sets]
        return self._policy.allow(*(rule for name in granted for rule in manifest.permission_set(name)))
