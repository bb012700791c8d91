"""Tests in the languages of spells: each an item of pytest, alone in its session, failing at the spell's own line."""

from __future__ import annotations

import asyncio
import json
import re
import select
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from llmspell_core.cli.new import command as new
from llmspell_core.cli.templates import TEMPLATES
from llmspell_core.cli.test import command
from llmspell_core.errors import LlmspellError, UsageError
from llmspell_core.points import Points
from llmspell_core.runner import Runner
from llmspell_core.spelltests.files import is_test_file
from llmspell_core.spelltests.models import FakeModel
from llmspell_core.spelltests.showing import failure
from llmspell_core.spelltests.snapshots import Snapshots
from llmspell_core.spelltests.trial import Trial, Trials
from llmspell_core.values import ErrorValue, Function

LUA = """
local count = 0
testing.describe("sums", function()
  testing.it("adds", function() count = count + 1 testing.expect(count):equals(1) end)
  testing.it("is alone", function() count = count + 1 testing.expect(count):equals(1) end)
  testing.it("is wrong", function()
    testing.expect({a = 1}):equals({a = 2})
  end)
end)
testing.skip("not now", function() end)
testing.it("keeps", function() testing.expect({b = 1, a = {true}}):matches_snapshot("it") end)
testing.it("waits", function()
  local clock = testing.fake_clock(1000)
  local woken = promise.spawn(function() sleep(3600) sleep(1) return time.now() end)
  clock:advance(3601)
  testing.expect(woken:await()):equals(4601)
end)
testing.bench("fast", function() return 1 end, {times = 3})
"""
JS = """
let count = 0
testing.describe("sums", () => {
  testing.it("adds", () => { count += 1; testing.expect(count).equals(1) })
  testing.it("is alone", async () => { count += 1; testing.expect(count).equals(1) })
  testing.it("is wrong", () => {
    testing.expect({ a: 1 }).equals({ a: 2 })
  })
})
testing.skip("not now", () => {})
testing.it("keeps", async () => { await testing.expect({ b: 1, a: [true] }).matchesSnapshot("it") })
testing.it("waits", async () => {
  const clock = await testing.fakeClock(1000)
  const woken = (async () => { await sleep(3600); await sleep(1); return Date.now() })()
  await clock.advance(3601)
  testing.expect(await woken).equals(4601000)
})
testing.bench("fast", () => 1, { times: 3 })
"""
PYTHON = """
def test_a_spell_is_cast(spell):
    assert spell("hello.lua", params={"n": 2}).unwrap() == 4
    assert spell("ask.lua", cassette="ask.jsonl").ok
"""


def run(folder: Path, *args: str) -> tuple[int, str]:
    command = [
        sys.executable,
        "-m",
        "llmspell_core",
        "test",
        str(folder),
        "-p",
        "no:cacheprovider",
        "--isolation=inline",
    ]
    done = subprocess.run([*command, *args], capture_output=True, text=True, cwd=folder, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "words_test.lua").write_text(LUA)
    (tmp_path / "words.test.js").write_text(JS)
    return tmp_path


def test_each_test_is_an_item_in_a_session_of_its_own(folder: Path) -> None:
    status, told = run(folder, "-v")
    assert status == 3, told
    assert "2 failed, 10 passed, 2 skipped" in told
    for file in ("words_test.lua", "words.test.js"):
        assert f"{file}::sums > is alone PASSED" in told
        assert f"{file}::fast: 3 times, min" in told


def test_a_failure_shows_the_line_of_the_spell_and_nothing_of_python(folder: Path) -> None:
    _, told = run(folder, "-k", "wrong")
    assert "words_test.lua:7" in told
    assert "words.test.js:7" in told
    assert ">    7     testing.expect({a = 1}):equals({a = 2})" in told
    assert "expected: {a: 2}\n     got: {a: 1}" in told
    assert ".py" not in told.split("FAILURES")[1].split("short test summary")[0]


def test_tests_are_chosen_by_their_names(folder: Path) -> None:
    status, told = run(folder, "-k", "adds")
    assert status == 0, told
    assert "2 passed, 12 deselected" in told


@pytest.mark.slow  # runs pytest several times
def test_a_snapshot_that_differs_fails_until_it_is_approved(folder: Path) -> None:
    assert run(folder, "-k", "keeps")[0] == 0
    kept = folder / "__snapshots__" / "words_test.lua.snap"
    assert "=== keeps > it\n" in kept.read_text()
    # Both languages say it in the same words.
    assert kept.read_text() == kept.with_name("words.test.js.snap").read_text()
    kept.write_text(kept.read_text().replace("true", "false"))
    status, told = run(folder, "-k", "keeps", "words_test.lua")
    assert status == 3
    assert "-    false" in told
    assert "+    true" in told
    assert run(folder, "-k", "keeps", "--update-snapshots")[0] == 0
    assert "true" in kept.read_text()


