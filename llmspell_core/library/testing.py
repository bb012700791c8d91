"""The module ``testing``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llmspell_core.bridge import expose
from llmspell_core.library.declared import Library
from llmspell_core.library.expectation import Expectation
from llmspell_core.library.fakes import Answered, Clock, Mock, Model


class TestingLibrary(Library):
    """Tests of spells, which `llmspell test` runs. Names may be told of in any order; nothing runs before the end."""

    name = "testing"
    __test__ = False

    @expose
    def describe(
        self, name: str, f: Callable[[], Any], *, skip: bool | str | None = None, only: bool | None = None
    ) -> None:
        """Tell of a group: what ``f`` tells of belongs to it.

        :param skip: whether it does not run, or why not
        :param only: whether others do not run
        """

    @expose
    def it(
        self,
        name: str,
        f: Callable[[], Any],
        *,
        skip: bool | str | None = None,
        only: bool | None = None,
        timeout: float | None = None,
    ) -> None:
        """Tell of a test.

        :param skip: whether it does not run, or why not
        :param only: whether others do not run
        :param timeout: seconds that it may take, 10 where left out
        """

    @expose
    def skip(self, name: str, f: Callable[[], Any] | None = None) -> None:
        """Tell of a test that does not run."""

    @expose
    def only(self, name: str, f: Callable[[], Any]) -> None:
        """Tell of a test that runs while others do not."""

    @expose
    def todo(self, name: str) -> None:
        """Tell of a test that is still to be written."""

    @expose(aliases=("benchmark",))
    def bench(
        self,
        name: str,
        f: Callable[[], Any],
        *,
        times: int = 100,
        skip: bool | str | None = None,
        only: bool | None = None,
        timeout: float | None = None,
    ) -> None:
        """Tell of a function to be measured: shortest, median and 95th percentile are told.

        :param times: how often it is called
        :param timeout: seconds that each call may take
        """

    @expose
    def load_test(
        self,
        name: str,
        f: Callable[[], Any],
        *,
        times: int | None = None,
        duration: float | None = None,
        at_once: int = 10,
        max_errors: int = 0,
        median: float | None = None,
        p95: float | None = None,
        p99: float | None = None,
        per_second: float | None = None,
        skip: bool | str | None = None,
        only: bool | None = None,
        timeout: float | None = None,
    ) -> None:
        """Tell of a function to be called many times at once: throughput, failures and percentiles are told.

        It fails where a bound that is given does not hold. Where ``before_each`` has taken the clock over, everything
        is measured by that one, and time passes whenever all calls sleep.

        :param times: how often it is called; 100 where there is no ``duration`` either
        :param duration: seconds after which no other call begins
        :param at_once: how many calls are under way at any time
        :param max_errors: how many calls may fail
        :param median: the most seconds that the median may be
        :param p95: the most seconds that the 95th percentile may be
        :param p99: the most seconds that the 99th percentile may be
        :param per_second: the fewest calls in a second
        :param timeout: seconds that each call may take
        """

    @expose
    def before_all(self, f: Callable[[], Any]) -> None:
        """Have a function called before the first test of the group."""

    @expose
    def after_all(self, f: Callable[[], Any]) -> None:
        """Have a function called after the last test of the group."""

    @expose
    def before_each(self, f: Callable[[], Any]) -> None:
        """Have a function called before each test of the group."""

    @expose
    def after_each(self, f: Callable[[], Any]) -> None:
        """Have a function called after each test of the group, also when that has failed."""

    @expose
    def expect(self, value: Any) -> Expectation:
        """Return a value that something is expected of."""

    @expose
    def fail(self, message: str = "the test has failed") -> None:
        """Fail the test."""

    @expose
    def mock(self, f: Callable[..., Any] | None = None) -> Mock:
        """Return a function that notes its calls, and calls another one where there is one."""

    @expose
    def mock_object(self, functions: list[str] | dict[str, Any]) -> dict[str, Mock]:
        """Return an object whose functions are mocks.

        :param functions: their names, or by name what each returns or the function that it calls
        """

    @expose
    def spy(self, target: Any, name: str) -> Mock:
        """Note the calls of a function of a bridge or of an object, which are made."""

    @expose
    def stub(self, target: Any, name: str, answer: Any = None) -> Mock:
        """Put a mock in the place of a function of a bridge or of an object.

        :param answer: what it returns, or a function that does
        """

    @expose
    async def fake_model(self, replies: Any) -> Model:
        """Return a model that answers in the place of all others, for agents too, and for spells that this one casts.

        :param replies: a text, or a list of texts, maps (``{text, tool_calls}``, or ``{error}`` for a model that fails)
            and functions of the prompt, one for each request; or one function for all of them
        """

    @expose
    async def fake_call(self, name: str, answer: Any = None) -> Answered:
        """Answer calls of a bridge in its place, those too of spells that this one casts; nothing is done or granted.

        :param name: of the bridge and its function, as ``fs.read``; ``*`` stands for any text
        :param answer: what they return, or a function that is called with the arguments by their names
        """

    @expose
    async def fake_clock(self, start: float | None = None) -> Clock:
        """Return a clock that stands still; sleeps, timers and timeouts of the spell, and of those it casts, go by it.

        :param start: Unix seconds; now where left out
        """

    @expose
    async def run(self) -> list[dict[str, Any]]:
        """Run what was told of, at once; return ``{name, status, kind, message, measured}`` for each."""
