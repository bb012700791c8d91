"""What the journal of a run holds when a process takes the run over: what the session was fed, and what was done."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from llmspell_core.crossing import delivered_error
from llmspell_core.errors import Cancelled, LlmspellError, ProtocolError
from llmspell_core.facts import Fact, fact
from llmspell_core.journal.records import load
from llmspell_core.protocol import Call, Invoke, Reject, Resolve
from llmspell_core.wire import decode_inbox, decode_outbox, decode_value

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping, Sequence

    from llmspell_core.journal.records import Entry
    from llmspell_core.protocol import Inbox

__all__ = ["BrokenJournal", "Done", "Past", "Step", "sound"]


class BrokenJournal(LlmspellError):
    """The journal of a run is not as it was written."""

    kind = "journal"

    def __init__(self, run: str, number: int, problem: object) -> None:
        self.run, self.number = run, number
        self.data = {"run": run, "entry": number}
        super().__init__(
            f"the journal of the run {run} is damaged at entry {number}: {problem}; "
            f"`llmspell runs fork {run} --at {number - 1}` goes on from what stands before it"
        )


@fact
class Step(Fact):
    """One step of the session.

    :param number: of its entry
    :param origins: by the number of an invocation in the inbox, the call that it comes from
    :param calls: what the session called in answer, or None where this was not written any more
    :param loosely: of those calls only the methods are to be the same
    """

    number: int
    inbox: Inbox
    origins: Mapping[int, int]
    calls: Sequence[Call] | None
    loosely: bool = False


@fact
class Done(Fact):
    """What came of something that was done once.

    :param number: of its entry, where a journal has one
    """

    ok: bool
    text: str
    number: int = 0

    def outcome(self) -> Any:
        """Return the value; :raises LlmspellError: when it was an error."""
        value = decode_value(self.text)
        if self.ok:
            return value
        raise delivered_error(value)


def sound(run: str, entries: Sequence[Entry]) -> tuple[Sequence[Entry], BrokenJournal | None]:
    """Return the entries of a run up to the first that is not as it was written, and what is wrong with that one."""
    try:
        Past(run, entries)
    except BrokenJournal as broken:
        return entries[: broken.number - 1], broken
    return entries, None


class Past:
    """The past of a run, consumed step by step; when nothing is left of it, the run is live.

    :param run: the run's id
    :param entries: all of its entries, in order
    """

    def __init__(self, run: str, entries: Sequence[Entry] = ()) -> None:
        self._run = run
        self._steps: deque[Step] = deque()
        self._done: dict[tuple[int, str], deque[Done]] = {}
        self._counts: dict[tuple[int, str], int] = {}
        self._passing: dict[int, dict[int, str]] = {}
        self._replaced: dict[tuple[int, str], list[int]] = {}
        self.answers: dict[int, Resolve | Reject] = {}
        """What came of the calls that have ended, by their numbers."""
        self.invocations: dict[int, list[Invoke]] = {}
        """The script's functions that were called, by the call they were called from."""
        self.void: set[int] = set()
        """The invocations that came from calls before these were made anew."""
        self.granted: list[str] = []
        """The capabilities that a person granted."""
        self.last = 0
        self.live = not entries
        self.waiting: set[int] = set()
        """The calls that have come to the end of their past, at least in a part of what they do."""
        self._came: asyncio.Event | None = None
        self._moved: asyncio.Event | None = None
        self._at = 0
        for entry in entries:
            self._read(entry)

    @property
    def is_over(self) -> bool:
        """True when every step of it was taken."""
        return not self._steps

    def next(self) -> Step:
        """Return the next step."""
        step = self._steps.popleft()
        self._at = step.number
        self._move()
        return step

    def go_live(self) -> None:
        """Note that what is done from now on is done for the first time."""
        self.live = True
        if self._came is not None:
            self._came.set()
        self._move()

    async def once(self, call: int, key: str) -> Done | None:
        """Return what came of doing something in a call, when the run is there; None when it is to be done now.

        What was not done in the past is not done before the present is reached.
        """
        found = self.found(call, key)
        if found is None:
            await self.present(call)
        else:
            # What had waited for it in vain, and had given up, would find it there.
            await self.beyond(found.number)
        return found

    def found(self, call: int, key: str) -> Done | None:
        """Return what came of doing something in a call, the next time that it was; None when it was not."""
        kept = self._done.get((call, key))
        while kept:
            done = kept.popleft()
            if call in self.answers or done.number not in self._passing.get(call, ()):
                return done
            self._counts[call, key] -= 1
            self._replaced.setdefault((call, key), []).append(done.number)
        return None

    def replaced(self, call: int, key: str) -> list[int]:
        """Return the entries of errors in whose place something is done in a call now; told once."""
        return self._replaced.pop((call, key), [])

    async def beyond(self, entry: int | None) -> None:
        """Wait until a step after an entry is taken, or the present is reached; for None only the latter."""
        while not self.live and (entry is None or self._at <= entry):
            import asyncio

            self._moved = self._moved or asyncio.Event()
            await self._moved.wait()

    def count(self, call: int, key: str) -> int:
        """Return how often something was done in a call."""
        return self._counts.get((call, key), 0)

    async def present(self, call: int) -> None:
        """Wait, in a call, until the present is reached."""
        if not self.live:
            import asyncio

            self._came = self._came or asyncio.Event()
            self.waiting.add(call)
            await self._came.wait()

    def _move(self) -> None:
        moved, self._moved = self._moved, None
        if moved is not None:
            moved.set()

    def _read(self, entry: Entry) -> None:
        if entry.number != self.last + 1:
            raise BrokenJournal(self._run, self.last + 1, "the entry is missing")
        self.last = entry.number
        try:
            self._sort(entry)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, ProtocolError) as error:
            raise BrokenJournal(self._run, entry.number, error) from error

    def _pass(self, call: int, number: int, passing: str | None) -> None:
        """Note which errors count only if their call has ended.

        A call that did something later has gone on past what it failed in before, but for what was stopped: with that
        the whole run may have been.
        """
        if passing is not None:
            self._passing.setdefault(call, {})[number] = passing
        elif kept := self._passing.get(call):
            self._passing[call] = {each: kind for each, kind in kept.items() if kind == Cancelled.kind}

    def _sort(self, entry: Entry) -> None:
        if entry.kind == "fed":
            inbox = decode_inbox(entry.body)
            origins = {int(number): call for number, call in (entry.about or {}).items()}
            self._steps.append(Step(entry.number, inbox, origins, None))
            for event in inbox.events:
                if isinstance(event, Resolve | Reject):
                    self.answers[event.id] = event
                elif isinstance(event, Invoke):
                    self.invocations.setdefault(origins.get(event.invocation, 0), []).append(event)
        elif entry.kind == "asked":
            calls = [request for request in decode_outbox(entry.body).requests if isinstance(request, Call)]
            fed = self._steps.pop()
            self._steps.append(Step(fed.number, fed.inbox, fed.origins, calls, entry.about == "forked"))
        elif entry.kind == "once":
            call, key, ok, passing, replaced = [*entry.about, None, None][:5]
            decode_value(entry.body)
            self._pass(call, entry.number, passing)
            done = self._done.setdefault((call, key), deque())
            if replaced:
                done = self._done[call, key] = deque(each for each in done if each.number not in replaced)
            done.append(Done(ok, entry.body, entry.number))
            self._counts[call, key] = self.count(call, key) + 1 - len(replaced or ())
        elif entry.kind == "anew":
            self.void.update(event.invocation for call in load(entry.body) for event in self.invocations.get(call, ()))
        elif entry.kind == "granted":
            self.granted.append(load(entry.body))
        elif entry.kind != "spent":
            raise ValueError(f"there is no kind of entry {entry.kind!r}")
