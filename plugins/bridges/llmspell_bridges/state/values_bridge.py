"""The methods of the bridge ``state`` that read and change values by key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.state.compare import same
from llmspell_bridges.state.failures import telling
from llmspell_bridges.state.handles import StateLock
from llmspell_bridges.state.numbers import added
from llmspell_bridges.state.records import PastRecord
from llmspell_bridges.state.scopes import Scope, checked, run_space, space_of
from llmspell_bridges.state.store import Change, Conflict, Entry, Write
from llmspell_bridges.state.times import seconds
from llmspell_core.bridge import Bridge, expose
from llmspell_core.values import Function, ScriptValue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmspell_bridges.state.space import Space

__all__ = ["ValuesBridge", "in_run"]

_BOTH = ("state:read:{scope}:{key}", "state:write:{scope}:{key}")


def in_run(arguments: Mapping[str, Any]) -> bool:
    """Tell whether a call is on values of the run, which are in memory, and made again when the run goes on."""
    return bool(arguments.get("scope", "run") == "run")


class ValuesBridge(Bridge):
    """What is kept under keys, in the three scopes."""

    @expose(needs="state:read:{scope}:{key}")
    async def get(self, key: str, *, default: ScriptValue = None, scope: Scope = "run") -> ScriptValue:
        """Return the value kept under a key.

        :param key: name the value was kept under
        :param default: what to return when nothing is kept there
        :param scope: whose value: this run's, this spell's, or shared by all
        """
        entry = await (await self._space(scope)).get(key)
        found: ScriptValue = entry.value if entry else default
        return found

    @expose(needs="state:write:{scope}:{key}", redo=in_run)
    async def set(
        self,
        key: str,
        value: ScriptValue,
        *,
        ttl: float | None = None,
        under: StateLock | None = None,
        scope: Scope = "run",
    ) -> None:
        """Keep a value under a key.

        :param key: name to keep it under
        :param value: what to keep
        :param ttl: seconds after which it is gone; it stays when left out
        :param under: a lock; nothing is kept when it is not held any more
        :param scope: for whom: this run, this spell, or all
        """
        write = Write(checked(value, scope), await self._expires("ttl", ttl))
        await self._commit("state.set", {key: write}, under, scope)

    @expose(needs="state:write:{scope}:{key}", redo=in_run)
    async def delete(self, key: str, *, scope: Scope = "run") -> bool:
        """Drop a value, and tell whether there was one.

        :param key: name the value was kept under
        :param scope: whose value: this run's, this spell's, or shared by all
        """
        with telling("state.delete"):
            return await (await self._space(scope)).delete(key)

    @expose(needs="state:read:{scope}:{key}")
    async def has(self, key: str, *, scope: Scope = "run") -> bool:
        """Tell whether a value is kept under a key; it may be nil.

        :param key: name the value was kept under
        :param scope: whose value: this run's, this spell's, or shared by all
        """
        return await (await self._space(scope)).get(key) is not None

    @expose(needs="state:read:{scope}:{prefix}*")
    async def keys(self, prefix: str = "", *, scope: Scope = "run") -> list[str]:
        """Return the keys in use, sorted.

        :param prefix: only keys that begin so
        :param scope: whose keys: this run's, this spell's, or shared by all
        """
        return (await (await self._space(scope)).keys(prefix))[0]

    @expose(needs=_BOTH, redo=in_run)
    async def incr(self, key: str, by: int | float = 1, *, scope: Scope = "run") -> int | float:
        """Add to a number, which begins at 0, and return the sum; nobody else comes between.

        :param key: name the number is kept under
        :param by: how much to add
        :param scope: whose number: this run's, this spell's, or shared by all
        """

        def add(entry: Entry | None) -> Write:
            total = added("state.incr", key, entry.value if entry else 0, by)
            return Write(total, entry.expires if entry else None)

        with telling("state.incr"):
            entry = await (await self._space(scope)).alter(key, add)
        assert entry is not None
        total: int | float = entry.value
        return total

    @expose(needs=_BOTH, redo=in_run)
    async def update(
        self, key: str, f: Function, *, under: StateLock | None = None, scope: Scope = "run"
    ) -> ScriptValue:
        """Keep what a function makes of the present value, and return it; no other change comes between.

        When the value was changed while the function ran, the function is called again with the new value, so it
        should only compute. Updates do not wait for each other.

        :param key: name the value is kept under
        :param f: called with the present value, nil when there is none; returns the new one
        :param under: a lock; nothing is kept when it is not held any more
        :param scope: whose value: this run's, this spell's, or shared by all
        """

        async def change(value: Any) -> Any:
            return checked(await f(value), scope)

        with telling("state.update"):
            lock = under.terms(scope) if under else None
            made: ScriptValue = await (await self._space(scope)).update(key, change, lock)
        return made

    @expose(needs=_BOTH, redo=in_run)
    async def compare_and_set(
        self, key: str, expected: ScriptValue, value: ScriptValue, *, scope: Scope = "run"
    ) -> bool:
        """Keep a value if another is kept now, and tell whether it was.

        :param key: name to keep it under
        :param expected: what has to be kept now; nil also stands for nothing
        :param value: what to keep
        :param scope: whose value: this run's, this spell's, or shared by all
        """
        space, value = await self._space(scope), checked(value, scope)
        entry = await space.get(key)
        fits = same(entry.value if entry else None, expected)
        change = Change({key: Write(value, entry.expires if entry else None)}, {key: entry.version if entry else 0})

        async def do() -> bool:
            try:
                await space.commit(change)
            except Conflict:
                return False
            return True

        with telling("state.compare_and_set"):
            return fits and await do()

    @expose(needs="state:read:{scope}:{keys}")
    async def get_many(self, keys: list[str], *, scope: Scope = "run") -> dict[str, ScriptValue]:
        """Return the values kept under several keys; those that hold none are left out.

        :param keys: names the values were kept under
        :param scope: whose values: this run's, this spell's, or shared by all
        """
        found = await (await self._space(scope)).read(keys)
        return {key: found[key].value for key in keys if key in found}

    @expose(needs="state:write:{scope}:{values}", redo=in_run)
    async def set_many(
        self,
        values: dict[str, ScriptValue],
        *,
        ttl: float | None = None,
        under: StateLock | None = None,
        scope: Scope = "run",
    ) -> None:
        """Keep several values, all of them or none.

        :param values: what to keep, by key
        :param ttl: seconds after which they are gone; they stay when left out
        :param under: a lock; nothing is kept when it is not held any more
        :param scope: for whom: this run, this spell, or all
        """
        expires = await self._expires("ttl", ttl)
        writes = {key: Write(checked(value, scope), expires) for key, value in values.items()}
        if writes:
            await self._commit("state.set_many", writes, under, scope)

    @expose(needs="state:write:{scope}:{key}", redo=in_run)
    async def expire(self, key: str, s: float | None = None, *, scope: Scope = "run") -> bool:
        """Have a value be gone after some time, and tell whether there is one.

        :param key: name the value is kept under
        :param s: seconds from now; it stays when left out
        :param scope: whose value: this run's, this spell's, or shared by all
        """
        expires, there = await self._expires("s", s), False

        def touch(entry: Entry | None) -> Write | None:
            nonlocal there
            there = entry is not None
            return Write(entry.value, expires, same=True) if entry else None

        with telling("state.expire"):
            await (await self._space(scope)).alter(key, touch)
        return there

    @expose(needs="state:read:{scope}:{key}")
    async def ttl(self, key: str, *, scope: Scope = "run") -> float | None:
        """Return how many seconds a value will still be there; nil when it stays, or is not there.

        :param key: name the value is kept under
        :param scope: whose value: this run's, this spell's, or shared by all
        """
        entry = await (await self._space(scope)).get(key)
        return None if entry is None or entry.expires is None else max(0.0, entry.expires - self.context.clock())

    @expose(needs="state:read:{scope}:{key}")
    async def history(self, key: str, *, limit: int | None = None, scope: Scope = "run") -> list[PastRecord]:
        """Return what was kept under a key before, the newest first.

        :param key: name the values were kept under
        :param limit: how many at the most; all that are remembered when left out
        :param scope: whose value: this run's, this spell's, or shared by all
        """
        found = await (await self._space(scope)).history(key)
        return [
            PastRecord(value=each.value, version=each.version, time=each.time, until=each.until)
            for each in (found if limit is None else found[: max(0, limit)])
        ]

    async def _space(self, scope: Scope) -> Space:
        return run_space(self.context) if scope == "run" else await space_of(self.context, scope)

    async def _commit(
        self, method: str, writes: Mapping[str, Write | None], under: StateLock | None, scope: Scope
    ) -> None:
        with telling(method):
            lock = under.terms(scope) if under else None
            await (await self._space(scope)).commit(Change(writes, lock=lock))

    async def _expires(self, name: str, after: float | None) -> float | None:
        """Return when something will be gone: the same when the call is made again."""
        if after is None:
            return None
        wait = seconds(name, after)

        async def do() -> float:
            return self.context.clock() + wait

        return await self.context.once("expires", do)
