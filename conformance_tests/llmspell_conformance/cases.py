"""The cases: what a ``case.yaml`` says, read and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from llmspell_conformance import notation
from llmspell_core.engine import Feature
from llmspell_core.limits import Limits

__all__ = ["CASES", "UNSET", "Case", "CaseError", "Expected", "ExpectedError", "Row", "Step", "load", "load_all"]

CASES = Path(__file__).parent / "cases"
"""The folder of the cases."""


class _Unset:
    """What a case file does not say, where None would say nil."""

    def __repr__(self) -> str:
        return "unset"


UNSET: Any = _Unset()


class CaseError(Exception):
    """A case file is not right."""

    def __init__(self, case: str, problem: str) -> None:
        super().__init__(f"case {case!r}: {problem}")


@dataclass(frozen=True, slots=True)
class ExpectedError:
    """An error as a case wants it; what is not said is not looked at.

    :param message: is in the message; ``/.../`` is a regular expression
    :param file: without its extension
    :param path: the place in the value that the message names, as ``$.a.b[3]``
    :param traceback: is in the guest traceback
    :param lacks: texts that are nowhere in the error
    """

    kind: str | None = None
    message: str | None = None
    data: Any = UNSET
    cause: ExpectedError | None = None
    file: str | None = None
    line: int | None = None
    path: str | None = None
    traceback: str | None = None
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an exchange: events in, and the requests out or the kind of the error raised instead."""

    events: tuple[Any, ...]
    requests: tuple[Any, ...] = ()
    raises: str | None = None
    now: float | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """How a row is to end: exactly one of the first five is set.

    :param limit: the limit that was struck
    :param exchange: the whole conversation, step by step
    :param agree: whether casts with ``seeds`` give equal values
    """

    value: Any = UNSET
    error: ExpectedError | None = None
    limit: str | None = None
    exchange: tuple[Step, ...] | None = None
    agree: bool | None = None

    @property
    def outcomes(self) -> int:
        """How many outcomes are named."""
        others = (self.error, self.limit, self.exchange, self.agree)
        return (self.value is not UNSET) + sum(other is not None for other in others)


@dataclass(frozen=True, slots=True)
class Row:
    """One set of parameters and what comes of them.

    :param seeds: what to cast with, one cast each, where ``agree`` is expected
    :param output: exactly what is printed
    :param calls: what the probe sees, in order: method and arguments, without trailing nils
    :param peak: most calls of the probe in flight at once
    :param closed: how many of the probe's counters are closed at the end
    :param ran: lines that statements begin in that run, by file without extension; others may run, too
    :param missed: such lines of statements that do not run
    """

    name: str
    expected: Expected
    params: Mapping[str, Any] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    seeds: tuple[int, ...] = (2026,)
    output: str | None = None
    calls: tuple[Any, ...] | None = None
    peak: int | None = None
    closed: int | None = None
    ran: Mapping[str, Sequence[int]] | None = None
    missed: Mapping[str, Sequence[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """One behaviour: a title that is a sentence, the rules it checks, and its rows.

    :param rules: anchors of the rules, as ``values.md#list``
    :param requires: features without which the case does not hold
    :param otherwise: how every row ends on an engine without them; None leaves the case out
    """

    name: str
    title: str
    rules: tuple[str, ...]
    rows: tuple[Row, ...]
    requires: frozenset[Feature] = frozenset()
    otherwise: Expected | None = None
    manifest: Mapping[str, Any] | None = None


def load_all() -> list[Case]:
    """Return every case, by name."""
    return [load(path) for path in sorted(CASES.glob("*/case.yaml"))]


def load(path: Path) -> Case:
    """Return the case of a file; :raises CaseError: naming what is wrong in it."""
    name = path.parent.name
    try:
        return _case(name, notation.load(path))
    except (KeyError, TypeError, ValueError) as error:
        raise CaseError(name, f"{type(error).__name__}: {error}") from error


def _case(name: str, said: dict[str, Any]) -> Case:
    _check_names(said, {"title", "rule", "rows", "requires", "otherwise", "manifest"})
    rule, otherwise = said["rule"], said.get("otherwise")
    rows = tuple(_row(row) for row in said["rows"])
    if len({row.name for row in rows}) != len(rows):
        raise ValueError("two rows have one name")
    return Case(
        name,
        said["title"],
        tuple(rule) if isinstance(rule, list) else (rule,),
        rows,
        frozenset(Feature(feature) for feature in said.get("requires", ())),
        _expected(otherwise) if otherwise else None,
        said.get("manifest"),
    )


_OUTCOMES = {item.name for item in fields(Expected)}
_PLAIN = {"peak", "closed", "output", "ran", "missed"}


def _row(said: dict[str, Any]) -> Row:
    _check_names(said, {item.name for item in fields(Row)} - {"expected"} | _OUTCOMES)
    return Row(
        name=said["name"],
        expected=_expected({key: value for key, value in said.items() if key in _OUTCOMES}),
        params=said.get("params", {}),
        limits=Limits(**{"wall": 30.0, **said.get("limits", {})}),
        seeds=tuple(said.get("seeds", (2026,))),
        calls=tuple(said["calls"]) if "calls" in said else None,
        **{key: said[key] for key in _PLAIN & said.keys()},
    )


def _expected(said: dict[str, Any]) -> Expected:
    made = dict(said)
    if "error" in said:
        made["error"] = _expected_error(said["error"])
    if "exchange" in said:
        made["exchange"] = tuple(_step(step) for step in said["exchange"])
    expected = Expected(**made)
    if expected.outcomes != 1:
        raise ValueError(f"a row has one outcome of {', '.join(sorted(_OUTCOMES))}, not {expected.outcomes}")
    return expected


def _expected_error(said: dict[str, Any]) -> ExpectedError:
    made = dict(said)
    if "cause" in said:
        made["cause"] = _expected_error(said["cause"])
    return ExpectedError(**{**made, "lacks": tuple(said.get("lacks", ()))})


def _step(said: dict[str, Any]) -> Step:
    _check_names(said, {"in", "out", "raises", "now"})
    if ("out" in said) == ("raises" in said):
        raise ValueError("a step has either `out` or `raises`")
    return Step(tuple(said["in"]), tuple(said.get("out", ())), said.get("raises"), said.get("now"))


def _check_names(said: dict[str, Any], known: set[str]) -> None:
    if unknown := sorted(said.keys() - known):
        raise ValueError(f"unknown: {', '.join(unknown)}; known: {', '.join(sorted(known))}")
