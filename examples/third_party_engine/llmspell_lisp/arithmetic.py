"""Numbers, and comparing."""

from __future__ import annotations

import math
from typing import Any

from llmspell_core.errors import SpellSyntaxError
from llmspell_lisp.builtin import Builtins, fitting, integer, number, text_of
from llmspell_lisp.faults import Fault
from llmspell_lisp.objects import Applicable
from llmspell_lisp.reader import Literal, read
from llmspell_lisp.show import equal
from llmspell_lisp.syntax import is_true

__all__ = ["ARITHMETIC"]

ARITHMETIC = Builtins()


@ARITHMETIC.add("+")
def _plus(*values: Any) -> Any:
    total: Any = 0
    for value in values:
        total = fitting(total + number(value))
    return total if values else 0


@ARITHMETIC.add("-")
def _minus(first: Any, *rest: Any) -> Any:
    if not rest:
        return fitting(-number(first))
    for value in rest:
        first = fitting(number(first) - number(value))
    return first


@ARITHMETIC.add("*")
def _times(*values: Any) -> Any:
    total: Any = 1
    for value in values:
        total = fitting(total * number(value))
    return total


@ARITHMETIC.add("/")
def _divide(one: Any, other: Any) -> float:
    """Divide as IEEE 754 says, where Python would raise."""
    above, below = float(number(one)), float(number(other))
    if below:
        return above / below
    if not above or math.isnan(above):
        return math.nan
    return math.copysign(math.inf, above) * math.copysign(1.0, below)


@ARITHMETIC.add("quotient")
def _quotient(one: Any, other: Any) -> Any:
    if not integer(other):
        raise Fault("division by zero")
    return fitting(integer(one) // other)


@ARITHMETIC.add("modulo")
def _modulo(one: Any, other: Any) -> Any:
    if not integer(other):
        raise Fault("division by zero")
    return integer(one) % other


@ARITHMETIC.add("=")
def _equal(one: Any, other: Any) -> bool:
    return equal(one, other)


@ARITHMETIC.add("same?")
def _same(one: Any, other: Any) -> bool:
    return one is other or (isinstance(one, Applicable) and one == other)


@ARITHMETIC.add("not")
def _not(value: Any) -> bool:
    return not is_true(value)


def _ordered(one: Any, other: Any) -> tuple[Any, Any]:
    if type(one) is str and type(other) is str:
        return one, other
    return number(one), number(other)


@ARITHMETIC.add("<")
def _less(one: Any, other: Any) -> Any:
    least, most = _ordered(one, other)
    return least < most


@ARITHMETIC.add(">")
def _more(one: Any, other: Any) -> Any:
    return _less(other, one)


@ARITHMETIC.add("<=")
def _at_most(one: Any, other: Any) -> Any:
    least, most = _ordered(one, other)
    return least <= most


@ARITHMETIC.add(">=")
def _at_least(one: Any, other: Any) -> Any:
    return _at_most(other, one)


@ARITHMETIC.add("number")
def _number(text: str) -> Any:
    try:
        [form] = read(text_of(text)[:40], "number")
    except (SpellSyntaxError, ValueError):
        form = None
    if isinstance(form, Literal) and type(form.value) in (int, float):
        return form.value
    raise Fault(f"{text[:40]!r} is no number")
