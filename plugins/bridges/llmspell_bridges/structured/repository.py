"""Schemas kept by name, each saving of one a version; and what differs between two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from llmspell_core.errors import CallError, closest
from llmspell_core.facts import Fact, fact
from llmspell_core.values import path_key

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Change", "Repository", "UnknownSchema", "differences", "merged"]

_MOST = 1000


class UnknownSchema(CallError):
    """No schema of that name, or no such version of it, is kept."""

    kind = "unknown_schema"

    def __init__(self, name: str, version: int | None, known: list[Any]) -> None:
        self.name, self.version = name, version
        if version is not None:
            super().__init__(f"the schema {name!r} has no version {version}; it has {', '.join(map(str, known))}")
        else:
            super().__init__(f"no schema {name!r} is kept{closest(name, known)}; keep it with save(name, schema)")


@fact
class Change(Fact):
    """What differs at one path between two schemas."""

    path: str
    change: Literal["added", "removed", "changed"]
    before: Any = None
    after: Any = None


class Repository:
    """Keeps schemas; versions count up from 1 and are never used twice."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[int, Any]] = {}
        self._last: dict[str, int] = {}

    def save(self, name: str, schema: Any) -> int:
        """Keep a schema as the newest version of its name, and return its number."""
        if sum(map(len, self._kept.values())) >= _MOST:
            raise CallError(f"{_MOST} schemas are kept; delete some")
        number = self._last[name] = self._last.get(name, 0) + 1
        self._kept.setdefault(name, {})[number] = schema
        return number

    def get(self, name: str, version: int | None = None) -> Any:
        """Return a schema, the newest when no version is named; :raises UnknownSchema: when it is not kept."""
        numbers = self.versions(name)
        if version is not None and version not in numbers:
            raise UnknownSchema(name, version, numbers)
        return self._kept[name][numbers[-1] if version is None else version]

    def names(self) -> list[str]:
        """Return the names, sorted."""
        return sorted(self._kept)

    def versions(self, name: str) -> list[int]:
        """Return the versions of a schema, the oldest first; :raises UnknownSchema: when there is none."""
        if name not in self._kept:
            raise UnknownSchema(name, None, self.names())
        return sorted(self._kept[name])

    def delete(self, name: str, version: int | None = None) -> bool:
        """Drop a version of a schema, or all of them, and tell whether there was one."""
        if version is None:
            return self._kept.pop(name, None) is not None
        kept = self._kept.get(name, {})
        found = kept.pop(version, None) is not None
        if found and not kept:
            del self._kept[name]
        return found


def differences(before: Any, after: Any, path: str = "$") -> Iterator[Change]:
    """Yield where two schemas differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in [*before, *(name for name in after if name not in before)]:
            where = path_key(path, name)
            if name not in after:
                yield Change(where, "removed", before=before[name])
            elif name not in before:
                yield Change(where, "added", after=after[name])
            else:
                yield from differences(before[name], after[name], where)
    elif type(before) is not type(after) or before != after:
        yield Change(path, "changed", before, after)


def merged(first: Any, second: Any) -> Any:
    """Return a schema with the fields of both; where both speak of the same, the second counts."""
    if not (isinstance(first, dict) and isinstance(second, dict)):
        return second
    made = dict(first)
    for name, part in second.items():
        if name == "required" and isinstance(part, list) and isinstance(first.get(name), list):
            made[name] = [*first[name], *(each for each in part if each not in first[name])]
        else:
            made[name] = merged(first[name], part) if name in first else part
    return made
