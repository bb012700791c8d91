"""Texts, bytes and JSON."""

from __future__ import annotations

from typing import Any

from llmspell_lisp.builtin import LONGEST, Builtin, Builtins, integer, items_of, text_of
from llmspell_lisp.faults import Fault
from llmspell_lisp.objects import Package
from llmspell_lisp.show import from_json, show, to_json

__all__ = ["JSON", "TEXTS"]

TEXTS = Builtins()


@TEXTS.add("text")
def _as_text(*values: Any) -> str:
    return "".join(show(value) for value in values)


@TEXTS.add("upper")
def _upper(text: str) -> Any:
    return text_of(text).upper()


@TEXTS.add("lower")
def _lower(text: str) -> Any:
    return text_of(text).lower()


@TEXTS.add("trim")
def _trim(text: str) -> Any:
    return text_of(text).strip()


@TEXTS.add("split")
def _split(text: str, separator: str) -> Any:
    return text_of(text).split(text_of(separator)) if separator else list(text_of(text))


@TEXTS.add("join")
def _join(items: list[Any], separator: str = "") -> Any:
    return text_of(separator).join([show(item) for item in items_of(items)])


@TEXTS.add("repeat")
def _repeat(text: str, times: int) -> Any:
    if len(text_of(text)) * integer(times) > LONGEST:
        raise Fault(f"the text would be longer than {LONGEST} characters")
    return text * times


@TEXTS.add("bytes")
def _bytes(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    if all(type(item) is int and 0 <= item < 256 for item in items_of(value)):
        return bytes(value)
    raise Fault("a list of integers from 0 to 255 is expected")


JSON = Package(
    "json",
    {
        "encode": Builtin("json.encode", lambda value: to_json(value)),
        "decode": Builtin("json.decode", lambda text: from_json(text_of(text))),
    },
)
"""The module ``json``."""
