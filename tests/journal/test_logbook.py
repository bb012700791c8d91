"""What is written first, and while nobody waits for it any more."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from llmspell_core.budget import Budget, Usage
from llmspell_core.database import DatabaseError
from llmspell_core.errors import BudgetSpent
from llmspell_core.journal import Fenced, Journal, Past, Run, logbook
from llmspell_core.journal.entries import put
from llmspell_core.journal.journal import RunThere
from llmspell_core.journal.logbook import Logbook
from llmspell_core.journal.records import Entry, load
from llmspell_core.limits import Limits
from llmspell_core.policy import Policy
from llmspell_core.protocol import Inbox, Resolve, Start
from llmspell_core.spells import Spell
from llmspell_core.wire import encode_inbox


class Far:
    """A journal on a server that answers late, and then that the run is another process's."""

    def __init__(self) -> None:
        self.database = SimpleNamespace(is_local=False)
        self.asked, self.answer = asyncio.Event(), asyncio.Event()

    async def work(self, do: Any) -> None:
        self.asked.set()
        await self.answer.wait()
        raise Fenced("run")


def test_a_cancelled_writer_leaves_no_complaint() -> None:
    complaints: list[Any] = []

    async def story() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, about: complaints.append(about))
        journal: Any = Far()
        run, past = SimpleNamespace(id="run", epoch=1), SimpleNamespace(last=0)
        log = Logbook(journal, run, past, lambda: 0, lambda value: value)  # type: ignore[arg-type]
        log.granted("net")
        writer = asyncio.create_task(log.flush())
        await journal.asked.wait()
        writer.cancel()
        await asyncio.wait({writer})
        journal.answer.set()
        await asyncio.sleep(0.01)
        gc.collect()

    asyncio.run(story())
    assert complaints == []


@pytest.fixture
def run() -> Run:
    what = ("one", None, Spell.text("return 1"), "lua", {}, 1, None, Policy.standard(), Limits(), Budget(), "inline")
    return Run(*what, {}, "running", 1, "here/1/1", 10.5, 10.5)


def test_a_run_is_added_with_its_first_entry(tmp_path: Path, run: Run) -> None:
    with Journal(f"sqlite:///{tmp_path}/runs.db") as journal:
        log = Logbook(journal, run, Past(run.id), lambda: 0, lambda value: value, is_new=True)
        log.granted("net")
        assert journal.find("one") is None
        asyncio.run(log.fed(Inbox(0.0, (Start({}, 1, ()),)), {}))
        log.granted("env")
        asyncio.run(log.flush())
        assert journal.run("one").status == "running"
        assert [entry.kind for entry in journal.entries("one")] == ["granted", "fed", "granted"]


def test_what_was_written_although_no_answer_came_is_not_written_again(tmp_path: Path, run: Run) -> None:
    with Journal(f"sqlite:///{tmp_path}/runs.db") as journal:
        for _ in range(2):
            log = Logbook(journal, run, Past(run.id), lambda: 0, lambda value: value, is_new=True)
            log.granted("net")
            asyncio.run(log.flush())
        assert len(journal.entries("one")) == 1
        log = Logbook(journal, replace(run, created=11.0), Past(run.id), lambda: 0, lambda value: value, is_new=True)
        log.granted("net")
        with pytest.raises(RunThere):
            asyncio.run(log.flush())


def test_many_entries_come_back_as_they_were_written(tmp_path: Path) -> None:
    entries = [Entry(n, "once", n / 7, f'"{n} % :body"', [n, "key", True] if n % 2 else None) for n in range(1, 124)]
    with Journal(f"sqlite:///{tmp_path}/runs.db") as journal:
        with journal.database.transaction() as transaction:
            put(transaction, "one", entries)
            put(transaction, "one", [])
        assert journal.entries("one") == entries


class Shaky:
    """A journal as on a server: writes fail where they are told to, before or after they are kept, or come late."""

    def __init__(self, journal: Journal, *faults: str) -> None:
        self.url, self.begin, self._journal = journal.url, journal.begin, journal
        self.database = SimpleNamespace(is_local=False)
        self.faults = list(faults)

    async def work(self, do: Any) -> Any:
        fault = self.faults.pop(0) if self.faults else ""
        for _ in range(20 if fault == "late" else 1):
            await asyncio.sleep(0)
        if fault == "away":
            raise DatabaseError(self.url, "away", passing=True)
        found = await self._journal.work(do)
        if fault == "silent":
            raise DatabaseError(self.url, "no answer", passing=True)
        return found


