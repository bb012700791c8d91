"""The bridge state, in all scopes and on all stores."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from llmspell_bridges.state.bridge import StateBridge

from llmspell_core.bridge import Context, Shared
from llmspell_core.errors import CallError, ConversionError, Denied, LimitExceeded, SpellFailed
from llmspell_core.guard import Guard
from llmspell_core.policy import Policy
from llmspell_core.spells import Manifest, Spell
from llmspell_core.values import ErrorValue, Handle

NAMES = ("run", "memory", "sqlite", "postgresql", "redis")


class Clock:
    now = 1_763_660_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(params=NAMES)
def bridge(request, kept_stores, tmp_path, context, clock, run):
    """Make the bridge and the scope to use it with: a function of further settings."""
    where = request.param
    with kept_stores.settings_of("memory" if where == "run" else where, tmp_path) as settings:
        made = []

        def make(**more):
            made.append(StateBridge(replace(context(**settings, **more), clock=clock)))
            return In(made[-1], "run" if where == "run" else "shared")

        yield make
        for each in made:
            run(each.close())


class In:
    """The bridge's methods, all in one scope, each run to its end."""

    def __init__(self, bridge, scope):
        self.bridge, self.scope = bridge, scope

    def __getattr__(self, name):
        async def call(*args, **options):
            return await getattr(self.bridge, name)(*args, **options, scope=self.scope)

        return call


@pytest.fixture
def state(bridge):
    return bridge()


@pytest.fixture
def alone(context):
    return StateBridge(context())


def test_a_value_is_kept_until_it_is_deleted(state, run):
    async def story():
        assert await state.get("a") is None
        assert await state.get("a", default=3) == 3
        await state.set("a", None)
        assert await state.has("a")
        assert await state.get("a", default=3) is None
        assert await state.delete("a")
        assert not await state.delete("a")
        assert not await state.has("a")

    run(story())


def test_changing_what_was_got_or_set_changes_nothing_kept(state, run):
    async def story():
        value = {"list": [1, {"deep": [2]}]}
        await state.set("a", value)
        value["list"].append(3)
        (await state.get("a"))["list"][1]["deep"].append(4)
        return await state.get("a")

    assert run(story()) == {"list": [1, {"deep": [2]}]}


def test_keys_are_sorted_and_chosen_by_prefix(state, run):
    async def story():
        await state.set_many({"b:2": 1, "a": 2, "b:1": 3})
        await state.set_many({})
        return [await state.keys(), await state.keys("b:"), await state.get_many(["a", "b:1", "none"])]

    assert run(story()) == [["a", "b:1", "b:2"], ["b:1", "b:2"], {"a": 2, "b:1": 3}]


def test_a_number_is_counted_up_and_down(state, run):
    async def story():
        return [await state.incr("n"), await state.incr("n", 5), await state.incr("n", -0.5)]

    assert run(story()) == [1, 6, 5.5]


@pytest.mark.parametrize("value", ["text", True, [1]])
def test_what_is_no_number_is_not_counted(state, run, value):
    run(state.set("n", value))
    with pytest.raises(CallError, match="which is no number"):
        run(state.incr("n"))
    assert run(state.get("n")) == value


def test_a_number_that_would_pass_64_bits_is_refused(state, run):
    run(state.set("n", 2**63 - 1))
    with pytest.raises(CallError, match="64 bits"):
        run(state.incr("n"))
    assert run(state.get("n")) == 2**63 - 1


def test_scopes_reach_as_far_as_they_say(run):
    shared = Shared()

    def cast(name):
        return StateBridge(Context("r", Spell("", manifest=Manifest(name)), shared=shared))

    async def found(state):
        return [await state.get("k", scope=scope) for scope in ("run", "spell", "shared")]

    async def story():
        first = cast("a")
        for scope in ("run", "spell", "shared"):
            await first.set("k", scope, scope=scope)
        return [await found(each) for each in (first, cast("a"), cast("b"))]

    assert run(story()) == [["run", "spell", "shared"], [None, "spell", "shared"], [None, None, "shared"]]


def test_a_spell_that_takes_anothers_name_elsewhere_gets_nothing_of_it(run):
    shared = Shared()

    async def story():
        for home in ("/one", "/two"):
            spell = Spell("", manifest=Manifest("bank"), home=home)
            state = StateBridge(Context("r", spell, shared=shared))
            assert await state.get("k", scope="spell") is None
            await state.set("k", home, scope="spell")

    run(story())


