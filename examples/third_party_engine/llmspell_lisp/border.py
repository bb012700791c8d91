"""The border: every value that enters or leaves a session is checked and copied here, and nowhere else."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from llmspell_core.errors import ConversionError, LimitExceeded
from llmspell_core.values import INT_MAX, INT_MIN, MAX_DEPTH, ErrorValue, Function, HandleRef, path_key
from llmspell_lisp.faults import Fault
from llmspell_lisp.objects import Applicable, Remote, kind_of

if TYPE_CHECKING:
    from llmspell_core.limits import Limits
    from llmspell_lisp.objects import Ask

__all__ = ["Border"]


class Border:
    """Knows a session's functions by the numbers the host has for them, and its handles."""

    def __init__(self, ask: Ask, limits: Limits) -> None:
        self._ask = ask
        self._most = limits.message
        self._size = 0
        self._last = 0
        self._functions: dict[int, Applicable] = {}
        self._numbers: dict[Applicable, int] = {}
        self._handles: weakref.WeakValueDictionary[int, Remote] = weakref.WeakValueDictionary()
        self._dropped: list[int] = []
        self._around: set[int] = set()

    def begin(self) -> None:
        """Begin to count the next message."""
        self._size = 0

    def function(self, number: int) -> Applicable:
        """Return the function that the host knows by the number."""
        if number not in self._functions:
            raise Fault("the function is not of this run, or was forgotten", "conversion")
        return self._functions[number]

    @property
    def is_held(self) -> bool:
        """Whether the host holds a function, and so may still call it."""
        return bool(self._functions)

    def forget(self, numbers: tuple[int, ...]) -> None:
        """Drop functions that the host no longer holds."""
        for number in numbers:
            function = self._functions.pop(number, None)
            if function is not None:
                del self._numbers[function]

    def dropped(self) -> tuple[int, ...]:
        """Return the handles that the spell has dropped since it was last asked."""
        dropped = tuple(number for number in self._dropped if number not in self._handles)
        self._dropped.clear()
        return dropped

    def enter(self, value: Any) -> Any:
        """Return a value of the host as one of the spell's own."""
        kind = type(value)
        if kind is list:
            return [self.enter(item) for item in value]
        if kind is dict:
            return {key: self.enter(item) for key, item in value.items()}
        if kind is HandleRef:
            return self._handle(value)
        if kind is Function:
            return self.function(value.id)
        return self.fault(value) if kind is ErrorValue else value

    def fault(self, error: ErrorValue) -> Fault:
        """Return an error of the host as the fault that a script catches."""
        cause = self.fault(error.cause) if error.cause is not None else None
        fault = Fault(error.message, error.kind, self.enter(error.data), cause)
        fault.file, fault.line, fault.traceback = error.file, error.line, error.traceback
        return fault

    def leave(self, value: Any, depth: int = MAX_DEPTH, path: str = "$") -> Any:
        """Return a value of the spell as a script value of the host's.

        :raises ConversionError: when something in it may not cross
        """
        self._count(1)
        kind = type(value)
        if value is None or kind is bool or kind is float:
            return value
        if kind is int:
            if not INT_MIN <= value <= INT_MAX:
                raise ConversionError("the integer does not fit into 64 bits", path)
            return value
        if kind is str:
            return self._text(value, path)
        if kind is bytes:
            self._count(len(value.encode(errors="surrogatepass")) if isinstance(value, str) else len(value))
            return value
        if kind is list or kind is dict:
            return self._leave_container(value, depth, path)
        return self._leave_reference(value, depth, path)

    def error(self, fault: Fault, depth: int = MAX_DEPTH) -> ErrorValue:
        """Return a fault as the error that the host sees."""
        if depth <= 0:
            raise ConversionError(f"an error has more than {MAX_DEPTH} causes")
        return ErrorValue(
            self._text(fault.kind, "$.kind"),
            self._text(fault.message, "$.message"),
            self.leave(fault.data, depth - 1, "$.data"),
            self.error(fault.cause, depth - 1) if fault.cause is not None else None,
            fault.file,
            fault.line,
            fault.traceback,
        )

    def _leave_container(self, value: list[Any] | dict[Any, Any], depth: int, path: str) -> Any:
        if id(value) in self._around:
            raise ConversionError("a cycle", path)
        if depth <= 0:
            raise ConversionError(f"nested deeper than {MAX_DEPTH} levels", path)
        self._around.add(id(value))
        try:
            return self._leave_list(value, depth, path) if type(value) is list else self._leave_map(value, depth, path)
        finally:
            self._around.discard(id(value))

    def _leave_list(self, value: list[Any], depth: int, path: str) -> list[Any]:
        return [self.leave(item, depth - 1, f"{path}[{i}]") for i, item in enumerate(value)]

    def _leave_map(self, value: dict[Any, Any], depth: int, path: str) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, item in value.items():
            if type(key) is not str:
                raise ConversionError(f"a map's key must be text, not {kind_of(key)}", path)
            made[self._text(key, path)] = self.leave(item, depth - 1, path_key(path, key))
        return made

    def _leave_reference(self, value: Any, depth: int, path: str) -> Any:
        if isinstance(value, Applicable):
            return Function(self._number(value))
        if isinstance(value, Fault):
            return self.error(value, depth)
        if isinstance(value, Remote) and isinstance(value.target, int):
            return HandleRef(value.target, value.type, value.iterable)
        cure = "; await it first" if kind_of(value) == "a promise" else ""
        raise ConversionError(f"{kind_of(value)} is no script value{cure}", path)

    def _handle(self, ref: HandleRef) -> Remote:
        handle = self._handles.get(ref.id)
        if handle is None:
            handle = self._handles[ref.id] = Remote(self._ask, ref.id, ref.type, ref.iterable)
            weakref.finalize(handle, self._dropped.append, ref.id).atexit = False
        return handle

    def _number(self, function: Applicable) -> int:
        number = self._numbers.get(function)
        if number is None:
            self._last += 1
            number = self._numbers[function] = self._last
            self._functions[number] = function
        return number

    def _text(self, text: str, path: str) -> str:
        self._count(len(text.encode(errors="surrogatepass")))
        if not text.isascii():
            try:
                text.encode()
            except UnicodeEncodeError:
                raise ConversionError("the text has a lone surrogate, which is no character", path) from None
        return text

    def _count(self, size: int) -> None:
        """Count what a message holds at least, so that few shared parts cannot stand for gigabytes."""
        self._size += size
        if self._most is not None and self._size > self._most:
            raise LimitExceeded("message", self._most)
