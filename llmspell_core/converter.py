"""What a converter plugin implements, and the converters of the standard library's rich types.

A converter turns a rich Python object that a bridge returns into a script value, and a script value that a spell
passes for a parameter of that type back into the object, where pydantic does not by itself.
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from llmspell_core.errors import ConversionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["Converter", "Converters"]


class Converter(ABC):
    """Turns objects of some Python types into script values and back."""

    @abstractmethod
    def handles(self, kind: type) -> bool:
        """Tell whether objects of this type are the converter's business."""

    @abstractmethod
    def to_script(self, value: Any) -> Any:
        """Return the object as a script value, or as something that other converters turn into one.

        :raises ConversionError: when this object cannot be told
        """

    def from_script(self, value: Any, kind: type) -> Any:
        """Return an object of the type, made of what a script passes for a parameter that is annotated with it.

        Where a converter leaves this out, pydantic reads such arguments; one that reads some by itself may leave the
        others to this.

        :raises ValueError: saying what was expected, when the value does not fit
        """
        from pydantic import TypeAdapter

        return TypeAdapter(kind).validate_python(value)


class Converters:
    """The converters of a runner, in order; the first that handles a type has it."""

    def __init__(self, converters: Sequence[Converter]) -> None:
        self._converters = tuple(converters)
        self._found: dict[type, Converter | None] = {}

    def find(self, kind: type) -> Converter | None:
        """Return the converter of a type, or None."""
        if kind not in self._found:
            self._found[kind] = next((c for c in self._converters if c.handles(kind)), None)
        return self._found[kind]

    def reader(self, kind: type) -> Callable[[Any, type], Any] | None:
        """Return what makes objects of a type of what scripts pass, or None where that is left to pydantic."""
        converter = self.find(kind)
        if converter is None or type(converter).from_script is Converter.from_script:
            return None
        return converter.from_script

    def to_script(self, value: Any, path: str) -> Any:
        """Return the object as what its converter makes of it."""
        converter = self.find(type(value))
        if converter is None:
            raise ConversionError(_unknown(value), path)
        try:
            return converter.to_script(value)
        except ConversionError as error:
            raise ConversionError(error.problem, path) from error


def _unknown(value: Any) -> str:
    said = f"an object of type {type(value).__name__!r} is no script value and no converter knows it"
    if hasattr(value, "__await__"):
        return f"{said}; the bridge has to await it"
    if hasattr(value, "__next__"):
        return f"{said}; the bridge has to return a list of it, or an asynchronous iterator"
    return f"{said}; the bridge has to return plain values or a Handle, or bring a converter"


def loaded(module: str, names: Iterable[str]) -> tuple[type, ...]:
    """Return the named classes of a module if something has imported it; a value of theirs exists only then."""
    found = sys.modules.get(module)
    return tuple(getattr(found, name) for name in names) if found is not None else ()
