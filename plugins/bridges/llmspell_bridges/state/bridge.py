"""The bridge ``state``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from llmspell_bridges.state.scopes import capacity_of, keep, refuse_objects, store_of
from llmspell_bridges.state.settings import StateSettings
from llmspell_bridges.state.store import Contended, Store, StoreFull
from llmspell_core.bridge import Bridge, expose
from llmspell_core.errors import CallError, LimitExceeded
from llmspell_core.values import INT_MAX, INT_MIN, Function, ScriptValue

if TYPE_CHECKING:
    from llmspell_core.bridge import Context

__all__ = ["Scope", "StateBridge"]

Scope: TypeAlias = Literal["run", "spell", "shared"]


class StateBridge(Bridge):
    """Keep values in memory: for this run, for all runs of this spell, or for all spells.

    Values are copied in and out: changing one that was got does not change what is kept. Functions and handles can be
    kept for the run only.
    """

    name = "state"
    settings = StateSettings

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._stores = {
            "run": Store(capacity_of(context)),
            "spell": store_of(context, "spell"),
            "shared": store_of(context, "shared"),
        }

    @expose(needs="state:{scope}:{key}")
    def get(self, key: str, *, default: ScriptValue = None, scope: Scope = "run") -> ScriptValue:
        """Return the value kept under a key.

        :param key: name the value was kept under
        :param default: what to return when nothing is kept there
        :param scope: whose value: this run's, this spell's, or shared by all
        """
        found: ScriptValue = self._stores[scope].get(key, default)
        return found

    @expose(needs="state:{scope}:{key}")
    def set(self, key: str, value: ScriptValue, *, scope: Scope = "run") -> None:
        """Keep a value under a key.

        :param key: name to keep it under
        :param value: what to keep
        :param scope: for whom: this run, this spell, or all
        """
        self._set(key, value, scope)

    @expose(needs="state:{scope}:{key}")
    def delete(self, key: str, *, scope: Scope = "run") -> bool:
        """Drop a value, and tell whether there was one.

        :param key: name the value was kept under
        :param scope: whose value: this run's, this spell's, or shared by all
        """
        return self._stores[scope].delete(key)

    @expose(needs="state:{scope}:{key}")
    def has(self, key: str, *, scope: Scope = "run") -> bool:
        """Tell whether a value is kept under a key; it may be nil.

        :param key: name the value was kept under
        :param scope: whose value: this run's, this spell's, or shared by all
        """
        return self._stores[scope].has(key)

    @expose(needs="state:{scope}:{prefix}*")
    def keys(self, prefix: str = "", *, scope: Scope = "run") -> list[str]:
        """Return the keys in use, sorted.

        :param prefix: only keys that begin so
        :param scope: whose keys: this run's, this spell's, or shared by all
        """
        return self._stores[scope].keys(prefix)

    @expose(needs="state:{scope}:{key}")
    def incr(self, key: str, by: int | float = 1, *, scope: Scope = "run") -> int | float:
        """Add to a number, which begins at 0, and return the sum.

        :param key: name the number is kept under
        :param by: how much to add
        :param scope: whose number: this run's, this spell's, or shared by all
        """
        present = self._stores[scope].get(key, 0)
        if isinstance(present, bool) or not isinstance(present, (int, float)):
            raise CallError(f"state.incr: {key!r} holds no number but {type(present).__name__}; set a number first")
        total: int | float = present + by
        if isinstance(total, int) and not INT_MIN <= total <= INT_MAX:
            raise CallError(f"state.incr: {key!r} would pass 64 bits; keep a float, or start again")
        self._set(key, total, scope)
        return total

    @expose(needs="state:{scope}:{key}")
    async def update(self, key: str, f: Function, *, scope: Scope = "run") -> ScriptValue:
        """Keep what a function makes of the present value, and return it; no other change comes between.

        When the value was changed while the function ran, the function is called again with the new value, so it
        should only compute. Updates do not wait for each other.

        :param key: name the value is kept under
        :param f: called with the present value, nil when there is none; returns the new one
        :param scope: whose value: this run's, this spell's, or shared by all
        """

        async def change(value: Any) -> Any:
            return self._checked(await f(value), scope)

        try:
            made: ScriptValue = await self._stores[scope].update(key, change)
        except StoreFull as full:
            raise LimitExceeded("state", full.capacity, str(full)) from full
        except Contended as contended:
            raise CallError(f"state.update: {contended}") from contended
        return made

    @expose(needs="state:{scope}:{keys}")
    def get_many(self, keys: list[str], *, scope: Scope = "run") -> dict[str, ScriptValue]:
        """Return the values kept under several keys; those that hold none are left out.

        :param keys: names the values were kept under
        :param scope: whose values: this run's, this spell's, or shared by all
        """
        store = self._stores[scope]
        return {key: store.get(key) for key in keys if store.has(key)}

    @expose(needs="state:{scope}:{values}")
    def set_many(self, values: dict[str, ScriptValue], *, scope: Scope = "run") -> None:
        """Keep several values.

        :param values: what to keep, by key
        :param scope: for whom: this run, this spell, or all
        """
        for key, value in values.items():
            self._set(key, value, scope)

    def _set(self, key: str, value: Any, scope: Scope) -> None:
        keep(self._stores[scope], key, self._checked(value, scope))

    def _checked(self, value: Any, scope: Scope) -> Any:
        if scope != "run":
            refuse_objects(value)
        return value
