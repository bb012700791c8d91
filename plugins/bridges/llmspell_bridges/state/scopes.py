"""The stores that outlive a run, for whichever bridge keeps something there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from llmspell_bridges.state.store import CAPACITY, Store, StoreFull
from llmspell_core.errors import ConversionError, LimitExceeded
from llmspell_core.values import Function, Handle, path_key

if TYPE_CHECKING:
    from llmspell_core.bridge import Context

__all__ = ["capacity_of", "keep", "refuse_objects", "store_of"]


def capacity_of(context: Context) -> int:
    """Return how many bytes each store may hold.

    :param context: as the bridge ``state`` has it: ``context.of("state")``
    """
    return int(context.options.get("max_bytes", CAPACITY))


def store_of(context: Context, scope: Literal["spell", "shared"]) -> Store:
    """Return the store of all runs of this spell, or of all spells.

    :param context: as the bridge ``state`` has it: ``context.of("state")``
    """
    owner = (scope, context.spell.manifest.name or context.spell.file) if scope == "spell" else (scope,)
    made: Store = context.shared.get((__name__, *owner), lambda: Store(capacity_of(context)))
    return made


def keep(store: Store, key: str, value: Any) -> None:
    """Keep a value; :raises LimitExceeded: when there is no room for it."""
    try:
        store.set(key, value)
    except StoreFull as full:
        raise LimitExceeded("state", full.capacity, str(full)) from full


def refuse_objects(value: Any, path: str = "$") -> None:
    """Pass over plain values; :raises ConversionError: where there is a function or a handle."""
    if isinstance(value, (Function, Handle)):
        what = "function" if isinstance(value, Function) else "handle"
        raise ConversionError(f"a {what} belongs to its run and cannot be kept beyond it", path)
    if type(value) is list:
        for i, item in enumerate(value):
            refuse_objects(item, f"{path}[{i}]")
    if type(value) is dict:
        for key, item in value.items():
            refuse_objects(item, path_key(path, key))