def test_a_new_snapshot_is_refused_where_none_may_be_made(folder: Path) -> None:
    status, told = run(folder, "-k", "keeps", "--fixed-snapshots")
    assert status == 3
    assert "--update-snapshots" in told


def test_a_file_that_fails_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "broken_test.lua").write_text("testing.it('x', function() end)\nerror('no luck')\n")
    (tmp_path / "other_test.lua").write_text("testing.it('is well', function() end)\n")
    status, told = run(tmp_path)
    assert status == 3
    assert "broken_test.lua:2" in told
    assert "no luck" in told
    assert "1 passed, 1 error" in told


@pytest.mark.slow  # computes until its limit
def test_a_test_that_never_ends_is_stopped_and_the_next_one_runs(tmp_path: Path) -> None:
    loops = "testing.it('loops', function() while true do end end)"
    (tmp_path / "loop_test.lua").write_text(f"{loops}\ntesting.it('is well', function() end)\n")
    status, told = run(tmp_path)
    assert (status, "limit: limit cpu of 10 s was reached" in told, "1 failed, 1 passed" in told) == (3, True, True), (
        told
    )


@pytest.mark.slow  # runs pytest several times
def test_a_cassette_is_kept_for_each_test(tmp_path: Path) -> None:
    (tmp_path / "ask_test.lua").write_text(
        "testing.it('asks', function() testing.expect(llm.chat('hi')):is_a('text') end)\n"
    )
    assert run(tmp_path, "--record", "--model=demo")[0] == 0
    (tape,) = (tmp_path / "__cassettes__" / "ask_test.lua").iterdir()
    assert any(json.loads(line).get("call") == "llm.chat" for line in tape.read_text().splitlines())
    assert run(tmp_path, "--replay", "--model=openai:none")[0] == 0
    tape.unlink()
    status, told = run(tmp_path, "--replay")
    assert status == 3
    assert "--record" in told


@pytest.mark.slow  # runs pytest twice
def test_what_a_fake_answers_is_neither_kept_nor_answered_by_a_cassette(tmp_path: Path) -> None:
    (tmp_path / "ask.lua").write_text("return llm.chat(params.question)")
    (tmp_path / "fake_test.lua").write_text("""
        testing.it('asks', function()
          testing.expect(llm.chat('before')):is_a('text')
          local model = testing.fake_model{'one', 'two'}
          testing.expect(llm.chat('hi') .. spell.run('./ask.lua', {question = 'ho'})):equals('onetwo')
          testing.expect(model:requests()):has_length(2)
        end)
    """)
    assert run(tmp_path, "--record", "--model=demo")[0] == 0
    (tape,) = (tmp_path / "__cassettes__" / "fake_test.lua").iterdir()
    kept = [json.loads(line).get("call") for line in tape.read_text().splitlines()]
    assert [call for call in kept if call is not None] == ["llm.chat"]
    status, told = run(tmp_path, "--replay", "--model=demo")
    assert status == 0, told


def test_what_a_fake_model_answers_needs_neither_a_key_nor_a_grant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    (tmp_path / "ask_test.lua").write_text("""
        testing.it('asks', function()
          local denied = testing.expect(function() llm.chat('hi', {model = 'openai:gpt-4o'}) end)
          denied:raises{kind = 'denied'}
          testing.fake_model{'one', 'two', 'three', 'four', {text = '{"n": 5}'}}
          testing.expect(llm.chat('hi', {model = 'openai:gpt-4o'})):equals('one')
          for piece in llm.stream('hi', {model = 'ollama:llama'}) do testing.expect(piece):equals('two') end
          agent.create{name = 'bob', model = 'openai:gpt-4o'}
          testing.expect(agent.get('bob'):run('hi').text):equals('three')
          testing.expect(llm.chat_session(nil, {model = 'openai:gpt-4o'}):send('hi')):equals('four')
          local form = {type = 'object', properties = {n = {type = 'integer'}}}
          testing.expect(llm.structured('hi', form, {model = 'openai:gpt-4o'}).n):equals(5)
          testing.expect(function() llm.chat('hi', {model = 'opnai:gpt-4o'}) end):raises('openai')
          testing.expect(function() llm.chat('hi', {model = 'openai'}) end):raises('which model')
        end)
    """)
    (tmp_path / "ask.test.js").write_text("""
        testing.it("asks", async () => {
          const model = await testing.fakeModel("one");
          testing.expect(await llm.chat("hi", { model: "openai:gpt-4o" })).equals("one");
          testing.expect((await model.requests())[0].model).equals("openai:gpt-4o");
          await model.restore();
          await testing.expect(() => llm.chat("hi", { model: "openai:gpt-4o" })).raises({ kind: "denied" });
        });
    """)
    status, told = run(tmp_path)
    assert status == 0, told


