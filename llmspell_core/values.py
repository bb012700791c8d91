"""What may cross the border between host and script, and the check that it may.

The rules are written in ``docs/values.md``. On the host a script value is a plain object:
None, bool, int (64 bits), float, str, bytes, list, dict with text keys, and the classes below.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from llmspell_core.errors import ConversionError
from llmspell_core.facts import Fact, fact

__all__ = [
    "INT_MAX",
    "INT_MIN",
    "MAX_DEPTH",
    "SAFE_INT",
    "ErrorValue",
    "Function",
    "Handle",
    "HandleRef",
    "ScriptValue",
    "is_plain",
    "lower",
    "path_key",
    "readable",
]

INT_MIN, INT_MAX = -(2**63), 2**63 - 1
SAFE_INT = 2**53 - 1
"""The largest integer that every JSON reader keeps."""
MAX_DEPTH = 100
"""How deep lists and maps may nest."""
_LONGEST_KEY = 80


class Function:
    """A function of a script, seen from the host: ``await function(*args)`` calls it.

    It belongs to the run it came from and can be handed back to that run only.
    """

    __slots__ = ("__weakref__", "_invoke", "id")

    def __init__(self, id: int, invoke: Callable[[int, tuple[ScriptValue, ...]], Awaitable[ScriptValue]] | None = None):
        self.id = id
        self._invoke = invoke

    async def __call__(self, *args: ScriptValue) -> ScriptValue:
        """Call the script's function; its error is raised as :class:`SpellFailed`."""
        if self._invoke is None:
            raise ConversionError("a function of another run cannot be called")
        return await self._invoke(self.id, args)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Function) and (self.id, self._invoke) == (other.id, other._invoke)

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"Function({self.id})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return _instances(cls)


class Handle:
    """An object that stays on the host; a script calls its exposed methods by reference.

    Subclass it, mark methods with :func:`llmspell_core.bridge.expose`, and return it from a bridge method.
    ``close`` is called when the script drops it or the run ends.
    """

    iterable = False
    """True when ``next()`` gives ``[item]`` while there are items and None after the last."""
    unhooked = False
    """True where calls pass no point: of what is about the points itself."""

    async def close(self) -> None:
        """Let go of what the handle holds."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return _instances(cls)


@fact
class HandleRef(Fact):
    """A handle as it travels in protocol messages: its number, type name, and whether it iterates."""

    id: int
    type: str = ""
    iterable: bool = False


@fact
class ErrorValue(Fact):
    """An error as a script value."""

    kind: str
    message: str
    data: ScriptValue = None
    cause: ErrorValue | None = None
    file: str | None = None
    line: int | None = None
    traceback: str | None = None

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return _instances(cls)


if TYPE_CHECKING:
    ScriptValue: TypeAlias = (
        "bool | int | float | str | bytes | Sequence[ScriptValue] | Mapping[str, ScriptValue]"
        " | Function | Handle | ErrorValue | None"
    )
    """What may cross the border between a spell and its host: `docs/values.md`."""
else:
    ScriptValue = Any

_Convert: TypeAlias = Callable[[Any, str], Any]


def is_plain(value: object, depth: int = MAX_DEPTH) -> bool:
    """Tell whether the value is JSON as it stands: no tag, no converter, nothing out of range."""
    kind = type(value)
    if kind is dict:
        for key in value:  # type: ignore[attr-defined]
            if type(key) is not str or key == "$" or not (key.isascii() or _is_unicode(key)):
                return False
        items = value.values()  # type: ignore[attr-defined]
    elif kind is list:
        items = value
    else:
        items = (value,)
        depth += 1
    if depth <= 0:
        return False
    for item in items:
        kind = type(item)
        if kind is str:
            if not item.isascii() and not _is_unicode(item):
                return False
        elif kind is int:
            if not -SAFE_INT <= item <= SAFE_INT:
                return False
        elif kind is float:
            if item - item != 0.0:
                return False
        elif kind is bool or item is None:
            continue
        elif (kind is not dict and kind is not list) or not is_plain(item, depth - 1):
            return False
    return True


def lower(value: object, convert: _Convert, depth: int = MAX_DEPTH, path: str = "$") -> Any:
    """Return the value as a script value, a copy where anything in it had to change.

    :param convert: what to do with an object that is no script value: ``convert(object, path)``
    :raises ConversionError: when something in it may not cross
    """
    kind = type(value)
    if value is None or kind is bool or kind is float or kind is bytes or kind is HandleRef or kind is Function:
        return value
    if kind is str:
        return _checked_text(value, path)  # type: ignore[arg-type]
    if kind is int:
        if not INT_MIN <= value <= INT_MAX:  # type: ignore[operator]
            raise ConversionError("the integer does not fit into 64 bits; pass it as text", path)
        return value
    if kind is ErrorValue:
        return _lower_error(value, convert, depth, path)  # type: ignore[arg-type]
    if kind is list or kind is dict:
        if depth <= 0:
            raise ConversionError(f"nested deeper than {MAX_DEPTH} levels, or a cycle", path)
        if kind is list:
            return [lower(item, convert, depth - 1, f"{path}[{i}]") for i, item in enumerate(value)]  # type: ignore[arg-type,var-annotated]
        return _lower_map(value, convert, depth, path)  # type: ignore[arg-type]
    if depth <= 0:
        raise ConversionError(f"nested deeper than {MAX_DEPTH} levels, or a cycle", path)
    return lower(convert(value, path), convert, depth - 1, path)


def path_key(path: str, key: str, longest: int = _LONGEST_KEY) -> str:
    """Return the path of a map's field: ``$.key``, or ``$["a key"]``.

    :param longest: of a key that has more characters only the first are told: a path is made for each part of a value,
        and whoever made the value has chosen its keys
    """
    if len(key) > longest:
        key = f"{key[:longest]}..."
    if key.isidentifier():
        return f"{path}.{key}"
    import json

    return f"{path}[{json.dumps(key)}]"


def readable(text: str) -> str:
    """Return a text that may cross, its lone surrogates written out."""
    return text.encode(errors="backslashreplace").decode()


def _lower_map(value: dict[Any, Any], convert: _Convert, depth: int, path: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, item in value.items():
        if not isinstance(key, str):
            raise ConversionError(f"a map's key must be text, not {type(key).__name__} {key!r}", path)
        key = _checked_text(str.__str__(key), path)
        made[key] = lower(item, convert, depth - 1, path_key(path, key))
    return made


def _lower_error(error: ErrorValue, convert: _Convert, depth: int, path: str) -> ErrorValue:
    if depth <= 0:
        raise ConversionError(f"nested deeper than {MAX_DEPTH} levels, or a cycle", path)
    for name in ("kind", "message", "file", "traceback"):
        lower(getattr(error, name), convert, depth - 1, f"{path}.{name}")
    data = lower(error.data, convert, depth - 1, f"{path}.data")
    cause = lower(error.cause, convert, depth - 1, f"{path}.cause")
    return error if data is error.data and cause is error.cause else replace(error, data=data, cause=cause)


def _instances(cls: type) -> Any:
    from pydantic_core import PydanticCustomError, core_schema

    def refuse(_: object) -> Any:
        raise PydanticCustomError("is_instance_of", f"Input should be an instance of {cls.__name__}")

    # What is written as JSON is none.
    nothing = core_schema.no_info_plain_validator_function(refuse)
    return core_schema.json_or_python_schema(nothing, core_schema.is_instance_schema(cls))


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _checked_text(text: str, path: str) -> str:
    if text.isascii() or _is_unicode(text):
        return text
    raise ConversionError("the text has a lone surrogate, which is no Unicode character", path)
