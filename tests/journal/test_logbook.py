"""What is written first, and while nobody waits for it any more."""

from __future__ import annotations

import asyncio
import gc
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from llmspell_core.budget import Budget
from llmspell_core.journal import Fenced, Journal, Past, Run
from llmspell_core.journal.entries import put
from llmspell_core.journal.journal import RunThere
from llmspell_core.journal.logbook import Logbook
from llmspell_core.journal.records import Entry
from llmspell_core.limits import Limits
from llmspell_core.policy import Policy
from llmspell_core.protocol import Inbox, Start
from llmspell_core.spells import Spell


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
