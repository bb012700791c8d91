"""The host's part of ``testing``: it runs the tests that a spell has told of, one after the other."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from typing_extensions import TypedDict

from llmspell_core.bridge import Bridge, expose
from llmspell_core.errors import BadArgument, LlmspellError, UsageError
from llmspell_core.spelltests.calls import FakeCall
from llmspell_core.spelltests.clock import FakeClock, TestClock
from llmspell_core.spelltests.groups import Group, failing, inside, tests_in
from llmspell_core.spelltests.measuring import measure
from llmspell_core.spelltests.models import FakeModel
from llmspell_core.spelltests.showing import summary
from llmspell_core.spelltests.trial import TIMEOUT, Found, Outcome, Trial, Trials
from llmspell_core.values import ErrorValue

if TYPE_CHECKING:
    from llmspell_core.bridge import Context
    from llmspell_core.spelltests.measuring import Load, Measured

__all__ = ["TestingBridge", "TestingSettings"]

_Fake = TypeVar("_Fake", FakeModel, FakeCall, FakeClock)


class TestingSettings(TypedDict, total=False):
    """What programs may set.

    :param trials: holds what is asked of the file
    """

    trials: Any


class TookTooLong(LlmspellError):
    """A test took longer than it may."""

    kind = "timeout"


class TooMuch(LlmspellError):
    """What a load test came to is not what it may come to."""

    kind = "assertion"


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
        self._fakes: list[FakeModel | FakeCall | FakeClock] = []

    @expose
    async def run(self, root: dict[str, Any], restore: Any) -> dict[str, Any]:
        """Run the wanted tests of a tree of groups; return what came of them.

        :param restore: a function that takes away what a test has put in place
        """
        self._trial.found = found = tests_in(root)
        self._left, self._put_back = iter(found), restore
        self._wanted = [each for each in found if each.skip is None and self._trial.wanted(each.name)]
        await self._group(root, Group())
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
        return self._faked(FakeModel(self.context.points, replies))

    @expose
    def fake_call(self, name: str, answer: Any = None) -> FakeCall:
        """Answer the calls of a function of a bridge, in the spells too that this one casts; nothing is done.

        :param name: of the bridge and the function, as ``fs.read``; ``*`` stands for any text; no other is taken
        :param answer: what it returns, or a function of the arguments by name
        """
        return self._faked(FakeCall(self.context, name, answer))

    @expose
    def fake_clock(self, start: float | None = None) -> FakeClock:
        """Return a clock that stands still until it is told to go on.

        :param start: its time, Unix seconds; now where left out
        """
        clock = self.context.clock
        if not isinstance(clock, TestClock):
            raise UsageError("the clock can be taken over by tests only; run them with `llmspell test`")
        clock.taken = clock() if start is None else float(start)
        return self._faked(FakeClock(clock))

    async def close(self) -> None:
        """Put everything back."""
        for fake in self._fakes:
            fake.restore()
        self._fakes = []

    def _faked(self, fake: _Fake) -> _Fake:
        self._fakes.append(fake)
        return fake

    async def _group(self, group: dict[str, Any], outer: Group) -> None:
        inner = inside(group, outer)
        begun, before = False, len(self._trial.outcomes)
        failed: LlmspellError | None = None
        for item in group["items"]:
            if not begun and failed is None and self._wants_any(item, inner):
                begun = True
                failed = await self._all(group["before_all"])
            if "items" in item:
                await self._group(item, inner if failed is None else failing(inner, failed))
            else:
                await self._test(item, inner, next(self._left), failed)
        if begun and (problem := await self._all(group["after_all"])) is not None:
            self._fail_last(before, problem)

    def _fail_last(self, before: int, error: LlmspellError) -> None:
        """Have the last test of a group that has passed fail; where none has, the group has failed anyway."""
        outcomes = self._trial.outcomes
        for i in range(len(outcomes) - 1, before - 1, -1):
            if outcomes[i].status == "passed":
                outcomes[i] = replace(outcomes[i], status="failed", error=error)
                return

    def _wants_any(self, item: dict[str, Any], group: Group) -> bool:
        prefix = " > ".join((*group.names, item["name"]))
        return any(found.name == prefix or found.name.startswith(f"{prefix} > ") for found in self._wanted)

    async def _test(self, item: dict[str, Any], group: Group, found: Found, failed: LlmspellError | None) -> None:
        if not self._trial.wanted(found.name):
            return
        if found.skip is not None:
            self._trial.outcomes.append(Outcome(found, "todo" if found.skip == "todo" else "skipped"))
            return
        self._current = found
        error, measured = failed, None
        if error is None:
            error = await self._all(group.before)
            if error is None and found.load is not None:
                measured, error = await self._measured(item["f"], found, found.load)
            elif error is None:
                error = await self._all([item["f"]], found.timeout)
            after = await self._all(group.after)
            error = error or after
            await self._put_back()
            await self.close()
        self._current = None
        self._trial.outcomes.append(Outcome(found, "passed" if error is None else "failed", error, measured))

    async def _measured(self, f: Any, found: Found, load: Load) -> tuple[Measured | None, LlmspellError | None]:
        """Return what many calls of a function came to, and why that is not good enough."""
        try:
            measured = await measure(lambda: self._all([f], found.timeout), load, self.context.clock)
        except BadArgument as error:
            return None, _placed(error, found)
        if measured.errors and not load.max_errors:
            return measured, measured.first
        fault = measured.fault(load)
        return measured, None if fault is None else _placed(TooMuch(f"{fault}\n\n{measured}"), found)

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
        error = TookTooLong(message)
        return error if self._current is None else _placed(error, self._current)


def _placed(error: LlmspellError, found: Found) -> LlmspellError:
    """Return an error, told at the line of a test."""
    error.value = ErrorValue(error.kind, str(error), file=found.file, line=found.line)
    return error


def _told(outcome: Outcome) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if (error := outcome.error) is not None:
        told = {"kind": error.kind if error.value is None else error.value.kind, "message": str(error)}
    if (measured := outcome.measured) is not None:
        counts = {"calls": measured.calls, "errors": measured.errors, "per_second": measured.per_second}
        told["measured"] = {**counts, **measured.figures()}
    return told
