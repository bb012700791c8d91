"""What the bridge state hands out: locks and transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.state.failures import LockLost, TransactionOver, telling
from llmspell_bridges.state.numbers import added
from llmspell_bridges.state.scopes import Scope, checked
from llmspell_bridges.state.times import seconds
from llmspell_core.bridge import expose
from llmspell_core.values import Handle, ScriptValue

if TYPE_CHECKING:
    from llmspell_bridges.state.draft import Draft
    from llmspell_bridges.state.space import Space
    from llmspell_core.bridge import Context

__all__ = ["StateLock", "StateTransaction"]


class StateLock(Handle):
    """A lock that this run has. It is given back by ``release``, at the end of the run, or when its time is over."""

    def __init__(self, context: Context, space: Space, scope: Scope, name: str, owner: str, fence: int) -> None:
        self._context, self._space = context, space
        self.scope, self.name, self._owner, self._fence = scope, name, owner, fence
        self._released = False

    @expose
    def fence(self) -> int:
        """Return the number of the lock, larger than that of every lock that was given before it."""
        return self._fence

    @expose
    async def renew(self, ttl: float = 60.0) -> None:
        """Have the lock end later.

        :param ttl: seconds from now
        """
        with telling("StateLock.renew"):
            if self._released or not await self._space.renew(self.name, self._owner, seconds("ttl", ttl)):
                raise LockLost(self.name, f"the lock {self.name!r} is not held any more; take it again")

    @expose(redo=True)
    async def release(self) -> bool:
        """Give the lock back, and tell whether it was still held."""
        if self.scope == "run":
            return await self.give_back()
        return await self._context.once("release", self.give_back)

    @property
    def released(self) -> bool:
        """True when it was given back."""
        return self._released

    async def give_back(self) -> bool:
        """Give the lock back, whoever the run is by now; a second time nothing is done."""
        if self._released:
            return False
        self._released = True
        return await self._space.release(self.name, self._owner)

    def terms(self, scope: Scope) -> tuple[str, int]:
        """Return what a change says that is to be made only under this lock.

        :raises LockLost: when it was given back, or is of another scope
        """
        if self._released:
            raise LockLost(self.name, f"the lock {self.name!r} was released; take it again")
        if scope != self.scope:
            problem = f"the lock {self.name!r} is of the scope {self.scope!r}, not {scope!r}; take it there"
            raise LockLost(self.name, problem)
        return self.name, self._fence


class StateTransaction(Handle):
    """Values as a transaction sees them. What it changes is kept when its function has ended, all of it or nothing."""

    def __init__(self, context: Context, draft: Draft, scope: Scope) -> None:
        self._context, self._draft, self._scope = context, draft, scope
        self._over = False

    def end(self) -> None:
        """Be of no use any more."""
        self._over = True

    @expose(redo=True)
    async def get(self, key: str, *, default: ScriptValue = None) -> ScriptValue:
        """Return the value kept under a key.

        :param key: name the value was kept under
        :param default: what to return when nothing is kept there
        """
        found: ScriptValue = (await self._get("get", [key])).get(key, default)
        return found

    @expose(redo=True)
    async def has(self, key: str) -> bool:
        """Tell whether a value is kept under a key.

        :param key: name the value was kept under
        """
        return bool(await self._get("has", [key]))

    @expose(redo=True)
    async def get_many(self, keys: list[str]) -> dict[str, ScriptValue]:
        """Return the values kept under several keys; those that hold none are left out.

        :param keys: names the values were kept under
        """
        return await self._get("get_many", keys)

    @expose(redo=True)
    async def keys(self, prefix: str = "") -> list[str]:
        """Return the keys in use, sorted.

        :param prefix: only keys that begin so
        """
        self._check("keys", "read", f"{prefix}*")
        return await self._draft.keys(prefix)

    @expose(redo=True)
    async def set(self, key: str, value: ScriptValue, *, ttl: float | None = None) -> None:
        """Keep a value under a key.

        :param key: name to keep it under
        :param value: what to keep
        :param ttl: seconds after which it is gone; it stays when left out
        """
        self._check("set", "write", key)
        expires = None if ttl is None else await self._context.once("expires", self._in(seconds("ttl", ttl)))
        self._set(key, value, expires)

    @expose(redo=True)
    async def set_many(self, values: dict[str, ScriptValue]) -> None:
        """Keep several values.

        :param values: what to keep, by key
        """
        for key, value in values.items():
            self._check("set_many", "write", key)
            self._set(key, value, None)

    @expose(redo=True)
    async def delete(self, key: str) -> bool:
        """Drop a value, and tell whether there was one.

        :param key: name the value was kept under
        """
        self._check("delete", "write", key)
        with telling("StateTransaction.delete"):
            return await self._draft.delete(key)

    @expose(redo=True)
    async def incr(self, key: str, by: int | float = 1) -> int | float:
        """Add to a number, which begins at 0, and return the sum.

        :param key: name the number is kept under
        :param by: how much to add
        """
        self._check("incr", "write", key)
        found = await self._get("incr", [key])

        async def add() -> int | float:
            return added("StateTransaction.incr", key, found.get(key, 0), by)

        total = await self._context.once("sum", add)
        self._set(key, total, await self._draft.expires(key))
        return total

    async def _get(self, method: str, keys: list[str]) -> dict[str, Any]:
        for key in keys:
            self._check(method, "read", key)
        with telling(f"StateTransaction.{method}"):
            return await self._draft.get(keys)

    def _set(self, key: str, value: Any, expires: float | None) -> None:
        with telling("StateTransaction.set"):
            self._draft.set(key, checked(value, self._scope), expires)

    def _check(self, method: str, verb: str, key: str) -> None:
        if self._over:
            raise TransactionOver
        self._context.require(f"state:{verb}:{self._scope}:{key}", method)

    def _in(self, ttl: float) -> Any:
        async def expires() -> float:
            return self._context.clock() + ttl

        return expires
