"""The module ``testing``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from llmspell_core.bridge import expose
from llmspell_core.library.declared import Library, Thing


class Expectation(Thing):
    """A value that something is expected of. What does not hold raises `assertion` at the line that expects it."""

    @expose
    def never(self) -> Expectation:
        """Return the contrary expectation."""

    @expose
    def equals(self, wanted: Any) -> Expectation:
        """Expect the same content, however deep."""

    @expose
    def same(self, wanted: Any) -> Expectation:
        """Expect the very same value."""

    @expose
    def is_true(self) -> Expectation:
        """Expect true."""

    @expose
    def is_false(self) -> Expectation:
        """Expect false."""

    @expose
    def is_truthy(self) -> Expectation:
        """Expect what counts as true."""

    @expose
    def is_falsy(self) -> Expectation:
        """Expect what counts as false."""

    @expose
    def is_nothing(self) -> Expectation:
        """Expect null, or no value at all."""

    @expose
    def is_a(
        self, kind: Literal["nothing", "bool", "int", "number", "text", "list", "map", "function", "error"]
    ) -> Expectation:
        """Expect a kind of value."""

    @expose
    def contains(self, wanted: Any) -> Expectation:
        """Expect a part of a text, or one of the items of a list or map."""

    @expose
    def has_key(self, key: Any) -> Expectation:
        """Expect a map to have a key."""

    @expose
    def includes(self, wanted: dict[str, Any]) -> Expectation:
        """Expect a map to have at least these fields, and maps in it theirs."""

    @expose
    def matches(self, pattern: Any) -> Expectation:
        """Expect a text to match a pattern of the language."""

    @expose
    def starts_with(self, text: str) -> Expectation:
        """Expect a text to begin so."""

    @expose
    def ends_with(self, text: str) -> Expectation:
        """Expect a text to end so."""

    @expose
    def has_length(self, count: int) -> Expectation:
        """Expect so many characters, items or fields."""

    @expose
    def is_empty(self) -> Expectation:
        """Expect a text, list or map without anything in it."""

    @expose
    def above(self, bound: float) -> Expectation:
        """Expect a number above another."""

    @expose
    def at_least(self, bound: float) -> Expectation:
        """Expect a number that is not below another."""

    @expose
    def below(self, bound: float) -> Expectation:
        """Expect a number below another."""

    @expose
    def at_most(self, bound: float) -> Expectation:
        """Expect a number that is not above another."""

    @expose
    def near(self, wanted: float, within: float = 1e-9) -> Expectation:
        """Expect a number no further than ``within`` from another."""

    @expose
    def satisfies(self, f: Callable[[Any], Any]) -> Expectation:
        """Expect ``f(value)`` to be truthy."""

    @expose
    async def raises(self, wanted: str | dict[str, Any] | None = None) -> Expectation:
        """Expect a function to raise when it is called.

        :param wanted: a part of the error's message, or fields of it, as ``{kind = "denied"}``
        """

    @expose
    def was_called(self, times: int | None = None) -> Expectation:
        """Expect a mock to have been called, so many times."""

    @expose
    def was_called_with(self, *args: Any) -> Expectation:
        """Expect a mock to have been called with these arguments."""

    @expose
    async def matches_snapshot(self, name: str | None = None) -> Expectation:
        """Expect a value to look as it did when it was last approved.

        :param name: tells it from others of the same test; they are counted where it is left out
        """


class Mock(Thing):
    """A function that notes how it is called. Call it like any other."""

    @expose
    def calls(self) -> list[list[Any]]:
        """Return the arguments of each call so far."""

    @expose
    def returns(self, value: Any = None) -> Mock:
        """Have it return a value from now on."""

    @expose
    def returns_once(self, value: Any = None) -> Mock:
        """Have it return a value at one call, the next that has none yet."""

    @expose
    def raises(self, error: Any) -> Mock:
        """Have it raise from now on."""

    @expose
    def does(self, f: Callable[..., Any]) -> Mock:
        """Have it call a function from now on."""

    @expose
    def reset(self) -> Mock:
        """Forget its calls, and what it was told to do."""

    @expose
    def restore(self) -> None:
        """Put back what it stands in for; that is done after each test, too."""


class Model(Thing):
    """A model whose replies the test has written."""

    @expose
    async def requests(self) -> list[dict[str, Any]]:
        """Return what it was asked so far: ``{model, prompt}`` each, the prompt being the last message's text."""

    @expose
    async def restore(self) -> None:
        """Let models answer by themselves again."""


class Clock(Thing):
    """Time that passes only when the test says so."""

    @expose
    async def now(self) -> float:
        """Return the time."""

    @expose
    async def advance(self, seconds: float) -> float:
        """Let so many seconds pass, and return the time: whatever sleeps until then has woken, in its order."""

    @expose
    async def restore(self) -> None:
        """Go on with real time."""


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

    @expose
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
    def spy(self, target: Any, name: str) -> Mock:
        """Note the calls of a function of a bridge or of an object, which are made."""

    @expose
    def stub(self, target: Any, name: str, answer: Any = None) -> Mock:
        """Put a mock in the place of a function of a bridge or of an object.

        :param answer: what it returns, or a function that does
        """

    @expose
    async def fake_model(self, replies: Any) -> Model:
        """Return a model that answers in the place of all others, for bridges too that ask one: agents, say.

        :param replies: a text, or a list of texts, maps (``{text, tool_calls}``) and functions of the prompt, one for
            each request; or one function for all of them
        """

    @expose
    async def fake_clock(self, start: float | None = None) -> Clock:
        """Return a clock that stands still; sleeps, timers and timeouts of the spell go by it.

        :param start: Unix seconds; now where left out
        """

    @expose
    async def run(self) -> list[dict[str, Any]]:
        """Run what was told of, at once; return ``{name, status, kind, message}`` for each."""
