"""Fuzzing the engines: spells of the conformance cases and of the attacks, cut up, crossed and bent, with odd answers.

A crash of a VM is no end: it is kept, it must be contained where a spell has a process of its own, and the search goes
on. Whatever else an engine does wrong ends the search.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from llmspell_core.isolation.pool import PoolSize
from llmspell_core.isolation.processes import Processes
from tests.fuzzing.child import Child, VmCrashed
from tests.fuzzing.play import limits_of, play, spell_of
from tests.fuzzing.target import Target

_ROOT = Path(__file__).parents[2]
_ENDINGS = {"lua": ".lua", "lua55": ".lua", "luajit": ".lua", "js": ".js"}
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_LARGEST = 3000
_KEPT = 3
"""So many crashes are kept of one search; the others are counted."""
_NUMBERS = (
    "0",
    "-1",
    "1",
    "255",
    "2147483648",
    "4294967295",
    "9007199254740993",
    "1e308",
    "1e16",
    "0/0",
    "1/0",
    "-0.0",
)
_WORDS = {
    ".lua": ("nil", "coroutine.wrap", "coroutine.yield()", "setmetatable({}, {__index = function() error(1) end})", "pcall",
             "error(setmetatable({}, {__tostring = error}))", "probe.echo", "probe.echo(print)", "goto a ::a::", "_ENV", "...",
             "string.rep('x', 99999)", "table.concat", "promise", "collectgarbage()", "load", "require('x')", "select('#')"),
    ".js": ("null", "await", "yield", "async", "new Proxy({}, {})", "Symbol.iterator", "Promise.race([])", "throw", "finally",
            "await probe.echo(() => 1)", "new Array(99999)", "Object.create(null)", "import('x')", "require('x')", "class A {}",
            "'x'.repeat(99999)", "BigInt(1)", "new Uint8Array(9)", "Promise.reject(1)", "({toString() { throw this }})",
            "({then(f) { f(this) }})", "globalThis", "eval", "new Function('return 1')()", "with", "super", "`${", "/(/"),
}  # fmt: skip
_VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 2**31, 1.5, "", "x", "\0", "\U0001f600", [], {}, [None], {"a": None}, {"$": ["int", "9007199254740993"]},
    {"$": ["float", "nan"]}, {"$": ["float", "-inf"]}, {"$": ["bytes", "/w=="]}, {"$": ["function", 1]}, {"$": ["function", 99]},
    {"$": ["handle", 1, "Counter", True]}, {"$": ["map", [["$", 1]]]}, {"__proto__": 1, "constructor": 2, "then": 3},
    {"$": ["error", {"kind": "k", "message": "m"}]}, [[[[[[1]]]]]], "x" * 5000, list(range(300)), {"length": -1},
)  # fmt: skip
_MEMORY = (None, 0, 1, 1000, 60_000, 262_144, 300_000, 400_000, 700_000, 2**20, 3 * 2**20, 2**24)
_MESSAGE = (None, 0, 1, 100, 10_000)


class VmTarget(Target):
    """An engine."""

    def is_contained(self, data: bytes) -> str:
        """Play a case in a process of its own and return what it came to; then a spell runs clean there."""
        case = json.loads(data)
        processes = Processes({}, PoolSize(min_spares=0))
        try:
            came = asyncio.run(play(case, processes.opener(self.name, spell_of(case), limits_of(case))))
            clean = {"source": "return 1"}
            assert asyncio.run(play(clean, processes.opener(self.name, spell_of(clean), limits_of(clean)))) == "ok"
        finally:
            processes.close()
        return came


def run(target: VmTarget, seconds: float, chance: int) -> tuple[int, bytes | None]:
    """Play cases for so long; return how many, and one that is a find."""
    until, tried, crashes, maker = time.monotonic() + seconds, 0, 0, Maker(target, chance)
    child = Child(target.name)
    ends: dict[str, int] = {}
    try:
        while time.monotonic() < until:
            tried += 1
            data = maker.case()
            try:
                end = child.play(data)
            except AssertionError as error:
                print(error)
                return tried, data
            except VmCrashed as error:
                end, crashes = str(error), crashes + 1
                print(end, "in a process of its own:", target.is_contained(data))
                if crashes <= _KEPT:
                    print("kept as", target.keep(_smaller(data, child)))
            ends[end] = ends.get(end, 0) + 1
    finally:
        child.close()
        print(target.name, dict(sorted(ends.items(), key=lambda item: -item[1])))
    return tried, None


class Maker:
    """Makes cases of the spells that there are."""

    def __init__(self, target: Target, chance: int) -> None:
        self._dice = random.Random(chance)
        self._ending = _ENDINGS[target.name]
        files = [
            *_ROOT.glob(f"conformance_tests/**/spell{self._ending}"),
            *_ROOT.glob(f"tests/attacks/*/*{self._ending}"),
        ]
        self._spells = [_TOKEN.findall(file.read_text()) for file in sorted(files) if file.stat().st_size < _LARGEST]
        assert self._spells

    def case(self) -> bytes:
        """Return a case."""
        dice = self._dice
        tokens = list(dice.choice(self._spells))
        for _ in range(dice.choice((0, 1, 1, 2, 3, 5, 9))):
            tokens = self._bent(tokens)[:_LARGEST]
        limits = {"memory": dice.choice(_MEMORY) or 2**25} if dice.random() < 0.5 else {}
        if dice.random() < 0.1:
            limits["message"] = dice.choice(_MESSAGE)
        if dice.random() < 0.1:
            limits["instructions"] = dice.choice((0, 1, 100, 10_000))
        extras = [[self._event() for _ in range(dice.randrange(3))] for _ in range(dice.randrange(4))]
        answers = [self._answer() for _ in range(dice.randrange(1, 4))]
        return json.dumps({"source": "".join(tokens), "limits": limits, "answers": answers, "extras": extras}).encode()

    def _bent(self, tokens: list[str]) -> list[str]:
        dice = self._dice
        start = dice.randrange(len(tokens) + 1)
        end = min(len(tokens), start + dice.choice((1, 2, 5, 20)))
        other = dice.choice(self._spells)
        place = dice.randrange(len(other) + 1)
        piece = dice.choice(
            (
                [],
                tokens[start:end] * dice.choice((2, 2, 50)),
                other[place : place + dice.choice((1, 5, 30))],
                [dice.choice(_WORDS[self._ending])],
                [dice.choice(_NUMBERS)],
                [dice.choice(other)] if other else [],
                [dice.choice("([{") * dice.choice((1, 300)), *tokens[start:end], ")"],
                tokens[end:][:20] + tokens[start:end],
            )
        )
        return tokens[:start] + piece + tokens[end if dice.random() < 0.7 else start :]

    def _answer(self) -> list[Any]:
        dice = self._dice
        error = {"kind": dice.choice(("k", "limit", "crash", "")), "message": "m", "data": dice.choice(_VALUES)}
        return dice.choice(
            (["resolve", dice.choice(_VALUES)], ["resolve", dice.choice(_VALUES)], ["reject", error], ["never"])
        )

    def _event(self) -> list[Any]:
        dice = self._dice
        number = dice.choice((1, 1, 2, 3, 99, 2**40))
        return dice.choice(
            (
                ["resolve", number, dice.choice(_VALUES)],
                ["reject", number, {"kind": "k", "message": "m"}],
                ["invoke", number, dice.choice((1, 1, 2, 3, 99)), [dice.choice(_VALUES)]],
                ["forget", [number]],
                ["cancel", "why"] if dice.random() < 0.2 else ["resolve", number, None],
            )
        )


def _smaller(data: bytes, child: Child, tries: int = 80) -> bytes:
    """Return what is left of a case that crashes when all has been left out that can be."""
    case = json.loads(data)
    for name in ("extras", "answers"):
        case = _crashing({**case, name: []}, child) or case
    size = len(case["source"]) // 2
    while size and tries:
        at = 0
        while at < len(case["source"]) and tries:
            tries -= 1
            shorter = _crashing({**case, "source": case["source"][:at] + case["source"][at + size :]}, child)
            case, at = (shorter, at) if shorter else (case, at + size)
        size //= 2
    return json.dumps(case).encode()


def _crashing(case: dict[str, Any], child: Child) -> dict[str, Any] | None:
    try:
        child.play(json.dumps(case).encode())
    except VmCrashed:
        return case
    except AssertionError:
        return None
    return None


def _check(engine: str) -> Any:
    def check(data: bytes) -> None:
        child = Child(engine)
        try:
            child.play(data)
        except VmCrashed:
            VmTarget(engine, check, st.nothing()).is_contained(data)
        finally:
            child.close()

    return check


TARGETS = tuple(VmTarget(name, _check(name), st.nothing()) for name in _ENDINGS)
