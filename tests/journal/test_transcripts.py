"""Runs as files, forks of runs, and runs replayed without doing anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from llmspell_core.errors import ParameterError, UsageError
from llmspell_core.journal.forks import fork
from llmspell_core.journal.told import calls
from llmspell_core.journal.transcript import NoTranscript, read, write
from llmspell_core.limits import Limits
from llmspell_core.rehearsal import JournalEnds
from llmspell_core.spells import Manifest, Spell

SOURCE = """
print("a")
local a = office.effect(params.first or "a")
local d = office.desk("d")
d:work("w")
local c = office.child("return office.effect('c')", {engine = "lua"})
return {a, c, d:count(), params.first}
"""


def test_a_run_travels_as_a_file(offices: Callable[[], Any]) -> None:
    here, there = offices(), offices()
    whole = here.cast(SOURCE, "lua", params={"first": "x"})
    lines = list(write(here.journal, "run"))
    for run, entries in read(lines, "file"):
        there.journal.add(run, entries)
    assert list(write(there.journal, "run")) == lines
    with there.runner() as runner:
        again = runner.replay("run")
    assert (again.value, again.output) == (whole.value, whole.output)
    assert there.world == {}


@pytest.mark.parametrize(
    ("spoil", "where"),
    [
        (lambda lines: [], ":1: there is no run"),
        (lambda lines: [*lines[:1], lines[1][:-5]], ":2: "),
        (lambda lines: [lines[1]], ":1: "),
        (lambda lines: lines[:2] + lines[3:], "entry 2"),
        (lambda lines: [lines[0].replace('"version":1', '"version":7'), *lines[1:]], "version 7"),
        (lambda lines: [lines[0], lines[1].replace('"run":"run"', '"run":"other"')], "'other'"),
    ],
)
def test_a_file_that_is_cut_or_changed_is_told_with_its_line(office: Any, spoil: Any, where: str) -> None:
    office.cast(SOURCE, "lua")
    lines = list(write(office.journal, "run"))
    with pytest.raises(NoTranscript, match=where):
        read(spoil(lines), "file")


@pytest.mark.parametrize("isolation", ["inline", "process"])
def test_a_replay_does_nothing_and_comes_to_the_same(office: Any, isolation: str) -> None:
    whole = office.cast(SOURCE, "lua")
    before = office.world.copy()
    with office.runner(isolation=isolation) as runner:
        told: list[str] = []
        again = runner.replay("run", on_output=lambda text, level: told.append(text))
    assert (again.value, "".join(told)) == (whole.value, whole.output)
    assert office.world == before


def test_a_replay_of_a_failure_fails_alike(office: Any) -> None:
    whole = office.cast('office.effect("a"); office.refuse("never")', "lua")
    with office.runner() as runner:
        again = runner.replay("run")
    assert (again.error.kind, str(again.error)) == (whole.error.kind, str(whole.error))


def test_a_replay_of_what_was_interrupted_says_where_it_ends(office: Any) -> None:
    office.cast('office.effect("a"); sleep(9)', "lua", limits=Limits(wall=0.3))
    with office.runner() as runner:
        assert isinstance(runner.replay("run").error, JournalEnds)


def test_a_fork_has_the_past_and_a_future_of_its_own(office: Any) -> None:
    office.cast(SOURCE, "lua")
    at = next(call.entry for call in calls(office.journal.entries("run")) if call.name == "office.desk")
    fork(office.journal, "run", at, "branch")
    result = office.resume("branch")
    assert result.value[:3] == [1, 2, 1]
    assert office.world == {"a": 1, "d:w": 2, "c": 2}
    assert office.journal.run("run").status == "ok"


def test_a_fork_with_other_parameters_keeps_the_answers_it_got(office: Any) -> None:
    office.cast(SOURCE, "lua", params={"first": "a"})
    at = next(call.entry for call in calls(office.journal.entries("run")) if call.name == "office.effect")
    fork(office.journal, "run", at, "branch", {"first": "z"})
    result = office.resume("branch")
    assert (result.value[0], result.value[3]) == (1, "z")
    assert "z" not in office.world


@pytest.mark.parametrize(("given", "problem"), [({"n": 9}, "at most 5"), ({"m": 1}, "unknown parameter 'm'")])
def test_a_fork_is_given_no_parameter_that_the_spell_would_not_take(office: Any, given: Any, problem: str) -> None:
    manifest = Manifest(parameters={"n": {"type": "integer", "maximum": 5}})
    spell = replace(Spell.text("return params.n"), manifest=manifest)
    with office.runner() as runner:
        runner.cast(spell, engine="lua", run_id="run", params={"n": 2}).unwrap()
    with pytest.raises(ParameterError, match=problem):
        fork(office.journal, "run", 1, "branch", given)
    assert office.journal.find("branch") is None


def test_a_fork_at_nothing_begins_anew(office: Any) -> None:
    office.cast(SOURCE, "lua")
    fork(office.journal, "run", 0, "branch")
    assert office.resume("branch").value[0] == 2


def test_a_fork_beyond_the_end_is_refused(office: Any) -> None:
    office.cast(SOURCE, "lua")
    with pytest.raises(UsageError, match="entries 1 to"):
        fork(office.journal, "run", 999, "branch")


def test_every_call_is_told_with_what_came_of_it(office: Any) -> None:
    office.cast('office.effect("a"); pcall(office.refuse, "no"); local d = office.desk("d"); d:work("w")', "lua")
    told = [(call.name, call.ok) for call in calls(office.journal.entries("run"))]
    assert told == [("office.effect", True), ("office.refuse", False), ("office.desk", True), ("Desk#1.work", True)]


def test_lines_are_readable_as_they_stand(office: Any) -> None:
    office.cast('return office.effect("a")', "lua")
    head, *entries = map(json.loads, write(office.journal, "run"))
    assert head["run"]["spell"]["source"] == 'return office.effect("a")'
    asked = next(entry for entry in entries if entry["kind"] == "asked")
    assert asked["body"] == [["call", 1, "office", "effect", ["a"]]]


@pytest.mark.slow
def test_a_run_in_a_process_goes_on_in_a_process(office: Any) -> None:
    source = 'local a = office.effect("a"); office.effect("slow", {after = 5}); return a'
    with office.runner(isolation="process") as runner:
        first = runner.cast(Spell.text(source), engine="lua", run_id="run", limits=Limits(wall=1.0))
    assert first.error.kind == "limit"
    later = Spell.text(source)
    with office.runner(isolation="process") as runner:
        again = runner.resume("run", spell=later, limits=Limits(wall=10.0))
    assert (again.value, office.world["a"]) == (1, 1)
