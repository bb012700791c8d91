"""``llmspell run`` and ``llmspell exec``: what they print, in each format, and how they exit."""

from __future__ import annotations

import contextlib
import io
import json
import signal
import sys
from typing import TYPE_CHECKING, Any

import pytest

from llmspell_core import bridge
from llmspell_core.bridge import Bridge, expose
from llmspell_core.cli.outcome import Outcome
from llmspell_core.cli.reporters import Json, Text
from llmspell_core.errors import BudgetSpent, Denied, ProviderError, SpellFailed
from llmspell_core.values import ErrorValue

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FRONT = "# ---\n# parameters: {n: {type: integer, default: 1}, who: {type: string}}\n# ---\n"


PLACES = ["inline", *(["process"] if sys.platform == "linux" else [])]


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> str:
    """Every test of this file is made in both places."""
    return str(request.param)


class Faulty(Bridge):
    """Fail in the ways that a bridge may."""

    name = "faulty"

    @expose
    def denied(self) -> None:
        """Refuse."""
        raise Denied("no")

    @expose
    def budget(self) -> None:
        """Refuse to spend."""
        raise BudgetSpent("requests", 1, 1, 1)

    @expose
    def provider(self) -> None:
        """Fail as the network does."""
        raise ProviderError("gone") from Denied("at the door")

    @expose
    def spend(self) -> Any:
        """Spend something, and return what JSON has no form for."""
        self.context.purse.reserve().settle(2, 3, 0.5)
        return [b"\xde\xad", float("nan"), float("-inf"), bridge.Handle(), {"$": 1}, 2**60]


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mount the bridge ``faulty``."""
    monkeypatch.setattr("llmspell_core.plugins.bridge_names", lambda: ["faulty"])
    monkeypatch.setattr("llmspell_core.plugins.bridge_class", lambda name: Faulty)


def test_text_is_printed_as_it_comes_and_the_value_ends_on_its_own_line(llmspell: Any, spell: Any) -> None:
    result = llmspell("run", spell("show('hello')", "return 'done'"))
    assert (result.stdout, result.stderr, result.exit_code) == ("hello\ndone\n", "", 0)


def test_a_value_that_is_no_text_is_json(llmspell: Any, spell: Any) -> None:
    assert llmspell("run", spell("return {'a': [1, None, 'é']}")).stdout == '{"a":[1,null,"é"]}\n'


def test_no_value_prints_nothing(llmspell: Any, spell: Any) -> None:
    assert llmspell("run", spell("pass")).stdout == ""


def test_output_without_a_line_end_is_ended_before_the_value() -> None:

    assert _written(Text(), [("a", "info"), ("b", "debug")], Outcome(value=1)) == ("ab\n1\n", "")


def test_warnings_and_errors_go_to_standard_error_unless_the_output_is_json() -> None:

    told = [("a\n", "info"), ("b\n", "warn"), ("c\n", "error")]
    assert _written(Text(), told, Outcome()) == ("a\n", "b\nc\n")
    out, err = _written(Json(), told, Outcome())
    assert (json.loads(out)["output"], err) == ("a\nb\nc\n", "")


def _written(reporter: Any, told: list[tuple[str, str]], outcome: Any) -> tuple[str, str]:
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        for text, level in told:
            reporter.output(text, level)
        reporter.end(outcome)
    return out.getvalue(), err.getvalue()


def test_an_error_is_told_with_place_kind_traceback_data_and_cause() -> None:

    error = SpellFailed("no")
    cause = ErrorValue("provider", "gone")
    error.value = ErrorValue("runtime", "no", {"code": 3}, cause, "a.lua", 2, "stack:\n\ta.lua:2: in main\n")
    assert _written(Text(), [], Outcome(error=error)) == (
        "",
        'a.lua:2: runtime: no\n  data: {"code":3}\n  stack:\n  \ta.lua:2: in main\n'
        "caused by: llmspell: provider: gone\n",
    )


def test_errors_in_the_data_of_an_error_are_told_in_short() -> None:
    error = SpellFailed("all failed")
    inner = ErrorValue("timeout", "late", {"seconds": 1}, file="a.js", line=3, traceback="    at f (a.js:3)")
    error.value = ErrorValue("aggregate", "all failed", [inner, {"again": inner}, 1])
    shown = '  data: ["a.js:3: timeout: late",{"again":"a.js:3: timeout: late"},1]\n'
    assert _written(Text(), [], Outcome(error=error)) == ("", f"llmspell: aggregate: all failed\n{shown}")


@pytest.mark.parametrize(
    ("cause", "is_told"),
    [
        (ErrorValue("usage", "no range"), False),
        (ErrorValue("usage", "another"), True),
        (ErrorValue("usage", "no range", 3), True),
        (ErrorValue("usage", "no range", cause=ErrorValue("io", "gone")), True),
    ],
)
def test_a_cause_that_the_error_says_itself_is_not_told_again(cause: ErrorValue, is_told: bool) -> None:
    error = SpellFailed("a.yaml: 'x' is no range")
    error.value = ErrorValue("manifest", str(error), None, cause)
    _, err = _written(Text(), [], Outcome(error=error))
    assert ("caused by" in err) is is_told


def test_a_json_document_tells_everything(document: Any, spell: Any, faulty: None, place: str) -> None:
    told = document("run", spell("show('x')", "return (yield call('faulty', 'spend'))"), "--run-id", "r1")
    assert told.pop("duration") > 0
    assert told == {
        "ok": True,
        "value": [
            {"$": ["bytes", "3q0="]},
            {"$": ["float", "nan"]},
            {"$": ["float", "-inf"]},
            {"$": ["handle", "Handle"]},
            {"$": ["map", [["$", 1]]]},
            2**60,
        ],
        "output": "x\n",
        "run": "r1",
        "engine": "fake",
        "usage": {"requests": 1, "input_tokens": 2, "output_tokens": 3, "cost": 0.5},
        "budget": {"requests": None, "tokens": None, "cost": None},
        "isolation": {"mode": place, "missing": {}},
        "error": None,
        "status": 0,
    }


def test_a_function_as_value_has_a_json_form(document: Any, spell: Any) -> None:
    assert document("run", spell("return main"))["value"] == {"$": ["function", 1]}


def test_a_json_document_tells_a_failure_with_its_place(document: Any, spell: Any) -> None:
    told = document("run", spell("show('x')", "raise ValueError('no')"))
    assert (told["ok"], told["value"], told["output"], told["status"]) == (False, None, "x\n", 3)
    wanted = {"kind": "runtime", "message": "no", "file": "a.fake", "line": 3}
    assert told["error"] == {**wanted, "traceback": None, "data": None, "cause": None}


def test_ndjson_is_a_line_per_output_and_a_last_line_that_is_the_document(llmspell: Any, spell: Any) -> None:
    result = llmspell("run", spell("show('x')", "show('y')", "return 3"), "--output", "ndjson")
    *output, last = map(json.loads, result.stdout.splitlines())
    assert output == [{"type": "output", "text": f"{text}\n", "level": "info"} for text in "xy"]
    assert (last["type"], last["ok"], last["value"], last["output"]) == ("result", True, 3, "x\ny\n")


@pytest.mark.parametrize(
    ("lines", "words", "kind", "status"),
    [
        (["raise ValueError('x')"], [], "runtime", 3),
        (["return ("], [], "syntax", 3),
        (["yield call('nope', 'x')"], [], "unknown_bridge", 3),
        (["yield call('faulty', 'nope')"], [], "unknown_method", 3),
        (["yield sleep(1000)"], ["--timeout", "0.05"], "limit", 4),
        (["yield call('faulty', 'denied')"], [], "denied", 5),
        (["yield call('faulty', 'budget')"], [], "budget", 6),
        (["yield call('faulty', 'provider')"], [], "provider", 8),
        (["pass"], ["--engine", "tengo"], "not_installed", 7),
        (["pass"], ["-p", "n=x"], "parameters", 2),
        (["pass"], ["-p", "n"], "parameters", 2),
        (["pass"], ["--timeout", "0"], "usage", 2),
        (["pass"], ["--nope"], "usage", 2),
        (["pass"], ["more"], "usage", 2),
    ],
)
def test_the_exit_status_and_the_document_say_what_happened(
    document: Any, spell: Any, faulty: None, lines: list[str], words: list[str], kind: str, status: int
) -> None:
    told = document("run", spell(*lines, head=FRONT), *words)
    assert (told["ok"], told["error"]["kind"], told["status"]) == (False, kind, status)


def test_a_cause_is_in_the_document(document: Any, spell: Any, faulty: None) -> None:
    told = document("run", spell("yield call('faulty', 'provider')"))
    assert told["error"]["cause"]["message"] == "at the door"


@pytest.mark.parametrize("words", [["run"], ["run", "/nope/x.lua"], ["rum"], ["exec", "x"], ["--nope"]])
def test_every_wrong_call_gives_one_document(document: Any, words: list[str]) -> None:
    told = document(*words)
    assert (told["ok"], told["error"]["kind"], told["status"]) == (False, "usage", 2)


def test_a_wrong_call_in_text_says_how_to_call(llmspell: Any) -> None:
    result = llmspell("run", "--modle", "x", "a.lua")
    assert (result.stdout, result.exit_code) == ("", 2)
    assert "No such option" in result.stderr
    assert "Usage: llmspell run" in result.stderr


def test_an_own_failure_shows_its_traceback_and_exits_with_1(
    llmspell: Any, spell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llmspell_core.router.route", lambda *_: 1 / 0)
    result = llmspell("run", spell("pass"), "--output", "json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["message"] == "ZeroDivisionError: division by zero"
    assert "Traceback" in result.stderr


@pytest.mark.parametrize(
    ("words", "params"),
    [
        ([], {"n": 1}),
        (["-p", "n=7", "-p", "who=3"], {"n": 7, "who": "3"}),
        (["--params", '{"n": 2, "who": "a"}', "-p", "who=b"], {"n": 2, "who": "b"}),
    ],
)
def test_parameters_become_what_the_manifest_declares(
    document: Any, spell: Any, words: list[str], params: dict[str, Any]
) -> None:
    assert document("run", spell("return params", head=FRONT), *words)["value"] == params


def test_parameters_may_come_from_a_file(document: Any, spell: Any, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text('{"who": "file"}')
    told = document("run", spell("return params", head=FRONT), "--params", f"@{tmp_path / 'p.json'}")
    assert told["value"] == {"n": 1, "who": "file"}


def test_a_seed_makes_randomness_repeat(document: Any, spell: Any) -> None:
    path = spell("return random()")
    first, again, other = (document("run", path, "--seed", seed)["value"] for seed in ("1", "1", "2"))
    assert first == again != other


@pytest.mark.parametrize(
    ("words", "env", "model"),
    [([], {}, None), ([], {"LLMSPELL_MODEL": "a:b"}, "a:b"), (["--model", "c"], {"LLMSPELL_MODEL": "a:b"}, "c")],
)
def test_the_model_is_the_option_or_the_environments(
    llmspell: Any,
    spell: Any,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    env: dict[str, str],
    model: str | None,
) -> None:
    seen: list[str | None] = []
    monkeypatch.setattr(Faulty, "__init__", lambda self, context: seen.append(context.model))
    monkeypatch.setattr("llmspell_core.plugins.bridge_names", lambda: ["faulty"])
    monkeypatch.setattr("llmspell_core.plugins.bridge_class", lambda name: Faulty)
    monkeypatch.delenv("LLMSPELL_MODEL", raising=False)
    llmspell("run", spell("yield call('faulty', 'denied')"), *words, **env)
    assert seen == [model]


def test_exec_casts_text_and_run_casts_standard_input(llmspell: Any) -> None:
    source = "def main(params):\n    yield sleep(0)\n    return params['n'] + 1"
    assert llmspell("exec", "-e", "fake", source, "-p", "n=1").stdout == "2\n"
    assert llmspell("run", "-e", "fake", "-", "-p", "n=2", input=source).stdout == "3\n"


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("waits", ["yield sleep(1000)", "while True: pass"])
def test_a_signal_ends_the_cast_with_one_document(
    spawn: Callable[..., Any], spell: Any, number: int, status: int, waits: str
) -> None:
    process = spawn("run", spell("show('ready')", "yield sleep(0)", waits), "--output", "ndjson")
    process.stdout.readline()
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    (last,) = map(json.loads, out.splitlines())
    assert (last["type"], last["error"]["kind"], process.returncode, err.strip()) == ("result", "cancelled", status, "")


@pytest.mark.skipif(sys.platform != "linux", reason="a mutex of zeros is Linux's")
@pytest.mark.parametrize(
    ("words", "number", "kind", "status"),
    [
        ([], signal.SIGINT, "cancelled", 130),
        ([], signal.SIGTERM, "cancelled", 143),
        (["--timeout", "0.5"], None, "limit", 4),
    ],
)
def test_a_cast_stuck_where_python_cannot_interrupt_it_still_ends(
    spawn: Callable[..., Any], spell: Any, words: list[str], number: int | None, kind: str, status: int
) -> None:
    # A mutex that is locked twice: the main thread waits in native code for ever, and signals do not end that wait.
    stuck = ["import ctypes", "lock = ctypes.CDLL(None).pthread_mutex_lock", "mutex = ctypes.create_string_buffer(64)"]
    path = spell("show('ready')", "yield sleep(0)", *stuck, "lock(mutex)", "lock(mutex)")
    process = spawn("run", path, "--output", "ndjson", *words)
    began = process.stdout.readline()
    if number is not None:
        process.send_signal(number)
    out, _ = process.communicate(timeout=60)
    *output, last = map(json.loads, (began + out).splitlines())
    assert (last["error"]["kind"], last["engine"]) == (kind, "fake")
    # A time limit may strike before the spell's process has begun.
    assert number is None or [event["text"] for event in output] == ["ready\n"]
    assert process.returncode == status


def test_a_reader_that_goes_away_ends_the_cast_quietly(spawn: Callable[..., Any], spell: Any) -> None:
    process = spawn("run", spell("while True:", "    show('y')", "    yield sleep(0)"))
    process.stdout.readline()
    process.stdout.close()
    assert (process.stderr.read(), process.wait(timeout=60)) == ("", 141)
    process.stderr.close()


def test_after_a_cast_signals_are_as_they_were(llmspell: Any, spell: Any) -> None:
    before = signal.getsignal(signal.SIGTERM), signal.set_wakeup_fd(-1)
    llmspell("run", spell("pass"))
    assert (signal.getsignal(signal.SIGTERM), signal.set_wakeup_fd(-1)) == before
