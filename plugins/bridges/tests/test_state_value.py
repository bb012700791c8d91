"""Values that do not change: places, merges, differences, history, artifacts."""

from __future__ import annotations

import gc

import pytest
from llmspell_bridges.state.bridge import StateBridge
from llmspell_bridges.state.compare import differences, same
from llmspell_bridges.state.paths import NoPlace, dropped, placed, steps_of, written

from llmspell_core.errors import CallError, ConversionError, Denied, LimitExceeded
from llmspell_core.guard import Guard
from llmspell_core.policy import Policy


@pytest.fixture
def state(context):
    return StateBridge(context())


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("", ()),
        ("a", ("a",)),
        ("a.b[0].c", ("a", "b", 0, "c")),
        ("[2][-1]", (2, -1)),
        (["a.b", 0, ""], ("a.b", 0, "")),
        ("a key.é", ("a key", "é")),
        ('a["b.c"][0]', ("a", "b.c", 0)),
        ('["a \\"b\\""].c', ('a "b"', "c")),
        ("$", ()),
        ("$.a[0].b", ("a", 0, "b")),
        ('$["a b"]', ("a b",)),
        ("$[1]", (1,)),
        ("$a.b", ("$a", "b")),
        ('["$"].b', ("$", "b")),
    ],
)
def test_a_path_names_keys_and_positions(path, steps):
    assert steps_of(path) == steps


@pytest.mark.parametrize(
    "path",
    [
        "a.",
        ".a",
        "a..b",
        "a[",
        "a[x]",
        "a]b",
        "[1",
        "a[99999999999]",
        'a["b]',
        'a["\\x"]',
        "a[01]",
        "$..a",
        ["a", None],
        ["a"] * 101,
    ],
)
def test_what_is_no_path_is_told(path):
    with pytest.raises(NoPlace):
        steps_of(path)


@pytest.mark.parametrize("steps", [(), ("a",), ("a b", 0, "c.d"), ("$", "é", 'x"y')])
def test_a_path_that_is_told_is_a_path(steps):
    assert steps_of(written(steps)) == steps


def test_setting_makes_maps_on_its_way_and_shares_the_rest():
    value = {"a": {"b": 1}, "c": [1, 2]}
    made = placed(value, ("a", "x", "y"), 5)
    assert made == {"a": {"b": 1, "x": {"y": 5}}, "c": [1, 2]}
    assert made["c"] is value["c"]
    assert value == {"a": {"b": 1}, "c": [1, 2]}
    assert placed(value, ("c", 2, "n"), 3)["c"] == [1, 2, {"n": 3}]
    assert placed(value, ("c", -1), 3)["c"] == [1, 3]
    assert dropped(value, ("c", -2)) == {"a": {"b": 1}, "c": [2]}
    assert dropped(value, ("a", "none")) is value
    for steps, problem in (
        (("c", "x"), "'$.c.x' leads into a list"),
        (("c", 4), "'$.c' has 2 items and no place [4]"),
        (("a", "b", "deep"), "'$.a.b.deep' leads into a number"),
        (("a", 0), "'$.a[0]' leads into a map"),
    ):
        with pytest.raises(NoPlace) as caught:
            placed(value, steps, 1)
        assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (1, 1.0, True), (1, True, False), (0, False, False), ("a", b"a", False), (float("nan"), float("nan"), True),
        ([], {}, False), ({"a": 1, "b": [2]}, {"b": [2.0], "a": 1}, True), ([1], [1, 2], False), (None, False, False),
    ],
)  # fmt: skip
def test_what_is_the_same(one, other, equal):
    assert same(one, other) is equal
    assert (differences(one, other) == []) is equal


