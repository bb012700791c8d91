"""runner.py, drive.py and mount.py: a cast from beginning to end, with the fake engine."""

from __future__ import annotations

import asyncio
import datetime
import subprocess
import sys
from dataclasses import replace
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from llmspell_core import Runner, acast, cast, drive
from llmspell_core.bridge import Bridge, expose
from llmspell_core.budget import Budget
from llmspell_core.crossing import Crossing, delivered_error
from llmspell_core.errors import (
    BrokenPlugin,
    Cancelled,
    ConversionError,
    Deadlock,
    Denied,
    IncompleteSource,
    LimitExceeded,
    LlmspellError,
    NotInstalled,
    ProtocolError,
    SpellFailed,
    SpellSyntaxError,
    UnknownBridge,
    UnknownMethod,
    UsageError,
)
from llmspell_core.limits import Limits
from llmspell_core.protocol import Cancel, Fail, Forget, Inbox, Outbox, Release, Resolve, Start
from llmspell_core.runner import Isolation, Result
from llmspell_core.testing import FakeEngine, FakeSession
from llmspell_core.values import ErrorValue, Function, Handle

Shared = dict[str, list[Any]]


def body(*lines: str) -> str:
    return "\n".join(["def main(params):", *(f"    {line}" for line in lines), "    yield"])


def go(runner: Runner, *lines: str, **options: Any) -> Result:
    return runner.cast(body(*lines), engine="fake", **options)


def test_a_cast_gives_value_output_usage_id_engine_and_duration(runner: Runner) -> None:
    result = go(runner, "show(params['whom'])", "return [1, None]", params={"whom": "you"}, run_id="r1")
    assert (result.value, result.output, result.run_id, result.engine) == ([1, None], "you\n", "r1", "fake")
    assert result.usage.as_dict() == {"requests": 0, "input_tokens": 0, "output_tokens": 0, "cost": 0.0}
    assert result.ok
    assert result.duration > 0
    assert result.unwrap() == [1, None]


def test_each_run_has_an_id_and_a_seed_of_its_own(runner: Runner) -> None:
    one, two = go(runner, "return random()"), go(runner, "return random()")
    assert one.run_id != two.run_id
    assert one.value != two.value
    assert go(runner, "return random()", seed=5).value == go(runner, "return random()", seed=5).value


def test_output_is_passed_on_as_it_comes(runner: Runner) -> None:
    heard: list[tuple[str, str]] = []
    go(runner, "show('a')", "yield call('probe', 'echo', 1)", "show('b')", on_output=lambda *line: heard.append(line))
    assert heard == [("a\n", "info"), ("b\n", "info")]


def test_a_bridge_answers(runner: Runner) -> None:
    assert go(runner, "return (yield call('probe', 'echo', {'a': [1, b'x']}))").value == {"a": [1, b"x"]}
    assert go(runner, "return (yield call('probe', 'twice_of', 21))").value == 42


def test_a_rich_result_is_converted_and_a_rich_parameter_too(runner: Runner) -> None:
    result = go(runner, "return params['day']", params={"day": datetime.date(2026, 1, 2)})
    assert result.value == "2026-01-02"


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        ("call('prob', 'echo')", UnknownBridge, "no bridge named 'prob' is mounted; did you mean 'probe'?"),
        ("call('probe', 'eco')", UnknownMethod, "probe has no method 'eco'; did you mean 'echo'?"),
        ("call('host', 'shout')", UnknownMethod, "host has no method 'shout'"),
        ("sleep(-1)", SpellFailed, "must be a number of seconds"),
        ("call('probe', 'fail')", SpellFailed, "probe.fail failed: KeyError: 'no such thing'"),
    ],
)
def test_a_call_that_cannot_be_made_fails_the_spell(
    runner: Runner, call: str, error: type[Exception], said: str
) -> None:
    failed = go(runner, f"yield {call}").error
    assert isinstance(failed, error) or error is SpellFailed
    assert said in str(failed)


def test_a_failed_result_raises_when_unwrapped(runner: Runner) -> None:
    with pytest.raises(UnknownMethod):
        go(runner, "yield call('probe', 'eco')").unwrap()


def test_the_error_of_a_spell_has_kind_file_and_line(runner: Runner) -> None:
    error = go(runner, "x = 1", "raise ValueError('oh')").error
    assert isinstance(error, SpellFailed)
    assert error.value is not None
    assert (error.value.kind, error.value.message, error.value.file, error.value.line) == ("runtime", "oh", "spell", 3)