def test_functions_and_handles_stay_in_their_run(alone, function, run):
    called, handle = function(lambda: 1), Handle()

    async def story():
        await alone.set("f", [called, handle])
        assert await alone.get("f") == [called, handle]
        with pytest.raises(ConversionError, match=r"\$\.a\[1\]: a function belongs to its run"):
            await alone.set("f", {"a": [1, called]}, scope="shared")
        with pytest.raises(ConversionError, match="a handle belongs to its run"):
            await alone.set("f", handle, scope="spell")
        error = ErrorValue("a", "b", cause=ErrorValue("c", "d", {"f": called}))
        with pytest.raises(ConversionError, match=r"\$\.cause\.data\.f: a function"):
            await alone.set("f", error, scope="shared")
        with pytest.raises(ConversionError):
            await alone.update("f", function(lambda _: called), scope="shared")
        assert await alone.keys(scope="shared") == []

    run(story())


def test_errors_are_values_that_can_be_kept(state, run):
    error = ErrorValue("own", "went wrong", {"n": [1]}, ErrorValue("other", "before"), "a.spell", 3)
    run(state.set("e", error))
    assert run(state.get("e")) == error


def test_a_function_makes_the_new_value(state, run, function):
    assert run(state.update("n", function(lambda value: (value or 0) + 1))) == 1
    assert run(state.update("n", function(lambda value: value + 1))) == 2
    assert run(state.get("n")) == 2


def test_a_function_that_fails_changes_nothing(state, run, function):
    def fail(value):
        value.append(2)
        raise CallError("no")

    run(state.set("a", [1]))
    with pytest.raises(CallError, match="no"):
        run(state.update("a", function(fail)))
    assert run(state.get("a")) == [1]


def test_overlapping_updates_lose_nothing(state, run, function):
    async def slow(value):
        await asyncio.sleep(0)
        return (value or 0) + 1

    async def use():
        await asyncio.gather(*(state.update("n", function(slow)) for _ in range(12)))

    run(use())
    assert run(state.get("n")) == 12


def test_updates_of_one_key_may_nest(state, run, function):
    calls = []

    async def outer(value):
        calls.append(value)
        if len(calls) == 1:
            await state.update("n", function(lambda inner: (inner or 0) + 10))
        return (value or 0) + 1

    assert run(state.update("n", function(outer))) == 11
    assert calls == [None, 10]


def test_a_function_that_always_changes_its_own_key_is_told(alone, run, function):
    async def endless(value):
        await alone.incr("n")
        return value

    with pytest.raises(CallError, match="does the function itself change it"):
        run(alone.update("n", function(endless)))


def test_a_value_is_set_only_if_another_is_there(state, run):
    async def story():
        assert not await state.compare_and_set("a", 1, 2)
        assert await state.compare_and_set("a", None, {"x": [1, 2.0], "y": b""})
        assert not await state.compare_and_set("a", None, 3)
        assert await state.compare_and_set("a", {"y": b"", "x": [1.0, 2]}, True)
        assert not await state.compare_and_set("a", 1, 4)
        return await state.get("a")

    assert run(story()) is True


def test_of_many_who_compare_at_once_one_sets(state, run):
    async def story():
        return await asyncio.gather(*(state.compare_and_set("a", None, i) for i in range(10)))

    assert sum(run(story())) == 1


def test_a_value_is_gone_when_its_time_is_over(state, clock, run):
    async def story():
        await state.set("a", 1, ttl=10)
        await state.set_many({"b": 1, "c": 1}, ttl=20)
        assert await state.ttl("a") == 10
        assert await state.ttl("none") is None
        assert await state.expire("c")
        assert await state.ttl("c") is None
        assert not await state.expire("none", 5)
        clock.now += 15
        assert await state.keys() == ["b", "c"]
        assert [await state.get("a"), await state.has("a"), await state.delete("a")] == [None, False, False]
        assert await state.expire("c", 1)
        await state.incr("c")
        await state.update("b", _plus_one)
        clock.now += 1
        assert not await state.has("c")
        clock.now += 4
        return await state.keys()

    async def _plus_one(value):
        return value + 1

    assert run(story()) == []


