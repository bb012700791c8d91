"""The host's part of ``testing``: it runs the tests that a spell has told of, one after the other."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from typing_extensions import TypedDict

from llmspell_core.bridge import Bridge, expose
from llmspell_core.errors import BadArgument, LlmspellError, UsageError
from llmspell_core.spelltests.clock import FakeClock, TestClock
from llmspell_core.spelltests.models import FakeModel
from llmspell_core.spelltests.showing import summary
from llmspell_core.spelltests.trial import Found, Outcome, Trial, Trials
from llmspell_core.values import ErrorValue

if TYPE_CHECKING:
    from llmspell_core.bridge import Context

__all__ = ["TestingBridge", "TestingSettings"]

TIMEOUT = 10.0
"""Seconds that a test may take where it does not say."""
TURNS = 100
"""How often a benchmark is measured where it does not say."""


class TestingSettings(TypedDict, total=False):
    """What programs may set.

    :param trials: holds what is asked of the file
    """

    trials: Any


class TookTooLong(LlmspellError):
    """A test took longer than it may."""

    kind = "timeout"


@dataclass
class _Group:
    """A group on the way to its tests: what is done around each of them."""

    names: tuple[str, ...] = ()
    before: list[Any] = field(default_factory=list)
    after: list[Any] = field(default_factory=list)
    skip: str | None = None
    only: bool = False


class TestingBridge(Bridge):
    """Runs tests for the module ``testing``."""

    name = "testing"
    roles = ("_testing",)
    settings = TestingSettings
    unhooked = True
    __test__ = False

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        trials = context.options.get("trials")
        self._trial = trials.current if isinstance(trials, Trials) and trials.current is not None else Trial()
        self._is_alone = trials is None
        self._current: Found | None = None
        self._counts: dict[str, int] = {}

    @expose
    async def run(self, root: dict[str, Any], restore: Any) -> dict[str, Any]:
        """Run the wanted tests of a tree of groups; return what came of them.

        :param restore: a function that takes away what a test has put in place
        """
        self._trial.found = found = _found(root, _Group(), _has_only(root))
        self._left, self._restore = iter(found), restore
        await self._group(root, _Group())
        outcomes = self._trial.outcomes
        results = [{"name": each.found.name, "status": each.status, **_told(each)} for each in outcomes]
        failed = sum(each.status == "failed" for each in outcomes)
        return {"tests": results, "failed": failed, "text": summary(outcomes) if self._is_alone else ""}

    @expose
    def snapshot(self, value: Any, name: str | None = None) -> dict[str, Any]:
        """Compare a value with what it looked like before; return ``{ok, expected, got}``."""
        text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, default=repr)
        if self._trial.snapshots is None or self._current is None:
            raise UsageError("snapshots are kept beside a file of tests; run it with `llmspell test`")
        if name is None:
            count = self._counts[self._current.name] = self._counts.get(self._current.name, 0) + 1
            name = f"{count}"
        kept = self._trial.snapshots.compare(f"{self._current.name} > {name}", text)
        return {"ok": kept is None, "expected": text if kept is None else kept, "got": text}

    @expose
    def fake_model(self, replies: Any) -> FakeModel:
        """Return a model that answers for every other one.

        :param replies: a list of texts, maps and functions, one for each request, or one for all of them
        """
        return FakeModel(self.context.points, replies)

    @expose
    def fake_clock(self, start: float | None = None) -> FakeClock:
        """Return a clock that stands still until it is told to go on.

        :param start: its time, Unix seconds; now where left out
        """
        clock = self.context.clock
        if not isinstance(clock, TestClock):
            raise UsageError("the clock can be taken over by tests only; run them with `llmspell test`")
        clock.taken = clock() if start is None else float(start)
        return FakeClock(clock)

    async def _group(self, group: dict[str, Any], outer: _Group) -> None:
        inner = _inside(group, outer)
        begun = False
        failed: LlmspellError | None = None
        for item in group["items"]:
            if not begun and failed is None and self._wants_any(item, inner):
                begun = True
                failed = await self._all(group["before_all"])
            if "items" in item:
                await self._group(item, inner if failed is None else _failing(inner, failed))
            else:
                await self._test(item, inner, next(self._left), failed)
        if begun and (problem := await self._all(group["after_all"])) is not None and self._trial.outcomes:
            last = self._trial.outcomes[-1]
            if last.status == "passed":
                self._trial.outcomes[-1] = replace(last, status="failed", error=problem)

    def _wants_any(self, item: dict[str, Any], group: _Group) -> bool:
        names = [found for found in self._trial.found if found.skip is None and self._trial.wanted(found.name)]
        prefix = " > ".join((*group.names, item["name"]))
        return any(found.name == prefix or found.name.startswith(f"{prefix} > ") for found in names)

    async def _test(self, item: dict[str, Any], group: _Group, found: Found, failed: LlmspellError | None) -> None:
        if not self._trial.wanted(found.name):
            return
        if found.skip is not None:
            self._trial.outcomes.append(Outcome(found, "todo" if found.skip == "todo" else "skipped"))
            return
        self._current = found
        seconds: list[float] = []
        error = failed
        if error is None:
            error = await self._all(group.before)
            if error is None:
                error = await self._once(item["f"], found, seconds)
            after = await self._all(group.after)
            error = error or after
            await self._restore()
        self._current = None
        self._trial.outcomes.append(Outcome(found, "passed" if error is None else "failed", error, tuple(seconds)))

    async def _once(self, f: Any, found: Found, seconds: list[float]) -> LlmspellError | None:
        for _ in range(1 if found.times is None else found.times):
            began = time.perf_counter()
            error = await self._all([f], found.timeout)
            if error is not None:
                return error
            if found.times is not None:
                seconds.append(time.perf_counter() - began)
        return None

    async def _all(self, functions: list[Any], most: float | None = None) -> LlmspellError | None:
        """Call functions one after the other; return the first error."""
        import asyncio

        allowed = TIMEOUT if most is None else most
        try:
            for function in functions:
                async with asyncio.timeout(allowed):
                    await function()
        except TimeoutError:
            return self._late(f"the test took longer than {allowed:g} s; give it more with the option `timeout`")
        except LlmspellError as error:
            if error.kind in ("limit", "cancelled", "budget"):
                raise
            return error
        return None

    def _late(self, message: str) -> LlmspellError:
        error, found = TookTooLong(message), self._current
        if found is not None:
            error.value = ErrorValue(error.kind, message, file=found.file, line=found.line)
        return error


def _failing(group: _Group, error: LlmspellError) -> _Group:
    async def fail() -> None:
        raise error

    return replace(group, before=[fail, *group.before])


def _inside(group: dict[str, Any], outer: _Group) -> _Group:
    names = (*outer.names, group["name"]) if group["name"] else outer.names
    return _Group(
        names,
        [*outer.before, *group["before_each"]],
        [*group["after_each"], *outer.after],
        outer.skip or _skip(group),
        outer.only or bool(group.get("only")),
    )


def _found(group: dict[str, Any], outer: _Group, only: bool) -> list[Found]:
    """Return the tests of a group, in their order."""
    inner, found = _inside(group, outer), []
    for item in group["items"]:
        if "items" in item:
            found += _found(item, inner, only)
            continue
        skip = inner.skip or _skip(item)
        if skip is None and only and not (inner.only or item.get("only")):
            skip = "only others"
        times = item.get("times")
        timeout = _seconds(item.get("timeout"))
        name = " > ".join((*inner.names, item["name"]))
        found.append(Found(name, item.get("file") or "", int(item.get("line") or 0), skip, timeout, times))
    return _told_apart(found) if not outer.names and not group["name"] else found


def _told_apart(found: list[Found]) -> list[Found]:
    seen: set[str] = set()
    for each in found:
        if each.name in seen:
            raise UsageError(f"there are two tests of the name {each.name!r}, in line {each.line} again; rename one")
        seen.add(each.name)
    return found


def _skip(item: dict[str, Any]) -> str | None:
    skip = item.get("skip")
    return "skipped" if skip is True else skip if isinstance(skip, str) else None


def _seconds(given: Any) -> float | None:
    if given is None:
        return None
    if type(given) not in (int, float) or not 0 < given < 1e6:
        raise BadArgument("it", None, "timeout", f"must be a number of seconds above 0, not {given!r}")
    return float(given)


def _has_only(group: dict[str, Any]) -> bool:
    return any(bool(item.get("only")) or ("items" in item and _has_only(item)) for item in group["items"])


def _told(outcome: Outcome) -> dict[str, Any]:
    if outcome.error is None:
        return {}
    value = outcome.error.value
    return {"kind": outcome.error.kind if value is None else value.kind, "message": str(outcome.error)}
