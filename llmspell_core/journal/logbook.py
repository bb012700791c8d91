"""The journal of one run while it runs: what happens is written down before it has consequences."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from llmspell_core.crossing import error_value
from llmspell_core.database import DatabaseError
from llmspell_core.errors import BudgetSpent, Cancelled, ConversionError, LimitExceeded, LlmspellError
from llmspell_core.eventloop import WantLoop, running
from llmspell_core.journal.entries import put
from llmspell_core.journal.journal import Dropped, Fenced
from llmspell_core.journal.records import Entry, dump
from llmspell_core.present import doing
from llmspell_core.protocol import Invoke
from llmspell_core.wire import encode_inbox, encode_outbox, encode_value

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from llmspell_core.budget import Usage
    from llmspell_core.database import Transaction
    from llmspell_core.deadlines import Mark
    from llmspell_core.journal.journal import Journal
    from llmspell_core.journal.past import Past
    from llmspell_core.journal.records import Kind, Run
    from llmspell_core.protocol import Inbox, Outbox

__all__ = ["Logbook"]

_AWAY = 10.0
"""Seconds that a server which does not answer is waited for."""
_PASSING = (BudgetSpent, Cancelled, ConversionError, LimitExceeded)
"""Errors of doing something once that may be others the next time."""


class Logbook:
    """Writes one run's entries.

    :param run: what is written of it so far
    :param past: what was written before this process took it over
    :param is_new: nothing is: the run is added with its first entries
    :param call: returns the number that what is done once at present belongs to
    :param lower: returns a value as a script value
    :param clock: returns the time of entries, Unix seconds
    """

    def __init__(
        self,
        journal: Journal,
        run: Run,
        past: Past,
        call: Callable[[], int],
        lower: Callable[[Any], Any],
        clock: Callable[[], float] = time.time,
        *,
        is_new: bool = False,
    ) -> None:
        self._journal, self.run, self.past, self._call, self._clock = journal, run, past, call, clock
        self._is_new, self._is_unsure = is_new, False  # whether what was written last is there
        self._lower = lower
        self._database = journal.database
        self._pending: list[Entry] = []
        self._number = past.last
        self._done: dict[tuple[int, str], int] = {}
        self._deadlines: dict[tuple[int, str], int] = {}
        self._writing: asyncio.Lock | None = None
        server = "" if self._database.is_local else " FOR SHARE"
        self._fence = f"SELECT 1 FROM runs WHERE id = :run AND epoch = :epoch{server}"

    async def fed(self, inbox: Inbox, origins: Mapping[int, int]) -> None:
        """Write down an inbox that the session is about to be fed, and all that was noted before.

        :param origins: by the number of an invocation, the call that it comes from
        """
        asked_by = {
            str(event.invocation): origins.get(event.invocation, 0) for event in inbox.events if type(event) is Invoke
        }
        self._note("fed", encode_inbox(inbox), asked_by or None)
        await self.flush()

    def anew(self, calls: Sequence[int]) -> None:
        """Note that calls which had not ended are made anew: the functions that they had called are theirs no more."""
        if calls:
            self._note("anew", dump(calls))

    def asked(self, outbox: Outbox) -> None:
        """Note what the session has asked for; it would ask the same again, so it need not be written at once."""
        self._note("asked", encode_outbox(outbox))

    def spent(self, usage: Usage) -> None:
        """Note what was spent on models."""
        self._note("spent", dump(usage.as_dict()))
        if self._database.is_local:
            self._write_now()

    def granted(self, capability: str) -> None:
        """Note what a person granted for the rest of the run."""
        self._note("granted", dump(capability))

    async def once(self, key: str, do: Callable[[], Awaitable[Any]]) -> Any:
        """Return what was written of doing something in the present call, or do it and write what came of it."""
        call = self._call()
        found = await self.past.once(call, key)
        if found is not None:
            return found.outcome()
        token = doing.set(self._name(call, key))
        try:
            value = await do()
        except (Fenced, DatabaseError):
            raise
        except LlmspellError as error:
            text = _value_text(self._lower(error_value(error, "")))
            await self._keep(call, key, text, ok=False, passing=error.kind if isinstance(error, _PASSING) else None)
            raise
        finally:
            doing.reset(token)
        await self._keep(call, key, _value_text(self._lower(value)), ok=True)
        return value

    def mark(self, key: str) -> Mark:
        """Return what is written of a deadline that is set in the present call, the next one of that key."""
        from llmspell_core.journal.marks import Struck

        call = self._call()
        number = self._deadlines[call, key] = self._deadlines.get((call, key), 0) + 1
        name = f"deadline {key} {number}"
        return Struck(self.past, call, name, lambda: self._keep(call, name, _value_text(None), ok=True))

    def _name(self, call: int, key: str) -> str:
        """Return what tells a thing that is done once from the others of its call, also when the run goes on."""
        from hashlib import sha256

        done = self.past.count(call, key) + self._done.get((call, key), 0)
        self._done[call, key] = self._done.get((call, key), 0) + 1
        whole = " ".join(filter(None, (doing.get(), key)))
        return f"{sha256(whole.encode()).hexdigest()[:16]}.{done + 1}"

    async def end(self, status: str, value: str | None, output: str, error: Any, usage: Usage, duration: float) -> None:
        """Write down how the run has ended; :raises Fenced: when it is another process's by now.

        :param value: what it returned, as text
        """
        row = {
            "run": self.run.id,
            "epoch": self.run.epoch,
            "status": status,
            "value": value,
            "output": dump(output),
            "error": None if error is None else dump(error),
            "usage": dump(usage.as_dict()),
            "duration": duration,
            "now": self._clock(),
        }

        def work(transaction: Transaction) -> None:
            self._write(transaction, pending)
            transaction.change(
                "UPDATE runs SET status = :status, value = :value, output = :output, error = :error, usage = :usage,"
                " duration = duration + :duration, changed = :now WHERE id = :run AND epoch = :epoch",
                **row,
            )

        if self._database.is_local:
            pending, self._pending = self._pending, []
            await self._patiently(work)
            return
        async with self._turn():
            pending, self._pending = self._pending, []
            await self._patiently(work)

    async def flush(self) -> None:
        """Write what was noted; when it comes back, it is kept.

        :raises Fenced: when another process has taken the run over
        :raises DatabaseError: when it could not be written
        """
        if self._database.is_local:
            self._write_now()
            return
        import asyncio

        if running() is None:
            await WantLoop()
        if self._pending or self._turn().locked():
            # Whoever waits for it may be cancelled, and what others noted is written all the same.
            writing = asyncio.ensure_future(self._write_in_turn())
            writing.add_done_callback(_heed)
            await asyncio.shield(writing)

    async def _keep(self, call: int, key: str, text: str, *, ok: bool, passing: str | None = None) -> None:
        replaced = self.past.replaced(call, key)
        more = [passing, replaced] if replaced else [] if passing is None else [passing]
        self._note("once", text, [call, key, ok, *more])
        await self.flush()

    def _note(self, kind: Kind, body: str, about: Any = None) -> None:
        self._number += 1
        self._pending.append(Entry(self._number, kind, self._clock(), body, about))

    def _write_now(self) -> None:
        if self._pending:
            with self._database.transaction() as transaction:
                self._write(transaction, self._pending)
            self._pending, self._is_new = [], False

    async def _write_in_turn(self) -> None:
        async with self._turn():
            pending, self._pending = self._pending, []
            if not pending:
                return
            try:
                await self._patiently(lambda transaction: self._write(transaction, pending))
            except DatabaseError:
                # The run ends with that; what it writes then may be written again, and must not lack these.
                self._pending[:0] = pending
                raise

    def _turn(self) -> asyncio.Lock:
        """Return what has one write come after the other, in the order of their entries."""
        if self._writing is None:
            import asyncio

            self._writing = asyncio.Lock()
        return self._writing

    def _write(self, transaction: Transaction, entries: list[Entry]) -> None:
        is_added = self._is_new and self._journal.begin(transaction, self.run)
        if not self._is_new and not transaction.execute(self._fence, run=self.run.id, epoch=self.run.epoch):
            raise Fenced(self.run.id) if self._journal.read(transaction, self.run.id) else Dropped(self.run.id)
        if not is_added and (self._is_new or self._is_unsure):
            sql = "SELECT COALESCE(MAX(number), 0) FROM entries WHERE run = :run"
            last = transaction.execute(sql, run=self.run.id)[0][0]
            entries = [entry for entry in entries if entry.number > last]
        put(transaction, self.run.id, entries)

    async def _patiently(self, work: Callable[[Transaction], None]) -> None:
        """Do some work; a server that has gone may come back in the meantime."""
        if self._database.is_local:
            await self._database.run(work)
            self._is_new = False
            return
        import asyncio

        given_up, pause = time.monotonic() + _AWAY, 0.1
        while True:
            try:
                await self._journal.work(work)
                self._is_new = self._is_unsure = False
                return
            except DatabaseError:
                self._is_unsure = True
                if time.monotonic() + pause > given_up:
                    raise
            await asyncio.sleep(pause)
            pause = min(2.0, pause * 2)


def _heed(writing: asyncio.Future[None]) -> None:
    """Take note of what went wrong; where nobody waits for it any more, asyncio would complain."""
    if not writing.cancelled():
        writing.exception()


def _value_text(value: Any) -> str:
    text = encode_value(value)
    # What a text says itself has its quotes escaped, so these are tags.
    for what in ("function", "handle"):
        if f'"$":["{what}"' in text:
            raise ConversionError(f"what is done once gives script values that outlive the run, and no {what}")
    return text
