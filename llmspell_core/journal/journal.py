"""The journals of all runs, in one SQL database."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TypeVar

from llmspell_core.budget import Budget, Usage
from llmspell_core.config import data_path
from llmspell_core.errors import LlmspellError, UsageError
from llmspell_core.eventloop import WantLoop, running
from llmspell_core.journal.editions import open_journal
from llmspell_core.journal.entries import entries_of, put
from llmspell_core.journal.owners import is_alive, this_process
from llmspell_core.journal.pruning import batches, drop, old
from llmspell_core.journal.records import Run, dump, load, policy_from, policy_text, spell_from, spell_text
from llmspell_core.limits import Limits
from llmspell_core.wire import decode_value, encode_value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from llmspell_core.database import Transaction
    from llmspell_core.journal.records import Entry, Status

__all__ = ["Dropped", "Fenced", "Journal", "NoRun", "RunAtWork", "RunBusy", "RunEnded", "usual_url"]

_T = TypeVar("_T")

_COLUMNS = (
    "id, parent, spell, engine, params, seed, model, policy, limits, budget, isolation, versions, status, epoch, owner,"
    " created, changed, duration, value, output, error, usage"
)
_FAMILY = (
    "WITH RECURSIVE family(id) AS (SELECT id FROM runs WHERE id = :run"
    " UNION ALL SELECT runs.id FROM runs JOIN family ON runs.parent = family.id) "
)


class NoRun(UsageError):
    """The journal holds no run of that id."""

    def __init__(self, id: str, url: str) -> None:
        super().__init__(f"no run {id!r} in {url}; `llmspell runs list` names those there are")


class RunThere(UsageError):
    """There is a run of that id already."""

    def __init__(self, id: str, url: str) -> None:
        super().__init__(f"there is a run {id!r} in {url}; resume it, or choose another --run-id")


class RunBusy(UsageError):
    """A process still works at the run."""

    def __init__(self, id: str, owner: str, *, sure: bool) -> None:
        does = "works" if sure else "may work"
        who = _process(owner)
        super().__init__(f"the run {id} is not taken over: {who} {does} at it; end it first, or say --take-over")


class RunAtWork(UsageError):
    """A process works at the run, so that it is not dropped."""

    def __init__(self, id: str, owner: str) -> None:
        super().__init__(f"the run {id} is not dropped: {_process(owner)} works at it; end it first")


class RunEnded(UsageError):
    """The run has come to its end, so that it cannot go on."""

    def __init__(self, id: str, error: str = "") -> None:
        cure = f"`llmspell runs fork {id} --at N` goes on from before its end"
        super().__init__(f"the run {id} has {f'failed: {error}' if error else 'ended well'}; {cure}")


class Fenced(LlmspellError):
    """Another process has taken the run over, so this one stops; ``data`` is ``{run}``."""

    kind = "fenced"

    def __init__(self, run: str) -> None:
        self.data = {"run": run}
        super().__init__(f"{self._why(run)}; this one has stopped and changed nothing more")

    def _why(self, run: str) -> str:
        return f"another process has taken over the run {run}"


class Dropped(Fenced):
    """The run was dropped from the journal while this process worked at it, so this one stops."""

    def _why(self, run: str) -> str:
        return f"another process has dropped the run {run} from the journal"


def usual_url() -> str:
    """Return the database of the command line where none is named: a file among the user's data."""
    return f"sqlite:///{data_path('runs.db')}"