@pytest.fixture
def shaky(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return what makes a run's logbook on a server that fails, for as long as it is waited for."""
    monkeypatch.setattr(logbook, "_AWAY", 0.0)
    with Journal(f"sqlite:///{tmp_path}/runs.db") as journal:

        def make(*faults: str) -> tuple[Journal, Logbook]:
            server: Any = Shaky(journal, *faults)
            made = Logbook(server, run, Past(run.id), lambda: 0, lambda value: value, is_new=True)
            made._fence = made._fence.removesuffix(" FOR SHARE")
            return journal, made

        yield make


@pytest.mark.parametrize("faults", [["", "away"], ["", "silent"], ["away"], ["silent"]])
def test_what_a_server_did_not_take_is_written_with_the_end_of_the_run(shaky: Any, faults: list[str]) -> None:
    journal, log = shaky(*faults)

    async def story() -> None:
        for _ in faults[:-1]:
            log.granted("net")
            await log.flush()
        log.granted("env")
        with pytest.raises(DatabaseError):
            await log.flush()
        log.granted("run")
        await log.end("interrupted", None, "", None, Usage(), 1.0)

    asyncio.run(story())
    entries = journal.entries("one")
    assert [load(entry.body) for entry in entries] == ["net", "env", "run"][-len(entries) :]
    assert len(entries) == len(faults) + 1
    assert Past("one", entries).last == len(entries)


def test_entries_are_written_in_order_although_nobody_waits_any_more(shaky: Any) -> None:
    journal, log = shaky("late")
    seen: list[list[int]] = []

    async def story() -> None:
        log.granted("net")
        first = asyncio.create_task(log.flush())
        await asyncio.sleep(0)
        first.cancel()
        log.granted("env")
        await log.flush()
        seen.append([entry.number for entry in journal.entries("one")])

    asyncio.run(story())
    assert seen == [[1, 2]]


def test_an_error_that_may_be_another_the_next_time_counts_where_its_call_went_on(tmp_path: Path, run: Run) -> None:
    tries = 0

    async def fail() -> None:
        nonlocal tries
        tries += 1
        raise BudgetSpent("requests", 1, 1, 1)

    async def work() -> str:
        return "done"

    with Journal(f"sqlite:///{tmp_path}/runs.db") as journal:
        log = Logbook(journal, run, Past(run.id), lambda: 3, lambda value: value, is_new=True)
        with pytest.raises(BudgetSpent):
            asyncio.run(log.once("ask", fail))
        (failed,) = journal.entries("one")
        assert failed.about == [3, "ask", False, "budget"]
        past = Past("one", [failed])
        assert (past.found(3, "ask"), past.count(3, "ask")) == (None, 0)

        again = Logbook(journal, run, Past("one", [failed]), lambda: 3, lambda value: value)
        again.past.go_live()
        assert asyncio.run(again.once("ask", work)) == "done"
        _, done = journal.entries("one")
        assert done.about == [3, "ask", True, None, [1]]
        past = Past("one", [failed, done])
        assert (past.count(3, "ask"), past.found(3, "ask").outcome()) == (1, "done")  # type: ignore[union-attr]

    with Journal(f"sqlite:///{tmp_path}/other.db") as journal:
        log = Logbook(journal, run, Past(run.id), lambda: 3, lambda value: value, is_new=True)
        with pytest.raises(BudgetSpent):
            asyncio.run(log.once("ask", fail))
        asyncio.run(log.once("other", work))
        past = Past("one", journal.entries("one"))
        assert past.count(3, "ask") == 1
        found = past.found(3, "ask")
        with pytest.raises(BudgetSpent, match="the budget of 1 requests"):
            found.outcome()  # type: ignore[union-attr]

    ended = Entry(2, "fed", 1.0, encode_inbox(Inbox(1.0, (Resolve(3, None),))))
    assert Past("one", [failed, ended]).found(3, "ask") is not None
    assert tries == 2


def test_what_was_stopped_counts_only_where_its_call_has_ended() -> None:
    error = '{"$":["error",{"kind":"cancelled","message":"stopped"}]}'
    stopped = [Entry(n, "once", 1.0, error, [3, f"part {n}", False, "cancelled"]) for n in (1, 2)]
    later = Entry(3, "once", 1.0, "1", [3, "part 3", True])
    past = Past("one", [*stopped, later])
    assert (past.found(3, "part 1"), past.found(3, "part 2")) == (None, None)
    ended = Entry(4, "fed", 1.0, encode_inbox(Inbox(1.0, (Resolve(3, None),))))
    past = Past("one", [*stopped, later, ended])
    assert past.found(3, "part 1") is not None
