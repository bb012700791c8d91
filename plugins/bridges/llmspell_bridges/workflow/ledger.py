"""What a run has done so far, in the order in which it ended: where it goes on from, and what can be undone."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any

from llmspell_bridges.state.memory import size_of
from llmspell_bridges.state.store import Full
from llmspell_core.errors import LimitExceeded
from llmspell_core.facts import Record, record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from llmspell_bridges.state.value import Room
    from llmspell_bridges.workflow.definition import Step
    from llmspell_bridges.workflow.frame import Frame, Spot

__all__ = ["Entry", "Ledger"]


@record
class Entry(Record):
    """A step that has ended, what was decided, or what the spell wrote into the state.

    :param key: tells it from all others of the run
    :param step: None for a decision or a change of the state
    :param undone: it is compensated, or is just being, or there is nothing of it to undo
    :param size: bytes that what it made takes, about
    """

    key: str
    output: Any
    spot: Spot | None = None
    step: Step | None = None
    changes: dict[str, Any] | None = None
    undone: bool = False
    size: int = 0

    @property
    def is_checkpoint(self) -> bool:
        """True for a step that does something itself."""
        return self.step is not None and bool(self.step.name) and self.spot is not None and not self.spot.is_aside


class Ledger:
    """The entries of one run.

    :param room: what the entries of all workflows of the spell may take together
    """

    def __init__(self, room: Room) -> None:
        self._room, self._used = room, 0
        self._entries: dict[str, Entry] = {}
        self._written = 0
        self._changed = asyncio.Event()

    def __del__(self) -> None:
        self._room.used -= self._used

    def find(self, key: str) -> Entry | None:
        """Return what came of something, or None when it is still to be done."""
        return self._entries.get(key)

    def add(self, entry: Entry) -> None:
        """Keep an entry, the newest; :raises LimitExceeded: when there is no room for it."""
        if entry.key in self._entries:
            self._drop([entry.key])
        self._take(entry.size)
        self._entries[entry.key] = entry
        self._changed.set()

    def write(self, changes: dict[str, Any]) -> None:
        """Keep what the spell wrote into the state."""
        self._written += 1
        self.add(Entry(f"state {self._written}", None, changes=changes, size=size_of(changes)))

    def keys(self) -> list[str]:
        """Return the keys of all entries, the oldest first."""
        return list(self._entries)

    def checkpoints(self) -> list[Entry]:
        """Return the entries that a run can be rolled back to, the oldest first."""
        return [entry for entry in self._entries.values() if entry.is_checkpoint]

    def undoable(self, below: str = "") -> list[Entry]:
        """Return the steps under a key that can be compensated and are not yet, the newest first.

        :param below: a key; all when empty
        """
        found = [entry for entry in self._entries.values() if _is_below(entry.key, below)]
        return [entry for entry in reversed(found) if entry.step and entry.step.compensate and not entry.undone]

    def forget_from(self, entry: Entry) -> None:
        """Forget an entry and all that are newer, and every container that was open around one of them."""
        keys = list(self._entries)
        if entry.key in keys:
            self._drop(keys[keys.index(entry.key) :])

    def forget_below(self, below: str) -> None:
        """Forget all entries under a key."""
        self._drop([key for key in self._entries if _is_below(key, below)])

    async def reached(self, keys: Iterable[str], ended: Callable[[], bool]) -> None:
        """Wait until there are entries of all these keys, or the run has ended."""
        for key in keys:
            while key not in self._entries and not ended():
                self._changed.clear()
                await self._changed.wait()

    def clear(self) -> None:
        """Forget everything."""
        self._drop(list(self._entries))

    def wake(self) -> None:
        """Have whoever waits look again."""
        self._changed.set()

    def restore(self, frame: Frame) -> None:
        """Have a frame see what its steps had made."""
        frame.outputs, frame.state = {}, {}
        for entry in self._entries.values():
            if entry.changes is not None and not frame.key:
                frame.state |= entry.changes
            if entry.step is not None and entry.is_checkpoint and entry.spot and entry.spot.frame.key == frame.key:
                frame.note(entry.step.name, entry.output, entry.step.save)

    def _take(self, size: int) -> None:
        try:
            self._room.take(size)
        except Full:
            # Workflows that nobody has any more hold on to each other until they are looked for.
            gc.collect()
            try:
                self._room.take(size)
            except Full as full:
                message = f"what steps of workflows have made takes more than {full.allowed} bytes; return less of it"
                raise LimitExceeded("workflow_bytes", full.allowed, message) from full
        self._used += size

    def _drop(self, keys: Iterable[str]) -> None:
        for key in keys:
            size = self._entries.pop(key).size
            self._used -= size
            self._room.used -= size


def _is_below(key: str, below: str) -> bool:
    return not below or key == below or key.startswith((f"{below}/", f"{below}#", f"{below}~", f"{below}?"))
