"""Lists and maps."""

from __future__ import annotations

from typing import Any

from llmspell_lisp.builtin import LONGEST, Builtins, integer, items_of, map_of, text_of
from llmspell_lisp.faults import Fault
from llmspell_lisp.objects import field, kind_of, put
from llmspell_lisp.show import equal

__all__ = ["LISTS"]

LISTS = Builtins()


@LISTS.add("list")
def _as_list(*values: Any) -> list[Any]:
    return list(values)


@LISTS.add("length")
def _length(value: Any) -> int:
    if isinstance(value, (str, bytes, list, dict)):
        return len(value)
    raise Fault(f"{kind_of(value)} has no length")


@LISTS.add("get")
def _get(value: Any, key: Any, default: Any = None) -> Any:
    if type(value) is dict:
        return value.get(text_of(key), default)
    if isinstance(value, (list, str, bytes)):
        return value[key] if -len(value) <= integer(key) < len(value) else default
    found = field(value, text_of(key))
    return default if found is None else found


@LISTS.add("put!")
def _put(value: Any, key: Any, item: Any) -> Any:
    put(value, key, item)
    return value


@LISTS.add("remove!")
def _remove(value: Any, key: Any) -> Any:
    map_of(value).pop(text_of(key), None)
    return value


@LISTS.add("push!")
def _push(items: Any, *values: Any) -> Any:
    items_of(items).extend(values)
    return items


@LISTS.add("pop!")
def _pop(items: Any) -> Any:
    return items_of(items).pop() if items_of(items) else None


@LISTS.add("append")
def _append(*lists: Any) -> list[Any]:
    return [item for items in lists for item in items_of(items)]


@LISTS.add("slice")
def _slice(value: Any, first: int, end: Any = None) -> Any:
    if isinstance(value, (str, bytes, list)):
        return value[integer(first) : end if end is None else integer(end)]
    raise Fault(f"{kind_of(value)} has no parts")


@LISTS.add("reverse")
def _reverse(items: Any) -> list[Any]:
    return list(reversed(items_of(items)))


@LISTS.add("range")
def _range(first: int, end: Any = None) -> list[int]:
    numbers = range(integer(first)) if end is None else range(integer(first), integer(end))
    if numbers and numbers[-1] - numbers[0] > LONGEST:
        raise Fault(f"the list would be longer than {LONGEST} items")
    return list(numbers)


@LISTS.add("keys")
def _keys(value: Any) -> list[str]:
    return list(map_of(value))


@LISTS.add("has?")
def _has(value: Any, item: Any) -> bool:
    if type(value) is list:
        return any(equal(each, item) for each in value)
    if isinstance(value, str):
        return text_of(item) in value
    return text_of(item) in map_of(value)