def test_a_value_does_not_change(state, run):
    async def story():
        first = await state.create({"user": {"name": "Ada"}, "tags": ["a"]})
        second = await first.set("user.age", 36)
        third = await second.delete("tags[0]")
        assert first.get() == {"user": {"name": "Ada"}, "tags": ["a"]}
        assert second.get("user") == {"name": "Ada", "age": 36}
        assert third.get(["tags"]) == []
        assert third.get("none.at", 5) == 5
        assert [third.has("user.age"), third.has("user.none")] == [True, False]
        assert [third.keys(), third.keys("user"), third.keys("tags")] == [["tags", "user"], ["age", "name"], []]
        assert third.diff(first) == [
            {"path": "$.tags[0]", "change": "added", "before": None, "after": "a"},
            {"path": "$.user.age", "change": "removed", "before": 36, "after": None},
        ]
        assert [step["change"] for step in third.history()] == ["delete $.tags[0]", "set $.user.age", "create"]
        assert third.undo().get() == second.get()
        assert third.undo(2).get() == first.get()
        for steps in (0, 3, -1):
            with pytest.raises(CallError, match="2 changes are remembered"):
                third.undo(steps)

    run(story())


def test_what_was_given_and_got_is_a_copy(state, run):
    async def story():
        given = {"list": [1]}
        value = await state.create(given)
        given["list"].append(2)
        snapshot = value.snapshot()
        snapshot["value"]["list"].append(3)
        added = [9]
        more = await value.set("more", added)
        added.append(10)
        return [value.get(), more.get("more")]

    assert run(story()) == [{"list": [1]}, [9]]


MERGES = {
    "theirs": {"a": 2, "l": [2, 3], "m": {"x": 1, "y": 3, "z": 4}, "o": 1, "n": 5},
    "ours": {"a": 1, "l": [1, 2], "m": {"x": 1, "y": 2, "z": 4}, "o": 1, "n": 5},
    "shallow": {"a": 2, "l": [2, 3], "m": {"y": 3, "z": 4}, "o": 1, "n": 5},
    "append": {"a": 2, "l": [1, 2, 2, 3], "m": {"x": 1, "y": 3, "z": 4}, "o": 1, "n": 5},
    "union": {"a": 2, "l": [1, 2, 3], "m": {"x": 1, "y": 3, "z": 4}, "o": 1, "n": 5},
}


@pytest.mark.parametrize("strategy", MERGES)
def test_two_values_are_merged_as_the_strategy_says(state, run, strategy):
    async def story():
        ours = await state.create({"a": 1, "l": [1, 2], "m": {"x": 1, "y": 2}, "o": 1})
        theirs = await state.create({"a": 2, "l": [2, 3], "m": {"y": 3, "z": 4}, "n": 5})
        return [(await ours.merge(theirs, strategy)).get(), (await ours.merge(theirs.get(), strategy)).get()]

    assert run(story()) == [MERGES[strategy]] * 2


def test_a_function_settles_what_differs(state, run, function):
    asked = []

    def settle(path, ours, theirs):
        asked.append(path)
        return ours + theirs

    async def story():
        ours = await state.create({"a": 1, "m": {"n": 2}, "same": 1})
        return (await ours.merge({"a": 10, "m": {"n": 20}, "same": 1, "new": 3}, function(settle))).get()

    assert run(story()) == {"a": 11, "m": {"n": 22}, "same": 1, "new": 3}
    assert asked == ["$.a", "$.m.n"]


def test_a_merge_that_must_not_differ_tells_where(state, run):
    async def story():
        ours = await state.create({"m": {"n": 1}})
        assert (await ours.merge({"m": {"n": 1.0, "x": 2}}, "fail")).get("m.x") == 2
        with pytest.raises(CallError, match=r"\$\.m\.n") as clash:
            await ours.merge({"m": {"n": 2}}, "fail")
        assert (clash.value.kind, clash.value.data) == ("conflict", {"path": "$.m.n"})

    run(story())


