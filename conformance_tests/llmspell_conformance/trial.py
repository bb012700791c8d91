"""One row of a case tried on one engine: cast twice, compared with what is expected, and replayed."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from llmspell_conformance.cases import UNSET, Expected
from llmspell_conformance.exchange import exchange
from llmspell_conformance.lines import LinesThatRan
from llmspell_conformance.matching import difference, error_difference
from llmspell_conformance.probe import ProbeBridge
from llmspell_conformance.witness import Witness
from llmspell_core.errors import LlmspellError
from llmspell_core.protocol import Fail, Inbox, Outbox, Ran, Release
from llmspell_core.runner import Runner
from llmspell_core.spelltests.bridge import TestingBridge
from llmspell_core.spelltests.clock import TestClock
from llmspell_core.spelltests.snapshots import Snapshots
from llmspell_core.spelltests.trial import Trial, Trials
from llmspell_core.values import ErrorValue
from llmspell_core.wire import decode_inbox, encode_inbox, encode_outbox

if TYPE_CHECKING:
    from llmspell_conformance.cases import Case, Row
    from llmspell_conformance.targets import Target
    from llmspell_core.engine import Engine
    from llmspell_core.limits import Limits
    from llmspell_core.spells import Spell

__all__ = ["Nonconforming", "replay", "try_row"]

Record = list[tuple[Inbox, Outbox]]


class Nonconforming(Exception):
    """The engine does something else than the rule says."""

    def __init__(self, problem: str, case: Case, row: Row, target: Target) -> None:
        rules = ", ".join(case.rules)
        super().__init__(f"{target.info.name}: not so: {case.title} ({rules})\n{case.name}, {row.name}: {problem}")


def try_row(case: Case, row: Row, target: Target) -> None:
    """Try one row; :raises Nonconforming: naming what was not as expected."""
    lacking = case.otherwise is not None and bool(target.missing(case))
    expected = case.otherwise if lacking and case.otherwise is not None else row.expected
    trial = _Trial(target.spell(case), row, target, expected)
    try:
        problem = trial.run()
    except Exception as error:
        raise Nonconforming(f"raised {type(error).__name__}: {error}", case, row, target) from error
    if problem is not None:
        raise Nonconforming(problem, case, row, target)


class _Trial:
    def __init__(self, spell: Spell, row: Row, target: Target, expected: Expected) -> None:
        self._spell, self._row, self._expected = spell, row, expected
        self._looks = expected is row.expected
        self._name = target.info.name
        self._witness, self._trials = Witness(), Trials()
        self._lines = LinesThatRan(target.engine, self._spell)
        self._runner = Runner(
            bridges={"probe": ProbeBridge, "_testing": TestingBridge},
            engines={self._name: target.engine},
            options={"probe": {"witness": self._witness}, "testing": {"trials": self._trials}},
            isolation="inline",
            clock=TestClock(),
            coverage=None if row.ran is None else self._lines.note,
        )

    def run(self) -> str | None:
        """Return the first problem, or None."""
        with self._runner as runner:
            engine = runner.engine(self._name)
            if self._expected.exchange is not None:
                tries = (exchange(engine, self._spell, self._row.limits, self._expected.exchange) for _ in range(2))
                return next((problem for problem in tries if problem), None)
            if self._expected.agree is not None:
                return self._compare_seeds(self._expected.agree)
            # The second cast, in the same engine, sees whatever the first one left behind.
            return self._cast_once(engine) or _prefixed("the second time", self._cast_once(engine))

    def _cast_once(self, engine: Engine) -> str | None:
        self._witness.clear()
        self._lines.clear()
        record: Record = []
        given = copy.deepcopy(self._row.params)
        value, output, error = self._cast(given, self._row.seeds[0], record)
        if given != self._row.params and repr(given) != repr(self._row.params):
            return f"the caller's own parameters were changed to {given!r}"
        return (
            self._outcome(value, error)
            or (self._effects(output) if self._looks else None)
            or replay(engine, self._spell, self._row.limits, record)
        )

    def _cast(self, params: Any, seed: int, record: Record) -> tuple[Any, str, LlmspellError | None]:
        self._trials.current = Trial(snapshots=Snapshots(None))
        try:
            result = self._runner.cast(
                self._spell,
                engine=self._name,
                params=params,
                seed=seed,
                limits=self._row.limits,
                record=lambda inbox, outbox: record.append((inbox, outbox)),
            )
        except LlmspellError as error:
            return None, "", error
        return result.value, result.output, result.error

    def _compare_seeds(self, agree: bool) -> str | None:
        outcomes = [self._cast(self._row.params, seed, []) for seed in self._row.seeds]
        if error := next((error for _, _, error in outcomes if error is not None), None):
            return f"expected a value, found {error.kind}: {error}"
        same = all(value == outcomes[0][0] for value, _, _ in outcomes)
        return None if same is agree else f"the values {'differ' if agree else 'are equal'}: {outcomes}"

    def _outcome(self, value: Any, error: LlmspellError | None) -> str | None:
        expected = self._expected
        if expected.value is not UNSET:
            if error is not None:
                return f"expected {expected.value!r:.200}, found {error.kind}: {error} (data {error.data!r:.200})"
            return difference(expected.value, value)
        if error is None:
            return f"expected an error, found the value {value!r:.200}"
        if expected.error is not None:
            return error_difference(expected.error, error.value or ErrorValue(error.kind, str(error), error.data))
        return _limit_difference(expected.limit, error)

    def _effects(self, output: str) -> str | None:
        row, witness = self._row, self._witness
        for name, expected, found in (
            ("output", row.output, output),
            ("most calls at once", row.peak, witness.peak),
            ("closed counters", row.closed, witness.closed),
        ):
            if expected is not None and expected != found:
                return f"{name}: expected {expected!r}, found {found!r}"
        if row.ran is not None and (problem := self._lines.difference(row.ran, row.missed)):
            return problem
        return None if row.calls is None else _prefixed("calls", difference(list(row.calls), witness.calls))


def replay(engine: Engine, spell: Spell, limits: Limits, record: Record) -> str | None:
    """Feed recorded inboxes to a fresh session; return where its outboxes differ, or None."""
    if not record:
        return None
    with engine.open(engine.compile(spell), limits) as session:
        for number, (inbox, outbox) in enumerate(record):
            was = _written(outbox)
            found = _written(session.step(decode_inbox(encode_inbox(inbox))))
            if was != found and not _ended_unsteadily(outbox):
                return f"replayed, step {number + 1} asks for something else: first {was:.300}, then {found:.300}"
    return None


def _ended_unsteadily(outbox: Outbox) -> bool:
    """Tell whether a limit struck whose place is another one each time."""
    end = outbox.requests[-1] if outbox.requests else None
    data = end.error.data if isinstance(end, Fail) and end.error.kind == "limit" else None
    return isinstance(data, dict) and data.get("limit") in ("cpu", "wall", "memory")


def _written(outbox: Outbox) -> str:
    return encode_outbox(Outbox(tuple(item for item in outbox.requests if not isinstance(item, Release | Ran))))


def _limit_difference(limit: str | None, error: LlmspellError) -> str | None:
    data = error.data if isinstance(error.data, dict) else {}
    if error.kind != "limit" or data.get("limit") != limit or "allowed" not in data:
        return f"expected the limit {limit!r} to strike, found {error.kind}: {error} (data {error.data!r})"
    return None


def _prefixed(prefix: str, problem: str | None) -> str | None:
    return None if problem is None else f"{prefix}: {problem}"
