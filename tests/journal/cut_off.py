"""A pytest plugin: each run that a test casts goes on from several of its entries, and what goes wrong is written down.

The tests of bridges cast spells of all kinds. Whatever those asserted, their runs are forks of themselves here: one
that has all of its past does nothing, and one that lacks some of it goes on, whatever the world has become.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from llmspell_core.journal import Journal
from llmspell_core.journal.forks import fork
from llmspell_core.runner import Result, Runner

FOLDER = Path(os.environ["CUT_OFF_IN"])
CUTS = 3
LONGEST = 400
"""Entries of a run that is looked at."""
STOPPED = ("limit", "cancelled", "no_process")
BROKEN = ("replay", "journal", "internal")
"""Errors that no run ends with for being cut off."""


class CutOff:
    """Casts for a runner, and has what it cast go on."""

    def __init__(self) -> None:
        self.test, self._busy, self._made = "", False, count(1)
        self._cast, self._acast = Runner.cast, Runner.acast

    @pytest.hookimpl
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self.test = item.nodeid

    def cast(self, runner: Runner, spell: Any, **options: Any) -> Result:
        """Cast a spell; what came of that comes back, whatever becomes of it afterwards."""
        if not self._is_wanted(runner, options):
            return self._cast(runner, spell, **options)
        with self._journaled(runner) as journal:
            result = self._cast(runner, spell, **options)
            going_on = self._going_on(journal, spell, result)
            for again in going_on:
                going_on.send(runner.resume(again, **limits_of(options)))
            return result

    async def acast(self, runner: Runner, spell: Any, **options: Any) -> Result:
        """Cast a spell, as :meth:`cast` does."""
        if not self._is_wanted(runner, options):
            return await self._acast(runner, spell, **options)
        with self._journaled(runner) as journal:
            result = await self._acast(runner, spell, **options)
            going_on = self._going_on(journal, spell, result)
            for again in going_on:
                going_on.send(await runner.aresume(again, **limits_of(options)))
            return result

    def _is_wanted(self, runner: Runner, options: dict[str, Any]) -> bool:
        return not self._busy and runner.journal is None and not {"run_id", "cassette"} & options.keys()

    @contextmanager
    def _journaled(self, runner: Runner) -> Iterator[Journal]:
        self._busy = True
        with Journal(f"sqlite:///{FOLDER}/{os.getpid()}-{next(self._made)}.db") as journal:
            runner._journal = journal
            try:
                yield journal
            finally:
                runner._journal, self._busy = None, False

    def _going_on(self, journal: Journal, spell: Any, result: Result) -> Generator[str | None, Result, None]:
        """Yield the ids of runs that are to go on, and be sent what comes of each."""
        if journal.find(result.run_id) is None or (result.error is not None and result.error.kind in STOPPED):
            return
        whole = len(journal.entries(result.run_id))
        if whole > LONGEST:
            return
        chosen = random.Random(whole).sample(range(1, whole), min(CUTS, whole - 1))
        for keep in (whole, *sorted(chosen)):
            again = fork(journal, result.run_id, keep, f"fork-{keep}").id
            went_on, problem = (yield again), None
            if broken(went_on) and not broken(result):
                problem = f"from entry {keep} of {whole}: {went_on.error}"
            elif keep == whole and (told(went_on), len(journal.entries(again))) != (told(result), whole):
                problem = f"with all {whole} entries it is {told(went_on)}, and was {told(result)}"
            found = {"test": self.test, "source": getattr(spell, "source", spell), "problem": problem}
            with (FOLDER / "found.jsonl").open("a") as file:
                file.write(json.dumps(found) + "\n")
            yield None


def limits_of(options: dict[str, Any]) -> dict[str, Any]:
    return {name: options[name] for name in ("limits",) if name in options}


def broken(result: Result) -> bool:
    return result.error is not None and result.error.kind in BROKEN


def told(result: Result) -> tuple[str, str, str]:
    return repr(result.value), result.output, str(result.error)


def pytest_configure(config: pytest.Config) -> None:
    cut_off = CutOff()
    config.pluginmanager.register(cut_off)

    def cast(runner: Runner, spell: Any, **options: Any) -> Result:
        return cut_off.cast(runner, spell, **options)

    async def acast(runner: Runner, spell: Any, **options: Any) -> Result:
        return await cut_off.acast(runner, spell, **options)

    Runner.cast, Runner.acast = cast, acast  # type: ignore[method-assign]