@pytest.mark.parametrize("ttl", [-1, float("nan"), float("inf"), 1e300])
def test_what_is_no_time_to_be_kept_is_told(state, run, ttl):
    with pytest.raises(CallError, match="ttl is a number of seconds"):
        run(state.set("a", 1, ttl=ttl))
    assert not run(state.has("a"))


def test_what_was_kept_before_is_told(state, clock, run):
    async def story():
        for i in range(13):
            await state.set("a", i)
            clock.now += 1
        await state.delete("a")
        past = await state.history("a")
        assert [each["value"] for each in past] == list(range(12, 2, -1))
        assert past[0]["until"] - past[0]["time"] == 1
        return [each["value"] for each in await state.history("a", limit=2)]

    assert run(story()) == [12, 11]


def test_a_store_holds_no_more_than_it_may(bridge, run, function):
    state = bridge(max_bytes=1000)
    run(state.set("a", "x" * 800))
    with pytest.raises(LimitExceeded, match="1000 bytes; delete something") as caught:
        run(state.set("b", "x" * 800))
    assert caught.value.data == {"limit": "state", "allowed": 1000}
    with pytest.raises(LimitExceeded):
        run(state.update("a", function(lambda _: ["x" * 1000])))
    with pytest.raises(LimitExceeded):
        run(state.set_many({"a": 1, "c": "x" * 1000}))
    assert run(state.get("a")) == "x" * 800
    run(state.set("a", "y" * 800))
    run(state.delete("a"))
    run(state.set("b", "x" * 800))
    assert run(state.keys()) == ["b"]


def test_keys_are_bounded_in_number_and_length(bridge, run):
    state = bridge(max_keys=2)
    run(state.set_many({"a": 1, "b": 2}))
    with pytest.raises(LimitExceeded, match="max_keys") as many:
        run(state.set("c", 1))
    assert many.value.limit == "state_keys"
    with pytest.raises(LimitExceeded, match="1024 bytes") as long:
        run(state.set("k" * 2000, 1))
    assert long.value.limit == "state_key"


def test_a_transaction_is_kept_whole(state, run, function):
    async def move(tx):
        assert await tx.get("from") == 10
        await tx.set("from", await tx.get("from") - 3)
        assert await tx.get("from") == 7
        await tx.incr("to", 3)
        assert await tx.keys() == ["from", "gone", "to"]
        assert await tx.delete("gone")
        assert not await tx.delete("gone")
        await tx.set_many({"x": 1, "y": 2})
        assert await tx.get_many(["x", "gone", "from"]) == {"x": 1, "from": 7}
        assert [await tx.has("x"), await tx.has("gone")] == [True, False]
        assert await tx.keys() == ["from", "to", "x", "y"]
        return "moved"

    run(state.set_many({"from": 10, "gone": 1}))
    assert run(state.transaction(function(move))) == "moved"
    assert run(state.get_many(["from", "to", "gone", "x", "y"])) == {"from": 7, "to": 3, "x": 1, "y": 2}


def test_a_transaction_that_fails_keeps_nothing(state, run, function):
    async def fail(tx):
        await tx.set("a", 2)
        await tx.delete("b")
        raise SpellFailed("no")

    run(state.set_many({"a": 1, "b": 1}))
    with pytest.raises(SpellFailed, match="no"):
        run(state.transaction(function(fail)))
    assert run(state.get_many(["a", "b"])) == {"a": 1, "b": 1}


def test_nobody_sees_a_part_of_a_transaction(state, run, function):
    async def write(tx):
        await tx.set("a", 1)
        await asyncio.sleep(0)
        assert not await state.has("a")
        await tx.set("b", 1)

    run(state.transaction(function(write)))
    assert run(state.keys()) == ["a", "b"]


def test_a_transaction_between_which_others_come_is_made_anew(state, run, function):
    seen = []

    async def change(tx):
        seen.append(await tx.get("a"))
        if len(seen) == 1:
            await state.set("a", 5)
        await tx.set("b", (await tx.get("a") or 0) + 1)

    run(state.transaction(function(change)))
    assert seen == [None, 5]
    assert run(state.get("b")) == 6


