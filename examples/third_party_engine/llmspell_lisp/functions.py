"""Functions that call functions, errors, and the kinds of values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_lisp.builtin import Builtins, items_of, number, text_of
from llmspell_lisp.faults import Fault
from llmspell_lisp.objects import Remote, apply, field, kind_of
from llmspell_lisp.promises import Promise
from llmspell_lisp.show import show
from llmspell_lisp.syntax import is_true

if TYPE_CHECKING:
    from llmspell_lisp.evaluate import Steps

__all__ = ["FUNCTIONS"]

FUNCTIONS = Builtins()


@FUNCTIONS.add("map")
def _map(function: Any, items: Any) -> Steps:
    made = []
    for item in list(items_of(items)):
        made.append((yield apply(function, [item])))  # noqa: PERF401 - a comprehension cannot yield
    return made


@FUNCTIONS.add("filter")
def _filter(function: Any, items: Any) -> Steps:
    made = []
    for item in list(items_of(items)):
        if is_true((yield apply(function, [item]))):
            made.append(item)  # noqa: PERF401 - as above
    return made


@FUNCTIONS.add("reduce")
def _reduce(function: Any, value: Any, items: Any) -> Steps:
    for item in list(items_of(items)):
        value = yield apply(function, [value, item])
    return value


@FUNCTIONS.add("sort")
def _sort(items: Any, function: Any = None) -> Steps:
    keyed = []
    for item in list(items_of(items)):
        keyed.append(((yield apply(function, [item])) if function is not None else item, item))  # noqa: PERF401 - as above
    kinds = {str if type(key) is str else type(number(key)) for key, _ in keyed}
    if str in kinds and len(kinds) > 1:
        raise Fault("texts and numbers cannot be sorted together")
    return [item for _, item in sorted(keyed, key=lambda pair: pair[0])]


@FUNCTIONS.add("apply")
def _apply(function: Any, items: Any) -> Any:
    return apply(function, list(items_of(items)))


@FUNCTIONS.add("call")
def _call(value: Any, name: str, *args: Any) -> Any:
    return apply(field(value, text_of(name)), list(args))


# Errors and kinds


@FUNCTIONS.add("throw")
def _throw(value: Any = None) -> Any:
    """Raise what docs/values.md#error makes of the value."""
    if isinstance(value, Fault):
        raise value
    if type(value) is dict and isinstance(value.get("message"), str):
        kind, cause = value.get("kind"), value.get("cause")
        cause = cause if isinstance(cause, Fault) else None
        raise Fault(value["message"], kind if isinstance(kind, str) else "runtime", value.get("data"), cause)
    raise Fault(value) if isinstance(value, str) else Fault(show(value), data=value)


@FUNCTIONS.add("kind")
def _kind(value: Any) -> str:
    if isinstance(value, Remote):
        return "bridge" if isinstance(value.target, str) else "handle"
    if isinstance(value, Promise):
        return "promise"
    return kind_of(value).rpartition(" ")[2]