@pytest.mark.parametrize(
    ("given", "cure"),
    [
        ("--allow-nett=x", "did you mean '--allow-net'?"),
        ("--model", "--model needs a value; write --model=..."),
        ("--isolation=inlin", "--isolation is one of inline, process, strict, not 'inlin'"),
        ("--policy", "--policy needs a value; write --policy=strict|standard|trusted"),
    ],
)
def test_an_option_that_is_wrong_is_told_with_the_cure(given: str, cure: str) -> None:
    with pytest.raises(UsageError, match=re.escape(cure)):
        command.callback(watch=False, arguments=(given,))  # type: ignore[misc]  # click types it loosely


def test_pytest_calls_itself_by_our_name(tmp_path: Path) -> None:
    status, told = run(tmp_path, "--bogus")
    assert (status, "llmspell test: error: unrecognized arguments: --bogus" in told) == (2, True), told


def test_what_a_test_lacks_is_granted_by_flags(tmp_path: Path) -> None:
    (tmp_path / "read_test.lua").write_text(
        f"testing.it('reads', function() testing.expect(fs.read('{tmp_path}/a.txt')):equals('hi') end)\n"
    )
    (tmp_path / "a.txt").write_text("hi")
    status, told = run(tmp_path)
    assert status == 3
    assert "denied" in told
    assert run(tmp_path, f"--allow-read={tmp_path}")[0] == 0


@pytest.mark.slow  # runs pytest several times
def test_python_casts_spells_by_a_fixture(tmp_path: Path) -> None:
    (tmp_path / "hello.lua").write_text("return params.n * 2")
    (tmp_path / "ask.lua").write_text("return llm.chat('hi')")
    (tmp_path / "test_hello.py").write_text(PYTHON)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    for _ in range(2):
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert done.returncode == 0, done.stdout
    assert (tmp_path / "ask.jsonl").exists()


def test_plain_pytest_leaves_spells_alone(folder: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    assert "no tests ran" in done.stdout


def test_files_of_tests_are_told_by_the_endings_of_the_engines() -> None:
    assert [is_test_file(Path(name)) for name in ("a_test.lua", "a.test.mjs", "a.lua", "test_a.py")] == [
        True,
        True,
        False,
        False,
    ]


def test_a_damaged_file_of_snapshots_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "x.snap").write_text("=== a\n    1\nwhat\n")
    with pytest.raises(UsageError, match=r"x\.snap:3"):
        Snapshots(str(tmp_path / "x.snap"))


