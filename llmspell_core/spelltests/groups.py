"""Groups of tests as a file tells of them, and the tests that they come to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from llmspell_core.errors import BadArgument, UsageError
from llmspell_core.spelltests.measuring import load_of
from llmspell_core.spelltests.trial import Found
from llmspell_core.values import ErrorValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_core.errors import LlmspellError

__all__ = ["Group", "failing", "inside", "tests_in"]


@dataclass
class Group:
    """A group on the way to its tests: what is done around each of them."""

    names: tuple[str, ...] = ()
    before: list[Any] = field(default_factory=list)
    after: list[Any] = field(default_factory=list)
    skip: str | None = None
    only: bool = False


def tests_in(root: dict[str, Any]) -> list[Found]:
    """Return the tests of a file in their order; :raises UsageError: when two have one name."""
    found = list(_found(root, Group(), _has_only(root)))
    seen: set[str] = set()
    for each in found:
        if each.name in seen:
            raise UsageError(f"there are two tests of the name {each.name!r}, in line {each.line} again; rename one")
        seen.add(each.name)
    return found


def failing(group: Group, error: LlmspellError) -> Group:
    """Return a group whose tests fail with an error before they begin."""

    async def fail() -> None:
        raise error

    return replace(group, before=[fail, *group.before])


def inside(group: dict[str, Any], outer: Group) -> Group:
    """Return what is done around the tests of a group that is within another one."""
    names = (*outer.names, group["name"]) if group["name"] else outer.names
    return Group(
        names,
        [*outer.before, *group["before_each"]],
        [*group["after_each"], *outer.after],
        outer.skip or _skip(group),
        outer.only or bool(group.get("only")),
    )


def _found(group: dict[str, Any], outer: Group, only: bool) -> Iterator[Found]:
    inner = inside(group, outer)
    for item in group["items"]:
        if "items" in item:
            yield from _found(item, inner, only)
            continue
        skip = inner.skip or _skip(item)
        if skip is None and only and not (inner.only or item.get("only")):
            skip = "only others"
        file, line = item.get("file") or "", int(item.get("line") or 0)
        try:
            load = None if item.get("load") is None else load_of(item["load"], item["caller"])
            yield Found(" > ".join((*inner.names, item["name"])), file, line, skip, _timeout(item), load)
        except BadArgument as error:
            error.value = ErrorValue(error.kind, str(error), file=file, line=line)
            raise


def _skip(item: dict[str, Any]) -> str | None:
    skip = item.get("skip")
    return "skipped" if skip is True else skip if isinstance(skip, str) else None


def _timeout(item: dict[str, Any]) -> float | None:
    given = item.get("timeout")
    if given is None:
        return None
    if type(given) not in (int, float) or not 0 < given < 1e6:
        raise BadArgument(item["caller"], None, "timeout", f"must be a number of seconds above 0, not {given!r}")
    return float(given)


def _has_only(group: dict[str, Any]) -> bool:
    return any(bool(item.get("only")) or ("items" in item and _has_only(item)) for item in group["items"])
