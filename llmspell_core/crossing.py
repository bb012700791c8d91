"""What one run's values go through on the host's side of the border: handles, functions, rich types, errors."""

from __future__ import annotations

import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Container, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from llmspell_core import errors
from llmspell_core.bridge import expose
from llmspell_core.errors import (
    Cancelled,
    LimitExceeded,
    LlmspellError,
    NoProcess,
    NotLocked,
    ProtocolError,
    SpellFailed,
    WorkerCrashed,
)
from llmspell_core.protocol import Forget
from llmspell_core.values import ErrorValue, Function, Handle, HandleRef, is_plain, lower

if TYPE_CHECKING:
    from llmspell_core.converter import Converters
    from llmspell_core.mount import Mount
    from llmspell_core.protocol import Fail
    from llmspell_core.secrets import Secrets

__all__ = ["Crossing", "Iterator", "delivered_error", "end_of", "error_from", "error_value", "mark"]


class Iterator(Handle):
    """An asynchronous iterator of the host, walked by the script."""

    iterable = True

    def __init__(self, source: AsyncIterator[Any]) -> None:
        self._source = source

    @expose
    async def next(self) -> list[Any] | None:
        """Return the next item in a list of one, or nil after the last."""
        async for item in self._source:
            return [item]
        return None

    @expose
    async def close(self) -> None:
        """Stop early."""
        close = getattr(self._source, "aclose", None)
        if close is not None:
            await close()


class Crossing:
    """Turns host objects into script values and references back into host objects, for one run."""

    def __init__(self, mount: Mount, converters: Callable[[], Converters], secrets: Secrets) -> None:
        self._mount, self._converters, self._secrets = mount, converters, secrets
        self._functions: dict[int, weakref.ref[Function]] = {}
        self._dead: list[int] = []
        self.invoke: Callable[[int, tuple[Any, ...]], Awaitable[Any]]

    def lower(self, value: Any) -> tuple[Any, bool]:
        """Return the value as a script value, and whether it is plain; :raises ConversionError: when it is none."""
        if is_plain(value):
            return value, True
        return lower(value, self._convert), False

    def outline(self, value: Any) -> Any:
        """Return the value as a script value whose handles have no numbers."""

        def convert(value: Any, path: str) -> Any:
            return HandleRef(0) if isinstance(value, Handle | AsyncIterator) else self._convert(value, path)

        return lower(value, convert)

    def adopt(self, value: Any) -> Any:
        """Return the value with this run's own functions and handles in place of references to them."""
        kind = type(value)
        if kind is list:
            return [self.adopt(item) for item in value]
        if kind is dict:
            return {key: self.adopt(item) for key, item in value.items()}
        if kind is Function:
            return self._function(value.id)
        if kind is HandleRef:
            return self._mount.handle(value)
        if kind is ErrorValue and value.data is not None:
            return replace(value, data=self.adopt(value.data))
        return value

    def error(self, error: BaseException, where: str) -> ErrorValue:
        """Return an exception as the error that a script sees, without secrets.

        :param where: which call raised it
        """
        return self._secrets.clean(error_value(error, where))

    def drop(self, numbers: Sequence[int]) -> None:
        """Note that the session was told before that nobody holds these functions any more."""
        self._dead = [number for number in self._dead if number not in numbers]
        for number in numbers:
            self._functions.pop(number, None)

    def forget_all(self) -> Forget | None:
        """Return all of the script's functions that it was not told of as forgotten: nobody is going to call them."""
        held, self._functions, self._dead = tuple(self._functions), {}, []
        return Forget(held) if held else None

    def forgotten(self) -> Forget | None:
        """Return which of the script's functions nobody on the host holds any more, told once."""
        if not self._dead:
            return None
        # One that came again since it died is alive under the same number, or has died under it once more.
        dead = tuple(number for number in dict.fromkeys(self._dead) if self._functions[number]() is None)
        self._dead.clear()
        for number in dead:
            del self._functions[number]
        return Forget(dead) if dead else None

    def _function(self, id: int) -> Function:
        known = self._functions.get(id)
        function = known() if known is not None else None
        if function is None:
            function = Function(id, self.invoke)
            self._functions[id] = weakref.ref(function, partial(self._died, id))
        return function

    def _died(self, id: int, reference: weakref.ref[Function]) -> None:
        if self._functions.get(id) is reference:
            self._dead.append(id)

    def _convert(self, value: Any, path: str) -> Any:
        if isinstance(value, Handle):
            return self._mount.ref(value)
        if isinstance(value, BaseException):
            return self.error(value, "value")
        if isinstance(value, AsyncIterator):
            return self._mount.ref(Iterator(value))
        return self._converters().to_script(value, path)


