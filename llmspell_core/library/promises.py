"""The module ``promise``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from llmspell_core.bridge import expose
from llmspell_core.library.declared import Library, Thing


class Promise(Thing):
    """What will be there later. In JavaScript these are the language's own, with `then`, `catch` and `finally`."""

    @expose(aliases=("andThen", "next"))
    def and_then(
        self, on_value: Callable[[Any], Any] | None = None, on_error: Callable[[Any], Any] | None = None
    ) -> Self:
        """Call a function with the value, or another with the error, when the promise is settled."""

    @expose(aliases=("onError", "catch"))
    def on_error(self, f: Callable[[Any], Any]) -> Self:
        """Call a function with the error when the promise is rejected."""

    @expose(aliases=("onFinally", "finally"))
    def on_finally(self, f: Callable[[], Any]) -> Self:
        """Call a function when the promise is settled either way."""

    @expose(aliases=("await",))
    async def wait(self, seconds: float | None = None) -> Any:
        """Return the value once it is there, or raise the error; `timeout` when it takes longer."""


class Token(Thing):
    """A cancellation token: what many tasks and calls are stopped by."""

    @expose
    def cancel(self, reason: Any = None) -> None:
        """Stop what the token stops, and then call those that listen. A second call does nothing."""

    @expose
    def cancelled(self) -> bool:
        """Tell whether it was cancelled."""

    @expose
    def on_cancel(self, f: Callable[[Any], Any]) -> None:
        """Call a function with the reason when the token is cancelled; soon, when it is already."""

    @expose
    def watch(self, promise: Promise) -> Promise:
        """Return a promise of the same, rejected with `cancelled` once the token is: its task or call is stopped."""

    @expose
    def run(self, f: Callable[..., Any], *args: Any) -> Promise:
        """Run a function as a task that the token stops; nothing runs where it is cancelled already."""


class PromiseLibrary(Library):
    """Tasks that wait at once, and what comes of them."""

    name = "promise"

    @expose
    def new(self, executor: Callable[[Callable[[Any], Any], Callable[[Any], Any]], Any]) -> Promise:
        """Return a promise that the function settles with the functions it is given."""

    @expose
    def resolve(self, value: Any = None) -> Promise:
        """Return a promise of a value; a promise is returned as it is."""

    @expose
    def reject(self, reason: Any) -> Promise:
        """Return a promise that is rejected."""

    @expose
    def spawn(self, f: Callable[..., Any], *args: Any) -> Promise:
        """Run a function as a task of its own. An error in it that nobody awaits fails the run."""

    @expose
    def async_(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that runs ``f`` as a task of its own."""

    @expose
    async def await_(self, promise: Promise, seconds: float | None = None) -> Any:
        """Wait for a promise; when it takes longer, what it waits for is stopped and `timeout` raised."""

    @expose
    def timeout(self, promise: Promise, seconds: float) -> Promise:
        """Return a promise of the same that is rejected with `timeout` when it takes longer.

        The task or call behind it is stopped then, with all that it has started.
        """

    @expose
    def all(self, promises: list[Any]) -> Promise:
        """Promise the list of all values, or the first error."""

    @expose
    def all_settled(self, promises: list[Any]) -> Promise:
        """Promise a list of ``{status, value | reason}``."""

    @expose
    def race(self, promises: list[Any]) -> Promise:
        """Promise what settles first."""

    @expose
    def any(self, promises: list[Any]) -> Promise:
        """Promise the first value, or an `aggregate` error when all are rejected."""

    @expose
    def map(self, items: list[Any], f: Callable[[Any, int], Any], *, max_concurrent: int | None = None) -> Promise:
        """Promise the list of ``f(item, index)``.

        :param max_concurrent: how many may run at once; all when it is left out
        """

    @expose
    def token(self) -> Token:
        """Return a new cancellation token."""
