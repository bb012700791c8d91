"""Schemas kept by name, each saving of one a version; and what differs between two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from llmspell_bridges.state.failures import telling
from llmspell_bridges.state.store import Write
from llmspell_core.errors import CallError, closest
from llmspell_core.facts import Fact, fact
from llmspell_core.values import path_key

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from llmspell_bridges.state.space import Space
    from llmspell_bridges.state.store import Entry

__all__ = ["Change", "Repository", "UnknownSchema", "differences", "merged"]

_PREFIX = "schemas/"


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
    """Keeps schemas in a space of ``state``; versions count up from 1 and are never used twice.

    :param space: opens where they are
    """

    def __init__(self, space: Callable[[], Awaitable[Space]]) -> None:
        self._space = space

    async def save(self, name: str, schema: Any) -> int:
        """Keep a schema as the newest version of its name, and return its number."""
        number = 0

        def add(entry: Entry | None) -> Write:
            nonlocal number
            last, kept = _read(name, entry)
            number = last + 1
            return _written(number, {**kept, number: schema})

        with telling("structured.save"):
            await (await self._space()).alter(_PREFIX + name, add)
        return number

    async def get(self, name: str, version: int | None = None) -> Any:
        """Return a schema, the newest when no version is named; :raises UnknownSchema: when it is not kept."""
        kept = await self._known(name)
        if version is not None and version not in kept:
            raise UnknownSchema(name, version, sorted(kept))
        return kept[max(kept) if version is None else version]

    async def find(self, name: str) -> Any:
        """Return the newest version of a schema, or None when there is none."""
        kept = await self._kept(name)
        return kept[max(kept)] if kept else None

    async def names(self) -> list[str]:
        """Return the names, sorted."""
        with telling("structured.list"):
            space = await self._space()
            keys, _ = await space.keys(_PREFIX)
            found = await space.read(keys)
        names = {key.removeprefix(_PREFIX): entry for key, entry in found.items()}
        return sorted(name for name, entry in names.items() if _read(name, entry)[1])

    async def versions(self, name: str) -> list[int]:
        """Return the versions of a schema, the oldest first; :raises UnknownSchema: when there is none."""
        return sorted(await self._known(name))

    async def delete(self, name: str, version: int | None = None) -> bool:
        """Drop a version of a schema, or all of them, and tell whether there was one."""
        found = False

        def drop(entry: Entry | None) -> Write | None:
            nonlocal found
            last, kept = _read(name, entry)
            left = {number: kept[number] for number in kept if version not in (None, number)}
            found = len(left) < len(kept)
            # The last number stays, so that no version of that name is used twice.
            return _written(last, left) if last else None

        with telling("structured.delete"):
            await (await self._space()).alter(_PREFIX + name, drop)
        return found

    async def _known(self, name: str) -> dict[int, Any]:
        kept = await self._kept(name)
        if not kept:
            raise UnknownSchema(name, None, await self.names())
        return kept

    async def _kept(self, name: str) -> dict[int, Any]:
        with telling("structured.get"):
            return _read(name, await (await self._space()).get(_PREFIX + name))[1]


def _read(name: str, entry: Entry | None) -> tuple[int, dict[int, Any]]:
    """Return the last number and the schemas by theirs."""
    if entry is None:
        return 0, {}
    try:
        return int(entry.value["last"]), {int(number): schema for number, schema in entry.value["versions"].items()}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        problem = f"what state has under {_PREFIX + name!r} is no schema; delete it with state.delete"
        raise CallError(problem) from error


def _written(last: int, kept: Mapping[int, Any]) -> Write:
    return Write({"last": last, "versions": {str(number): schema for number, schema in kept.items()}})


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