def test_lists_of_things_with_parts_are_united_in_time(state, run):
    async def story():
        ours = await state.create({"l": [{"id": i, "t": [i]} for i in range(5000)]})
        theirs = {"l": [{"t": [i], "id": i} for i in range(2500, 7500)]}
        return (await ours.merge(theirs, "union")).get("l")

    assert [item["id"] for item in run(story())] == list(range(7500))


def test_a_value_is_transformed_and_filtered(state, run, function):
    async def story():
        value = await state.create({"a": 1, "b": 2, "c": 3})
        odd = await value.filter(function(lambda key, item: item % 2 == 1 and key != "c"))
        items = await (await state.create([5, 6, 7])).filter(function(lambda at, item: at > 0 and item < 7))
        total = await value.transform(function(lambda held: {"total": sum(held.values())}))
        with pytest.raises(CallError, match="only a map or a list has items"):
            await (await state.create(5)).filter(function(lambda *_: True))
        return [odd.get(), items.get(), total.get(), total.undo().get()]

    assert run(story()) == [{"a": 1}, [6], {"total": 6}, {"a": 1, "b": 2, "c": 3}]


SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


def test_a_value_is_validated(state, run):
    async def story():
        value = await state.create({"n": "x"})
        found = await value.validate(SCHEMA)
        assert found == {"valid": False, "errors": [{"path": "$.n", "message": "must be an integer, not text 'x'"}]}
        assert await (await value.set("n", 1)).validate(SCHEMA) == {"valid": True, "errors": []}
        with pytest.raises(CallError, match="no schema was given"):
            await value.validate()
        with pytest.raises(CallError, match="the schema is wrong"):
            await value.validate({"type": "nonsense"})

    run(story())


def test_what_comes_of_a_value_with_a_schema_fits_it(state, run, function):
    async def story():
        value = await state.create({"n": 1}, schema=SCHEMA)
        assert await value.validate() == {"valid": True, "errors": []}
        for call in (
            value.set("n", "x"),
            value.delete("n"),
            value.merge({"n": "x"}),
            value.transform(function(lambda _: [])),
            value.restore({"value": {}, "artifacts": {}}),
            state.create({}, schema=SCHEMA),
        ):
            with pytest.raises(CallError, match="the value does not fit its schema") as unfit:
                await call
            assert unfit.value.kind == "validation"
        return (await value.set("n", 2)).get()

    assert run(story()) == {"n": 2}


def test_artifacts_belong_to_a_value(state, run):
    async def story():
        bare = await state.create({"a": 1})
        full = await (await bare.attach("notes", "é")).attach("logo", b"\x89PNG", media_type="image/png")
        assert bare.artifacts() == []
        assert full.artifacts() == [
            {"name": "logo", "media_type": "image/png", "size": 4},
            {"name": "notes", "media_type": "text/plain", "size": 2},
        ]
        assert full.artifact("logo")["data"] == b"\x89PNG"
        assert (await full.set("a", 2)).artifact("notes")["data"] == "é"
        left = await full.detach("logo")
        assert [each["name"] for each in left.artifacts()] == ["notes"]
        assert len(left.undo().artifacts()) == 2
        with pytest.raises(CallError, match="no artifact 'logos'; did you mean 'logo'"):
            full.artifact("logos")
        with pytest.raises(CallError, match="no media type"):
            await bare.attach("x", "y", media_type="picture\r\nX: y")
        again = await bare.restore(full.snapshot())
        assert again.artifact("logo") == full.artifact("logo")
        assert again.undo().get() == {"a": 1}

    run(story())


@pytest.mark.parametrize(
    "snapshot",
    [{}, {"value": 1}, {"value": 1, "artifacts": 5}, {"value": 1, "artifacts": {"a": 1}}, {"artifacts": {}},
     {"value": 1, "artifacts": {"a": {"data": "x", "media_type": "none"}}}],
)  # fmt: skip
def test_what_is_no_snapshot_is_told(state, run, snapshot):
    async def story():
        await (await state.create({})).restore(snapshot)

    with pytest.raises(CallError, match="this is no snapshot"):
        run(story())