def test_a_transaction_that_fails_of_what_never_was_together_is_made_anew(state, run, function):
    tried = []

    async def check(tx):
        a = await tx.get("a")
        if not tried:
            tried.append(1)
            await state.set_many({"a": 2, "b": 2})
        if await tx.get("b") != a:
            raise SpellFailed("a and b differ")
        return a

    run(state.set_many({"a": 1, "b": 1}))
    assert run(state.transaction(function(check))) == 2


def test_a_key_that_comes_while_keys_are_counted_is_seen(state, run, function):
    counts = []

    async def count(tx):
        counts.append(len(await tx.keys("k:")))
        if len(counts) == 1:
            await state.set("k:new", 1)
        await tx.set("count", counts[-1])

    run(state.transaction(function(count)))
    assert run(state.get("count")) == 1


def test_transactions_at_once_are_as_if_one_came_after_the_other(state, run, function):
    async def move(tx):
        a = await tx.get("a")
        await asyncio.sleep(0)
        await tx.set("a", a - 1)
        await tx.set("b", await tx.get("b") + 1)

    async def story():
        await state.set_many({"a": 10, "b": 0})
        await asyncio.gather(*(state.transaction(function(move)) for _ in range(10)))
        return await state.get_many(["a", "b"])

    assert run(story()) == {"a": 0, "b": 10}


def test_a_transaction_that_never_gets_through_ends(alone, run, function):
    async def endless(tx):
        await tx.get("a")
        await alone.incr("a")
        await tx.set("b", 1)

    with pytest.raises(CallError, match="does the function itself change it"):
        run(alone.transaction(function(endless)))
    assert not run(alone.has("b"))


def test_a_transaction_is_of_no_use_after_its_end(state, run, function):
    kept = []
    run(state.transaction(function(kept.append)))
    for call in (kept[0].get("a"), kept[0].set("a", 1), kept[0].keys(), kept[0].delete("a")):
        with pytest.raises(CallError, match="the transaction has ended"):
            run(call)


def test_what_a_transaction_means_to_keep_is_bounded(bridge, run, function):
    state = bridge(max_bytes=1000)

    async def fill(tx):
        for i in range(100):
            await tx.set("a", str(i) * 900)

    with pytest.raises(LimitExceeded):
        run(state.transaction(function(fill)))


@pytest.mark.parametrize("method", ["get", "delete"])
def test_the_keys_that_a_transaction_looks_for_are_bounded(bridge, run, function, method):
    state = bridge(max_bytes=1000)

    async def look(tx):
        for i in range(100):
            await getattr(tx, method)(f"{i}" * 100)

    with pytest.raises(LimitExceeded, match="1000 bytes"):
        run(state.transaction(function(look)))

    async def look_far(tx):
        await getattr(tx, method)("k" * 2000)

    with pytest.raises(LimitExceeded, match="1024 bytes"):
        run(state.transaction(function(look_far)))


def test_what_an_error_carries_takes_room(bridge, run):
    state = bridge(max_bytes=1000)
    with pytest.raises(LimitExceeded):
        run(state.set("e", ErrorValue("k", "m", data=["x" * 1000])))
    with pytest.raises(LimitExceeded):
        run(state.set("e", ErrorValue("k", "m", cause=ErrorValue("k", "x" * 1000))))


def test_a_value_in_a_transaction_has_its_time_too(state, clock, run, function):
    async def change(tx):
        await tx.set("a", 1, ttl=10)
        await tx.incr("b")

    async def story():
        await state.set("b", 1, ttl=5)
        await state.transaction(function(change))
        assert [await state.ttl("a"), await state.ttl("b")] == [10, 5]

    run(story())


def test_a_lock_keeps_others_out_until_it_is_given_back(state, run):
    order = []

    async def one(name):
        lock = await state.lock("l")
        order.append(f"{name} in")
        await asyncio.sleep(0.01)
        order.append(f"{name} out")
        assert await lock.release()
        assert not await lock.release()

    async def story():
        await asyncio.gather(*(one(str(i)) for i in range(4)))

    run(story())
    assert [order[i][0] for i in (0, 2, 4, 6)] == [order[i][0] for i in (1, 3, 5, 7)]


