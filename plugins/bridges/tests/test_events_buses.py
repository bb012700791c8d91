"""Every bus carries events alike: to other processes, in order, once, with a past, and through trouble."""

from __future__ import annotations

import asyncio
import importlib.util
import itertools
import json
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from llmspell_bridges.events import numbered
from llmspell_bridges.events.bus import Bounds, Bus, BusFailed
from llmspell_bridges.events.event import Event, new_id
from llmspell_bridges.events.memory import MemoryBus

from llmspell_core.errors import UsageError
from llmspell_core.plugins import driver as driver_of
from llmspell_core.runner import Runner
from llmspell_core.subjects import matches

_SPEC = importlib.util.spec_from_file_location("llmspell_event_buses", Path(__file__).with_name("event_buses.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
buses = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(buses)

Run = Callable[[Coroutine[Any, Any, Any]], Any]
_COUNT = itertools.count()


def event(name: str, data: str = "null", **fields: Any) -> Event:
    made = {"id": new_id(), "time": 1.5 + next(_COUNT), "source": "s/r", "correlation": "r", **fields}
    return Event(name, data, made["id"], made["time"], made["source"], made["correlation"])


class Heard:
    """What came over a bus."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Event]] = []
        self.missing = 0
        self.came = asyncio.Event()

    def received(self, node: str, event: Event) -> None:
        self.events.append((node, event))
        self.came.set()

    def lost(self, count: int) -> None:
        self.missing += count
        self.came.set()

    async def until(self, ready: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not ready():
                self.came.clear()
                await self.came.wait()

    def names(self, node: str) -> list[str]:
        return [event.name for by, event in self.events if by == node]


@pytest.fixture(params=buses.DRIVERS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return buses.bus_url(request.param, tmp_path)


@pytest.fixture
def space(request: pytest.FixtureRequest) -> Iterator[str]:
    name = f"test-{uuid4().hex}"
    url = request.getfixturevalue("url") if "url" in request.fixturenames else "memory:"
    yield name
    for each in (name, name + "2"):
        asyncio.run(buses.forget(url, each))


@asynccontextmanager
async def opened(url: str, space: str, bounds: Bounds | None = None) -> AsyncIterator[Bus]:
    bus = driver_of("buses", url.partition(":")[0])(url, space, bounds or Bounds())
    try:
        yield bus
    finally:
        await bus.close()
        await bus.close()


def everything(_: Event) -> bool:
    return True


class TestBuses:
    """What holds for every driver."""

    def test_an_event_comes_to_others_as_it_was(self, url: str, space: str, run: Run) -> None:
        async def main() -> None:
            sent = event("a.b", '{"text":"\\u0000 ä 🎈","n":{"$":["int","9007199254740993"]}}', time=1e9 + 0.25)
            async with opened(url, space) as one, opened(url, space) as other:
                heard = Heard()
                await other.listen(heard)
                await one.publish(sent, "one")
                await heard.until(lambda: bool(heard.events))
                assert heard.events == [("one", sent)]
                assert await one.history(">", everything, 5) == [sent]

        run(main())

    def test_events_of_each_node_come_in_their_order(self, url: str, space: str, run: Run) -> None:
        async def main() -> None:
            async with opened(url, space) as one, opened(url, space) as two, opened(url, space) as ear:
                heard = Heard()
                await ear.listen(heard)

                async def publish(bus: Bus, node: str) -> None:
                    for n in range(50):
                        await bus.publish(event(f"{node}.{n}"), node)

                await asyncio.gather(publish(one, "one"), publish(two, "two"))
                await heard.until(lambda: len(heard.events) == 100)
                assert heard.names("one") == [f"one.{n}" for n in range(50)]
                assert heard.names("two") == [f"two.{n}" for n in range(50)]
                assert heard.missing == 0

        run(main())

    def test_an_event_that_was_carried_is_not_carried_again(self, url: str, space: str, run: Run) -> None:
        async def main() -> None:
            first, second = event("a"), event("b")
            async with opened(url, space) as one, opened(url, space) as other:
                heard = Heard()
                await other.listen(heard)
                for each in (first, first, second):
                    await one.publish(each, "one")
                await heard.until(lambda: len(heard.events) == 2)
                assert heard.names("one") == ["a", "b"]
                assert heard.missing == 0
                assert await other.history(">", everything, 5) == [first, second]

        run(main())

    def test_what_was_before_one_listens_is_history(self, url: str, space: str, run: Run) -> None:
        async def main() -> None:
            async with opened(url, space) as one, opened(url, space) as other:
                await one.publish(event("before"), "one")
                heard = Heard()
                await other.listen(heard)
                await one.publish(event("after"), "one")
                await heard.until(lambda: bool(heard.events))
                assert heard.names("one") == ["after"]
                assert [each.name for each in await other.history(">", everything, 5)] == ["before", "after"]

        run(main())

    def test_spaces_do_not_hear_each_other(self, url: str, space: str, run: Run) -> None:
        async def main() -> None:
            async with opened(url, space) as one, opened(url, space + "2") as other, opened(url, space) as ear:
                heard = Heard()
                await ear.listen(heard)
                await other.publish(event("other"), "other")
                await one.publish(event("one"), "one")
                await heard.until(lambda: bool(heard.events))
                assert [each.name for _, each in heard.events] == ["one"]
                assert [each.name for each in await other.history(">", everything, 5)] == ["other"]

        run(main())

    def test_history_is_of_the_last_events_that_are_wanted(
        self, url: str, space: str, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(numbered, "_PAGE", 25)

        async def main() -> None:
            async with opened(url, space) as bus:
                assert await bus.history(">", everything, 5) == []
                for n in range(90):
                    await bus.publish(event(f"n.{n % 3}.{n}"), "one")
                found = await bus.history("n.0.*", lambda each: matches("n.0.*", each.name), 3)
                assert [each.name for each in found] == ["n.0.81", "n.0.84", "n.0.87"]
                every = await bus.history("n.1.*", lambda each: matches("n.1.*", each.name), 1000)
                assert len(every) == 30

        run(main())

    @pytest.mark.parametrize("bounds", [Bounds(events=5), Bounds(bytes=600), Bounds(events=0)])
    def test_history_is_bounded(self, url: str, space: str, run: Run, bounds: Bounds) -> None:
        async def main() -> None:
            events = [event(f"n.{n}", "1" * 10) for n in range(20)]
            async with opened(url, space, bounds) as bus, opened("memory:", space, bounds) as memory:
                for each in events:
                    await bus.publish(each, "one")
                    await memory.publish(each, "one")
                found = await bus.history(">", everything, 100)
                assert found == await memory.history(">", everything, 100)
                assert found == events[len(events) - len(found) :]
                assert len(found) <= bounds.events
                assert sum(each.size for each in found) <= bounds.bytes

        run(main())

    def test_what_is_beyond_the_bounds_is_dropped_and_told(
        self, url: str, space: str, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(numbered, "_TRANSIT", Bounds(20, 10_000))

        async def main() -> None:
            bounds = Bounds(events=10)
            async with opened(url, space, bounds) as one, opened(url, space, bounds) as other:
                heard = Heard()
                await other.listen(heard)
                for n in range(100):
                    await one.publish(event(f"n.{n}"), "one")
                await heard.until(lambda: len(heard.events) + heard.missing == 100)
                assert heard.names("one")[-1] == "n.99"
                assert len(await one.history(">", everything, 10_000)) == 10

        run(main())

    def test_two_processes_hear_each_other(self, url: str, space: str, run: Run) -> None:
        async def main() -> None:
            options = {"events": {"url": url, "space": space}}
            async with Runner(isolation="inline", options=options) as runner:
                for engine, other in (("lua", "js"), ("js", "lua")):
                    peer = asyncio.create_task(in_process(options, PEER[other], other))
                    result, told = await asyncio.gather(runner.acast(LEAD[engine], engine=engine), peer)
                    assert result.error is None, result.error
                    assert result.value == [f"answer {n}" for n in range(20)]
                    assert told == {"error": None, "value": 20}

        run(main())


LEAD = {
    "lua": """
local answers = {}
local sub = events.on("answers.*", function(e)
  answers[#answers + 1] = e.data
  if #answers == 20 then events.off("answers.*") end
end)
events.wait_for("ready", 30)
for n = 0, 19 do events.emit("questions." .. n, n) end
sub:join(30)
events.emit("enough")
return answers
""",
    "js": """
const answers = [];
const sub = await events.on("answers.*", async (e) => { if (answers.push(e.data) === 20) await sub.off(); });
await events.waitFor("ready", 30);
for (let n = 0; n < 20; n++) await events.emit("questions." + n, n);
await sub.join(30);
await events.emit("enough");
return answers;
""",
}
PEER = {
    "lua": """
local count = 0
events.on("questions.>", function(e)
  count = count + 1
  events.emit("answers." .. e.data, "answer " .. e.data)
end)
local over = promise.spawn(events.wait_for, "enough", 30)
local tell = promise.spawn(function()
  while count == 0 do
    events.emit("ready")
    sleep(0.2)
  end
end)
over:await()
return count
""",
    "js": """
let count = 0;
await events.on("questions.>", async (e) => {
  count += 1;
  await events.emit("answers." + e.data, "answer " + e.data);
});
const over = events.waitFor("enough", 30);
while (count === 0) {
  await events.emit("ready");
  await sleep(0.2);
}
await over;
return count;
""",
}
_CHILD = """
import json, sys
from llmspell_core.runner import Runner
options, source, engine = json.loads(sys.stdin.read())
with Runner(isolation="inline", options=options) as runner:
    result = runner.cast(source, engine=engine)
print(json.dumps({"value": result.value, "error": result.error and str(result.error)}))
"""


async def in_process(options: dict[str, Any], source: str, engine: str) -> dict[str, Any]:
    """Return what comes of a spell that is cast in another process."""
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", _CHILD, stdin=pipe, stdout=pipe)
    out, _ = await child.communicate(json.dumps([options, source, engine]).encode())
    told: dict[str, Any] = json.loads(out)
    return told


@pytest.mark.parametrize(
    "nowhere",
    ["postgresql://root@127.0.0.1:1/test", "redis://127.0.0.1:1/0", "nats://127.0.0.1:1", "sqlite:////dev/null/x"],
)
def test_a_server_that_does_not_answer_is_an_error_that_names_it(
    nowhere: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    if nowhere.startswith("nats"):
        monkeypatch.setattr(pytest.importorskip("llmspell_bridges.events.nats"), "_PATIENCE", 0.2)

    async def main() -> None:
        async with opened(nowhere, "test") as bus:
            with pytest.raises(
                BusFailed, match=rf"(?s)the event bus {nowhere.partition(':')[0]}://.*: .*\w.*; check"
            ) as raised:
                await bus.publish(event("a"), "one")
            assert "Background on this error" not in str(raised.value)
            with pytest.raises(BusFailed):
                await bus.listen(Heard())

    run(main())


def test_a_password_is_not_told(run: Run) -> None:
    async def main() -> None:
        async with opened("redis://user:hush@127.0.0.1:1/0", "test") as bus:
            with pytest.raises(BusFailed) as failed:
                await bus.publish(event("a"), "one")
            assert "hush" not in str(failed.value)

    run(main())


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b'["a", "1", "id", 1, "s", "c"]',
        b'["a", 1, "id", 1.5, "s", "c"]',
        b'["a", "1", "id", 1.5, "s", "c", 1]',
        b'["a b", "1", "id", 1.5, "s", "c"]',
        b'["a.*", "1", "id", 1.5, "s", "c"]',
        b'["a", "{", "id", 1.5, "s", "c"]',
        b'["a", "{\\"$\\":[\\"function\\",1]}", "id", 1.5, "s", "c"]',
        b'["a", "[{\\"$\\":[\\"handle\\",1,\\"X\\",false]}]", "id", 1.5, "s", "c"]',
        b'["a", "' + b"[" * 100_000 + b'", "id", 1.5, "s", "c"]',
    ],
)
def test_what_is_no_event_is_not_read_as_one(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        Event.read(text)


def test_memory_forgets_the_oldest(run: Run) -> None:
    async def main() -> None:
        bus = MemoryBus(Bounds(events=2))
        for name in ("a", "b", "c"):
            await bus.publish(event(name), "one")
        assert [each.name for each in await bus.history(">", everything, 5)] == ["b", "c"]

    run(main())


def test_a_url_that_no_driver_knows_is_refused_with_those_there_are() -> None:
    with Runner(isolation="inline", options={"events": {"url": "carrier:pigeon"}}) as runner:
        result = runner.cast("events.emit('a')", engine="lua")
    assert isinstance(result.error, UsageError)
    assert "memory, nats, postgresql, redis" in str(result.error)