@pytest.mark.parametrize(("source", "kind"), [("def main(:", SpellSyntaxError), ("x = (1,", IncompleteSource)])
def test_a_wrong_source_is_the_results_error(runner: Runner, source: str, kind: type[Exception]) -> None:
    result = runner.cast(source, engine="fake")
    assert type(result.error) is kind
    assert result.error is not None
    assert result.error.value is not None
    assert result.error.value.line == 1


def ended_by(fail: Fail) -> LlmspellError:
    """Return the error of a run whose session ends it so."""

    class Posing(FakeSession):
        def step(self, inbox: Inbox) -> Outbox:
            return Outbox((fail,))

    class Poser(FakeEngine):
        def open(self, program: Any, limits: Any) -> FakeSession:
            return Posing(program)

    with Runner(engines={"fake": Poser}, bridges={}, isolation="inline") as posing:
        error = go(posing, "return 1").error
    assert error is not None
    return error


@pytest.mark.parametrize("kind", ["syntax", "denied", "internal", "not_installed", "odd"])
def test_a_spell_may_give_its_error_any_kind_and_gains_nothing(kind: str) -> None:
    error = ended_by(Fail(ErrorValue(kind, "posed")))
    assert (error.kind, str(error)) == (kind, "posed")
    assert isinstance(error, SpellFailed)


CPU = {"limit": "cpu", "allowed": 1}


@pytest.mark.parametrize("kind", ["limit", "cancelled", "protocol", "crash", "no_process", "not_locked"])
def test_a_spell_cannot_say_how_its_run_has_ended(kind: str) -> None:
    error = ended_by(Fail(ErrorValue(kind, "posed", CPU)))
    assert type(error) is SpellFailed
    assert error.value is not None
    assert (error.kind, error.value.kind, str(error), error.data) == ("runtime", "runtime", "posed", CPU)


def test_a_limit_that_a_session_marks_has_struck() -> None:
    error = ended_by(Fail(ErrorValue("limit", "in its own words", CPU, file="spell", line=2), from_session=True))
    assert isinstance(error, LimitExceeded)
    assert (error.limit, error.allowed, error.line, str(error)) == ("cpu", 1, 2, "limit cpu of 1 s was reached")


@pytest.mark.parametrize("data", [None, {"limit": "cpu"}, {"limit": 5, "allowed": 1}, "cpu"])
def test_a_session_that_marks_what_is_no_limit_breaks_the_protocol(data: Any) -> None:
    error = ended_by(Fail(ErrorValue("limit", "posed", data), from_session=True))
    assert isinstance(error, ProtocolError)


@pytest.mark.parametrize("again", ["raise error", "raise type(error)('cpu', 1, 'another', used=None)"])
def test_a_limit_of_a_bridge_keeps_its_class_while_it_is_the_one_that_the_host_told(again: str) -> None:
    class Full(Bridge):
        name = "probe"

        @expose
        def fill(self) -> None:
            raise LimitExceeded("file_bytes", 10, "the file is too long", used=12)

    with Runner(engines={"fake": FakeEngine}, bridges={"probe": Full}, isolation="inline") as full:
        told = go(full, "try:", "    yield call('probe', 'fill')", "except Exception as error:", f"    {again}").error
    assert told is not None
    assert isinstance(told, LimitExceeded) is (again == "raise error")
    if isinstance(told, LimitExceeded):
        assert (told.limit, told.allowed, told.used, str(told)) == ("file_bytes", 10, 12, "the file is too long")


def test_an_error_has_the_class_of_its_kind_whatever_is_imported() -> None:
    class Late(Denied):
        """One more error of the kind ``denied``."""

    class Timeout(LlmspellError):
        kind = "timeout"

    assert type(delivered_error(ErrorValue("denied", "m"))) is Denied
    assert type(delivered_error(ErrorValue("timeout", "m"))) is SpellFailed


def test_an_error_of_the_host_keeps_its_class_through_the_spell(runner: Runner) -> None:
    class Refusing(Bridge):
        name = "probe"

        @expose
        def refuse(self) -> None:
            raise Denied("not you")

    with Runner(engines={"fake": FakeEngine}, bridges={"probe": Refusing}, isolation="inline") as refusing:
        assert isinstance(go(refusing, "yield call('probe', 'refuse')").error, Denied)


