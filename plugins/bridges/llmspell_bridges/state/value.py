"""A value that does not change: whoever sets something in it gets a new one, which knows what it was before."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llmspell_bridges.state.memory import copy, size_of
from llmspell_bridges.state.paths import NoPlace, dropped, placed
from llmspell_bridges.state.store import Full

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["HISTORY", "Artifact", "BadSnapshot", "Room", "Step", "Value"]

HISTORY = 100
"""How many former values one knows of."""
_DEEPEST = 100
_MEDIA = re.compile(r"[\w.+-]{1,100}/[\w.+-]{1,100}(; ?[\w-]{1,50}=[\w.\"-]{1,100})*")


class BadSnapshot(Exception):
    """What is to be restored was made by no snapshot."""


class Room:
    """How many bytes all values of a run may have together, their history included."""

    def __init__(self, capacity: int) -> None:
        self.capacity, self.used = capacity, 0

    def take(self, size: int) -> None:
        """:raises Full: when there is not so much left."""
        if self.used + size > self.capacity:
            raise Full("bytes", self.capacity)
        self.used += size


@dataclass(frozen=True)
class Artifact:
    """A blob that belongs to a value.

    :param data: text or bytes
    :param media: its type, as ``image/png``
    """

    data: str | bytes
    media: str

    def __post_init__(self) -> None:
        if len(self.media) > 1000 or _MEDIA.fullmatch(self.media) is None:
            raise NoPlace(f"{self.media[:100]!r} is no media type; write text/plain, image/png")

    @property
    def size(self) -> int:
        """Its bytes."""
        return len(self.data if isinstance(self.data, bytes) else self.data.encode())


class Step:
    """What a value was at one time; its room is free again when nobody has it any more.

    :param change: how it came about: ``set $.a``
    :param added: bytes that it has and the step before did not
    """

    def __init__(
        self, room: Room, content: Any, artifacts: dict[str, Artifact], change: str, time: float, added: int
    ) -> None:
        self._room, self._added = room, 0
        room.take(added)
        self._added = added
        self.content, self.artifacts, self.change, self.time = content, artifacts, change, time

    def __del__(self) -> None:
        self._room.used -= self._added


class Value:
    """A value, its artifacts, and the steps that led to it.

    :param past: the steps before, the oldest first
    """

    def __init__(self, step: Step, past: tuple[Step, ...] = ()) -> None:
        self.step, self.past = step, past

    @classmethod
    def create(cls, room: Room, content: Any, time: float) -> Value:
        """Return a new value without a past."""
        kept = copy(content)
        return cls(Step(room, kept, {}, "create", time, size_of(kept)))

    @property
    def content(self) -> Any:
        """What it holds; not to be changed."""
        return self.step.content

    @property
    def artifacts(self) -> dict[str, Artifact]:
        """Its artifacts by name; not to be changed."""
        return self.step.artifacts

    def put(self, steps: Sequence[str | int], new: Any, change: str, time: float) -> Value:
        """Return the value with something else at a place; :raises NoPlace: when it can be no place."""
        kept = copy(new)
        if len(steps) + _depth(kept) > _DEEPEST:
            raise NoPlace(f"nested deeper than {_DEEPEST} levels")
        added = size_of(kept) + size_of(list(steps)) + self._width(steps)
        return self._next(placed(self.content, steps, kept), change, time, added)

    def drop(self, steps: Sequence[str | int], change: str, time: float) -> Value:
        """Return the value without what is at a place."""
        return self._next(dropped(self.content, steps), change, time, self._width(steps))

    def replace(self, content: Any, change: str, time: float) -> Value:
        """Return something else that comes of this value."""
        kept = copy(content)
        return self._next(kept, change, time, size_of(kept))

    def attach(self, name: str, artifact: Artifact, time: float) -> Value:
        """Return the value with an artifact more."""
        artifacts = {**self.artifacts, name: artifact}
        added = size_of(name) + artifact.size + 64 * len(artifacts)
        return self._next(self.content, f"attach {name}", time, added, artifacts)

    def detach(self, name: str, time: float) -> Value:
        """Return the value without an artifact."""
        left = {each: artifact for each, artifact in self.artifacts.items() if each != name}
        return self._next(self.content, f"detach {name}", time, 64 * len(left), left)

    def undo(self, steps: int) -> Value | None:
        """Return what the value was so many steps before, None where nobody knows."""
        return Value(self.past[-steps], self.past[:-steps]) if 0 < steps <= len(self.past) else None

    def snapshot(self) -> dict[str, Any]:
        """Return the value and its artifacts as plain data."""
        artifacts = {name: {"data": each.data, "media_type": each.media} for name, each in self.artifacts.items()}
        return {"value": copy(self.content), "artifacts": artifacts}

    def restored(self, snapshot: Any, time: float) -> Value:
        """Return what a snapshot holds, as what comes of this value; :raises BadSnapshot: when it is none."""
        try:
            content = copy(snapshot["value"])
            given = {**snapshot["artifacts"]}
            artifacts = {name: Artifact(each["data"], each["media_type"]) for name, each in given.items()}
            size = size_of(content) + sum(64 + size_of(name) + each.size for name, each in artifacts.items())
        except (KeyError, TypeError, AttributeError, NoPlace) as error:
            raise BadSnapshot("this is no snapshot; pass what snapshot returned") from error
        return self._next(content, "restore", time, size, artifacts)

    def _next(
        self, content: Any, change: str, time: float, added: int, artifacts: dict[str, Artifact] | None = None
    ) -> Value:
        artifacts = self.artifacts if artifacts is None else artifacts
        added += size_of(change) + 16 * len(self.past)
        step = Step(self.step._room, content, artifacts, change, time, added)
        return Value(step, (*self.past, self.step)[-HISTORY:])

    def _width(self, steps: Sequence[str | int]) -> int:
        """Return the bytes of what a change at a place has to copy."""
        width, here = 0, self.content
        for step in steps:
            if not isinstance(here, (dict, list)):
                break
            width += 16 * len(here)
            try:
                here = here[step]  # type: ignore[index]
            except (KeyError, IndexError, TypeError):
                break
        return width


def _depth(value: Any) -> int:
    parts = value if type(value) is list else value.values() if type(value) is dict else None
    return 0 if parts is None else 1 + max(map(_depth, parts), default=0)
