"""Where values of each scope are: those of a run with the run, the others in the store that the settings name."""

from __future__ import annotations

import asyncio
import threading
import weakref
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from llmspell_bridges.state.run_space import RunSpace
from llmspell_bridges.state.space import Space
from llmspell_bridges.state.store import Bounds, Codec
from llmspell_core.errors import ConversionError, UsageError
from llmspell_core.values import ErrorValue, Function, Handle, path_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_bridges.state.store import Store
    from llmspell_core.bridge import Context

__all__ = ["Scope", "bounds_of", "checked", "refuse_objects", "run_space", "space_of"]

Scope: TypeAlias = Literal["run", "spell", "shared"]
_SETTINGS = {"max_bytes": "bytes", "max_keys": "keys", "history": "history"}
_QUICK = ("memory", "sqlite")


def bounds_of(context: Context) -> Bounds:
    """Return how much each space may hold; :raises UsageError: when a setting is no number.

    :param context: as the bridge ``state`` has it: ``context.of("state")``
    """
    given = {name: context.options[name] for name in _SETTINGS if context.options.get(name) is not None}
    for name, value in given.items():
        if type(value) is not int or value < 0:
            raise UsageError(f"the setting {name!r} of the bridge state is a whole number from 0, not {value!r}")
    return Bounds(**{_SETTINGS[name]: value for name, value in given.items()})


def run_space(context: Context) -> RunSpace:
    """Return the space of this run; :param context: as above."""

    def make() -> RunSpace:
        return RunSpace(bounds_of(context), context.clock, context.once, recalls=context.recall is not None)

    return context.run.get((__name__, "run"), make)


async def space_of(context: Context, scope: Literal["spell", "shared"]) -> Space:
    """Return the space of all runs of this spell, or of all spells; the store is opened when it is first asked for.

    :param context: as above
    """
    url = context.options.get("url") or "memory:"
    if not isinstance(url, str):
        raise UsageError(f"the setting 'url' of the bridge state is a text, not {url!r}")
    opened: _Opened = context.shared.get((__name__, url), lambda: _Opened(url, context))
    quick = url.partition(":")[0] in _QUICK
    store = opened.store
    if store is None:
        store = opened.open() if quick else await asyncio.to_thread(opened.open)
    name = "shared" if scope == "shared" else _owner(context)
    within = context.options.get("namespace")
    return Space(store, f"{within}\0{name}" if within else name)


def checked(value: Any, scope: Scope) -> Any:
    """Return a value that may be kept in a scope; :raises ConversionError: when it belongs to the run alone."""
    if scope != "run":
        refuse_objects(value)
    return value


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
    if type(value) is ErrorValue:
        refuse_objects(value.data, f"{path}.data")
        refuse_objects(value.cause, f"{path}.cause")


class _Opened:
    """A store that is opened once for all runs of a runner, and closed when the runner has gone."""

    def __init__(self, url: str, context: Context) -> None:
        self._url, self._bounds, self._clock = url, bounds_of(context), context.clock
        self._shared = weakref.ref(context.shared)
        self._lock = threading.Lock()
        self.store: Store | None = None

    def open(self) -> Store:
        """Return the store; :raises LlmspellError: when it cannot be opened."""
        with self._lock:
            if self.store is None:
                self.store = _open(self._url, self._bounds, self._clock)
                shared = self._shared()
                assert shared is not None
                weakref.finalize(shared, self.store.close)
            return self.store


def _open(url: str, bounds: Bounds, clock: Callable[[], float]) -> Store:
    from llmspell_core.errors import NotInstalled
    from llmspell_core.plugins import driver, entry_points
    from llmspell_core.wire import decode_value, encode_value

    scheme = url.partition(":")[0].partition("+")[0]
    try:
        opener = driver("stores", scheme)
    except NotInstalled:
        known = ", ".join(sorted(entry_points("stores")))
        raise UsageError(
            f"no store is known for {scheme!r}; there are {known}; install the plugin that has it"
        ) from None
    opened: Store = opener(url, bounds, clock, Codec(encode_value, decode_value))
    return opened


def _owner(context: Context) -> str:
    """Return the name of a spell's space: what it calls itself, and where it lies if that is known.

    A spell can call itself whatever it likes. It does not get the values of another so.
    """
    spell = context.spell
    name = spell.manifest.name or spell.file
    return f"spell:{spell.home}\0{name}" if spell.home else f"spell:{name}"