def test_a_callback_is_awaited_by_the_bridge_and_may_call_bridges(runner: Runner) -> None:
    result = go(
        runner,
        "def twice(x):",
        "    y = yield call('probe', 'double', x)",
        "    return y",
        "return (yield call('probe', 'each', twice, [1, 2]))",
    )
    assert result.value == [2, 4]


def test_the_error_of_a_callback_comes_back_to_the_spell_as_it_was(runner: Runner) -> None:
    error = go(
        runner, "def bad(x):", "    raise ValueError('in it')", "    yield", "yield call('probe', 'each', bad, [1])"
    ).error
    assert error is not None
    assert (error.kind, str(error)) == ("runtime", "in it")


def test_a_function_that_the_host_dropped_is_forgotten(runner: Runner) -> None:
    inboxes: list[Inbox] = []
    go(
        runner,
        "def f(x):",
        "    return x",
        "    yield",
        "yield call('probe', 'each', f, [1])",
        "yield call('probe', 'double', 2)",
        record=lambda inbox, _: inboxes.append(inbox),
    )
    assert any(type(event).__name__ == "Forget" for inbox in inboxes for event in inbox.events)


class Passing(Bridge):
    """Give back what it is given, and hold nothing."""

    name = "passing"

    @expose
    def through(self, f: Function) -> Function:
        """Return the function."""
        return f

    @expose
    async def call(self, f: Function) -> Any:
        """Return what the function returns."""
        return await f()


@pytest.mark.parametrize("between", range(5))
def test_a_function_that_was_dropped_can_be_handed_over_again_at_once(between: int) -> None:
    source = f"""
def f():
    return 5
    yield
def main(params):
    yield call("passing", "through", f)
    for _ in range({between}):
        yield call("passing", "through", lambda: 0)
    return (yield call("passing", "call", f))
"""
    with Runner(bridges={"passing": Passing}, engines={"fake": FakeEngine}, isolation="inline") as runner:
        assert runner.cast(source, engine="fake").unwrap() == 5


def test_a_handle_answers_and_is_the_object_again_when_handed_back(runner: Runner, shared: Shared) -> None:
    result = go(
        runner,
        "c = yield call('probe', 'counter')",
        "yield call(c, 'incr', 2)",
        "yield call(c, 'incr')",
        "return (yield call('probe', 'same', c))",
    )
    assert result.value == 3
    assert shared["closed"] == ["counter", "probe"]


def test_a_method_that_a_handle_lacks_is_named_with_its_class(runner: Runner) -> None:
    assert "Counter has no method 'inc'; did you mean 'incr'?" in str(
        go(runner, "c = yield call('probe', 'counter')", "yield call(c, 'inc')").error
    )


def test_an_iterator_of_the_host_is_walked_item_by_item(runner: Runner) -> None:
    result = go(
        runner,
        "it = yield call('probe', 'count', 2)",
        "return [(yield call(it, 'next')), (yield call(it, 'next')), (yield call(it, 'next'))]",
    )
    assert result.value == [[0], [1], None]


def test_a_released_handle_is_closed_but_not_while_a_call_is_on_it(runner: Runner) -> None:
    class Releasing(FakeEngine):
        def open(self, program: Any, limits: Any) -> FakeSession:
            return ReleasingSession(program)

    class ReleasingSession(FakeSession):
        def step(self, inbox: Inbox) -> Outbox:
            outbox = super().step(inbox)
            resolved = [event for event in inbox.events if isinstance(event, Resolve)]
            release = (Release((1,)),) if resolved and resolved[0].id == 2 else ()
            return Outbox(release + outbox.requests)

    from_conftest = runner.bridges
    with Runner(engines={"fake": Releasing}, bridges=from_conftest, isolation="inline") as releasing:
        result = releasing.cast(
            body("c = yield call('probe', 'counter')", "yield call(c, 'incr')", "return (yield call(c, 'incr'))"),
            engine="fake",
        )
        # The call that came with the release still answers; the handle is closed once, before the bridge.
        assert result.value == 2
        assert releasing.shared.get("closed", list) == ["counter", "probe"]


