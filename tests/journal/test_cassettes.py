"""Spells on cassettes: recorded once, played in every language without asking anybody."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from llmspell_core.bridge import Bridge, expose
from llmspell_core.journal.cassette import Cassette, CassetteError, NotOnCassette
from llmspell_core.journal.transcript import write
from llmspell_core.policy import Policy
from llmspell_core.runner import Runner
from llmspell_core.secrets import Secrets
from llmspell_core.spells import Spell

LUA = """
local a = office.effect("a")
local ok, e = pcall(office.refuse, "no")
local d = office.desk("desk")
local w = d:work("x")
return {a, office.effect("a", {after = 0}), e.kind, w, d:count()}
"""
JS = """
const a = await office.effect("a");
let kind;
try { await office.refuse("no"); } catch (e) { kind = e.kind; }
const d = await office.desk("desk");
const w = await d.work("x");
return [a, await office.effect("a", { after: 0 }), kind, w, await d.count()];
"""


def play(office: Any, source: str, engine: str, cassette: Cassette, **options: Any) -> Any:
    with office.runner(**options) as runner:
        return runner.cast(Spell.text(source), engine=engine, cassette=cassette)


@pytest.fixture
def recorded(office: Any, tmp_path: Path) -> Path:
    tape = Cassette()
    result = play(office, LUA, "lua", tape)
    assert result.value == [1, 2, "provider", "DESK:X", 1]
    file = tmp_path / "tape.jsonl"
    tape.write(str(file), Secrets())
    office.world.clear()
    return file


@pytest.mark.parametrize(("engine", "source"), [("lua", LUA), ("js", JS)])
def test_what_one_language_recorded_plays_in_every_other(office: Any, recorded: Path, engine: str, source: str) -> None:
    result = play(office, source, engine, Cassette.read(str(recorded)))
    assert result.value == [1, 2, "provider", "DESK:X", 1]
    assert office.world == {}


def test_a_cassette_is_lines_for_people(recorded: Path) -> None:
    lines = [json.loads(line) for line in recorded.read_text().splitlines()]
    assert lines[0] == {"llmspell": "cassette", "version": 1}
    assert lines[1] == {"call": "office.effect", "arguments": {"name": "a"}, "answer": 1}
    assert lines[2]["error"]["kind"] == "provider"
    assert {"once": "work x", "within": "Desk.work", "answer": "DESK:X"} in lines
    assert recorded.stat().st_mode & 0o777 == 0o600


def test_the_same_request_gets_its_answers_in_order_and_then_the_last_one(office: Any, recorded: Path) -> None:
    source = 'return {office.effect("a"), office.effect("a"), office.effect("a")}'
    assert play(office, source, "lua", Cassette.read(str(recorded))).value == [1, 2, 2]


GIVES_LUA = 'return office.lent("desk"):work("x")'
GIVES_JS = 'return await (await office.lent("desk")).work("x");'


@pytest.mark.parametrize(("engine", "source"), [("lua", GIVES_LUA), ("js", GIVES_JS)])
def test_what_waits_and_gives_a_handle_is_made_and_what_that_asks_is_answered(
    office: Any, tmp_path: Path, engine: str, source: str
) -> None:
    tape, file = Cassette(), tmp_path / "tape.jsonl"
    assert play(office, GIVES_LUA, "lua", tape).value == "DESK:X"
    tape.write(str(file), Secrets())
    office.world.clear()
    result = play(office, source, engine, Cassette.read(str(file)))
    assert (result.value, result.error, office.world) == ("DESK:X", None, {})


FAILS_LUA = 'return office.desk("desk"):try_hard("luck")'
FAILS_JS = 'return await (await office.desk("desk")).tryHard("luck");'


@pytest.mark.parametrize(("engine", "source"), [("lua", FAILS_LUA), ("js", FAILS_JS)])
def test_what_is_done_once_and_fails_plays_as_the_same_error(
    office: Any, tmp_path: Path, engine: str, source: str
) -> None:
    tape, file = Cassette(), tmp_path / "tape.jsonl"
    assert play(office, FAILS_LUA, "lua", tape).value == "sorry: no luck today"
    tape.write(str(file), Secrets())
    office.world.clear()
    assert play(office, source, engine, Cassette.read(str(file))).value == "sorry: no luck today"
    assert office.world == {}


@pytest.mark.parametrize(("engine", "source"), [("lua", LUA), ("js", JS)])
def test_a_run_that_was_played_goes_on_without_its_cassette(
    offices: Any, recorded: Path, engine: str, source: str
) -> None:
    whole = offices()
    whole.cast(source, engine, cassette=Cassette.read(str(recorded))).unwrap()
    entries = whole.journal.entries("run")
    for keep in range(len(entries) + 1):
        office = offices()
        office.killed(whole, keep)
        assert office.resume().error is None, keep
        if keep == len(entries):
            assert office.world == {}


def test_what_is_not_on_it_fails_with_the_nearest_that_is(office: Any, recorded: Path) -> None:
    result = play(office, 'return office.effect("b")', "lua", Cassette.read(str(recorded)))
    assert isinstance(result.error, NotOnCassette) or result.error.kind == "not_on_cassette"
    assert 'office.effect {"name":"b"}' in str(result.error)
    assert 'did you mean \'office.effect {"name":"a"}\'' in str(result.error)
    assert office.world == {}


def test_a_spell_may_catch_what_is_not_on_it(office: Any, recorded: Path) -> None:
    source = 'local ok, e = pcall(office.effect, "b"); return e.kind'
    assert play(office, source, "lua", Cassette.read(str(recorded))).value == "not_on_cassette"


def test_what_is_not_on_it_can_be_asked_and_recorded(office: Any, recorded: Path, tmp_path: Path) -> None:
    tape = Cassette.read(str(recorded), "live")
    assert play(office, 'return {office.effect("a"), office.effect("b")}', "lua", tape).value == [1, 1]
    assert office.world == {"b": 1}
    tape.write(str(tmp_path / "more.jsonl"), Secrets())
    again = Cassette.read(str(tmp_path / "more.jsonl"))
    assert play(office, 'return {office.effect("a"), office.effect("b")}', "lua", again).value == [1, 1]
    assert office.world == {"b": 1}


def test_children_play_on_their_callers_cassette(office: Any, recorded: Path) -> None:
    source = """return office.child("return office.effect('a')", {engine = "lua"})"""
    result = play(office, source, "lua", Cassette.read(str(recorded), "live"))
    assert (result.value, office.world) == (1, {})


def test_a_cassette_is_free_of_secrets(office: Any, tmp_path: Path) -> None:
    tape, secrets = Cassette(), Secrets()
    secrets.add("hidden-key-42")
    tape.keep("http.get", {"url": "x"}, "token hidden-key-42", ok=True)
    tape.write(str(tmp_path / "t.jsonl"), secrets)
    assert "hidden-key-42" not in (tmp_path / "t.jsonl").read_text()


def test_the_policy_is_asked_for_what_a_cassette_answers(tmp_path: Path) -> None:
    class Door(Bridge):
        """Open doors."""

        name = "door"

        @expose(needs="door:{name}")
        async def open(self, name: str) -> str:
            """Open a door."""
            await asyncio.sleep(0)
            return name

    tape = Cassette()
    tape.keep("door.open", {"name": "a"}, "a", ok=True)
    tape.write(str(tmp_path / "t.jsonl"), Secrets())
    played = Cassette.read(str(tmp_path / "t.jsonl"))
    with Runner(bridges={"door": Door}, policy=Policy.strict(), isolation="inline") as runner:
        assert runner.cast('return door.open("a")', engine="lua", cassette=played).error.kind == "denied"


class Vault(Bridge):
    """Keep things behind a secret."""

    name = "vault"

    @expose(secret=("code", "headers.authorization"))
    async def open(self, code: str, name: str, *, headers: dict[str, str] | None = None) -> str:
        """Open the vault, and say what one was let in by."""
        self.context.options["opened"].append((code, name, headers))
        await asyncio.sleep(0)
        return f"{name} by {code}"


def vault(opened: list[Any], engine: str, source: str, **options: Any) -> Any:
    given = {"bridges": {"vault": Vault}, "options": {"vault": {"opened": opened}}, "isolation": "inline"}
    told: list[Any] = []
    with Runner(**given, trace=lambda action: told.append((action.name, action.secret))) as runner:
        return runner.cast(Spell.text(source), engine=engine, **options), told


OPENS = {
    "lua": """
        local headers = {Authorization = "Bearer hidden-token-7", Accept = "text"}
        return vault.open("hidden-code-42", "door", {headers = headers}) .. vault.open("hidden-code-43", "gate")
    """,
    "js": """
        const headers = { Authorization: "Bearer hidden-token-7", Accept: "text" };
        return await vault.open("hidden-code-42", "door", { headers }) + await vault.open("hidden-code-43", "gate");
    """,
}


@pytest.mark.parametrize("engine", ["lua", "js"])
def test_what_a_bridge_declares_secret_is_on_no_cassette_and_needs_not_be_the_same(tmp_path: Path, engine: str) -> None:
    tape, opened = Cassette(), []
    result, told = vault(opened, engine, OPENS[engine], cassette=tape)
    assert result.value == "door by hidden-code-42gate by hidden-code-43"
    assert opened[0] == ("hidden-code-42", "door", {"Authorization": "Bearer hidden-token-7", "Accept": "text"})
    assert told[0] == ("vault.open", ("code", "headers.authorization"))

    tape.write(str(tmp_path / "t.jsonl"), Secrets())

    text = (tmp_path / "t.jsonl").read_text()
    assert "hidden" not in text
    arguments = {"code": "***", "name": "door", "headers": {"Authorization": "***", "Accept": "text"}}
    assert json.loads(text.splitlines()[1]) == {"call": "vault.open", "arguments": arguments, "answer": "door by ***"}
    other = OPENS[engine].replace("hidden", "unknown")
    played, _ = vault(opened, engine, other, cassette=Cassette.read(str(tmp_path / "t.jsonl")))
    assert played.value == "door by ***gate by ***"
    assert len(opened) == 2


def test_a_secret_in_the_midst_of_a_request_fits_any_text(tmp_path: Path) -> None:
    tape, secrets = Cassette(), Secrets()
    secrets.add("hidden-key-42")
    tape.keep("http.get", {"url": "https://a/?key=hidden-key-42&page=1"}, "one", ok=True)
    tape.write(str(tmp_path / "t.jsonl"), secrets)
    played = Cassette.read(str(tmp_path / "t.jsonl"))
    assert played.find("http.get", {"url": "https://a/?key=another&page=1"}).outcome() == "one"
    with pytest.raises(NotOnCassette):
        played.find("http.get", {"url": "https://a/?key=another&page=2"})
    with pytest.raises(NotOnCassette):
        played.find("http.get", {"url": "https://a/?key=", "x": "&page=1"})


def test_no_secret_that_a_spell_passes_spoils_a_cassette(tmp_path: Path) -> None:
    tape = Cassette()
    source = """return vault.open('"answer":"door', "door") .. vault.open("arguments", "gate")"""
    vault([], "lua", source, cassette=tape)
    tape.write(str(tmp_path / "t.jsonl"), Secrets())
    played = vault([], "lua", source, cassette=Cassette.read(str(tmp_path / "t.jsonl")))[0]
    assert played.value == "door by ***gate by ***"


def test_the_secrets_of_a_run_are_on_no_cassette(tmp_path: Path) -> None:
    class Reader(Bridge):
        """Read secrets."""

        name = "reader"

        @expose
        async def read(self, text: str) -> str:
            """Read a secret."""
            await asyncio.sleep(0)
            self.context.secrets.add_own("hidden-key-42")
            return text

    tape = Cassette()
    with Runner(bridges={"reader": Reader}, isolation="inline") as runner:
        runner.cast('return reader.read("my hidden-key-42")', engine="lua", cassette=tape).unwrap()
        tape.write(str(tmp_path / "t.jsonl"), runner.secrets)
    assert '"answer":"my ***"' in (tmp_path / "t.jsonl").read_text()


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", None),
        ("{}", ":1: "),
        ('{"llmspell": "cassette", "version": 9}', "version 9"),
        ('{"llmspell": "cassette", "version": 1}\n{"call": "a.b"', ":2: "),
        ('{"llmspell": "cassette", "version": 1}\n{"call": "a.b", "arguments": {}}', ":2: "),
    ],
)
def test_a_file_that_is_no_cassette_is_told_with_its_line(tmp_path: Path, text: str, where: str | None) -> None:
    file = tmp_path / "t.jsonl"
    file.write_text(text)
    if where is None:
        assert Cassette.read(str(file)).on_miss == "fail"
        return
    with pytest.raises(CassetteError, match=where):
        Cassette.read(str(file))


def test_a_cassette_that_is_not_there_says_how_to_record_one(tmp_path: Path) -> None:
    with pytest.raises(CassetteError, match="--record"):
        Cassette.read(str(tmp_path / "none"))


@pytest.mark.parametrize(("engine", "source"), [("lua", LUA), ("js", JS)])
def test_an_exported_run_plays_as_it_stands(office: Any, tmp_path: Path, engine: str, source: str) -> None:
    office.cast(LUA, "lua")
    file = tmp_path / "run.jsonl"
    file.write_text("".join(f"{line}\n" for line in write(office.journal, "run")))
    office.world.clear()

    tape = Cassette.read(str(file))
    assert play(office, source, engine, tape).value == [1, 2, "provider", "DESK:X", 1]
    assert play(office, 'return office.effect("b")', engine, Cassette.read(str(file))).error.kind == "not_on_cassette"
    assert office.world == {}

    tape.write(str(tmp_path / "tape.jsonl"), Secrets())
    again = Cassette.read(str(tmp_path / "tape.jsonl"))
    assert play(office, source, engine, again).value == [1, 2, "provider", "DESK:X", 1]
    assert office.world == {}