@pytest.mark.slow  # runs pytest several times
def test_watched_tests_run_again_when_a_file_changes(tmp_path: Path) -> None:
    file = tmp_path / "sum_test.lua"
    file.write_text('testing.it("adds", function() testing.expect(1 + 1):equals(2) end)')
    begun = [sys.executable, "-m", "llmspell_core", "test", "--watch", "-q"]
    with subprocess.Popen(begun, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert _summary(process) == "1 passed"
            # What is written before the watch has begun is not noticed.
            for wrong in range(100):
                file.write_text(f'testing.it("adds", function() testing.expect(1 + 1):equals({wrong + 3}) end)')
                if select.select([process.stdout], [], [], 1.0)[0]:
                    break
            assert _summary(process) == "1 failed"
        finally:
            process.kill()


def _summary(process: subprocess.Popen[str]) -> str:
    """Return how the next run of the tests ends."""
    assert process.stdout is not None
    return next(found[0] for line in process.stdout if (found := re.match(r"\d+ (passed|failed)", line)))


@pytest.mark.slow  # runs pytest several times
def test_tests_are_shared_among_processes(folder: Path) -> None:
    pytest.importorskip("xdist")
    status, told = run(folder, "-n", "2")
    assert (status, "2 workers" in told, "2 failed" in told) == (3, True, True)


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_tests_of_a_template_pass(tmp_path: Path, template: str) -> None:
    for engine in ("lua", "js"):
        made = CliRunner().invoke(new, [str(tmp_path / engine), "--template", template, "--engine", engine])
        assert made.exit_code == 0, made.output
    status, told = run(tmp_path)
    assert (status, "2 passed" in told) == (0, True), told


def cast_alone(source: str) -> Trial:
    trials = Trials()
    trials.current = trial = Trial()
    with Runner(isolation="inline", options={"testing": {"trials": trials}}) as runner:
        runner.cast(source, engine="lua")
    return trial


def test_what_fails_after_all_tests_of_a_group_fails_the_last_that_passed() -> None:
    trial = cast_alone("""
testing.it("before", function() end)
testing.describe("g", function()
  testing.after_all(function() error("not put away") end)
  testing.it("one", function() end)
  testing.it("two", function() end)
  testing.skip("three", function() end)
end)
""")
    found = {each.found.name: (each.status, str(each.error)) for each in trial.outcomes}
    assert found["before"][0] == found["g > one"][0] == "passed"
    assert found["g > two"][0] == "failed"
    assert "not put away" in found["g > two"][1]
    assert found["g > three"][0] == "skipped"


def test_which_tests_are_wanted_is_asked_of_each_no_more_than_twice() -> None:
    asked = Counter[str]()
    trials = Trials()
    trials.current = Trial(lambda name: asked.update([name]) is not None)
    with Runner(isolation="inline", options={"testing": {"trials": trials}}) as runner:
        source = 'testing.describe("g", function() for i = 1, 50 do testing.it("t" .. i, function() end) end end)'
        assert runner.cast(source, engine="lua").ok
    assert len(asked) == 50
    assert max(asked.values()) <= 2


def test_calls_of_tools_have_ids_of_their_own_where_a_fake_model_is_asked_twice_at_once() -> None:
    async def both() -> list[Any]:
        asked, points = 0, Points("r")

        async def reply(*_: Any) -> Any:
            nonlocal asked
            asked += 1
            while asked < 2:  # noqa: ASYNC110 - turns of the loop are waited for, not a time
                await asyncio.sleep(0)
            return {"tool_calls": [{"name": "t"}]}

        async def never(arguments: Any) -> None:
            raise AssertionError

        FakeModel(points, Function(1, reply))
        asking = [points.act("llm", "m", {"messages": []}, never) for _ in range(2)]
        return await asyncio.gather(*asking)

    ids = [answer["tool_calls"][0]["id"] for answer in asyncio.run(both())]
    assert ids == ["call_1_1", "call_2_1"]


def test_what_another_process_keeps_of_the_same_file_meanwhile_stays(tmp_path: Path) -> None:
    path = str(tmp_path / "a.snap")
    one, other = Snapshots(path), Snapshots(path)
    for snapshots, name in ((one, "a"), (other, "b"), (one, "c")):
        assert snapshots.compare(name, name.upper()) is None
    kept = Snapshots(path, fixed=True)
    assert [kept.compare(name, name.upper()) for name in "abc"] == [None, None, None]


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no locks there")
def test_what_several_processes_keep_of_the_same_file_at_once_all_stays(tmp_path: Path) -> None:
    path = str(tmp_path / "a.snap")
    keep = """
import sys
from llmspell_core.spelltests.snapshots import Snapshots
path, who = sys.argv[1:]
print(flush=True)
sys.stdin.readline()
for number in range(50):
    Snapshots(path).compare(f"{who}{number}", who)
"""
    pipe = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    processes = [subprocess.Popen([sys.executable, "-c", keep, path, who], **pipe) for who in "abc"]
    for process in processes:
        assert process.stdout.readline() == b"\n"
    for process in processes:
        process.stdin.close()
    for process in processes:
        process.stdout.close()
        assert process.wait() == 0
    kept = Snapshots(path, fixed=True)
    for who in "abc":
        assert [kept.compare(f"{who}{number}", who) for number in range(50)] == [None] * 50


def test_a_snapshot_of_a_name_with_line_breaks_is_read_again(tmp_path: Path) -> None:
    path = str(tmp_path / "a.snap")
    assert Snapshots(path).compare("one\ntwo\r\nthree", "text") is None
    assert Snapshots(path).compare("one\ntwo\r\nthree", "text") is None
    assert Snapshots(path).compare("one\ntwo\r\nthree", "other") == "text"


def test_a_failure_shows_the_line_that_it_is_in_whatever_else_breaks_lines() -> None:
    error = LlmspellError("no")
    error.value = ErrorValue("k", "no", file="a.lua", line=2)
    assert failure(error, {"a.lua": "local a = '\f\u2028'\nerror('no')"}).endswith(">    2 error('no')")