@pytest.mark.parametrize("scope", ["run", "spell", "shared"])
def test_a_value_is_saved_and_loaded(state, run, scope):
    async def story():
        value = await (await state.create({"a": [1]})).attach("doc", b"x", media_type="a/b")
        await value.save("k", scope=scope)
        loaded = await state.load("k", scope=scope)
        assert (loaded.get(), loaded.artifact("doc")["data"], loaded.history()[0]["change"]) == (
            {"a": [1]},
            b"x",
            "restore",
        )
        assert len(loaded.history()) == 1
        await state.save("plain", [1, 2], scope=scope)
        assert (await state.load("plain", scope=scope)).get() == [1, 2]
        assert (await state.load("none", {"d": 1}, scope=scope)).get() == {"d": 1}
        assert (await state.load("none", scope=scope)).get() == {}
        assert await state.keys(scope=scope) == ["values/k", "values/plain"]
        await state.set("values/other", 5, scope=scope)
        with pytest.raises(CallError, match="was not saved by save"):
            await state.load("other", scope=scope)

    run(story())


def test_saving_needs_what_writing_needs(context, run):
    from dataclasses import replace

    state = StateBridge(replace(context(), guard=Guard(Policy.strict().allow("state:read:spell:*"))))

    async def story():
        value = await state.load("k", {"a": 1})
        with pytest.raises(Denied) as refused:
            await value.save("k")
        return refused.value.data["flag"]

    assert run(story()) == "--allow-state=write:spell:values/k"


def test_functions_are_values_of_the_run_only(state, run, function):
    async def story():
        value = await state.create({"f": function(lambda: 1)})
        await value.save("k", scope="run")
        with pytest.raises(ConversionError, match=r"\$\.value\.f: a function"):
            await value.save("k")

    run(story())


def test_all_values_of_a_run_have_room_together(context, run):
    state = StateBridge(context(max_bytes=20_000))

    async def story():
        value = await state.create({})
        kept = [value]
        with pytest.raises(LimitExceeded, match="20000 bytes"):  # noqa: PT012 - which is one too many is not told here
            for i in range(100):
                kept.append(await kept[-1].set("a", str(i % 10) * 1000))
        assert 5 < len(kept) < 25
        with pytest.raises(LimitExceeded):
            await value.attach("a", b"x" * 19_000)
        kept.clear()
        gc.collect()  # the refusals above held on to what was refused
        return await value.attach("a", b"x" * 19_000)

    assert len(run(story()).artifacts()) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda value, long: value.set([long], 1),
        lambda value, long: value.set([long, "a"], 1),
        lambda value, long: value.attach(long, "x"),
        lambda value, long: value.delete([long]),
        lambda value, long: value.restore({"value": 1, "artifacts": {long: {"data": "", "media_type": "a/b"}}}),
    ],
    ids=["a key", "a key on the way", "the name of an artifact", "what history tells", "a name in a snapshot"],
)
def test_a_name_takes_room_as_what_it_names_does(context, run, change):
    async def story():
        value = await StateBridge(context(max_bytes=10_000)).create({})
        await change(value, "k" * 100)
        with pytest.raises(LimitExceeded, match="10000 bytes"):
            await change(value, "k" * 20_000)

    run(story())


def test_no_more_than_a_hundred_steps_are_remembered(state, run):
    async def story():
        value = await state.create({"n": 0})
        for i in range(250):
            value = await value.set("n", i)
        assert len(value.history()) == 101
        return value.undo(100).get("n")

    assert run(story()) == 149


def test_nothing_nests_deeper_than_may_cross(state, run):
    deep: list[object] = []
    for _ in range(98):
        deep = [deep]

    async def story():
        value = await state.create({})
        assert (await value.set("a", deep)).has("a")
        with pytest.raises(CallError, match="100 levels"):
            await value.set("a.b.c", deep)

    run(story())
