"""Have a function change several values, all of it or nothing, and again where others came between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.state.draft import Draft
from llmspell_bridges.state.handles import StateTransaction
from llmspell_bridges.state.outcome import outcome_of, version_of
from llmspell_bridges.state.store import ATTEMPTS, Conflict, Contended, Entry

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from llmspell_bridges.state.scopes import Scope
    from llmspell_bridges.state.space import Space
    from llmspell_core.bridge import Context
    from llmspell_core.values import ScriptValue

    Work = Callable[[StateTransaction], Awaitable[ScriptValue]]

__all__ = ["transact"]


async def transact(
    context: Context, space: Space, scope: Scope, function: Work, lock: tuple[str, int] | None
) -> ScriptValue:
    """Return what a function returns that is called with a transaction, when all it has changed is kept.

    :raises Contended: when others come between each time
    """
    work = _Work(context, space, scope)
    for attempt in range(ATTEMPTS):
        draft = work.draft()
        transaction = StateTransaction(context, draft, scope)
        try:
            made: ScriptValue = await function(transaction)
        except Exception:
            # It may have failed because of values that never were together.
            if not await work.is_stale(draft):
                raise
        else:
            if await work.keep(draft, lock):
                return made
        finally:
            transaction.end()
        await space.pause(attempt)
    raise Contended("what the transaction has read")


class _Work:
    """What a transaction asks of its space; for what outlives the run the journal has the answers."""

    def __init__(self, context: Context, space: Space, scope: Scope) -> None:
        self._context, self._space, self._is_run = context, space, scope == "run"

    def draft(self) -> Draft:
        """Return a draft of the space as it is when it is looked at."""
        if self._is_run:
            return Draft(self._space.read, self._space.keys, self._space.store.bounds)
        return Draft(self._read, self._keys, self._space.store.bounds)

    async def keep(self, draft: Draft, lock: tuple[str, int] | None) -> bool:
        """Make the changes of a draft; return False where others came between."""
        change = draft.change(lock)
        if not change.writes and lock is None:
            return not await self.is_stale(draft)

        async def do() -> int | str:
            return await outcome_of(self._space.commit(change))

        try:
            if self._is_run:
                await self._space.commit(change)
            else:
                version_of(await self._context.once("commit", do), change, self._space.store.bounds)
        except Conflict:
            return False
        return True

    async def is_stale(self, draft: Draft) -> bool:
        """Tell whether others have changed what a draft has read."""
        change = draft.change()

        async def do() -> bool:
            found = await self._space.read(list(change.expected))
            versions = {key: found[key].version if key in found else 0 for key in change.expected}
            if change.revision is not None and (await self._space.keys())[1] != change.revision:
                return True
            return versions != change.expected

        return await self._context.once("stale", do)

    async def _read(self, keys: Sequence[str]) -> dict[str, Entry]:
        async def do() -> list[Any]:
            found = await self._space.read(keys)
            return [[key, each.value, each.version, each.expires] for key, each in found.items()]

        return {key: Entry(*rest) for key, *rest in await self._context.once("read", do)}

    async def _keys(self, prefix: str) -> tuple[list[str], int]:
        async def do() -> list[Any]:
            return list(await self._space.keys(prefix))

        names, revision = await self._context.once("keys", do)
        return names, revision
