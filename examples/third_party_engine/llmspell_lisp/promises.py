"""Promises, and the tasks that wait for them."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from llmspell_lisp.evaluate import Frame, Wait
from llmspell_lisp.faults import Fault
from llmspell_lisp.reader import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from llmspell_core.errors import LimitExceeded
    from llmspell_lisp.evaluate import Home
    from llmspell_lisp.meter import Meter

__all__ = ["Promise", "Task", "Tasks", "all_of", "first_of", "settled_of"]

_ROWS = 12


class Promise:
    """A value to come, or the fault that came instead."""

    __slots__ = ("_listeners", "fault", "heard", "on_cancel", "settled", "value")

    def __init__(self, on_cancel: Callable[[], None] | None = None) -> None:
        self.settled = False
        self.heard = False  # whether anybody has waited for it, so that its fault is not lost
        self.value: Any = None
        self.fault: Fault | None = None
        self.on_cancel = on_cancel
        self._listeners: list[Callable[[Promise], None]] = []

    def resolve(self, value: object) -> None:
        """Bring the value; a second answer is not heard."""
        self._settle(value, None)

    def reject(self, fault: Fault) -> None:
        """Bring a fault instead."""
        self._settle(None, fault)

    def listen(self, listener: Callable[[Promise], None]) -> None:
        """Have the listener called when the promise is settled, at once if it is."""
        if self.settled:
            listener(self)
        else:
            self._listeners.append(listener)

    def cancel(self) -> None:
        """Stop what would settle it; who waits sees a fault of kind ``cancelled``."""
        if self.settled:
            return
        if self.on_cancel is not None:
            self.on_cancel()
        self.heard = True
        self.reject(Fault("the task was cancelled", "cancelled"))

    def _settle(self, value: object, fault: Fault | None) -> None:
        if self.settled:
            return
        self.settled, self.value, self.fault = True, value, fault
        listeners, self._listeners = self._listeners, []
        for listener in listeners:
            listener(self)


def all_of(promises: list[Promise]) -> Promise:
    """Return the promise of a list of all values, or of the first fault."""
    joined = Promise()
    missing = len(promises)

    def one_settled(promise: Promise) -> None:
        nonlocal missing
        missing -= 1
        if promise.fault is not None:
            joined.reject(promise.fault)
        elif not missing:
            joined.resolve([each.value for each in promises])

    for promise in promises:
        promise.heard = True
        promise.listen(one_settled)
    if not promises:
        joined.resolve([])
    return joined


def settled_of(promises: list[Promise]) -> Promise:
    """Return the promise of each one's outcome: ``{"status" ... "value" ...}``, or ``"reason"`` for a fault."""
    outcomes = [Promise() for _ in promises]

    def tell(outcome: Promise, promise: Promise) -> None:
        if promise.fault is None:
            outcome.resolve({"status": "fulfilled", "value": promise.value})
        else:
            outcome.resolve({"status": "rejected", "reason": promise.fault})

    for promise, outcome in zip(promises, outcomes, strict=True):
        promise.heard = True
        promise.listen(partial(tell, outcome))
    return all_of(outcomes)


def first_of(promises: Iterable[Promise]) -> Promise:
    """Return the promise of whatever the first settled one brings."""
    first = Promise()
    for promise in promises:
        promise.heard = True
        promise.listen(lambda each: first.reject(each.fault) if each.fault is not None else first.resolve(each.value))
    return first


