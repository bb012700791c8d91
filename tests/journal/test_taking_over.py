"""Who may go on with a run, and what is told when nobody can."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from llmspell_core.bridge import Bridge, Handle, expose
from llmspell_core.budget import Budget
from llmspell_core.errors import BudgetSpent, Denied, LimitExceeded, ProviderError, UsageError
from llmspell_core.journal import BrokenJournal, Dropped, Fenced, Journal, NoRun, RunAtWork, RunBusy, RunEnded
from llmspell_core.journal.forks import fork
from llmspell_core.journal.owners import is_alive, this_process
from llmspell_core.journal.transcript import write
from llmspell_core.limits import Limits
from llmspell_core.mismatch import ReplayMismatch
from llmspell_core.policy import Policy
from llmspell_core.spells import Spell

TWO = 'local a = office.effect("a"); local b = office.effect("b"); return a + b'
WAITS = 'office.effect("a"); sleep(30); return office.effect("b")'


def interrupted(office: Any, source: str = WAITS, **options: Any) -> None:
    """Have a run stopped by its own time limit, after its first effect."""
    result = office.cast(source, "lua", limits=Limits(wall=0.3), **options)
    assert isinstance(result.error, LimitExceeded)


def test_a_run_stopped_from_outside_goes_on(office: Any) -> None:
    interrupted(office, 'local a = office.effect("a"); office.effect("slow", {after = 9}); return a')
    assert office.journal.run("run").status == "interrupted"
    with office.runner() as runner:
        task = runner.aresume("run", limits=Limits(wall=0.3))
        again = asyncio.run(task)
    assert (again.error.kind, office.world["a"]) == ("limit", 1)


def test_a_sleep_lasts_no_longer_for_the_interruption(office: Any) -> None:
    interrupted(office, 'office.effect("a"); sleep(0.4); return office.effect("b")')
    began = office.journal.entries("run")[-1].at
    result = office.resume(limits=Limits())
    woken = next(entry.at for entry in reversed(office.journal.entries("run")) if entry.kind == "fed")
    assert result.value == 1
    assert woken - began < 5.0


def test_a_cancelled_run_goes_on(office: Any) -> None:
    async def story() -> None:
        async with office.runner() as runner:
            task = asyncio.create_task(runner.acast(Spell.text(WAITS), engine="lua", run_id="run"))
            await office.until("a")
            await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(story())
    run = office.journal.run("run")
    assert (run.status, run.error["kind"]) == ("interrupted", "cancelled")


def test_a_run_that_ended_is_not_resumed(office: Any) -> None:
    office.cast(TWO, "lua")
    with pytest.raises(RunEnded, match="ended well"):
        office.resume()
    office.cast('error("no luck")', "lua", run_id="bad")
    with pytest.raises(RunEnded, match="no luck"):
        office.resume("bad")


def test_a_run_that_is_not_there_is_named(office: Any) -> None:
    with pytest.raises(NoRun, match="'nix'"):
        office.resume("nix")


def test_an_id_is_given_once(office: Any) -> None:
    office.cast(TWO, "lua")
    again = office.cast(TWO, "lua")
    assert isinstance(again.error, UsageError)
    assert "resume it" in str(again.error)
    assert office.world["a"] == 1


def test_a_run_that_a_live_process_works_at_is_left_to_it(office: Any) -> None:
    interrupted(office)
    run = office.journal.run("run")
    other = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    try:
        born = Path(f"/proc/{other.pid}/stat").read_text().rpartition(")")[2].split()[19]
        owner = f"{os.uname().nodename}/{other.pid}/{born}"
        assert is_alive(owner) is True
        with office.journal.database.transaction() as transaction:
            transaction.change("UPDATE runs SET status = 'running', owner = :owner", owner=owner)
        with pytest.raises(RunBusy, match=str(other.pid)):
            office.resume()
        with pytest.raises(RunAtWork, match=f"process {other.pid} of .* works at it; end it first"):
            office.journal.delete("run")
        assert office.resume(take_over=True, limits=Limits(wall=0.2)).error is not None
    finally:
        other.communicate()
    assert is_alive(owner) is False
    assert run.epoch < office.journal.run("run").epoch


def test_a_number_that_another_process_has_by_now_is_not_the_owner() -> None:
    machine, pid, born = this_process().rsplit("/", 2)
    assert is_alive(f"{machine}/{pid}/{born}") is True
    assert is_alive(f"{machine}/{pid}/1") is False
    assert is_alive(f"elsewhere/{pid}/{born}") is None


def test_who_was_taken_over_stops_and_writes_nothing_more(office: Any) -> None:
    async def story() -> Any:
        async with office.runner() as runner:
            source = 'office.effect("a"); office.effect("b", {after = 0.3}); return office.effect("c")'
            stale = asyncio.create_task(runner.acast(Spell.text(source), engine="lua", run_id="run"))
            await office.until("a")
            await asyncio.sleep(0.05)
            async with office.runner() as other:
                taken = await other.aresume("run", take_over=True)
            return await stale, taken

    stale, taken = asyncio.run(story())
    assert isinstance(stale.error, Fenced)
    assert taken.ok
    assert (office.world["a"], office.world["c"]) == (1, 1)
    assert office.journal.run("run").status == "ok"


def test_whose_run_was_dropped_stops_and_is_told_so(office: Any) -> None:
    async def story() -> Any:
        async with office.runner() as runner:
            source = 'office.effect("a"); office.effect("b", {after = 0.3}); return office.effect("c")'
            cast = asyncio.create_task(runner.acast(Spell.text(source), engine="lua", run_id="run"))
            await office.until("a")
            await asyncio.sleep(0.05)
            office.journal.delete("run")
            return await cast

    result = asyncio.run(story())
    assert isinstance(result.error, Dropped)
    assert str(result.error).startswith("another process has dropped the run run from the journal; ")
    assert (office.world["c"], office.journal.find("run"), office.journal.entries("run")) == (0, None, [])


def test_another_spell_is_told_from_what_the_run_began_with(office: Any) -> None:
    interrupted(office)
    result = office.resume(spell=Spell.text(WAITS.replace('"a"', '"other"')))
    assert isinstance(result.error, ReplayMismatch)
    assert 'office.effect ["a"]' in result.error.journal
    assert 'office.effect ["other"]' in result.error.spell
    assert office.world == {"a": 1}


def test_a_later_version_of_the_spell_goes_on_where_its_past_is_the_same(office: Any) -> None:
    interrupted(office)
    later = Spell.text(WAITS.replace("sleep(30); return", "sleep(0); print('new');  return"))
    result = office.resume(spell=later, limits=Limits())
    assert isinstance(result.error, ReplayMismatch)  # it sleeps otherwise than before
    later = Spell.text(WAITS.replace('return office.effect("b")', 'return office.effect("changed")'))
    assert office.resume(spell=later, limits=Limits(wall=0.2)).error.kind == "limit"
    assert office.world == {"a": 1}


def test_a_bridge_that_does_something_else_than_before_is_told_and_holds_nothing_up(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted(office, 'office.desk("a"):work("x"); sleep(30)')
    monkeypatch.setattr("llmspell_core.replaying._PATIENCE", 0.1)
    with office.journal.database.transaction() as transaction:
        transaction.change("UPDATE entries SET about = replace(about, 'work x', 'do x') WHERE kind = 'once'")
    result = office.resume(limits=Limits())
    assert isinstance(result.error, ReplayMismatch)
    assert "Desk.work does not come to its end" in str(result.error)
    assert office.world["a:x"] == 1


class Line(Handle):
    """A connection."""


class Servers(Bridge):
    """Connect to servers."""

    name = "servers"
    away = False

    @expose
    async def connect(self, name: str) -> Line:
        """Return a connection."""
        if self.away:
            raise ProviderError(f"{name} does not answer")
        return Line()


def test_what_is_not_there_when_a_run_goes_on_is_told_and_it_goes_on_when_it_is(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.bridges["servers"] = Servers
    interrupted(office, 'servers.connect("post") office.effect("a") sleep(30)')
    with monkeypatch.context() as patch:
        patch.setattr(Servers, "away", True)
        result = office.resume(limits=Limits())
    assert isinstance(result.error, ReplayMismatch)
    assert "servers.connect fails: post does not answer" in str(result.error)
    assert "what it needs is not there as it was; resume the run when it is" in str(result.error)
    assert office.resume(limits=Limits(wall=0.3)).error.kind == "limit"
    assert office.world["a"] == 1


LOOPS = {
    "lua": 'local a = office.effect("a"); while true do end; return a + office.effect("b")',
    "js": 'const a = await office.effect("a"); while (true) {} return a + await office.effect("b")',
}


@pytest.mark.parametrize("engine", ["lua", "js"])
def test_a_run_whose_time_ended_while_it_computed_goes_on(office: Any, engine: str) -> None:
    first = office.cast(LOOPS[engine], engine, limits=Limits(wall=0.3))
    assert (first.error.kind, first.error.data["limit"]) == ("limit", "wall")
    assert office.journal.run("run").status == "interrupted"
    assert office.resume(limits=Limits(wall=0.3)).error.kind == "limit"

    later = LOOPS[engine].replace("while true do end;", "").replace("while (true) {}", "")
    assert office.resume(spell=Spell.text(later), limits=Limits(wall=30)).value == 2
    assert office.world == {"a": 1, "b": 1}


@pytest.mark.parametrize("damage", ["UPDATE entries SET body = '[1,'", "DELETE FROM entries"])
def test_a_damaged_journal_is_told_with_its_entry(office: Any, damage: str) -> None:
    interrupted(office)
    with office.journal.database.transaction() as transaction:
        transaction.execute(f"{damage} WHERE number = 2")
    with pytest.raises(BrokenJournal, match=r"entry 2.*--at 1`"):
        office.resume()
    with pytest.raises(BrokenJournal):
        list(write(office.journal, "run"))

    fork(office.journal, "run", 1, "mended")

    assert office.resume("mended", limits=Limits(wall=0.5)).error.kind == "limit"
    assert office.world == {"a": 2}


def test_what_was_spent_counts_when_the_run_goes_on(office: Any) -> None:
    interrupted(office, budget=Budget(requests=2))
    result = office.resume(spell=Spell.text(WAITS), limits=Limits(wall=0.2))
    assert result.usage.requests == 1
    assert result.usage.cost == 1.0
    spends = 'office.effect("a"); office.effect("x", {after = 0.5}); office.effect("y"); return 1'
    interrupted(office, spends, run_id="more", budget=Budget(requests=2))
    assert isinstance(office.resume("more", limits=Limits()).error, BudgetSpent)


def test_what_the_run_was_granted_it_has(office: Any) -> None:
    from llmspell_core.bridge import Bridge, expose

    class Door(Bridge):
        """Open doors."""

        name = "door"

        @expose(needs="door:{name}")
        async def open(self, name: str) -> str:
            """Open a door."""
            self.context.shared.get("opened", list).append(name)
            return name

    from llmspell_core.runner import Runner

    asked: list[str] = []
    source = 'door.open("a"); door.open("b"); sleep(0.6); door.open("a"); return door.open("c")'

    def always(question: Any) -> Any:
        asked.append(question.capability)
        return "always"

    made = {"bridges": {"door": Door}, "journal": office.journal, "isolation": "inline"}
    with Runner(policy=Policy.strict().allow("door:a"), ask=always, **made) as runner:
        runner.cast(Spell.text(source), engine="lua", run_id="run", limits=Limits(wall=0.3))
    with Runner(policy=Policy.strict(), **made) as runner:
        result = runner.resume("run", limits=Limits())
    assert asked == ["door:b"]
    assert isinstance(result.error, Denied)
    assert "'door:c'" in str(result.error)


def test_a_full_or_lost_database_ends_the_run_and_keeps_what_was_written(office: Any, tmp_path: Path) -> None:
    office.world["budget"] = 0
    with office.journal.database.transaction() as transaction:
        transaction.execute(
            "CREATE TRIGGER full BEFORE INSERT ON entries WHEN NEW.number > 3"
            " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
    result = office.cast(TWO, "lua")
    assert result.error.kind == "database"
    assert "full" in str(result.error)
    with office.journal.database.transaction() as transaction:
        transaction.execute("DROP TRIGGER full")
    again = office.resume()
    assert again.ok
    assert len(office.journal.entries("run")) > 3


def test_a_journal_by_url_is_the_runners_own(tmp_path: Path) -> None:
    from llmspell_core.runner import Runner

    url = f"sqlite:///{tmp_path}/own.db"
    with Runner(journal=url, isolation="inline", bridges={}) as runner:
        assert runner.cast("return 1 + 1", engine="lua", run_id="one").value == 2
        assert runner.journal is not None
    with Journal(url) as journal:
        assert journal.run("one").value == 2


def test_without_a_journal_nothing_is_resumed(tmp_path: Path) -> None:
    from llmspell_core.runner import Runner

    with Runner(isolation="inline", bridges={}) as runner, pytest.raises(UsageError, match="journal"):
        runner.resume("run")
