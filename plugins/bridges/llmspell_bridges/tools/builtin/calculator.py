"""Arithmetic: a parser's tree is walked, nothing is ever evaluated as code."""

from __future__ import annotations

import ast
import math
import operator
from typing import TYPE_CHECKING, Any

from llmspell_bridges.missing import LibraryMissing
from llmspell_core.errors import BadArgument
from llmspell_core.values import INT_MAX, INT_MIN

if TYPE_CHECKING:
    from llmspell_core.bridge import Context

__all__ = ["calculate"]

_MOST_BITS = 4096


def _rounded(number: Any, digits: int | None = None) -> Any:
    # Python computes ten to the power of the digits first, however many more they are than the number has.
    return round(number, None if digits is None else max(digits, -_MOST_BITS))


_NAMES = {"pi": math.pi, "e": math.e, "tau": math.tau, "True": True, "False": False}
_ROUND = {"round": _rounded, "abs": abs, "min": min, "max": max, "floor": math.floor, "ceil": math.ceil}
_MATH = (
    "sqrt",
    "exp",
    "log",
    "log2",
    "log10",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "atan2",
    "hypot",
    "degrees",
)


async def calculate(context: Context, expression: str) -> Any:
    """Return the value of an expression; :raises BadArgument: when it has none."""
    try:
        import simpleeval
    except ModuleNotFoundError as error:
        raise LibraryMissing(error, "tools") from None
    functions = _ROUND | {name: getattr(math, name) for name in _MATH}
    made = simpleeval.SimpleEval(operators=_OPERATORS, functions=functions, names=_NAMES, allowed_attrs={})
    made.nodes = {kind: made.nodes[kind] for kind in _NODES} | {ast.Constant: _number}
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
        return _crossing(expression, made.eval(expression, previously_parsed=tree))
    except (simpleeval.InvalidExpression, SyntaxError, ValueError, TypeError, ArithmeticError) as error:
        raise _refused(expression, str(error) or type(error).__name__) from error
    except (RecursionError, MemoryError) as error:
        raise _refused(expression, "it nests too deeply") from error


def _number(node: ast.Constant) -> Any:
    # Text and bytes could be multiplied until they fill the memory.
    if type(node.value) not in (int, float, bool):
        raise ValueError(f"{str(node.value)[:20]!r} is no number")
    return node.value


def _power(base: Any, exponent: Any) -> Any:
    if isinstance(base, int) and isinstance(exponent, int) and base.bit_length() * abs(exponent) > _MOST_BITS:
        return float(base) ** exponent
    return base**exponent


def _times(a: Any, b: Any) -> Any:
    if isinstance(a, int) and isinstance(b, int) and a.bit_length() + b.bit_length() > _MOST_BITS:
        return float(a) * b
    return a * b


_OPERATORS: dict[Any, Any] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: _times,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: _power,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_NODES = (ast.UnaryOp, ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Call, ast.Name)


def _crossing(expression: str, value: Any) -> Any:
    if type(value) not in (int, float, bool):
        raise _refused(expression, "it is no number")
    if type(value) is int and not INT_MIN <= value <= INT_MAX:
        return float(value)
    return value


def _refused(expression: str, problem: str) -> BadArgument:
    return BadArgument("calculator", None, "expression", f"{expression[:100]!r} cannot be computed: {problem}")
