"""The bridge ``state``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from llmspell_bridges.state.content import StateValue, fitting
from llmspell_bridges.state.failures import telling
from llmspell_bridges.state.handles import StateLock, StateTransaction
from llmspell_bridges.state.scopes import Scope, bounds_of, checked
from llmspell_bridges.state.settings import StateSettings
from llmspell_bridges.state.store import Write
from llmspell_bridges.state.times import seconds
from llmspell_bridges.state.value import BadSnapshot, Room, Value
from llmspell_bridges.state.values_bridge import ValuesBridge
from llmspell_core.bridge import expose
from llmspell_core.errors import CallError, LimitExceeded
from llmspell_core.values import ScriptValue

if TYPE_CHECKING:
    from llmspell_core.bridge import Context

__all__ = ["Scope", "StateBridge"]

_LOCKS = 1000
_LONGEST_LOCK = 86400.0
_Work: TypeAlias = Callable[[StateTransaction], Awaitable[ScriptValue]]
_SchemaLike: TypeAlias = bool | dict[str, ScriptValue]


class StateBridge(ValuesBridge):
    """Keep values: for this run, for all runs of this spell, or for all spells.

    Values are copied in and out: changing one that was got does not change what is kept. Those of the run are in
    memory, functions and handles among them; the others in the store that the settings name, for all who use it.
    """

    name = "state"
    settings = StateSettings

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._room: Room | None = None
        self._locks: list[StateLock] = []

    async def close(self) -> None:
        """Give back the locks that the run still has."""
        locks, self._locks = self._locks, []
        failed: list[Exception] = []
        for lock in locks:
            try:
                await lock.give_back()
            except Exception as error:  # noqa: BLE001 - told below, when the others are given back
                failed.append(error)
        if failed:
            raise ExceptionGroup("locks are not given back, and end by their ttl", failed)

    @expose(redo=True)
    async def transaction(self, f: _Work, *, under: StateLock | None = None, scope: Scope = "run") -> ScriptValue:
        """Return what a function returns, when all that it has changed is kept; where it fails, nothing is.

        When others have changed what it has read, it is called again, so it should only compute.

        :param f: called with a transaction, which has ``get``, ``set`` and the like
        :param under: a lock; nothing is kept when it is not held any more
        :param scope: whose values: this run's, this spell's, or shared by all
        """
        from llmspell_bridges.state.transactions import transact

        with telling("state.transaction"):
            lock = under.terms(scope) if under else None
            return await transact(self.context, await self._space(scope), scope, f, lock)

    @expose(needs="state:write:{scope}:{key}")
    async def lock(
        self,
        key: str,
        *,
        timeout: float = 10.0,  # noqa: ASYNC109 - scripts know it by this name
        ttl: float = 60.0,
        scope: Scope = "run",
    ) -> StateLock:
        """Return a lock that nobody else has until it is released, the run ends, or its time is over.

        It keeps out whoever takes the same lock, in this and in other processes, and nobody else. A script that drops
        the handle still has the lock.

        :param key: what the lock is called; it need not be the name of a value
        :param timeout: seconds to wait for others; then the error is of kind ``timeout``
        :param ttl: seconds after which it is free again even if its owner has died
        :param scope: for whom: tasks of this run, runs of this spell, or all
        """
        self._locks = [lock for lock in self._locks if not lock.released]
        if len(self._locks) >= _LOCKS:
            raise LimitExceeded("locks", _LOCKS, f"state.lock: the run has {_LOCKS} locks; release some")
        space = await self._space(scope)
        timeout, ttl = seconds("timeout", timeout), max(0.001, seconds("ttl", ttl, _LONGEST_LOCK))
        owner = await self.context.once("owner", _new_owner)
        taken = False

        async def acquire() -> int:
            nonlocal taken
            fence = await space.acquire(key, owner, timeout, ttl)
            taken = True
            return fence

        try:
            with telling("state.lock"):
                fence = await (acquire() if scope == "run" else self.context.once("lock", acquire))
        except BaseException:
            # Where it could not be written down, nobody would give it back.
            if taken:
                await space.release(key, owner)
            raise
        lock = StateLock(self.context, space, scope, key, owner, fence)
        self._locks.append(lock)
        return lock

    @expose
    async def create(self, initial: ScriptValue = None, *, schema: _SchemaLike | None = None) -> StateValue:
        """Return a value that does not change: what sets something in it returns a new one.

        :param initial: what it holds; an empty map when left out
        :param schema: a JSON Schema that it and all that comes of it have to fit
        """
        made = None
        if schema is not None:
            from llmspell_bridges.structured.checking import aside
            from llmspell_bridges.structured.schema import Schema

            made = await aside(Schema, schema)
        content = {} if initial is None else initial
        if made is not None:
            await fitting(content, made)
        return self._value(content, made)

    @expose(needs="state:write:{scope}:values/{key}", redo=lambda arguments: arguments.get("scope") == "run")
    async def save(self, key: str, value: ScriptValue, *, scope: Scope = "spell") -> None:
        """Keep a value and its artifacts for ``load``, under the key ``values/`` and this one.

        :param key: name to keep it under
        :param value: one that ``create`` made, or any other
        :param scope: for whom: this run, this spell, or all
        """
        await self._save(key, value if isinstance(value, StateValue) else self._value(value), scope)

    @expose(needs="state:read:{scope}:values/{key}")
    async def load(self, key: str, default: ScriptValue = None, *, scope: Scope = "spell") -> StateValue:
        """Return a value that was saved, with its artifacts, or one that is created of the default.

        :param key: name it was kept under
        :param default: what it is to hold when nothing was saved; an empty map when left out
        :param scope: whose value: this run's, this spell's, or shared by all
        """
        space = await self._space(scope)

        async def read() -> Any:
            entry = await space.get(f"values/{key}")
            return entry.value if entry else None

        kept = await (read() if scope == "run" else self.context.once("load", read))
        if kept is None:
            return self._value({} if default is None else default)
        try:
            loaded = self._value(None).value.restored(kept, self.context.clock())
        except BadSnapshot as bad:
            raise CallError(f"state.load: what is kept under 'values/{key}' was not saved by save") from bad
        return StateValue(self.context, Value(loaded.step), self._keep)

    async def _keep(self, key: str, value: StateValue, scope: Scope) -> None:
        self.context.require(f"state:write:{scope}:values/{key}", "save")
        await self._save(key, value, scope)

    async def _save(self, key: str, value: StateValue, scope: Scope) -> None:
        write = Write(checked(value.value.snapshot(), scope))
        await self._commit("state.save", {f"values/{key}": write}, None, scope)

    def _value(self, content: Any, schema: Any = None) -> StateValue:
        if self._room is None:
            self._room = Room(bounds_of(self.context).bytes)
        with telling("state.create"):
            value = Value.create(self._room, content, self.context.clock())
        return StateValue(self.context, value, self._keep, schema)


async def _new_owner() -> str:
    import secrets

    return secrets.token_hex(16)
