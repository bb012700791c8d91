"""The module ``errors``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from llmspell_core.bridge import expose
from llmspell_core.library.declared import Library
from llmspell_core.values import ErrorValue


class ErrorsLibrary(Library):
    """Errors as values, and calls with something to fall back on. Nothing here catches a limit."""

    name = "errors"

    @expose
    async def try_(
        self,
        f: Callable[[], Any],
        catch: Callable[[ErrorValue], Any] | None = None,
        finally_: Callable[[], Any] | None = None,
    ) -> Any:
        """Return what ``f`` returns, or where it fails what ``catch(error)`` does; ``finally`` is called in the end."""

    @expose
    async def fallback(self, f: Callable[[], Any], g: Callable[[ErrorValue], Any]) -> Any:
        """Return what ``f`` returns, or where it fails what ``g(error)`` does."""

    @expose
    async def safe(self, f: Callable[[], Any], default: Any = None) -> Any:
        """Return what ``f`` returns, or the default where it fails."""

    @expose
    async def timeout(self, f: Callable[..., Any], seconds: float, *args: Any) -> Any:
        """Return what ``f(...)`` returns; when it takes longer it is stopped with its calls, and `timeout` raised."""

    @expose
    async def retry(
        self,
        f: Callable[[int], Any],
        *,
        attempts: int = 3,
        strategy: Literal["exponential", "linear", "constant"] = "exponential",
        delay: float = 1,
        max_delay: float = 60,
        jitter: bool | float = 0,
        retry_on: str | list[str] | Callable[[ErrorValue], Any] | None = None,
    ) -> Any:
        """Call ``f(attempt)`` until it succeeds; raise its last error when it may not be tried again.

        :param attempts: how often it is called at most
        :param strategy: how the waits grow: twice as long each time, one delay longer, or not at all
        :param delay: seconds of the first wait
        :param max_delay: seconds of the longest wait
        :param jitter: how much of each wait may be left out at random, from 0 to 1
        :param retry_on: kinds of errors, ``*`` for all, or a function of the error; all but fatal ones when left out
        """

    @expose
    def circuit_breaker(self, f: Callable[..., Any], *, threshold: int = 5, reset: float = 30) -> Callable[..., Any]:
        """Return a function that calls ``f``, and refuses with `circuit_open` what failed too often.

        :param threshold: failures on end that open the circuit
        :param reset: seconds after which it is tried again
        """

    @expose
    def create(
        self,
        message: str,
        *,
        kind: str | None = None,
        code: str | int | None = None,
        data: Any = None,
        cause: Any = None,
    ) -> ErrorValue:
        """Return an error, to be raised.

        :param kind: `runtime` when neither it nor a code is given
        :param code: a name or number of your own; the kind where no kind is given
        :param data: what else is to be known of it
        :param cause: the error behind it
        """

    @expose
    def wrap(self, error: Any, context: str | dict[str, Any] | None = None) -> ErrorValue:
        """Return an error with another as its cause.

        :param context: what was being done, or ``{message, kind, code, data}``; whatever else it says goes to ``data``
        """

    @expose
    def chain(self, errors: list[Any]) -> ErrorValue:
        """Return the first error, each with the next as its cause."""

    @expose
    def aggregate(self, errors: list[Any]) -> ErrorValue:
        """Return one error of the kind `aggregate` for several; its data is the list."""

    @expose
    def categorize(self, error: Any) -> str:
        """Return the category of an error.

        One of `timeout`, `cancelled`, `limit`, `permission`, `rate_limit`, `provider`, `network`, `validation`,
        `syntax`, `deadlock`, `script`, or a registered one.
        """

    @expose
    def is_retryable(self, error: Any) -> bool:
        """Tell whether trying again may help."""

    @expose
    def is_fatal(self, error: Any) -> bool:
        """Tell whether nothing helps: cancelled, a limit, denied, wrong source."""

    @expose
    def register_category(
        self,
        name: str,
        kinds: str | list[str] | Callable[[ErrorValue], Any],
        *,
        retryable: bool | None = None,
        fatal: bool | None = None,
    ) -> None:
        """Add a category of errors, before those there are.

        :param kinds: the kinds that belong to it, or a function of the error
        """

    @expose
    def on_error(self, kinds: str | list[str], f: Callable[[ErrorValue], Any]) -> Callable[[], Any]:
        """Call a function for each error of those kinds that this module catches; ``*`` is all kinds.

        :returns: a function that ends it
        """

    @expose
    def to_json(self, error: Any) -> str:
        """Return an error as JSON text."""

    @expose
    def from_json(self, text: str) -> ErrorValue:
        """Return the error of JSON text."""