def test_an_engine_that_returns_something_else_is_told_of_what_it_lacks() -> None:
    class Opening(FakeEngine):
        def open(self, program: Any, limits: Any) -> Any:
            return None

    class Stepping(FakeEngine):
        def open(self, program: Any, limits: Any) -> FakeSession:
            session = super().open(program, limits)
            session.step = lambda inbox: []  # type: ignore[assignment,return-value,method-assign]  # the fault under test
            return session

    for engine, said in ((Opening, "no Session, but None"), (Stepping, r"no Outbox, but \[\]")):
        told = pytest.raises(ProtocolError, match=said)
        with Runner(engines={"fake": engine}, bridges={}, isolation="inline") as runner, told:
            go(runner, "return 1").unwrap()


@pytest.mark.parametrize(
    ("info", "said"),
    [
        ({"extensions": ".fake"}, r"its extensions are '\.fake'; make them a tuple"),
        ({"extensions": ("fake",)}, "its extensions are .*; make them a tuple, each with its dot"),
        ({"features": {"int64"}}, "its features are .*; make them a frozenset of Feature"),
    ],
)
def test_what_an_engine_says_of_itself_wrongly_breaks_the_plugin(info: dict[str, Any], said: str) -> None:
    boasting = type("Boasting", (FakeEngine,), {"info": replace(FakeEngine.info, **info)})
    told = pytest.raises(BrokenPlugin, match=said)
    with Runner(engines={"fake": boasting}, bridges={}, isolation="inline") as runner, told:
        go(runner, "return 1")


def test_bridges_and_options_that_a_runner_cannot_have_are_refused() -> None:
    with pytest.raises(UsageError, match="bridges is a map of classes by name"):
        Runner(bridges=[Bridge])  # type: ignore[arg-type]  # the mistake that is told of
    with pytest.raises(UsageError, match=r"bridge 'hause', and no such bridge; did you mean 'house'\?"):
        Runner(bridges={"house": Bridge}, options={"hause": {"rooms": 3}})


def test_what_is_closed_by_a_plain_function_or_badly_keeps_nothing_else_open(
    caplog: pytest.LogCaptureFixture,
) -> None:
    closed: list[str] = []

    class Door(Handle):
        def close(self) -> None:  # type: ignore[override]  # the habit of whoever comes from elsewhere
            closed.append("door")

    class House(Bridge):
        name = "house"

        @expose
        def door(self) -> Handle:
            return Door()

        def close(self) -> None:  # type: ignore[override]  # as above
            closed.append("house")
            raise OSError("stuck")

    with Runner(engines={"fake": FakeEngine}, bridges={"house": House}, isolation="inline") as runner:
        assert go(runner, "return 1 if (yield call('house', 'door')) else 2").value == 1
    assert closed == ["door", "house"]
    assert [record.message for record in caplog.records if "Door" in record.message] == []
    assert "stuck" in caplog.text