class Journal:
    """The journals of runs. Safe for several processes; on a server, for several machines.

    :param url: the database, as for :func:`llmspell_core.database.open_database`
    :param connections: to a server, that it holds at the most
    :raises DatabaseError: when it cannot be opened
    :raises NewerJournal: when a newer llmspell has brought it up to date
    """

    def __init__(self, url: str, *, connections: int | None = None) -> None:
        self.database = open_journal(url, connections)
        self.url = self.database.url

    async def work(self, do: Callable[[Transaction], _T]) -> _T:
        """Return what comes of some work in a transaction, for a coroutine that may have no event loop yet."""
        if not self.database.is_local and running() is None:
            await WantLoop()
        return await self.database.run(do)

    def begin(self, transaction: Transaction, run: Run) -> bool:
        """Add a run with what is written first; False when that is there, as the answer to an earlier try was lost.

        :raises RunThere: when there is another of that id
        """
        found = transaction.execute("SELECT owner, created FROM runs WHERE id = :id", id=run.id)
        if found == [(run.owner, run.created)]:
            return False
        if found:
            raise RunThere(run.id, self.url)
        row = fields_of(run)
        transaction.change(f"INSERT INTO runs ({', '.join(row)}) VALUES (:{', :'.join(row)})", **row)
        return True

    async def take(self, id: str, *, take_over: bool = False) -> tuple[Run, list[Entry]]:
        """Make a run this process's own, and return it with all its entries.

        :param take_over: also from a process that may be at work: it will find itself fenced
        :raises NoRun, RunBusy, RunEnded: when there is nothing to take
        """
        return await self.work(lambda t: self._take(t, id, take_over))

    async def spent(self, id: str) -> Usage:
        """Return what a run and all that it has cast have spent on models."""
        return await self.work(lambda t: self._spent(t, id))

    def run(self, id: str) -> Run:
        """Return a run; :raises NoRun: when there is none."""
        found = self.find(id)
        if found is None:
            raise NoRun(id, self.url)
        return found

    def find(self, id: str) -> Run | None:
        """Return a run, or None."""
        with self.database.transaction() as transaction:
            return self.read(transaction, id)

    def read(self, transaction: Transaction, id: str) -> Run | None:
        """Return a run, or None."""
        rows = transaction.execute(f"SELECT {_COLUMNS} FROM runs WHERE id = :id", id=id)
        return _run_of(rows[0]) if rows else None

    def runs(self, *, status: Status | None = None, parent: str | None = None, most: int = 100) -> list[Run]:
        """Return runs, the newest first.

        :param parent: only what this run has cast; None for all that no run has cast
        """
        where = "parent IS NULL" if parent is None else "parent = :parent"
        where += "" if status is None else " AND status = :status"
        sql = f"SELECT {_COLUMNS} FROM runs WHERE {where} ORDER BY created DESC, id LIMIT :most"
        with self.database.transaction() as transaction:
            rows = transaction.execute(sql, **_used(sql, parent=parent, status=status, most=most))
        return [_run_of(row) for row in rows]

    def entries(self, id: str) -> list[Entry]:
        """Return the entries of a run, in order."""
        with self.database.transaction() as transaction:
            return entries_of(transaction, id)

    def add(self, run: Run, entries: Sequence[Entry]) -> None:
        """Add a run with its entries; :raises RunThere: when there is one of that id."""
        with self.database.transaction() as transaction:
            if not self.begin(transaction, run):
                raise RunThere(run.id, self.url)
            put(transaction, run.id, entries)

    def prune(self, before: float, spared: str | None = None) -> int:
        """Drop the runs that ended before a time, Unix seconds, with all that they have cast; return how many.

        :param spared: a condition, in SQL, on which one is not dropped, however old
        """

        def drop_some() -> int:
            with self.database.transaction() as transaction:
                ids = old(transaction, before, spared)
                drop(transaction, ids)
            return len(ids)

        gone = batches(drop_some)
        self.database.shrink()
        return gone

    def delete(self, id: str) -> None:
        """Drop a run with all that it has cast.

        :raises NoRun: when there is none
        :raises RunAtWork: when another process of this machine works at it
        """
        with self.database.transaction() as transaction:
            run = self.read(transaction, id)
            if run is None:
                raise NoRun(id, self.url)
            if run.status == "running" and run.owner != this_process() and is_alive(run.owner):
                raise RunAtWork(id, run.owner)
            drop(transaction, [id])
        self.database.shrink()

    def drop(self, ids: Sequence[str]) -> None:
        """Drop runs, those that there are, with all that they have cast."""
        with self.database.transaction() as transaction:
            drop(transaction, ids)

    def close(self) -> None:
        """Let go of the database. A second call does nothing."""
        self.database.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _take(self, transaction: Transaction, id: str, take_over: bool) -> tuple[Run, list[Entry]]:
        run = self.read(transaction, id)
        if run is None:
            raise NoRun(id, self.url)
        if run.status in ("ok", "failed"):
            raise RunEnded(id, run.error["message"] if run.error else "")
        alive = is_alive(run.owner) if run.status == "running" else False
        if alive is not False and not take_over and run.owner != this_process():
            raise RunBusy(id, run.owner, sure=bool(alive))
        epoch, now = run.epoch + 1, time.time()
        changed = transaction.change(
            "UPDATE runs SET epoch = :epoch, owner = :owner, status = 'running', changed = :now"
            " WHERE id = :id AND epoch = :before",
            epoch=epoch,
            owner=this_process(),
            now=now,
            id=id,
            before=run.epoch,
        )
        if not changed:
            raise RunBusy(id, run.owner, sure=True)
        run.epoch = epoch
        return run, entries_of(transaction, id)

    def _spent(self, transaction: Transaction, id: str) -> Usage:
        sql = f"{_FAMILY} SELECT body FROM entries JOIN family ON entries.run = family.id WHERE kind = 'spent'"
        usage = Usage()
        for (body,) in transaction.execute(sql, run=id):
            usage.add(**load(body))
        return usage


def _process(owner: str) -> str:
    where, _, rest = owner.partition("/")
    return f"process {rest.partition('/')[0]} of {where}"


def _run_of(row: tuple[Any, ...]) -> Run:
    return run_from(dict(zip(Run.__match_args__, row, strict=True)))


def _used(sql: str, **values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if f":{name}" in sql}


def fields_of(run: Run) -> dict[str, Any]:
    """Return a run as the columns of its row."""
    return {
        **vars(run),
        "name": (run.spell.manifest.name or run.spell.file).replace("\0", "")[:200],
        "spell": spell_text(run.spell),
        "params": encode_value(run.params),
        "policy": policy_text(run.policy),
        "limits": dump(vars(run.limits)),
        "budget": dump(vars(run.budget)),
        "versions": dump(run.versions),
        "value": None if run.value is None else encode_value(run.value),
        "output": dump(run.output),
        "error": None if run.error is None else dump(run.error),
        "usage": None if run.usage is None else dump(run.usage.as_dict()),
    }


def run_from(fields: Mapping[str, Any]) -> Run:
    """Return the run of a row's columns."""
    known = {name: fields.get(name) for name in Run.__match_args__}
    return Run(
        **{
            **known,
            "spell": spell_from(fields["spell"]),
            "params": decode_value(fields["params"]),
            "policy": policy_from(fields["policy"]),
            "limits": Limits(**load(fields["limits"])),
            "budget": Budget(**load(fields["budget"])),
            "versions": load(fields["versions"]),
            "value": None if known["value"] is None else decode_value(known["value"]),
            "output": load(known["output"] or '""'),
            "error": None if known["error"] is None else load(known["error"]),
            "usage": None if known["usage"] is None else Usage(**load(known["usage"])),
        }
    )
