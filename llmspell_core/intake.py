"""One parameter of an exposed method, and how its argument is checked."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import FunctionType
from typing import Annotated, Any, get_args, get_origin

from llmspell_core.arguments import Readers, kind_of, no_readers, options_of, problem, validator
from llmspell_core.errors import BadArgument, BrokenPlugin
from llmspell_core.values import ErrorValue, Function

__all__ = ["MISSING", "Parameter", "cure_of"]

MISSING = inspect.Parameter.empty
"""What the default of a parameter is that has none."""
# What is checked by its type alone; everything else is pydantic's.
_EXACT: tuple[tuple[type, str], ...] = (
    (str, "text"),
    (bool, "a boolean"),
    (bytes, "bytes"),
    (int, "an integer"),
    (float, "a number"),
    (Function, "a function"),
    (type(None), "nil"),
)
_ANYTHING = (Any, object, MISSING)


@dataclass
class Parameter:
    """One parameter, and how its argument is checked."""

    name: str
    annotation: Any
    default: Any
    readers: Readers = no_readers
    exact: tuple[Any, ...] | None = None
    validate: Callable[[Any], Any] | None = None
    demand: Callable[[Any], object] | None = None

    def __post_init__(self) -> None:
        """Part ``Annotated[str, function]``: the function raises ``ValueError`` for what is not to be passed."""
        kind, *marks = get_args(self.annotation) if get_origin(self.annotation) is Annotated else (None,)
        if len(marks) == 1 and isinstance(marks[0], FunctionType):
            self.annotation, self.demand = kind, marks[0]

    @property
    def takes_anything(self) -> bool:
        """Tell whether nothing is checked."""
        return self.annotation in _ANYTHING

    @property
    def takes_nil(self) -> bool:
        """Tell whether nil is an argument for it."""
        return self.takes_anything or type(None) in options_of(self.annotation)

    @property
    def takes_map(self) -> bool:
        """Tell whether a map may be an argument for it."""
        return not all(
            _word(option) or getattr(option, "__origin__", option) in (list, Callable, Awaitable)
            for option in options_of(self.annotation)
        )

    def check(self, value: Any, function: str, position: int | None) -> Any:
        """Return an argument as the function takes it; :raises BadArgument: when it does not fit."""
        read = self._read(value, function, position)
        if self.demand is not None:
            try:
                self.demand(read)
            except ValueError as error:
                raise BadArgument(function, position, self.name, str(error)) from None
        return read

    def prove(self, function: str) -> None:
        """:raises BrokenPlugin: when nothing can tell whether an argument is what the annotation says."""
        if not self.takes_anything:
            self._validator(function)

    def _read(self, value: Any, function: str, position: int | None) -> Any:
        if self.annotation in _ANYTHING:
            return value
        options = tuple(map(_checked_by, options_of(self.annotation))) if self.exact is None else self.exact
        self.exact = options
        if type(value) in options:
            return value
        for option in options:
            if (number := _as_number(value, option)) is not None:
                return number
        words = [_word(option) for option in options if option is not type(None)]
        if all(words):
            hint = "; its text is its message" if isinstance(value, ErrorValue) and "text" in words else ""
            raise BadArgument(
                function, position, self.name, f"must be {' or '.join(words)}, not {kind_of(value)}{hint}"
            )
        try:
            return (self.validate or self._validator(function))(value)
        except ValueError as error:
            raise BadArgument(function, position, self.name, problem(error, value, self.annotation)) from None

    def _validator(self, function: str) -> Callable[[Any], Any]:
        try:
            self.validate = validator(self.annotation, self.readers)
        except Exception as error:
            shown = self.annotation.__name__ if isinstance(self.annotation, type) else repr(self.annotation)
            cause = f"{function} takes {self.name}: {shown}, and nothing makes one of what a script passes"
            raise BrokenPlugin("bridge", function.partition(".")[0], cause, cure_of(error)) from error
        return self.validate


def cure_of(error: Exception) -> str:
    """Return how an annotation becomes one that arguments are checked by; as pydantic says where that is of use."""
    code, message = (getattr(error, name, None) for name in ("code", "message"))
    if code is None or code == "schema-for-unknown-type":
        return "annotate it with what pydantic or a converter knows, with a Handle, or with Any"
    return str(message).rstrip(".")


def _checked_by(annotation: Any) -> Any:
    """Return the type that an argument's own is compared with: of a callable, that of a script's functions."""
    return Function if get_origin(annotation) is Callable else annotation


def _word(annotation: object) -> str:
    """Return what a type that is checked by itself is called, or nothing."""
    return next((word for kind, word in _EXACT if kind is annotation), "")


def _as_number(value: Any, kind: object) -> Any:
    """Return a number of the kind that equals the value, where one number type serves for both."""
    if kind is float and type(value) is int:
        return float(value)
    if kind is int and type(value) is float and value.is_integer():
        return int(value)
    return None