def test_a_method_that_holds_up_the_loop_is_told_in_development_mode(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    go(runner, "yield call('probe', 'echo', 1)")
    monkeypatch.setattr(drive, "sys", SimpleNamespace(flags=SimpleNamespace(dev_mode=True)))
    go(runner, "yield call('probe', 'echo', 1)")
    assert "held up" not in caplog.text
    monkeypatch.setattr(drive, "_HELD_UP", -1)
    go(runner, "yield call('probe', 'echo', 1)")
    assert "probe.echo held up the event loop" in caplog.text


def test_waits_go_on_at_once(runner: Runner) -> None:
    result = go(runner, "a, b = sleep(0.02), sleep(0.01)", "yield a", "yield b", "return now()")
    assert result.ok
    assert result.duration < 10


def test_sleeps_of_one_step_end_in_the_order_of_their_lengths_however_slowly_they_are_asked_for(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter(range(10_000))
    lines = ("woken = []", "def nap(s):", "    yield sleep(s)", "    woken.append(s)")
    spawn = "tasks = [spawn(nap(s)) for s in params['naps']]"
    base = asyncio.SelectorEventLoop.time
    # A clock that jumps far between any two looks at it, as on a machine that stalls.
    monkeypatch.setattr(asyncio.SelectorEventLoop, "time", lambda loop: base(loop) + next(times))
    result = go(runner, *lines, spawn, "for t in tasks: yield t", "return woken", params={"naps": [3, 1, 2, 1.5, 0]})
    assert result.unwrap() == [0, 1, 1.5, 2, 3]


def test_cancelling_reaches_the_session_and_every_call_in_flight(runner: Runner, shared: Shared) -> None:
    inboxes: list[Inbox] = []

    async def scenario() -> None:
        source = body("a = call('probe', 'hang')", "yield call('probe', 'hang')")
        task = asyncio.ensure_future(runner.acast(source, engine="fake", record=lambda i, _: inboxes.append(i)))
        while len(shared["seen"]) < 2:  # noqa: ASYNC110 - the fake keeps a list, no event
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scenario())
    assert shared["seen"] == ["waiting", "waiting", "stopped", "stopped"]
    assert isinstance(inboxes[-1].events[0], Cancel)
    assert shared["closed"] == ["probe"]


def test_a_session_is_closed_however_the_cast_ends(engines: Any) -> None:
    with Runner(engines=engines, bridges={}, isolation="inline") as runner:
        for line in ("return 1", "raise ValueError", "1 / 0", "yield call('no', 'no')"):
            go(runner, line)
        assert all(session.closed for session in runner.engine("fake").opened)  # type: ignore[attr-defined]
        assert len(runner.engine("fake").opened) == 4  # type: ignore[attr-defined]


def test_a_wait_that_nobody_can_end_is_a_deadlock(runner: Runner) -> None:
    assert isinstance(
        go(
            runner, "tasks = []", "def wait():", "    yield tasks[0]", "tasks.append(spawn(wait()))", "yield tasks[0]"
        ).error,
        Deadlock,
    )


@pytest.mark.parametrize(
    ("limits", "lines", "limit"),
    [
        (Limits(calls=2), ["for i in range(3): yield call('probe', 'echo', i)"], "calls"),
        (Limits(concurrent_calls=2), ["for i in range(3): call('probe', 'hang')"], "concurrent_calls"),
        (Limits(output=10), ["show('x' * 20)"], "output"),
        (Limits(wall=0.02), ["yield call('probe', 'hang')"], "wall"),
        (Limits(wall=0.02), ["while True: yield call('probe', 'echo', 1)"], "wall"),
    ],
)
def test_a_limit_ends_the_run_and_names_itself(runner: Runner, limits: Limits, lines: list[str], limit: str) -> None:
    error = go(runner, *lines, limits=limits).error
    assert isinstance(error, LimitExceeded)
    assert isinstance(error.data, dict)
    assert error.data["limit"] == limit


def test_the_limit_cannot_be_caught(runner: Runner) -> None:
    source = body("while True:", "    try: yield call('probe', 'echo', 1)", "    except Exception: pass")
    assert isinstance(runner.cast(source, engine="fake", limits=Limits(calls=3)).error, LimitExceeded)


def test_parameters_that_may_not_cross_are_refused(runner: Runner) -> None:
    error = go(runner, "return 1", params={"x": [object()]}).error
    assert isinstance(error, ConversionError)
    assert error.path == "$.x[0]"


def test_a_result_that_may_not_cross_is_the_calls_error(runner: Runner) -> None:
    error = go(runner, "yield call('probe', 'echo', [2**70])").error
    assert error is not None
    assert "64 bits" in str(error)


def test_the_clock_of_a_run_never_goes_back(engines: Any) -> None:
    times = iter([100.0, 90.0, 95.0, 101.0])
    inboxes: list[Inbox] = []
    with Runner(engines=engines, bridges={}, clock=lambda: next(times, 101.0), isolation="inline") as runner:
        go(runner, "yield sleep(0)", "yield sleep(0)", record=lambda inbox, _: inboxes.append(inbox))
    assert [inbox.now for inbox in inboxes] == [100.0, 100.0, 100.0]


def test_the_first_inbox_is_start_with_the_mounted_names(runner: Runner) -> None:
    inboxes: list[Inbox] = []
    go(runner, "return 1", params={"a": 1}, seed=7, record=lambda inbox, _: inboxes.append(inbox))
    assert inboxes[0].events == (Start({"a": 1}, 7, ("probe",)),)
    assert inboxes[0].plain


def test_a_session_that_waits_for_nothing_breaks_the_protocol(engines: Any) -> None:
    class Silent(FakeEngine):
        def open(self, program: Any, limits: Any) -> Any:
            class Session(FakeSession):
                def step(self, inbox: Inbox) -> Outbox:
                    return Outbox(())

            return Session(program)

    with Runner(engines={"fake": Silent}, bridges={}, isolation="inline") as runner:
        assert isinstance(go(runner, "return 1").error, ProtocolError)


def test_text_without_an_engine_is_wrong_usage(runner: Runner) -> None:
    with pytest.raises(UsageError, match="engine='lua'"):
        runner.cast("return 1")


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"limit": Limits.strict()}, "a cast has no option 'limit'; did you mean 'limits'?"),
        ({"timeout": 3}, "a cast has no option 'timeout'; there are budget, "),
        ({"limits": {"cpu": 1}}, "limits is a Limits, as Limits(cpu=5) or Limits.strict(), not {'cpu': 1}"),
        ({"limits": Limits(memory="64MB")}, "limits: memory is a number, 0 or more, or None for no bound, not '64MB'"),
        ({"limits": Limits(wall=float("nan"))}, "limits: wall is a number, 0 or more, or None for no bound, not nan"),
        ({"limits": Limits(cpu=-1)}, "limits: cpu is a number, 0 or more, or None for no bound, not -1"),
        ({"budget": 5}, "budget is a Budget, as Budget(requests=10), not 5"),
        ({"budget": Budget(cost="1")}, "budget: cost is a number, 0 or more, or None for no bound, not '1'"),
        ({"policy": "strict"}, "policy is a Policy, as Policy.strict() or "),
        ({"params": [1]}, "params is a map, as {'name': 'Ada'}, not [1]"),
        ({"seed": "a"}, "seed is an integer, as 7, not 'a'"),
        ({"seed": 2**53}, "seed has at most 53 bits, and 9007199254740992 has more"),
        ({"run_id": 7}, "run_id is a text, as 'nightly-7', not 7"),
    ],
)
def test_what_bounds_nothing_is_refused_before_anything_begins(
    runner: Runner, options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(UsageError) as refused:
        go(runner, "return 1", **options)
    assert str(refused.value).startswith(problem)


@pytest.mark.parametrize("asked", [{"limits": {"cpu": 1}}, {"budget": 5}, {"policy": "strict"}])
def test_what_bounds_nothing_is_refused_of_a_runner_too(asked: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=f"{next(iter(asked))} is a "):
        Runner(**asked)


@pytest.mark.parametrize("spell", [None, b"return 1"])
def test_what_is_no_spell_is_refused(runner: Runner, spell: Any) -> None:
    with pytest.raises(UsageError, match="a spell is a Spell"):
        runner.cast(spell, engine="fake")


@pytest.fixture(params=["inline", *(["process"] if sys.platform == "linux" else [])])
def place(request: pytest.FixtureRequest) -> Isolation:
    """Where a spell runs."""
    return request.param  # type: ignore[no-any-return]


def test_an_engine_that_is_not_installed_is_named_with_those_that_are(place: Isolation) -> None:
    with pytest.raises(NotInstalled, match="no engine named 'cobol' is installed"):
        cast("", engine="cobol", isolation=place)


def test_an_engine_that_breaks_the_contract_is_refused(place: Isolation) -> None:
    class Half(FakeEngine):
        info = None  # type: ignore[assignment]

    wrong = pytest.raises(BrokenPlugin, match=r"Half\.info is no EngineInfo")
    with Runner(engines={"half": Half}, isolation=place) as runner, wrong:
        runner.cast("", engine="half")


def test_cast_inside_a_running_loop_says_to_use_acast(runner: Runner) -> None:
    async def scenario() -> None:
        assert (await runner.acast(body("yield sleep(0)", "return 1"), engine="fake")).value == 1
        with pytest.raises(UsageError, match="await acast"):
            runner.cast(body("yield sleep(0)"), engine="fake")

    asyncio.run(scenario())


def test_acast_without_a_loop_of_asyncio_says_so(runner: Runner) -> None:
    with pytest.raises(UsageError, match="needs a running event loop of asyncio's; use cast"):
        runner.acast(body("yield sleep(0)"), engine="fake").send(None)


def test_a_spell_is_cast_while_another_thread_imports_asyncio(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncio", ModuleType("asyncio"))  # as it is before its first line has run
    assert go(runner, "return 1").value == 1
    assert isinstance(go(runner, "raise ValueError('no')").error, SpellFailed)


def test_many_casts_share_one_loop(runner: Runner) -> None:
    async def scenario() -> list[Result]:
        source = body("yield sleep(0.001)", "return params['n']")
        return await asyncio.gather(*(runner.acast(source, engine="fake", params={"n": n}) for n in range(50)))

    assert [result.value for result in asyncio.run(scenario())] == list(range(50))


def test_acast_of_the_package_casts_once() -> None:
    with pytest.raises(NotInstalled):
        asyncio.run(acast("", engine="cobol"))


def test_a_hook_may_change_parameters_veto_and_see_the_result(runner: Runner) -> None:
    import pluggy

    from llmspell_core import hookspecs
    from llmspell_core.hookspecs import hookimpl

    seen: list[Any] = []

    class Plugin:
        @hookimpl
        def llmspell_before_spell(self, params: dict[str, Any]) -> None:
            if params.get("forbidden"):
                raise Denied("not today")
            params["n"] += 1

        @hookimpl
        def llmspell_after_spell(self, result: Result) -> None:
            seen.append(result.value if result.ok else result.error)

    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(Plugin())
    runner._hooks, runner._hooked = manager, True
    assert go(runner, "return params['n']", params={"n": 1}).value == 2
    assert isinstance(go(runner, "return 1", params={"forbidden": True}).error, Denied)
    assert seen[0] == 2
    assert isinstance(seen[1], Denied)


def test_a_spell_that_waits_for_nothing_needs_no_event_loop() -> None:
    code = (
        "import sys\n"
        "from llmspell_core.protocol import Finish, Outbox, Tell\n"
        "from llmspell_core.engine import Engine, EngineInfo, Program, Session\n"
        "class S(Session):\n"
        "    def step(self, inbox): return Outbox((Tell('host', 'print', ['hi']), Finish(1)))\n"
        "    def close(self): pass\n"
        "class E(Engine):\n"
        "    info = EngineInfo('e', 'e', '1', ('.e',), '#')\n"
        "    def compile(self, spell): return Program('e')\n"
        "    def open(self, program, limits): return S()\n"
        "    binding_name = staticmethod(str)\n"
        "    declare = classmethod(lambda cls, api: {})\n"
        "from llmspell_core.runner import Runner\n"
        "assert Runner(engines={'e': E}, isolation='inline').cast('', engine='e').value == 1\n"
        "heavy = {'asyncio', 'pydantic', 'pluggy', 'stevedore', 'importlib.metadata', 'yaml'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_what_a_bridge_cancels_of_its_own_ends_the_call_and_not_the_cast(engines: dict[str, type[FakeEngine]]) -> None:
    class Quitter(Bridge):
        """Gives up."""

        name = "quitter"

        @expose
        def at_once(self) -> None:
            """Give up."""
            raise asyncio.CancelledError

        @expose
        async def without_waiting(self) -> None:
            """Give up."""
            raise asyncio.CancelledError

        @expose
        async def after_waiting(self) -> None:
            """Give up."""
            await asyncio.sleep(0)
            raise asyncio.CancelledError

    with Runner(engines=engines, bridges={"quitter": Quitter}, isolation="inline") as runner:
        for method in ("at_once", "without_waiting", "after_waiting"):
            error = go(runner, f"yield call('quitter', '{method}')").error
            assert error is not None
            assert error.kind == "cancelled"


def test_cancelled_is_a_kind_of_its_own(runner: Runner) -> None:
    class Told(FakeEngine):
        def open(self, program: Any, limits: Any) -> Any:
            session = FakeSession(program)
            session._handle(Start({}, 0, ()))
            session.step(Inbox(0.0, (Cancel("told to"),)))
            return Replay(program)

    class Replay(FakeSession):
        def step(self, inbox: Inbox) -> Outbox:
            return super().step(Inbox(inbox.now, (*inbox.events, Cancel("told to"))))

    with Runner(engines={"fake": Told}, bridges=runner.bridges, isolation="inline") as told:
        assert isinstance(go(told, "yield call('probe', 'hang')").error, Cancelled)


def test_a_function_that_dies_twice_before_the_session_is_told_is_forgotten_once() -> None:
    crossing: Any = Crossing(*[None] * 3)
    crossing.invoke = None
    for _ in range(2):
        crossing.adopt(Function(7))
    assert crossing.forgotten() == Forget((7,))
    assert crossing.forgotten() is None
