"""The permissions of a cast on the command line."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner

from llmspell_core.bridge import Bridge, expose
from llmspell_core.cli.asking import Terminal
from llmspell_core.cli.permissions import CastCommand, permission_options
from llmspell_core.guard import Question

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@click.command(cls=CastCommand)
@click.argument("spell")
@click.option("-p", "--param", multiple=True)
@permission_options
def show(**given: Any) -> None:
    """Print what was given."""
    click.echo(json.dumps(given))


def given(*words: str) -> dict[str, Any]:
    result = CliRunner().invoke(show, list(words))
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.output)
    return found


def rules(*words: str) -> list[list[str]]:
    found: list[list[str]] = given(*words, "a.lua")["rules"]
    return found


class Door(Bridge):
    """Open doors."""

    name = "door"

    @expose(needs="env:{name}")
    def open(self, name: str) -> str:
        """Open a door."""
        return f"opened {name}"


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llmspell_core.plugins.bridge_names", lambda: ["door"])
    monkeypatch.setattr("llmspell_core.plugins.bridge_class", lambda name: Door)


@pytest.fixture
def opens(spell: Callable[..., Path], door: None) -> Path:
    return spell("return (yield call('door', 'open', 'A'))")


def test_a_flag_alone_never_eats_the_next_word() -> None:
    found = given("--allow-net", "a.lua", "--deny-read", "-p", "--allow-env", "--allow-run")
    assert found["spell"] == "a.lua"
    assert sorted(found["rules"]) == [["allow", "net:*"], ["allow", "run:*"], ["deny", "read:*"]]
    assert found["param"] == ["--allow-env"]


def test_after_two_dashes_words_are_words() -> None:
    assert (given("--", "--allow-net")["spell"], rules("--allow-env", "--")) == ("--allow-net", [["allow", "env:*"]])


def test_scopes_are_separated_by_commas_and_a_double_comma_is_one() -> None:
    found = rules("--allow-net=a.com,b.com:80", "--allow-net=c.com", "--allow-read=./a,,b,c d", "--deny-net=*.evil.com")
    assert found == [
        ["allow", "net:a.com"],
        ["allow", "net:b.com:80"],
        ["allow", "net:c.com"],
        ["allow", "read:./a,b"],
        ["allow", "read:c d"],
        ["deny", "net:*.evil.com"],
    ]


def test_a_plugins_own_kind_is_granted_whole() -> None:
    assert rules("--allow", "db:main", "--deny=db:secret") == [["allow", "db:main"], ["deny", "db:secret"]]


def test_allow_all_is_the_policy_trusted() -> None:
    assert [given(*words, "a.lua")["policy"] for words in ((), ("--allow-all",), ("--policy", "strict"))] == [
        "standard",
        "trusted",
        "strict",
    ]


@pytest.mark.parametrize("word", ["--allow-net=", "--allow-read=a,", "--allow-nett", "--policy=lax"])
def test_a_wrong_word_is_wrong_usage(llmspell: Any, opens: Path, word: str) -> None:
    assert llmspell("run", word, opens).exit_code == 2


def test_a_rule_that_can_mean_nothing_is_wrong_usage(document: Any, opens: Path) -> None:
    told = document("run", opens, "--allow-net=a b")
    assert (told["status"], told["error"]["kind"]) == (2, "usage")


def test_a_refused_spell_tells_the_flag_and_ends_with_its_own_status(llmspell: Any, opens: Path) -> None:
    refused = llmspell("run", opens)
    assert refused.exit_code == 5
    assert "door.open needs 'env:A', which was not granted; grant it with --allow-env=A" in refused.stderr
    assert llmspell("run", opens, "--allow-env=A").stdout == "opened A\n"
    assert llmspell("run", "--allow-env", opens).stdout == "opened A\n"
    assert llmspell("run", opens, "--allow-all").stdout == "opened A\n"
    assert llmspell("run", opens, "--allow-all", "--deny-env=A").exit_code == 5
    assert llmspell("run", opens, "--policy", "trusted", "--deny-env").exit_code == 5


def test_what_the_manifest_asks_for_is_told_and_not_granted(
    llmspell: Any, spell: Callable[..., Path], door: None
) -> None:
    path = spell("return (yield call('door', 'open', 'A'))", head="# ---\n# permissions: ['env:A']\n# ---\n")
    result = llmspell("run", path)
    assert (result.exit_code, "the manifest asks for it; grant it with --allow-env=A" in result.stderr) == (5, True)


SETS = """# ---
# permissions: ['env:A']
# permission_sets: {other: ['env:B'], both: ['env:A', 'env:B']}
# ---
"""


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ((), 5),
        (("-P", "asked"), 0),
        (("-P", "other"), 5),
        (("-P", "other", "-P", "asked"), 0),
        (("--permission-set=both",), 0),
        (("-P", "both", "--deny-env=A"), 5),
        (("-P", "more"), 2),
    ],
)
def test_a_set_of_the_manifest_is_granted_by_its_name(
    llmspell: Any, spell: Callable[..., Path], door: None, words: tuple[str, ...], status: int
) -> None:
    result = llmspell("run", spell("return (yield call('door', 'open', 'A'))", head=SETS), *words)
    assert result.exit_code == status, result.stderr
    if status == 2:
        assert "no permission set 'more'; there are asked, other, both" in result.stderr


def test_a_rate_is_told_as_a_word_and_kept(llmspell: Any, spell: Callable[..., Path], door: None) -> None:
    path = spell("yield call('door', 'open', 'A')", "yield call('door', 'open', 'A')")
    result = llmspell("run", path, "--allow-env", "--rate", "env:A=1/h")
    assert (result.exit_code, "rate_limited: door.open needs 'env:A'" in result.stderr) == (5, True)
    assert llmspell("run", path, "--allow-env", "--rate=env:A=2/h").exit_code == 0
    for wrong in ("env:A", "env:A=often", "=1/h", "a b=1/h"):
        assert llmspell("run", path, "--rate", wrong).exit_code == 2


def test_the_audit_log_is_written_where_it_is_asked_for(llmspell: Any, opens: Path, tmp_path: Path) -> None:
    log = tmp_path / "audit.ndjson"
    llmspell("run", opens, "--audit", log, "--run-id", "one")
    llmspell("run", opens, "--allow-env", "--run-id", "two", LLMSPELL_AUDIT=str(log))
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(row["run"], row["capability"], row["allowed"], row["rule"]) for row in rows] == [
        ("one", "env:A", False, "nothing grants it"),
        ("two", "env:A", True, "allow env:*"),
    ]
    assert {(row["bridge"], row["method"]) for row in rows} == {("door", "open")}
    assert llmspell("run", opens, "--audit", tmp_path / "none" / "log").exit_code == 2


def test_without_a_terminal_nobody_is_asked(llmspell: Any, opens: Path) -> None:
    result = llmspell("run", opens, input="always\n")
    assert (result.exit_code, "allow [o]nce" in result.stderr) == (5, False)


@pytest.mark.parametrize(("typed", "answer"), [("o", "once"), ("Always", "always"), ("d", "deny"), ("n", "never")])
def test_a_question_is_asked_until_it_is_answered(monkeypatch: pytest.MonkeyPatch, typed: str, answer: str) -> None:
    import io

    err = io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"\nyes\n{typed}\n"))
    monkeypatch.setattr(sys, "stderr", err)
    assert Terminal()(Question("r", "env:A", "env.get", "--allow-env=A")) == answer
    assert err.getvalue().count("allow [o]nce") == 3
    assert Terminal()(Question("r", "env:A", "env.get", "--allow-env=A")) == "deny"


def test_a_spell_cannot_draw_on_the_terminal_through_a_question(monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    err = io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    monkeypatch.setattr(sys, "stderr", err)
    Terminal()(Question("r", "read:\x1b[2J\r\n\u202e\u2066\u0301\u3164" + "x" * 9999, "fs.read", "--allow-read"))
    shown = err.getvalue()
    assert "\\x1b[2J\\r\\n\\u202e\\u2066\\u0301\\u3164" in shown
    assert not set("\x1b\r\u202e\u2066\u0301\u3164") & set(shown)
    assert len(shown) < 1000


PROGRAM = """
import select
from llmspell_core.bridge import Bridge, expose
from llmspell_core import plugins
from llmspell_core.cli import main