class Task:
    """Code that runs on its own, and can be left wherever it waits."""

    def __init__(self, begin: Frame, meter: Meter) -> None:
        self.promise = Promise(self._stop)
        self._frames = [begin]
        self._meter = meter
        self._waits_for: Promise | None = None

    def run(self) -> Promise | None:
        """Run until the task has ended or waits; return the promise that it waits for."""
        # A task may cancel itself, so the frame on top may be gone when its code comes back.
        frames, spend = self._frames, self._meter.spend
        value, fault = self._answer()
        while frames:
            spend()
            steps = frames[-1].steps
            try:
                value = steps.send(value) if fault is None else steps.throw(fault)
                fault = None
            except StopIteration as end:
                value, fault = end.value, None
                if type(value) is Frame:
                    value.take_place_of(frames[-1])
                del frames[-1:]
            except Fault as raised:
                fault = self._located(raised)
                del frames[-1:]
                continue
            kind = type(value)
            if kind is Frame:
                frames.append(value)
                value, fault = None, None
                if len(frames) > self._meter.deepest:
                    raise self._overflow()
            elif kind is Wait:
                self._waits_for = value.promise
                value.promise.heard = True
                if not value.promise.settled:
                    return self._waits_for
                value, fault = self._answer()
            elif kind is str or kind is list or kind is bytes:
                self._meter.hold(len(value))
        self._settle(value, fault)
        return None

    def _answer(self) -> tuple[Any, Fault | None]:
        answer, self._waits_for = self._waits_for, None
        if answer is None:
            return None, None
        return answer.value, answer.fault

    def _settle(self, value: object, fault: Fault | None) -> None:
        if fault is not None:
            self.promise.reject(fault)
        else:
            self.promise.resolve(value)

    def _stop(self) -> None:
        if self._waits_for is not None and self._waits_for.on_cancel is not None:
            self._waits_for.cancel()
        self._frames.clear()

    def _overflow(self) -> LimitExceeded:
        [row, *_] = [*self._rows(Fault("")), None]
        return self._meter.overflow(row.place.file, row.place.line) if row else self._meter.overflow(None, None)

    def _located(self, fault: Fault) -> Fault:
        """Return the fault with its place and traceback, if it has none yet."""
        if fault.traceback is None:
            rows = self._rows(fault)
            if fault.file is None and rows:
                fault.file, fault.line = rows[0].place.file, rows[0].place.line
            shown = rows if len(rows) <= 2 * _ROWS else [*rows[:_ROWS], *rows[-_ROWS:]]
            fault.traceback = "\n".join(f"{row.place.file}:{row.place.line}: in {row.home}" for row in shown)
        return fault.with_traceback(None)

    def _rows(self, fault: Fault) -> list[_Row]:
        """Return where each call that has begun stands, the innermost first."""
        rows: list[_Row] = []
        inner = Place(fault.file, fault.line) if fault.file is not None and fault.line is not None else None
        home: Home | None = None
        for frame in reversed(self._frames):
            place = (inner if frame.is_code else None) or frame.place
            inner = frame.origin
            if place is not None and frame.scope is not None and frame.scope.home is not home:
                home = frame.scope.home
                rows.append(_Row(place, home.name))
        return rows


class _Row(NamedTuple):
    place: Place
    home: str


class Tasks:
    """The tasks of a session, run in the order in which they became ready."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._ready: deque[Task] = deque()
        self._ended: list[Task] = []
        self.live: set[Task] = set()

    def spawn(self, begin: Frame) -> Promise:
        """Return the promise of a new task, which runs when those before it wait."""
        self._meter.count(len(self.live))
        task = Task(begin, self._meter)
        self.live.add(task)
        task.promise.listen(lambda _: self.live.discard(task))
        self._ended.append(task)
        self._ready.append(task)
        return task.promise

    def drain(self) -> None:
        """Run until every task waits or has ended."""
        while self._ready:
            task = self._ready.popleft()
            waits_for = task.run()
            if waits_for is not None:
                waits_for.listen(partial(self._go_on, task))

    def stop(self) -> None:
        """Run no task any more."""
        self._ready.clear()

    def unheard(self) -> Fault | None:
        """Return the fault of a task that has ended so, and that nobody waits for."""
        faults = [task.promise for task in self._ended if task.promise.fault is not None and not task.promise.heard]
        self._ended = [task for task in self._ended if task in self.live]
        return faults[0].fault if faults else None

    def _go_on(self, task: Task, _: Promise) -> None:
        self._ready.append(task)