def error_value(error: BaseException, where: str) -> ErrorValue:
    """Return an exception as the error that a script sees.

    :param where: which call raised it, for an error that is not llmspell's own
    """
    if isinstance(error, LlmspellError):
        if error.value is not None:
            return error.value
        cause = error_value(error.__cause__, where) if isinstance(error.__cause__, LlmspellError) else None
        return ErrorValue(error.kind, str(error), error.data, cause)
    if isinstance(error, TimeoutError):
        return ErrorValue("timeout", str(error) or f"{where} took too long")
    import logging

    logging.getLogger("llmspell").error("%s failed", where, exc_info=error)
    return ErrorValue("internal", f"{where} failed: {type(error).__name__}: {error}")


def end_of(fail: Fail, delivered: Container[int]) -> LlmspellError:
    """Return the exception that a run ends with.

    :param delivered: the marks of the errors that the host has told the session of
    """
    if not fail.from_session:
        return error_from(fail.error, delivered)
    return _made(Cancelled, fail.error) if fail.error.kind == Cancelled.kind else _struck(fail.error)


def error_from(value: ErrorValue, delivered: Container[int] = ()) -> LlmspellError:
    """Return the exception that stands for what a script threw, of the class that its kind names.

    A script may give its error any kind. One that only the host can speak of (``denied``, ``provider``) names the class
    only when the host has delivered that very error to the script; one that tells how a run has ended (``limit``,
    ``cancelled``) is ``runtime`` otherwise.
    """
    cls = _classes().get(value.kind, SpellFailed)
    if issubclass(cls, SpellFailed) or mark(value) in delivered:
        return delivered_error(value)
    return _made(SpellFailed, replace(value, kind=SpellFailed.kind) if cls in _OF_RUNS else value)


def delivered_error(value: ErrorValue) -> LlmspellError:
    """Return the exception that stands for an error of the host's own."""
    cls = _classes().get(value.kind, SpellFailed)
    return (_limit(value) if cls is LimitExceeded else None) or _made(cls, value)


def mark(value: ErrorValue) -> int:
    """Return what tells an error that the host delivered from one that a spell has made up."""
    data = value.data if value.kind == LimitExceeded.kind and type(value.data) is dict else {}
    return hash((value.kind, value.message, str(data.get("limit")), repr(data.get("allowed")).removesuffix(".0")))


def _made(cls: type[LlmspellError], value: ErrorValue) -> LlmspellError:
    error = cls.__new__(cls)
    Exception.__init__(error, value.message)
    error.kind, error.data, error.value = value.kind, value.data, value
    return error


def _struck(value: ErrorValue) -> LlmspellError:
    """Return the error of a limit that struck inside a VM, in the same words for every engine."""
    error = _limit(value)
    if error is None:
        return ProtocolError(f"a session has ended its spell, and does not say by which limit: {value.data!r:.100}")
    message = LimitExceeded(error.limit, error.allowed, used=error.used).args[0]
    error.args = (message,)
    error.value = replace(value, kind=error.kind, message=message, cause=None)
    return error


def _limit(value: ErrorValue) -> LimitExceeded | None:
    data = value.data if type(value.data) is dict else {}
    name, allowed, used = data.get("limit"), data.get("allowed"), data.get("used")
    if not (isinstance(name, str) and isinstance(allowed, int | float)):
        return None
    used = used if isinstance(used, int | float) else None
    error = LimitExceeded(name, allowed, value.message, used=used, file=value.file, line=value.line)
    error.value = value
    return error


_OF_RUNS = (LimitExceeded, Cancelled, WorkerCrashed, NoProcess, NotLocked, ProtocolError)
"""Errors that tell how a run has ended."""


@cache
def _classes() -> dict[str, type[LlmspellError]]:
    """Return the classes of this package's errors by their kinds, whatever else has been imported."""
    known = (cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, LlmspellError))
    return {cls.kind: cls for cls in known}
