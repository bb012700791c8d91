"""What every store of values does, whichever it is."""

from __future__ import annotations

import threading

import pytest
from llmspell_bridges.state.scopes import _open
from llmspell_bridges.state.store import Bounds, Change, Conflict, Full, Unheld, Write

from llmspell_core.errors import UsageError

NAMES = ("memory", "sqlite", "postgresql", "redis")


class Clock:
    def __init__(self):
        self.now = 1_763_660_000.25

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(params=NAMES)
def opened(request, kept_stores, tmp_path, clock):
    """Open the store with other bounds: a function of them that returns the store, and the space to use."""
    stores = []
    with kept_stores.settings_of(request.param, tmp_path) as settings:

        def make(**bounds):
            stores.append(_open(settings["url"], Bounds(**bounds), clock))
            return stores[-1], settings["namespace"]

        yield make
        for store in stores:
            store.close()
            store.close()


@pytest.fixture
def store(opened):
    return opened()[0]


@pytest.fixture
def space(opened):
    return opened()[1]


def put(store, space, **values):
    return store.commit(space, Change({key: Write(value) for key, value in values.items()}))


def values(store, space, *keys):
    return {key: entry.value for key, entry in store.read(space, keys).items()}


VALUES = [
    None, True, False, 0, -1, 2**53, -(2**63), 2**63 - 1, 0.0, 1.0, float("inf"), "", "a\0b\U0001f600", b"", b"\xff\0",
    [], {}, [[]], [{}], {"": {}}, {"$": 1}, {"a": None}, [None], {"deep": [{"x": [b"1", 2**60, {"$": ["int", "3"]}]}]},
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_comes_back_as_it_was(store, space, value):
    put(store, space, a=value)
    found = store.read(space, ["a"])["a"].value
    assert (found, type(found)) == (value, type(value))


def test_what_equals_nothing_and_a_negative_zero_come_back(store, space):
    put(store, space, a=[float("nan"), -0.0])
    nan, zero = store.read(space, ["a"])["a"].value
    assert nan != nan
    assert str(zero) == "-0.0"


@pytest.mark.parametrize(
    "key", ["", "a\0b", "é", "\U0001f600", "a|b", "a%_*?[", "'; DROP TABLE state_entries; --", "$", "}{"]
)
def test_any_text_is_a_key(store, space, key):
    version = store.commit(space, Change({key: Write(1)}))
    assert store.read(space, [key])[key].version == version
    assert store.keys(space, key)[0] == [key]
    store.commit(space, Change({key: Write(2)}, {key: version}))
    assert [past.value for past in store.history(space, key)] == [1]
    assert store.acquire(space, key, "me", 60)
    assert store.release(space, key, "me")


def test_spaces_know_nothing_of_each_other(store, space):
    other = f"{space}\0spell:a"
    put(store, space, a=1)
    put(store, other, a=2)
    assert (values(store, space, "a"), values(store, other, "a")) == ({"a": 1}, {"a": 2})
    assert store.acquire(space, "l", "me", 60)
    assert store.acquire(other, "l", "you", 60)
    store.release(other, "l", "you")


def test_keys_are_in_order_and_chosen_by_prefix(store, space):
    put(store, space, **{"b:2": 1, "a": 1, "b:10": 1, "é": 1, "b": 1, "b;": 1, "\U0001f600": 1})
    assert store.keys(space, "")[0] == ["a", "b", "b:10", "b:2", "b;", "é", "\U0001f600"]
    assert store.keys(space, "b:")[0] == ["b:10", "b:2"]
    assert store.keys(space, "\U0001f600")[0] == ["\U0001f600"]


def test_many_keys_are_read_and_set_at_once(store, space):
    many = {f"k{i}": i for i in range(1200)}
    put(store, space, **many)
    assert values(store, space, *many, "none") == many
    assert len(store.keys(space, "")[0]) == 1200


def test_versions_grow_and_a_change_relies_on_them(store, space):
    first = put(store, space, a=1)
    second = put(store, space, a=2)
    assert second > first
    with pytest.raises(Conflict):
        store.commit(space, Change({"a": Write(3), "b": Write(3)}, {"a": first}))
    assert values(store, space, "a", "b") == {"a": 2}
    store.commit(space, Change({"a": Write(3)}, {"a": second, "b": 0}))
    with pytest.raises(Conflict):
        store.commit(space, Change({"c": Write(1)}, {"a": 0}))


def test_a_key_that_was_dropped_and_set_again_is_another(store, space):
    version = put(store, space, a=1)
    store.commit(space, Change({"a": None}))
    put(store, space, a=1)
    with pytest.raises(Conflict):
        store.commit(space, Change({"a": Write(2)}, {"a": version}))


def test_who_has_looked_at_all_keys_relies_on_the_whole_space(store, space):
    _, revision = store.keys(space, "")
    store.commit(space, Change({"a": Write(1)}, revision=revision))
    with pytest.raises(Conflict):
        store.commit(space, Change({"b": Write(1)}, revision=revision))
    assert store.keys(space, "")[0] == ["a"]


def test_former_values_are_remembered_as_many_as_asked(opened, clock):
    store, space = opened(history=3)
    began = clock.now
    for i in range(6):
        put(store, space, a=i)
        clock.now += 1
    store.commit(space, Change({"a": None}))
    past = store.history(space, "a")
    assert [each.value for each in past] == [5, 4, 3]
    assert [(each.time - began, each.until - began) for each in past] == [(5, 6), (4, 5), (3, 4)]
    assert sorted((each.version for each in past), reverse=True) == [each.version for each in past]
    assert store.history(space, "none") == []


def test_without_history_nothing_is_remembered(opened):
    store, space = opened(history=0)
    put(store, space, a=1)
    put(store, space, a=2)
    assert store.history(space, "a") == []


def test_what_has_expired_is_gone_for_everybody(store, space, clock):
    store.commit(space, Change({"a": Write(1, clock.now + 10), "b": Write(1)}))
    clock.now += 9.5
    assert values(store, space, "a", "b") == {"a": 1, "b": 1}
    clock.now += 0.5
    assert values(store, space, "a", "b") == {"b": 1}
    assert store.keys(space, "")[0] == ["b"]
    seen = []
    store.alter(space, "a", lambda entry: seen.append(entry) or Write(5))
    assert seen == [None]
    assert values(store, space, "a") == {"a": 5}


def test_what_has_expired_is_as_if_it_had_never_been(store, space, clock):
    version = store.commit(space, Change({"a": Write(1, clock.now + 10)}))
    clock.now += 11
    with pytest.raises(Conflict):
        store.commit(space, Change({"a": Write(2)}, {"a": version}))
    store.commit(space, Change({"a": Write(2)}, {"a": 0}))
    assert values(store, space, "a") == {"a": 2}


def test_a_store_holds_no_more_bytes_than_it_may(opened):
    store, space = opened(bytes=1000)
    put(store, space, a="x" * 800)
    with pytest.raises(Full, match="1000 bytes; delete something, or allow more with the setting max_bytes"):
        put(store, space, b="x" * 800)
    with pytest.raises(Full):
        put(store, space, a="x" * 1000)
    assert values(store, space, "a", "b") == {"a": "x" * 800}
    put(store, space, a="y" * 800)
    store.commit(space, Change({"a": None}))
    put(store, space, b="z" * 800)
    assert store.keys(space, "")[0] == ["b"]


def test_a_change_that_has_no_room_changes_nothing_of_it(opened):
    store, space = opened(bytes=1000)
    put(store, space, a=1)
    with pytest.raises(Full):
        put(store, space, a=2, b="x" * 2000)
    assert values(store, space, "a", "b") == {"a": 1}


def test_a_store_holds_no_more_keys_than_it_may(opened):
    store, space = opened(keys=3)
    put(store, space, a=1, b=2, c=3)
    with pytest.raises(Full, match=r"3 keys.*max_keys"):
        put(store, space, d=4)
    put(store, space, a=5)
    store.commit(space, Change({"a": None}))
    put(store, space, d=4)
    assert store.keys(space, "")[0] == ["b", "c", "d"]


def test_a_key_has_an_end(store, space):
    with pytest.raises(Full, match="1024 bytes"):
        put(store, space, **{"é" * 513: 1})
    put(store, space, **{"é" * 512: 1})
    with pytest.raises(Full):
        store.acquire(space, "x" * 1025, "me", 1)


def test_the_past_and_the_expired_make_room_for_the_present(opened, clock):
    store, space = opened(bytes=3000)
    for i in range(50):
        put(store, space, a=str(i % 10) * 900)
    assert len(values(store, space, "a")["a"]) == 900
    store.commit(space, Change({"b": Write("x" * 900, clock.now + 1)}))
    clock.now += 2
    put(store, space, c="x" * 1500)
    assert sorted(values(store, space, "a", "b", "c")) == ["a", "c"]


def test_many_small_things_are_counted_too(opened):
    store, space = opened(bytes=3000)
    kept = 0
    with pytest.raises(Full):  # noqa: PT012 - which of them is one too many is the store's business
        while kept < 3000:
            put(store, space, **{str(kept): []})
            kept += 1
    assert len(store.keys(space, "")[0]) == kept < 700


def test_what_is_counted_stays_right_over_many_changes(opened, clock):
    store, space = opened(bytes=20_000, history=2)
    for i in range(300):
        key = f"k{i % 7}"
        expires = clock.now + 3 if i % 3 == 0 else None
        store.commit(space, Change({key: Write("x" * (i % 50), expires), f"k{(i + 3) % 7}": None}))
        clock.now += 1
    store.commit(space, Change(dict.fromkeys(f"k{i}" for i in range(7))))
    put(store, space, big="x" * 19_000)
    store.commit(space, Change({"big": None}))
    put(store, space, big="y" * 19_000)


def test_touching_changes_when_a_value_is_gone_and_is_no_past(store, space, clock):
    put(store, space, a=1)
    store.alter(space, "a", lambda entry: Write(entry.value, clock.now + 5, same=True))
    assert store.history(space, "a") == []
    assert store.read(space, ["a"])["a"].expires == clock.now + 5


def test_alter_that_raises_changes_nothing(store, space):
    put(store, space, a=1)

    def fail(entry):
        raise KeyError(entry.value)

    with pytest.raises(KeyError):
        store.alter(space, "a", fail)
    assert store.alter(space, "a", lambda entry: Write(entry.value + 1)).value == 2
    assert store.alter(space, "a", lambda entry: None) is None
    assert values(store, space, "a") == {}


def test_a_lock_is_one_owners(store, space):
    first = store.acquire(space, "l", "me", 60)
    assert first
    assert store.acquire(space, "l", "you", 60) is None
    assert store.acquire(space, "l", "me", 60) is None
    assert not store.release(space, "l", "you")
    assert not store.renew(space, "l", "you", 60)
    assert store.renew(space, "l", "me", 60)
    assert store.release(space, "l", "me")
    assert not store.release(space, "l", "me")
    assert not store.renew(space, "l", "me", 60)
    second = store.acquire(space, "l", "you", 60)
    assert second > first
    assert store.acquire(space, "other", "you", 60) > second
    store.release(space, "l", "you")


def test_what_is_changed_under_a_lock_is_changed_only_while_it_is_held(store, space):
    fence = store.acquire(space, "l", "me", 60)
    store.commit(space, Change({"a": Write(1)}, lock=("l", fence)))
    store.release(space, "l", "me")
    with pytest.raises(Unheld, match="take it again"):
        store.commit(space, Change({"a": Write(2)}, lock=("l", fence)))
    later = store.acquire(space, "l", "you", 60)
    with pytest.raises(Unheld):
        store.commit(space, Change({"a": Write(2)}, lock=("l", fence)))
    store.commit(space, Change({"a": Write(3)}, lock=("l", later)))
    assert values(store, space, "a") == {"a": 3}


def test_a_lock_whose_time_is_over_is_free(store, space, clock):
    fence = store.acquire(space, "l", "me", 0.05)
    clock.now += 1
    done = threading.Event()
    later = None
    while later is None:  # the time of a server is not to be set
        done.wait(0.02)
        later = store.acquire(space, "l", "you", 60)
    assert later > fence
    assert not store.renew(space, "l", "me", 60)
    assert not store.release(space, "l", "me")
    with pytest.raises(Unheld):
        store.commit(space, Change({"a": Write(1)}, lock=("l", fence)))
    assert store.release(space, "l", "you")


@pytest.mark.parametrize("name", ["sqlite", "postgresql", "redis"])
def test_threads_that_count_lose_nothing(kept_stores, tmp_path, clock, name):
    with kept_stores.settings_of(name, tmp_path) as settings:
        store = _open(settings["url"], Bounds(), clock)

        def count():
            for _ in range(25):
                store.alter(settings["namespace"], "n", lambda entry: Write((entry.value if entry else 0) + 1))

        threads = [threading.Thread(target=count) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert values(store, settings["namespace"], "n") == {"n": 150}
        store.close()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("nosuch://x", "no store is known for 'nosuch'; there are memory, postgresql, redis"),
        ("state.db", "no store is known"),
        ("redis://127.0.0.1:1/0", "check that it is there"),
        ("redis://user:hidden-word@127.0.0.1:1/0", "redis://127.0.0.1:1/0"),
        ("postgresql://nobody:hidden-word@127.0.0.1:1/none", "database"),
        ("sqlite:////dev/null/state.db", "database"),
    ],
)
def test_a_store_that_cannot_be_opened_is_told_without_its_password(url, told):
    from llmspell_core.errors import LlmspellError

    with pytest.raises(LlmspellError, match=told) as seen:
        _open(url, Bounds(), lambda: 0.0)
    assert "hidden-word" not in str(seen.value)


def test_what_is_no_setting_is_told(context):
    from llmspell_bridges.state.scopes import bounds_of

    with pytest.raises(UsageError, match=r"'max_bytes'.*not '1 GB'"):
        bounds_of(context(max_bytes="1 GB"))


def test_a_store_on_a_server_holds_few_connections(kept_stores, tmp_path):
    import psycopg

    with kept_stores.settings_of("postgresql", tmp_path) as settings:
        url, name = settings["url"], f"store-{settings['namespace']}"
        store = _open(f"{url}?application_name={name}", Bounds(), Clock())
        threads = [threading.Thread(target=store.read, args=(settings["namespace"], ["a"])) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with psycopg.connect(url) as connection:
            held = "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = %s"
            assert connection.execute(held, [name]).fetchone()[0] <= 4
        store.close()
