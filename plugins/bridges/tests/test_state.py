from __future__ import annotations

import asyncio

import pytest
from llmspell_bridges.state.bridge import StateBridge
from llmspell_bridges.state.store import Store, StoreFull

from llmspell_core.bridge import Context, Shared
from llmspell_core.errors import CallError, ConversionError, LimitExceeded
from llmspell_core.spells import Manifest, Spell
from llmspell_core.values import Handle


@pytest.fixture
def state(context):
    return StateBridge(context())


def test_a_value_is_kept_until_it_is_deleted(state):
    assert state.get("a") is None
    assert state.get("a", default=3) == 3
    state.set("a", None)
    assert state.has("a")
    assert state.get("a", default=3) is None
    assert state.delete("a")
    assert not state.delete("a")
    assert not state.has("a")


def test_changing_what_was_got_or_set_changes_nothing_kept(state):
    value = {"list": [1, {"deep": [2]}]}
    state.set("a", value)
    value["list"].append(3)
    state.get("a")["list"][1]["deep"].append(4)
    assert state.get("a") == {"list": [1, {"deep": [2]}]}


def test_keys_are_sorted_and_chosen_by_prefix(state):
    state.set_many({"b:2": 1, "a": 2, "b:1": 3})
    assert state.keys() == ["a", "b:1", "b:2"]
    assert state.keys("b:") == ["b:1", "b:2"]
    assert state.get_many(["a", "b:1", "none"]) == {"a": 2, "b:1": 3}


def test_a_number_is_counted_up_and_down(state):
    assert [state.incr("n"), state.incr("n", 5), state.incr("n", -0.5)] == [1, 6, 5.5]


@pytest.mark.parametrize("value", ["text", True, [1]])
def test_what_is_no_number_is_not_counted(state, value):
    state.set("n", value)
    with pytest.raises(CallError, match="holds no number"):
        state.incr("n")
    assert state.get("n") == value


def test_a_number_that_would_pass_64_bits_is_refused(state):
    state.set("n", 2**63 - 1)
    with pytest.raises(CallError, match="64 bits"):
        state.incr("n")
    assert state.get("n") == 2**63 - 1


def test_scopes_reach_as_far_as_they_say():
    shared = Shared()

    def cast(name):
        return StateBridge(Context("r", Spell("", manifest=Manifest(name)), shared=shared))

    first = cast("a")
    for scope in ("run", "spell", "shared"):
        first.set("k", scope, scope=scope)
    again, other = cast("a"), cast("b")
    assert [first.get("k", scope=s) for s in ("run", "spell", "shared")] == ["run", "spell", "shared"]
    assert [again.get("k", scope=s) for s in ("run", "spell", "shared")] == [None, "spell", "shared"]
    assert [other.get("k", scope=s) for s in ("run", "spell", "shared")] == [None, None, "shared"]


def test_functions_and_handles_stay_in_their_run(state, function):
    called, handle = function(lambda: 1), Handle()
    state.set("f", [called, handle])
    assert state.get("f") == [called, handle]
    with pytest.raises(ConversionError, match=r"\$\.a\[1\]: a function belongs to its run"):
        state.set("f", {"a": [1, called]}, scope="shared")
    with pytest.raises(ConversionError, match="a handle belongs to its run"):
        state.set("f", handle, scope="spell")


def test_a_function_makes_the_new_value(state, run, function):
    assert run(state.update("n", function(lambda value: (value or 0) + 1))) == 1
    assert run(state.update("n", function(lambda value: value + 1))) == 2
    assert state.get("n") == 2


def test_a_function_that_fails_changes_nothing(state, run, function):
    def fail(value):
        value.append(2)
        raise CallError("no")

    state.set("a", [1])
    with pytest.raises(CallError, match="no"):
        run(state.update("a", function(fail)))
    assert state.get("a") == [1]


def test_overlapping_updates_lose_nothing(state, run, function):
    async def slow(value):
        await asyncio.sleep(0)
        return (value or 0) + 1

    async def use():
        await asyncio.gather(*(state.update("n", function(slow)) for _ in range(40)))

    run(use())
    assert state.get("n") == 40


def test_updates_of_one_key_may_nest(state, run, function):
    calls = []

    async def outer(value):
        calls.append(value)
        if len(calls) == 1:
            await state.update("n", function(lambda inner: (inner or 0) + 10))
        return (value or 0) + 1

    assert run(state.update("n", function(outer))) == 11
    assert calls == [None, 10]


def test_a_function_that_always_changes_its_own_key_is_told(state, run, function):
    async def endless(value):
        state.incr("n")
        return value

    with pytest.raises(CallError, match="does the function itself change it"):
        run(state.update("n", function(endless)))


def test_a_store_holds_no_more_than_it_may(context, run, function):
    state = StateBridge(context(max_bytes=1000))
    state.set("a", "x" * 800)
    with pytest.raises(LimitExceeded, match="1000 bytes") as caught:
        state.set("b", "x" * 800)
    assert caught.value.data == {"limit": "state", "allowed": 1000}
    with pytest.raises(LimitExceeded):
        run(state.update("a", function(lambda _: ["x" * 1000])))
    assert state.get("a") == "x" * 800
    state.set("a", "y" * 800)
    state.delete("a")
    state.set("b", "x" * 800)
    assert state.keys() == ["b"]


def test_many_small_things_are_counted_too():
    store = Store(10_000)
    kept = 0
    with pytest.raises(StoreFull):  # noqa: PT012 - which of them is one too many is the store's business
        while kept < 10_000:
            store.set(str(kept), [])
            kept += 1
    assert len(store.keys()) == kept < 1000
