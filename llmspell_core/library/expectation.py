"""What the module ``testing`` expects of a value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from llmspell_core.bridge import expose
from llmspell_core.library.declared import Thing


class Expectation(Thing):
    """A value that something is expected of. What does not hold raises `assertion` at the line that expects it."""

    @expose
    def never(self) -> Expectation:
        """Return the contrary expectation."""

    @expose(aliases=("deep_equals",))
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
    def has_items(self, wanted: list[Any]) -> Expectation:
        """Expect a list to have at least these items, in any order."""

    @expose
    def same_items(self, wanted: list[Any]) -> Expectation:
        """Expect a list to have these items and no others, in any order."""

    @expose
    def every(self, f: Callable[[Any], Any]) -> Expectation:
        """Expect ``f(item)`` to be truthy for every item of a list."""

    @expose
    def one_of(self, values: list[Any]) -> Expectation:
        """Expect one of several values."""

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
    def between(self, low: float, high: float) -> Expectation:
        """Expect a number that is not below the one and not above the other."""

    @expose
    def near(self, wanted: float, within: float = 1e-9) -> Expectation:
        """Expect a number no further than ``within`` from another."""

    @expose
    def satisfies(self, f: Callable[[Any], Any]) -> Expectation:
        """Expect ``f(value)`` to be truthy."""

    @expose(aliases=("error",))
    async def raises(self, wanted: str | dict[str, Any] | None = None) -> Expectation:
        """Expect a function to raise when it is called.

        :param wanted: a part of the error's message, or fields of it, as ``{kind = "denied"}``
        """

    @expose(aliases=("error_matches",))
    async def raises_matching(self, pattern: Any) -> Expectation:
        """Expect a function to raise an error whose message matches a pattern of the language."""

    @expose
    def was_called(self, times: int | None = None) -> Expectation:
        """Expect a mock to have been called, so many times."""

    @expose
    def was_called_with(self, *args: Any) -> Expectation:
        """Expect a mock to have been called with these arguments."""

    @expose
    def last_called_with(self, *args: Any) -> Expectation:
        """Expect the last call of a mock to have been made with these arguments."""

    @expose
    async def matches_snapshot(self, name: str | None = None) -> Expectation:
        """Expect a value to look as it did when it was last approved.

        :param name: tells it from others of the same test; they are counted where it is left out
        """