def test_a_wait_for_a_lock_is_bounded(state, run):
    async def story():
        await state.lock("l")
        with pytest.raises(CallError, match=r"for 0\.01 s; wait longer") as taken:
            await state.lock("l", timeout=0.01)
        assert (taken.value.kind, taken.value.data) == ("timeout", {"lock": "l", "timeout": 0.01})

    run(story())


def test_the_locks_of_a_run_end_with_it(bridge, run):
    async def story():
        first, second = bridge(), bridge()
        second.bridge.context = replace(second.bridge.context, shared=first.bridge.context.shared)
        lock = await first.lock("l")
        fence = lock.fence()
        await first.bridge.close()
        if first.scope != "run":
            assert (await second.lock("l", timeout=0)).fence() > fence
        assert not await lock.release()

    run(story())


def test_what_is_done_under_a_lock_is_done_only_while_it_is_held(state, run, function):
    async def story():
        lock = await state.lock("l")
        await lock.renew(30)
        await state.set("a", 1, under=lock)
        await state.set_many({"a": 2}, under=lock)
        await state.update("a", function(lambda value: value + 1), under=lock)
        await state.transaction(function(lambda tx: tx.incr("a")), under=lock)
        assert await state.get("a") == 4
        await state.bridge._locks[0]._space.release("l", lock._owner)  # as if its time were over
        for call in (
            state.set("a", 0, under=lock),
            state.set_many({"a": 0}, under=lock),
            state.update("a", function(lambda _: 0), under=lock),
            state.transaction(function(lambda tx: tx.set("a", 0)), under=lock),
            lock.renew(),
        ):
            with pytest.raises(CallError, match="not held any more") as lost:
                await call
            assert lost.value.kind == "lock"
        return await state.get("a")

    assert run(story()) == 4


def test_a_lock_of_another_scope_or_given_back_is_told(alone, run):
    async def story():
        lock = await alone.lock("l", scope="shared")
        with pytest.raises(CallError, match="of the scope 'shared', not 'run'"):
            await alone.set("a", 1, under=lock)
        await lock.release()
        with pytest.raises(CallError, match="was released"):
            await alone.set("a", 1, under=lock, scope="shared")

    run(story())


@pytest.mark.parametrize("scope", ["run", "shared"])
def test_a_lock_that_is_taken_and_cannot_be_written_down_is_given_back(context, run, scope):
    async def story():
        taken = asyncio.Event()

        async def recall(key, do):
            value = await do()
            if key == "lock" and not taken.is_set():
                taken.set()
                await asyncio.Event().wait()
            return value

        state = StateBridge(replace(context(), recall=recall))
        asking = asyncio.create_task(state.lock("l", scope=scope))
        await taken.wait()
        asking.cancel()
        await asyncio.wait([asking])
        assert asking.cancelled()
        return await state.lock("l", timeout=0, scope=scope)

    assert run(story()).fence() == 2


def test_a_task_that_stops_waiting_for_a_lock_does_not_get_it(state, run):
    async def story():
        lock = await state.lock("l")
        waiting = asyncio.create_task(state.lock("l", timeout=30))
        await asyncio.sleep(0.02)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await lock.release()
        assert (await state.lock("l", timeout=0)).fence() > lock.fence()

    run(story())


def test_locks_are_bounded_in_number(alone, run):
    async def story():
        for i in range(1000):
            await alone.lock(f"l{i}")
        with pytest.raises(LimitExceeded, match="release some"):
            await alone.lock("one more")
        await alone.close()
        await alone.lock("one more")

    run(story())


def test_reading_and_writing_are_granted_each(context, run, function):
    def state(*rules, deny=()):
        policy = Policy.strict().allow(*rules).deny(*deny)
        return StateBridge(replace(context(), guard=Guard(policy)))

    async def story():
        async def both(tx):
            await tx.get("a")
            await tx.set("a", 1)

        for rules, method in ((["state:read:run:a"], "set"), (["state:write:run:a"], "get")):
            with pytest.raises(Denied) as refused:
                await state(*rules).transaction(function(both))
            verb = "write" if method == "set" else "read"
            assert refused.value.data["flag"] == f"--allow-state={verb}:run:a"
        with pytest.raises(Denied):
            await state("state:run:*", deny=["state:write:run:a"]).transaction(function(both))
        await state("state:run:a").transaction(function(both))
        await state("state:read:run:*", "state:write:run:a").transaction(function(both))

    run(story())
