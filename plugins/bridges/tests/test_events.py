"""The bridge events: what reaches whom, in which order, how much of it, and what goes wrong."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest
from llmspell_bridges.events.bridge import EventsBridge
from llmspell_bridges.events.settings import Settings

from llmspell_core.bridge import Context, Shared
from llmspell_core.errors import BadArgument, ConversionError, Denied, LimitExceeded, ProviderError, UsageError
from llmspell_core.guard import Guard
from llmspell_core.policy import Policy
from llmspell_core.runner import Runner
from llmspell_core.spells import Spell
from llmspell_core.values import ErrorValue, Function, Handle

Run = Callable[[Coroutine[Any, Any, Any]], Any]


class World:
    """Runs of one runner, without a VM."""

    def __init__(self, **settings: Any) -> None:
        self.shared, self.settings = Shared(), settings
        self._runs: list[Context] = []

    def run(self, name: str = "run", policy: Policy | None = None, recall: Any = None) -> EventsBridge:
        guard = Guard(policy or Policy.standard())
        time = iter(range(1000, 10_000_000))
        context = Context(
            name,
            Spell("", f"{name}.spell"),
            shared=self.shared,
            settings={"events": self.settings},
            guard=guard,
            clock=lambda: float(next(time)),
            recall=recall,
        ).of("events")
        self._runs.append(context)
        return EventsBridge(context)

    async def end(self, bridge: EventsBridge) -> None:
        for each in bridge.context.run.closing():
            await each.close()

    async def __aenter__(self) -> World:
        return self

    async def __aexit__(self, *_: object) -> None:
        for context in self._runs:
            for each in context.run.closing():
                await each.close()


def function(called: Callable[..., Any]) -> Function:
    async def invoke(_: int, args: tuple[Any, ...]) -> Any:
        made = called(*args)
        return await made if isinstance(made, Awaitable) else made

    return Function(1, invoke)


class Heard:
    """What a callback was called with."""

    def __init__(self) -> None:
        self.all: list[Any] = []
        self._came = asyncio.Event()

    def add(self, what: Any) -> None:
        self.all.append(what)
        self._came.set()

    async def until(self, count: int) -> None:
        while len(self.all) < count:
            self._came.clear()
            await self._came.wait()


def names(events: list[Any]) -> list[str]:
    return [event["name"] for event in events]


# Who hears what


def test_other_runs_of_the_runner_hear_what_one_emits(run: Run) -> None:
    async def main() -> None:
        async with World() as world:
            one, other, heard = world.run("one"), world.run("other"), []
            await other.on("a.>", function(heard.append))
            made = await one.emit("a.b", {"n": [1, None, b"x", 2**60]})
            await other.drain()
            assert heard == [
                {
                    "name": "a.b",
                    "data": {"n": [1, None, b"x", 2**60]},
                    "id": made,
                    "time": heard[0]["time"],
                    "source": "one.spell/one",
                    "correlation": "one",
                }
            ]

    run(main())


def test_spells_that_a_runner_casts_at_once_hear_each_other() -> None:
    async def main() -> tuple[Any, Any]:
        async with Runner(isolation="inline") as runner:
            waits = "return events.wait_for('go.*', 30).data"
            emits = (
                "while true do events.emit('go.now', 7) if #events.history() > 3 then return 'sent' end sleep(0) end"
            )
            casts = (runner.acast(waits, engine="lua"), runner.acast(emits, engine="lua"))
            one, other = await asyncio.gather(*casts)
            return one.unwrap(), other.unwrap()

    assert asyncio.run(asyncio.wait_for(main(), 60)) == (7, "sent")


def test_history_lasts_as_long_as_the_runner() -> None:
    with Runner(isolation="inline") as runner:
        runner.cast("events.emit('a', 1) events.emit('b', 2)", engine="lua").unwrap()
        found = runner.cast("return (await events.history({limit: 5})).map((e) => [e.name, e.data])", engine="js")
    assert found.unwrap() == [["a", 1], ["b", 2]]


def test_what_one_hears_is_a_copy(run: Run) -> None:
    async def main() -> None:
        async with World() as world:
            bridge, heard = world.run(), []

            def change(event: Any) -> None:
                event["data"]["list"].append("mine")
                heard.append(event)

            await bridge.on("a", function(change))
            await bridge.on("a", function(change))
            sent = {"list": []}
            await bridge.emit("a", sent)
            await bridge.drain()
            assert [event["data"] for event in heard] == [{"list": ["mine"]}] * 2
            assert sent == {"list": []}
            assert (await bridge.history())[0]["data"] == {"list": []}

    run(main())


def test_an_emitter_is_heard_by_nobody_else(run: Run) -> None:
    async def main() -> None:
        async with World() as world:
            one, other, heard = world.run("one"), world.run("other"), []
            await one.on(">", function(heard.append))
            await other.on(">", function(heard.append))
            mine, yours = one.create_emitter(name="mine"), one.create_emitter()
            own: list[Any] = []
            await mine.on(">", function(own.append))
            await mine.emit("a", 1)
            await yours.emit("b", 2)
            await one.emit("c", 3)
            for each in (mine, yours, one, other):
                await each.drain()
            assert names(own) == ["a"]
            assert names(heard) == ["c", "c"]
            assert own[0]["source"] == "one.spell/one/mine"
            assert names(await mine.history()) == ["a"]

    run(main())


def test_a_namespace_puts_its_name_before_every_other(run: Run) -> None:
    async def main() -> None:
        async with World() as world:
            bridge, heard = world.run(), []
            shop = bridge.namespace("shop").namespace("eu.west")
            await shop.on("*", function(heard.append))
            await shop.emit("paid")
            await bridge.emit("paid")
            await bridge.drain()
            assert names(heard) == ["shop.eu.west.paid"]
            assert names(await shop.history()) == ["shop.eu.west.paid"]
            assert shop.off("*") == 1
            assert bridge.off(">") == 0
            with pytest.raises(BadArgument, match="in patterns only"):
                bridge.namespace("a.*")

    run(main())


# Order, and who waits for whom


def test_a_slow_callback_holds_up_nobody_and_misses_nothing(run: Run) -> None:
    async def main() -> None:
        async with World() as world:
            bridge, gate, slow, quick = world.run(), asyncio.Event(), [], Heard()

            async def wait(event: Any) -> None:
                await gate.wait()
                slow.append(event["data"])

            await bridge.on("a", function(wait))
            await bridge.on("a", function(lambda event: quick.add(event["data"])))
            for n in range(50):
                await bridge.emit("a", n)
            await quick.until(50)
            assert slow == []
            gate.set()
            await bridge.drain()
            assert slow == quick.all == list(range(50))

    run(main())


def test_a_callback_is_not_called_again_before_it_has_come_back(run: Run) -> None:
    async def main() -> None:
        async with World() as world:
            bridge, inside, most = world.run(), 0, 0

            async def look(_: Any) -> None:
                nonlocal inside, most
                inside += 1
                most = max(most, inside)
                for _ in range(3):
                    await asyncio.sleep(0)
                inside -= 1

            await bridge.on("a", function(look))
            for _ in range(5):
                await bridge.emit("a")
            await bridge.drain()
            assert most == 1

    run(main())


def test_what_finds_no_room_is_counted_and_told(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async with World(queue=3) as world:
            bridge, gate, heard, told = world.run(), asyncio.Event(), [], []

            async def wait(event: Any) -> None:
                heard.append((event["data"], event.get("missed", 0)))
                await gate.wait()

            subscription = await bridge.on("a", function(wait))
            await bridge.on("llmspell.events.overflow", function(lambda event: told.append(event["data"])))
            for n in range(10):
                await bridge.emit("a", n)
            gate.set()
            await bridge.drain()
            await bridge.emit("a", 10)
            await bridge.drain()
            assert [n for n, _ in heard] == [0, 1, 2, 3, 10]
            assert told == [{"pattern": "a", "missed": 6}]
            assert subscription.status()["missed"] == 6

    run(main())
    assert "6 events to 'a' were left out" in caplog.text


def test_the_event_after_those_that_were_missed_says_how_many(run: Run) -> None:
    async def main() -> None:
        async with World(queue=2) as world:
            bridge, gate, heard = world.run(), asyncio.Semaphore(0), Heard()

            async def wait(event: Any) -> None:
                heard.add((event["data"], event.get("missed")))
                await gate.acquire()

            await bridge.on("a", function(wait))
            for n in range(5):  # 0 is handled, 1 and 2 wait, 3 and 4 are missed
                await bridge.emit("a", n)
            gate.release()
            await heard.until(2)
            gate.release()
            await heard.until(3)
            await bridge.emit("a", 5)
            for _ in range(2):
                gate.release()
            await bridge.drain()
            assert heard.all == [(0, None), (1, None), (2, None), (5, 2)]

    run(main())


def test_the_events_of_a_run_that_wait_have_room_together(run: Run) -> None:
    async def main() -> None:
        async with World(queue_bytes=1000) as world:
            bridge, gate = world.run(), asyncio.Event()

            async def wait(_: Any) -> None:
                await gate.wait()

            subscriptions = [await bridge.on("a", function(wait)) for _ in range(3)]
            for _ in range(20):
                await bridge.emit("a", "x" * 100)
            gate.set()
            await bridge.drain()
            handled = [subscription.status()["handled"] for subscription in subscriptions]
            missed = [subscription.status()["missed"] for subscription in subscriptions]
            assert [sum(pair) for pair in zip(handled, missed, strict=True)] == [20, 20, 20]
            assert sum(handled) < 12

    run(main())


def test_a_batch_is_whole_by_size_or_by_time(run: Run) -> None:
    async def main() -> None:
        async with World() as world:
            bridge, batches = world.run(), []
            sizes = function(lambda events: batches.append([event["data"] for event in events]))
            await bridge.batch("a", {"size": 2}, sizes)
            for n in range(4):
                await bridge.emit("a", n)
            await bridge.drain()
            assert batches == [[0, 1], [2, 3]]
            later = asyncio.Event()
            await bridge.batch("b", {"within": 0.001}, function(lambda events: later.set()))
            await bridge.emit("b")
            await later.wait()

    run(main())


# Ending


def test_nothing_is_called_after_off(run: Run) -> None:
    async def main() -> None:
        async with World() as world:
            bridge, heard, gate = world.run(), [], asyncio.Event()

            async def wait(event: Any) -> None:
                heard.append(event["data"])
                await gate.wait()
                heard.append("to its end")

            subscription = await bridge.on("a", function(wait))
            for n in range(3):
                await bridge.emit("a", n)
            assert bridge.off(subscription) == 1
            assert bridge.off(subscription) == 0
            gate.set()
            assert await subscription.join() is True
            await bridge.emit("a", 9)
            for _ in range(20):
                await asyncio.sleep(0)
            assert heard == [0, "to its end"]
            assert subscription.status()["active"] is False

    run(main())


def test_a_callback_can_end_its_own_subscription(run: Run) -> None:
    async def main() -> None:
        async with World() as world:
            bridge, heard = world.run(), []

            async def hear(event: Any) -> None:
                heard.append(event["data"])
                subscription.off()

            subscription = await bridge.on("a", function(hear))
            await bridge.emit("a", 1)
            await bridge.emit("a", 2)
            assert await subscription.join() is True
            assert heard == [1]

    run(main())


def test_subscriptions_end_with_their_run(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "llmspell.events")

    async def main() -> None:
        async with World() as world:
            before = asyncio.all_tasks()
            one, other, heard, gate = world.run("one"), world.run("other"), Heard(), asyncio.Event()

            async def wait(event: Any) -> None:
                heard.add(event["data"])
                await gate.wait()

            await one.on("a", function(wait))
            await other.emit("a", 1)
            await other.emit("a", 2)
            await heard.until(1)
            await world.end(one)
            await other.emit("a", 3)
            assert heard.all == [1]
            assert asyncio.all_tasks() == before

    run(main())
    assert "run one ended with 1 events to 'a' not handled" in caplog.text


def test_waiting_ends_in_time_and_says_what_was_missing(run: Run) -> None:
    async def main() -> None:
        async with World() as world:
            bridge = world.run()
            waiting = asyncio.create_task(bridge.aggregate(["a", "b", "c"], 0.05))
            await asyncio.sleep(0)
            await bridge.emit("b")
            with pytest.raises(Exception, match="no event 'a', 'c' came within") as failed:
                await waiting
            assert failed.value.kind == "timeout"
            assert failed.value.data == {"timeout": 0.05, "missing": ["a", "c"]}
            assert await bridge.drain(timeout=0) is True

    run(main())


# What goes wrong


def test_a_callback_that_raises_is_told_and_stops_nothing(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async with World() as world:
            bridge, heard, told = world.run(), [], []

            def raise_once(event: Any) -> None:
                if event["data"] == 1:
                    raise ProviderError("no luck")
                heard.append(event["data"])

            broken = await bridge.on("a", function(raise_once))
            await bridge.on("a", function(lambda event: heard.append(-event["data"])))
            await bridge.on("llmspell.events.failed", function(told.append))
            made = [await bridge.emit("a", n) for n in (1, 2)]
            await bridge.drain()
            assert sorted(heard) == [-2, -1, 2]
            assert told[0]["source"] == "host"
            error = {"kind": "provider", "message": "no luck", "file": None, "line": None}
            assert told[0]["data"] == {"pattern": "a", "events": [{"name": "a", "id": made[0]}], "error": error}
            assert (broken.status()["failed"], broken.status()["handled"]) == (1, 1)

    run(main())
    assert "a callback for 'a' raised: 'no luck'" in caplog.text


def test_a_callback_for_failures_that_fails_is_logged_and_does_not_go_round(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async with World() as world:
            bridge = world.run()

            def fail(_: Any) -> None:
                raise ProviderError("again")

            await bridge.on("llmspell.events.failed", function(fail))
            await bridge.on("a", function(fail))
            await bridge.emit("a")
            await bridge.drain()

    run(main())
    assert caplog.text.count("again") == 2


def test_what_goes_wrong_in_one_run_is_told_to_no_other(run: Run) -> None:
    async def main() -> None:
        async with World() as world:
            one, other, told = world.run("one"), world.run("other"), []

            def fail(_: Any) -> None:
                raise ProviderError("private")

            await other.on("llmspell.>", function(told.append))
            await other.on(">", function(told.append))
            await one.on("a", function(fail))
            await one.emit("a")
            await one.drain()
            await other.drain()
            assert names(told) == ["a"]
            assert names(await other.history()) == ["a"]

    run(main())


@pytest.mark.parametrize(
    ("name", "problem"),
    [("llmspell.events.failed", "the host's"), ("llmspell", "the host's"), ("a.*", "patterns only"), ("", "empty")],
)
def test_no_spell_emits_such_a_name(run: Run, name: str, problem: str) -> None:
    async def main() -> None:
        async with World() as world:
            bridge = world.run(policy=Policy.trusted())
            for emit in (
                bridge.emit(name),
                bridge.create_emitter().emit(name),
                bridge.replay([{"name": "right"}, {"name": name}]),
            ):
                with pytest.raises(BadArgument, match=problem):
                    await emit
            if name.startswith("llmspell."):
                with pytest.raises(BadArgument, match=problem):
                    await bridge.namespace("llmspell").emit(name.partition(".")[2])
            assert await bridge.history() == []

    run(main())


# What is allowed


def test_emitting_and_hearing_need_the_capability(run: Run) -> None:
    async def main() -> None:
        async with World() as world:
            bridge = world.run(policy=Policy.strict().allow("events:orders.>"))
            nothing = function(lambda event: None)
            await bridge.emit("orders.paid")
            await bridge.on("orders.*", nothing)
            await bridge.namespace("orders").on("paid", nothing)
            assert names(await bridge.history(pattern="orders.>")) == ["orders.paid"]
            space = bridge.namespace("users")
            refused = [
                lambda: bridge.emit("users.new"),
                lambda: bridge.on(">", nothing),
                lambda: bridge.once("*", nothing),
                lambda: bridge.filter("users.*", nothing, nothing),
                lambda: bridge.batch("users.*", {"size": 1}, nothing),
                lambda: bridge.wait_for("users.new", 0),
                lambda: bridge.aggregate(["orders.paid", "users.new"], 0),
                lambda: bridge.history(),
                lambda: bridge.record(),
                lambda: bridge.replay([{"name": "users.new"}]),
                lambda: space.emit("new"),
                lambda: space.on("new", nothing),
                lambda: space.history(),
            ]
            for call in refused:
                with pytest.raises(Denied, match="events:"):
                    await call()
            own = bridge.create_emitter()
            await own.on(">", nothing)
            await own.emit("users.new")

    run(main())


def test_what_is_denied_is_not_heard_through_a_wider_pattern(run: Run) -> None:
    async def main() -> None:
        async with World() as world:
            policy = Policy.standard().deny("events:secret.>")
            child = Policy.trusted().within(policy)
            for name, denied in (("direct", policy), ("child", child)):
                bridge, other, heard = world.run(name, denied), world.run("other"), []
                await bridge.on(">", function(heard.append))
                await bridge.on("*.plan", function(heard.append))
                await other.emit("secret.plan", "hush")
                await other.emit("public.plan")
                await bridge.drain()
                assert set(names(heard)) == {"public.plan"}
                assert "secret.plan" not in names(await bridge.history())
                assert names(await bridge.history(limit=1)) == ["public.plan"]

    run(main())


# How much


def test_data_are_bounded(run: Run) -> None:
    async def main() -> None:
        async with World(max_data=100) as world:
            bridge = world.run()
            await bridge.emit("a", "x" * 98)
            for data in ("x" * 99, "ä" * 50, b"x" * 100, [[]] * 100):
                with pytest.raises(LimitExceeded, match="100 bytes"):
                    await bridge.emit("a", data)
            assert len(await bridge.history()) == 1

    run(main())


@pytest.mark.parametrize("where", [lambda x: x, lambda x: [1, {"a": x}], lambda x: ErrorValue("k", "m", {"a": x})])
def test_functions_and_handles_are_no_data(run: Run, where: Callable[[Any], Any]) -> None:
    async def main() -> None:
        async with World() as world:
            bridge = world.run()
            for thing in (function(print), Handle()):
                with pytest.raises(ConversionError, match="belongs to its run"):
                    await bridge.emit("a", where(thing))

    run(main())


def test_subscriptions_and_emitters_of_a_run_are_bounded(run: Run) -> None:
    async def main() -> None:
        async with World(max_subscriptions=3) as world:
            bridge, nothing = world.run(), function(lambda event: None)
            kept = [await bridge.on("a", nothing) for _ in range(3)]
            for subscribe in (bridge.on("a", nothing), bridge.record(), bridge.create_emitter().on("a", nothing)):
                with pytest.raises(LimitExceeded, match="at most 3 subscriptions"):
                    await subscribe
            kept[0].off()
            await bridge.on("a", nothing)
            for _ in range(99):
                bridge.create_emitter()
            with pytest.raises(LimitExceeded, match="100 emitters"):
                bridge.create_emitter()

    run(main())


def test_a_recording_is_bounded_and_says_what_it_lacks(run: Run) -> None:
    async def main() -> None:
        async with World(history=5) as world:
            bridge = world.run()
            recording = await bridge.record(pattern="a.>")
            for n in range(8):
                await bridge.emit(f"a.{n}", n)
            await bridge.emit("b")
            kept = await recording.stop()
            await bridge.emit("a.9")
            assert kept == await recording.stop()
            assert (kept["pattern"], kept["missed"], names(kept["events"])) == ("a.>", 3, [f"a.{n}" for n in range(5)])

    run(main())


def test_a_recording_is_emitted_again_as_events_of_now(run: Run) -> None:
    async def main() -> None:
        async with World() as world:
            bridge, heard = world.run(), []
            await bridge.on("a.*", function(heard.append))
            recorded = [
                {"name": "a.x", "data": 1, "id": "old", "time": 5.0, "source": "host", "correlation": "c"},
                {"name": "a.y"},
            ]
            assert await bridge.replay({"pattern": "a.*", "events": recorded, "missed": 0}, speed=1e6) == 2
            await bridge.drain()
            assert [(event["name"], event["data"], event["correlation"]) for event in heard] == [
                ("a.x", 1, "c"),
                ("a.y", None, "run"),
            ]
            assert heard[0]["id"] != "old"
            assert heard[0]["source"] == "run.spell/run"

    run(main())


@pytest.mark.parametrize("seconds", [-1.0, float("nan"), float("inf"), 1e10])
def test_a_time_that_nobody_can_wait_is_refused(run: Run, seconds: float) -> None:
    async def main() -> None:
        async with World() as world:
            bridge = world.run()
            subscription = await bridge.on("a", function(print))
            for call in (
                bridge.wait_for("a", seconds),
                bridge.aggregate(["a"], seconds),
                bridge.drain(timeout=seconds),
                bridge.replay([], speed=seconds),
                bridge.batch("a", {"within": seconds}, function(print)),
                subscription.join(seconds),
            ):
                with pytest.raises(BadArgument, match="from 0 to 1e9"):
                    await call

    run(main())


def test_odd_arguments_are_refused(run: Run) -> None:
    async def main() -> None:
        async with World() as world:
            bridge = world.run()
            for call, problem in (
                (bridge.batch("a", {}, function(print)), "needs a size"),
                (bridge.batch("a", {"size": 0}, function(print)), "needs a size"),
                (bridge.batch("a", {"size": 1001}, function(print)), "from 1 to 1000"),
                (bridge.aggregate([]), "1 to 1000 names"),
                (bridge.history(limit=0), "from 1 to 10000"),
                (bridge.emit("a", correlation="x" * 201), "longer than 200 bytes"),
                (bridge.on("a.>.b", function(print)), "last place only"),
            ):
                with pytest.raises(BadArgument, match=problem):
                    await call
            with pytest.raises(BadArgument, match="longer than 200 bytes"):
                bridge.create_emitter(name="x" * 201)
            with pytest.raises(BadArgument, match="no pattern"):
                bridge.off("a..b")

    run(main())


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ({"url": 1}, "is a URL"),
        ({"url": "nowhere"}, "is a URL"),
        ({"space": "a b"}, "letters, digits"),
        ({"space": ""}, "letters, digits"),
        ({"queue": 0}, "at least 1"),
        ({"history": -1}, "at least 1"),
        ({"max_data": True}, "at least 1"),
        ({"quueue": 1}, "did you mean 'queue'"),
    ],
)
def test_a_wrong_setting_is_named(setting: dict[str, Any], problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        Settings.of(setting)


def test_the_bus_may_be_named_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMSPELL_EVENTS", "sqlite:///x.db")
    assert Settings.of({}).url == "sqlite:///x.db"
    assert Settings.of({"url": "memory:"}).url == "memory:"


# What a run that goes on repeats


def test_with_the_same_recall_nothing_is_emitted_again(run: Run) -> None:
    kept: dict[str, list[Any]] = {}

    def recall(replayed: bool) -> Any:
        left = {key: list(values) for key, values in kept.items()} if replayed else {}

        async def once(key: str, do: Callable[[], Awaitable[Any]]) -> Any:
            if left.get(key):
                return left[key].pop(0)
            made = await do()
            kept.setdefault(key, []).append(made)
            return made

        return once

    async def main() -> None:
        async with World() as world:
            ear, heard = world.run("ear"), []
            await ear.on(">", function(heard.append))
            first = await world.run("one", recall=recall(False)).emit("a", 1)
            again = world.run("one", recall=recall(True))
            assert await again.emit("a", 1) == first
            await ear.drain()
            # Who is in this process hears it again, by the id that it had; nothing was carried again.
            assert {event["id"] for event in heard} == {first}
            assert len(await ear.history()) == 1

    run(main())


def test_a_callback_that_had_ended_is_not_called_again(run: Run) -> None:
    kept: dict[str, list[Any]] = {}

    def recall(left: dict[str, list[Any]]) -> Any:
        async def once(key: str, do: Callable[[], Awaitable[Any]]) -> Any:
            if left.get(key):
                return left[key].pop(0)
            made = await do()
            kept.setdefault(key, []).append(made)
            return made

        return once

    async def main() -> None:
        async with World() as world:
            bridge, heard = world.run("one", recall=recall({})), []
            await bridge.on("a", function(heard.append))
            await bridge.emit("a", 1)
            await bridge.drain()
            left = {key: list(values) for key, values in kept.items()}
            again, later = world.run("one", recall=recall(left)), []
            subscription = await again.on("a", function(later.append))
            await again.drain()
            assert left["event"] == left["ended"] == []
            assert subscription.status()["handled"] == 1
            await bridge.emit("a", 2)
            await again.drain()
            assert later[-1]["data"] == 2

    run(main())