class Door(Bridge):
    name = "door"

    @expose(needs="env:{name}")
    def open(self, name: str) -> str:
        return f"opened {name}"

    @expose
    def typed(self) -> None:
        select.select([0], [], [], 30)

plugins.bridge_names = lambda: ["door"]
plugins.bridge_class = lambda name: Door
main()
"""


def on_a_terminal(site: Path, words: list[str], *typed: str) -> str:
    """Call ``llmspell`` on a terminal of its own, type when it asks (the last again and again), return all it shows."""
    answers = list(typed)
    pty = pytest.importorskip("pty")
    outer, inner = pty.openpty()
    env = {**os.environ, "PYTHONPATH": str(site)}
    # The fake engine's own print is heard only from this process.
    command = [sys.executable, "-c", PROGRAM, words[0], "--isolation", "inline", *words[1:]]
    with subprocess.Popen(command, stdin=inner, stdout=inner, stderr=inner, env=env) as process:
        os.close(inner)
        shown = b""
        while select.select([outer], [], [], 30)[0]:
            try:
                piece = os.read(outer, 4096)
            except OSError:
                break  # Linux says so when the other end is closed
            if not piece:
                break
            shown += piece
            if shown.endswith(b"again? "):
                os.write(outer, (answers.pop(0) if len(answers) > 1 else answers[0]).encode())
        process.wait(30)
    os.close(outer)
    return shown.decode()


def test_on_a_terminal_the_person_decides(site: Path, spell: Callable[..., Path]) -> None:
    path = spell("a = yield call('door', 'open', 'A')", "return a + (yield call('door', 'open', 'A'))")
    always = on_a_terminal(site, ["run", str(path)], "a\n")
    assert "door.open needs env:A (--allow-env=A grants it unasked)" in always
    assert (always.count("again?"), "opened Aopened A" in always) == (1, True)
    once = on_a_terminal(site, ["run", str(path)], "o\n")
    assert (once.count("again?"), "opened Aopened A" in once) == (2, True)
    assert "was refused when asked" in on_a_terminal(site, ["run", str(path)], "d\n")
    unasked = on_a_terminal(site, ["run", str(path), "--no-prompt"], "a\n")
    assert ("again?" in unasked, "was not granted" in unasked) == (False, True)


def test_the_trace_is_written_where_it_is_asked_for(llmspell: Any, opens: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace.ndjson"
    llmspell("run", opens, "--allow-env", "--trace", trace, "--run-id", "one")
    llmspell("run", opens, "--trace", trace, "--run-id", "two")
    first, _, second, run = (json.loads(line) for line in trace.read_text().splitlines())
    assert (run["run"], run["point"], run["number"]) == ("two", "spell", 0)
    assert (first["run"], first["point"], first["name"], first["error"]) == ("one", "bridge_call", "door.open", None)
    assert (second["run"], second["result"], second["error"]["kind"]) == ("two", None, "denied")
    assert llmspell("run", opens, "--trace", tmp_path / "none" / "log").exit_code == 2


def test_a_spell_can_neither_hide_a_question_nor_have_a_false_one_answered(
    site: Path, spell: Callable[..., Path]
) -> None:
    path = spell(
        "print('\\x1b[8mallow [o]nce, [a]lways, [d]eny, [n]ever ask for nothing again? ', end='')",
        "yield call('door', 'typed')",
        "return (yield call('door', 'open', 'A'))",
    )
    shown = on_a_terminal(site, ["run", str(path)], "a\n", "d\n")
    assert shown.count("again?") == 2
    assert shown.index("\x1b[0m\r\x1b[K") < shown.index("door.open needs env:A")
    assert "was refused when asked" in shown


def test_many_questions_come_one_at_a_time(site: Path, spell: Callable[..., Path]) -> None:
    path = spell(
        "tasks = [spawn((lambda name: (yield call('door', 'open', name)))(name)) for name in 'AB']",
        "return (yield tasks[0]) + (yield tasks[1])",
    )
    shown = on_a_terminal(site, ["run", str(path)], "o\n", "a\n")
    assert [shown.index(text) for text in ("needs env:A", "needs env:B", "opened Aopened B")] == sorted(
        shown.index(text) for text in ("needs env:A", "needs env:B", "opened Aopened B")
    )


def test_what_is_saved_is_granted_by_a_later_word_and_not_by_itself(site: Path, spell: Callable[..., Path]) -> None:
    path = spell("return (yield call('door', 'open', 'A'))")
    shown = on_a_terminal(site, ["run", str(path)], "s\n")
    assert ("-P saved grants it" in shown, "opened A" in shown) == (True, True)
    assert path.read_text().startswith('# ---\n# permission_sets:\n#   saved:\n#     - "env:A"\n# ---\n')
    again = on_a_terminal(site, ["run", str(path)], "d\n")
    assert "[s]ave" in again
    granted = on_a_terminal(site, ["run", str(path), "-P", "saved"], "d\n")
    assert ("again?" in granted, "opened A" in granted) == (False, True)
