"""The bridge ``debug``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.debug.observed import MOST, rows, told, waited
from llmspell_bridges.debug.records import CallRecord, MemoryRecord, ProfileRecord, TraceRecord
from llmspell_core.bridge import Bridge, expose
from llmspell_core.errors import SpellFailed
from llmspell_core.values import ErrorValue, Function, ScriptValue

if TYPE_CHECKING:
    from llmspell_core.bridge import Context

__all__ = ["DebugBridge"]


class DebugBridge(Bridge):
    """See what a part of a spell does, and what it takes.

    What is told of calls is short text without secrets. All calls of the run are seen that end while the function runs,
    also those of other tasks.
    """

    name = "debug"

    @expose
    async def trace_calls(self, f: Function, *args: ScriptValue) -> TraceRecord:
        """Call a function, and return what it did: every call of a bridge, every request to a model.

        An error of the function is told and not raised.

        :param f: the function
        :param args: what it is called with
        """
        watch = _Watch(self.context)
        result, error = None, None
        with self.context.points.listening(watch.note):
            try:
                result = await f(*args)
            except SpellFailed as failure:
                error = failure.value or ErrorValue(failure.kind, str(failure))
        return TraceRecord(ok=error is None, result=result, error=error, calls=watch.calls, seconds=watch.seconds())

    @expose
    async def profile(self, f: Function, *args: ScriptValue) -> ProfileRecord:
        """Call a function, and return where its time went; its error is raised.

        :param f: the function
        :param args: what it is called with
        """
        watch = _Watch(self.context)
        with self.context.points.listening(watch.note):
            result = await f(*args)
        # What a part of a spell does is done at the spell's own calls; the rest is inside them.
        calls = [call for call in watch.calls if call["point"] == "bridge_call"]
        seconds, waiting = watch.seconds(), waited(calls)
        own = round(max(0.0, seconds - waiting), 6)
        return ProfileRecord(result=result, seconds=seconds, waiting=waiting, own=own, calls=rows(calls))

    @expose
    def memory_usage(self) -> MemoryRecord:
        """Return how much memory the spell holds: its VM, or the process that it runs in."""
        of, held = self.context.memory()
        return MemoryRecord(bytes=held, of=of)


class _Watch:
    """Notes the calls that end from now on."""

    def __init__(self, context: Context) -> None:
        self._clock, self._secrets = context.clock, context.secrets
        self._began = context.clock()
        self.calls: list[CallRecord] = []

    def note(self, action: Any) -> None:
        """Note what has been done."""
        if len(self.calls) < MOST:
            self.calls.append(told(action, self._began, self._secrets))

    def seconds(self) -> float:
        """Return how long it has been going on."""
        return round(max(0.0, self._clock() - self._began), 6)
