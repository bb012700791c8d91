"""The bridge tools: defining, checking, allowing, stopping and composing."""

from __future__ import annotations

import asyncio

import pytest
from llmspell_bridges.structured.schema import BadSchema
from llmspell_bridges.tools.bridge import ToolsBridge
from llmspell_bridges.tools.failures import BadArguments, BadName, BadResult, ToolNotFound, ToolTimeout, told
from llmspell_bridges.tools.registry import registry_of

from llmspell_core.bridge import Context
from llmspell_core.errors import BadArgument, CallError, Denied
from llmspell_core.guard import Guard
from llmspell_core.points import Points
from llmspell_core.policy import Policy
from llmspell_core.spells import Spell

ADD = {
    "required": ["a"],
    "additionalProperties": False,
    "properties": {"a": {"type": "number"}, "b": {"type": "number", "default": 1}},
}


@pytest.fixture
def tools(context):
    return ToolsBridge(context())


@pytest.fixture
def define(tools, run, function):
    def make(name, called, schema=ADD, **options):
        return run(tools.define(name, f"Does {name}.", schema, function(called), **options))

    return make


def test_a_tool_is_defined_found_and_called(tools, define, run):
    made = define("add", lambda args: args["a"] + args["b"], category="math", tags=["sum"], version="2.0.0")
    assert made == tools.info("add")
    assert (made["name"], made["version"], made["category"], made["built_in"]) == ("add", "2.0.0", "math", False)
    assert run(tools.execute("add", {"a": 2})) == 3
    assert tools.schema("add") == {"type": "object", **ADD}
    assert [tool["name"] for tool in tools.list(category="math")] == ["add", "calculator"]
    assert [tool["name"] for tool in tools.list(tag="sum")] == ["add"]
    assert tools.search("sum of")[0]["name"] == "add"
    assert tools.remove("add")
    assert not tools.remove("add")
    with pytest.raises(ToolNotFound):
        tools.info("add")


def test_what_is_said_of_a_tool_and_looked_for_is_bounded(tools, define):
    for more in ({"category": "c" * 10_000}, {"tags": ["t" * 100] * 100}):
        with pytest.raises(CallError, match="more than 10000 characters; say less") as caught:
            define("add", len, **more)
        assert caught.value.kind == "argument"
    with pytest.raises(BadArgument, match="at most 1000 characters"):
        tools.search("w " * 501)


def test_every_bridge_of_a_run_finds_the_same_tools(context, run, function):
    shared = context()
    run(ToolsBridge(shared).define("add", "d", ADD, function(lambda args: args["a"])))
    assert run(registry_of(shared.of("agent")).call("add", {"a": 5})) == 5
    with pytest.raises(ToolNotFound):
        registry_of(context()).get("add")


def test_a_tool_that_is_not_there_is_told_with_the_nearest(tools):
    with pytest.raises(ToolNotFound, match="did you mean 'calculator'") as caught:
        tools.info("calcolator")
    assert (caught.value.kind, caught.value.data) == ("tool_not_found", {"tool": "calcolator"})


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "naïve", "a.b", "a\n"])
def test_a_name_that_providers_refuse_is_refused(define, name):
    with pytest.raises(BadName, match="1 to 64 letters, digits, _ and -"):
        define(name, print)


@pytest.mark.parametrize(
    ("args", "path", "message"),
    [
        ({}, "$.a", "is missing"),
        (None, "$.a", "is missing"),
        ([], "$.a", "is missing"),
        ({"a": "x"}, "$.a", "must be a number, not text 'x'"),
        ({"a": 1, "c": 1}, "$.c", "is not known"),
        ("x", "$", "must be a map, not text 'x'"),
    ],
)
def test_wrong_arguments_are_told_with_their_path(tools, define, run, args, path, message):
    called = []
    define("add", called.append)
    with pytest.raises(BadArguments) as caught:
        run(tools.execute("add", args))
    assert (caught.value.kind, called) == ("argument", [])
    error = caught.value.data["errors"][0]
    assert error["path"] == path
    assert error["message"].startswith(message)
    assert told(caught.value, "add").startswith(
        f"error (argument): the arguments of the tool 'add' are wrong: {path}: "
    )
    assert not run(tools.validate_params("add", args))["valid"]


def test_a_wrong_result_is_the_tools_error(tools, define, run):
    define("name", lambda args: {"name": 5}, {}, output_schema={"properties": {"name": {"type": "string"}}})
    with pytest.raises(
        BadResult, match=r"result of the tool 'name' does not fit its schema: \$\.name: must be text, not integer 5"
    ):
        run(tools.execute("name", {}))


def test_a_schema_of_no_map_is_refused(define):
    with pytest.raises(BadSchema, match="type is 'object', not 'string'"):
        define("add", print, {"type": "string"})
    with pytest.raises(BadSchema, match=r"\$\.properties\.a\.type"):
        define("add", print, {"properties": {"a": {"type": "strin"}}})
    with pytest.raises(BadArgument, match="more than 0 seconds"):
        define("add", print, timeout=-1)


def test_a_tool_is_stopped_in_time(tools, define, run):
    ended = []

    async def wait(args):
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(args["a"])

    define("wait", wait, timeout=30)
    with pytest.raises(ToolTimeout, match=r"'wait' ran longer than 0\.01 seconds and was stopped") as caught:
        run(tools.execute("wait", {"a": 1}, timeout=0.01))
    assert (caught.value.kind, caught.value.data) == ("timeout", {"tool": "wait", "seconds": 0.01})
    define("wait", wait, timeout=0.01)
    assert run(tools.execute_safe("wait", {"a": 2}, timeout=30))["error"]["kind"] == "timeout"
    assert ended == [1, 2]
    with pytest.raises(BadArgument, match="more than 0 seconds"):
        run(tools.execute("wait", {"a": 1}, timeout=0))


def test_an_error_is_data_where_it_is_asked_for(tools, define, run):
    def fail(args):
        raise CallError("no luck")

    define("fail", fail, {})
    assert run(tools.execute_safe("fail")) == {
        "ok": False,
        "error": {"kind": "call", "message": "no luck", "data": None},
    }
    assert run(tools.execute_safe("none"))["error"]["kind"] == "tool_not_found"
    define("add", lambda args: args["a"])
    assert run(tools.execute_safe("add", {"a": 1})) == {"ok": True, "result": 1}


def _asking(policy, answers, records):
    def ask(question):
        answers.append(question.capability)
        return "once"

    guard = Guard(policy, record=records.append, ask=ask if answers is not None else None)
    return ToolsBridge(Context("r", Spell("", "a"), guard=guard))


def test_a_destructive_tool_has_to_be_confirmed(run, function):
    asked, records = [], []
    tools = _asking(Policy.standard(), asked, records)
    run(tools.define("wipe", "d", {}, function(lambda args: "gone"), destructive=True))
    assert [run(tools.execute("wipe")), run(tools.execute("wipe"))] == ["gone", "gone"]
    assert asked == ["tool:wipe", "tool:wipe"]
    assert [(record.capability, record.allowed, record.bridge) for record in records] == [
        ("tool:wipe", True, "tools")
    ] * 2


def test_where_nobody_confirms_it_is_refused_unless_granted(run, function):
    tools = _asking(Policy.standard(), None, [])
    run(tools.define("wipe", "d", {}, function(lambda args: "gone"), requires_confirmation=True))
    with pytest.raises(Denied, match=r"--allow-tool=wipe"):
        run(tools.execute("wipe"))
    granted = _asking(Policy.standard().allow("tool:wipe"), None, [])
    run(granted.define("wipe", "d", {}, function(lambda args: "gone"), requires_confirmation=True))
    assert run(granted.execute("wipe")) == "gone"


def test_what_a_tool_needs_is_checked_before_it_runs(run, function):
    called = []
    tools = _asking(Policy.standard().allow("read:/data"), None, [])
    schema = {"properties": {"path": {"type": "string"}}}
    run(tools.define("look", "d", schema, function(called.append), permissions=["read:{path}"]))
    run(tools.execute("look", {"path": "/data/x"}))
    for args in ({"path": "/etc/passwd"}, {}):
        with pytest.raises(Denied, match="look needs 'read:"):
            run(tools.execute("look", args))
    assert called == [{"path": "/data/x"}]


def test_hooks_stand_before_and_after_a_tool(run, function):
    seen = []

    def before(action):
        action.arguments["a"] = 10

    def after(action):
        seen.append((action.point, action.name, action.result))

    context = Context("r", Spell("", "a"), points=Points(before=[before], after=[after]))
    tools = ToolsBridge(context)
    run(tools.define("add", "d", ADD, function(lambda args: args["a"] + args["b"])))
    assert run(tools.execute("add", {"a": 1})) == 11
    assert seen == [("tool", "add", 11)]


def test_parallel_calls_keep_their_order_and_overlap_as_far_as_allowed(tools, define, run):
    running = peak = 0

    async def slow(args):
        nonlocal running, peak
        running, peak = running + 1, max(peak, running + 1)
        for _ in range(10 - int(args["a"])):
            await asyncio.sleep(0)
        running -= 1
        if args["a"] == 4:
            raise CallError("four")
        return args["a"]

    define("slow", slow)
    found = run(tools.parallel([{"name": "slow", "args": {"a": i}} for i in range(8)], max_concurrent=3))
    assert [each.get("result", each.get("error", {}).get("message")) for each in found] == [0, 1, 2, 3, "four", 5, 6, 7]
    assert [each["ok"] for each in found] == [i != 4 for i in range(8)]
    assert peak == 3
    with pytest.raises(CallError, match="at least 1 at once"):
        run(tools.parallel([], max_concurrent=0))


def test_a_pipeline_hands_on_what_each_tool_made(tools, define, run):
    define("add", lambda args: args["a"] + args["b"])
    define("box", lambda args: {"a": args["a"] * 10})

    def fail(args):
        raise CallError("no")

    define("fail", fail)
    assert run(tools.pipeline(["add", "box", "add"], {"a": 1})) == 21
    with pytest.raises(CallError, match="no"):
        run(tools.pipeline(["add", "fail"], {"a": 1}))
    assert run(tools.pipeline(["add", "fail", "box"], {"a": 1}, continue_on_error=True)) == {"a": 20}
    with pytest.raises(ToolNotFound):
        run(tools.pipeline(["add", "none"], {"a": 1}, continue_on_error=True))


def test_tools_are_composed_to_new_ones(tools, define, run, function):
    define("add", lambda args: args["a"] + args["b"])
    define("box", lambda args: {"a": args["a"] * 10})
    define("word", lambda args: args["w"] * 2, {"required": ["w"], "properties": {"w": {"type": "string"}}})
    assert run(tools.compose(["add", "box"]))["name"] == "pipeline_add_box"
    assert run(tools.execute("pipeline_add_box", {"a": 1})) == {"a": 20}
    with pytest.raises(BadArguments):
        run(tools.execute("pipeline_add_box", {"a": "x"}))
    run(tools.compose(["add", "box"], mode="parallel", name="both"))
    assert run(tools.execute("both", {"a": 1})) == [{"ok": True, "result": 2}, {"ok": True, "result": {"a": 10}}]
    big = {"tool": "box", "when": function(lambda args: args.get("a", 0) > 5)}
    run(tools.compose([big, "add", "word"], mode="conditional", name="suits"))
    assert [run(tools.execute("suits", args)) for args in ({"a": 9}, {"a": 1}, {"w": "x"})] == [{"a": 90}, 2, "xx"]
    with pytest.raises(CallError, match="none of the tools box, add, word suits"):
        run(tools.execute("suits", {"q": 1}))


def test_calls_are_remembered_and_counted(tools, define, run):
    define("add", lambda args: args["a"] + args["b"])
    run(tools.execute("add", {"a": 1}))
    run(tools.execute_safe("add", {"a": "x" * 10_000}))
    newest, first = tools.history()
    assert (first["tool"], first["args"], first["ok"], first["result"]) == ("add", {"a": 1}, True, 2)
    assert (newest["ok"], newest["error"]["kind"], len(newest["args"]["a"])) == (False, "argument", 500)
    assert len(tools.history(1)) == 1
    figures = tools.metrics("add")
    assert (figures["calls"], figures["failures"]) == (2, 1)
    assert "is wrong" in figures["last_error"] or "are wrong" in figures["last_error"]
    for _ in range(300):
        run(tools.execute("add", {"a": 1}))
    assert len(tools.history(1000)) == 200
    assert tools.metrics("add")["calls"] == 302


def test_a_tool_is_tried_and_measured(tools, define, run):
    define("add", lambda args: args["a"] + args["b"])
    cases = [
        {"args": {"a": 1}, "expect": 2},
        {"args": {"a": 1}, "expect": 3, "name": "wrong"},
        {"args": {"a": "x"}, "error": "argument"},
        {"args": {"a": "x"}},
    ]
    found = run(tools.test_tool("add", cases))
    assert (found["passed"], found["failed"]) == (2, 2)
    assert [(each["name"], each["passed"]) for each in found["results"]][1] == ("wrong", False)
    measured = run(tools.benchmark_tool("add", {"a": 1}, runs=5))
    assert measured["runs"] == 5
    assert 0 < measured["min"] <= measured["median"] <= measured["max"]
    with pytest.raises(CallError, match="1 to 1000 times"):
        run(tools.benchmark_tool("add", {"a": 1}, runs=0))


def test_descriptions_have_the_shape_of_mcp(tools, define):
    define("wipe", print, {}, destructive=True, output_schema={"type": "object"})
    found = {each["name"]: each for each in tools.export_mcp()}
    assert found["wipe"] == {
        "name": "wipe",
        "description": "Does wipe.",
        "inputSchema": {"type": "object"},
        "annotations": {"destructiveHint": True},
        "outputSchema": {"type": "object"},
    }
    assert all(each["inputSchema"]["type"] == "object" for each in found.values())


def test_a_built_in_tool_is_not_replaced_by_chance(tools, define):
    with pytest.raises(CallError, match="built in"):
        define("calculator", print)
    tools.remove("calculator")
    define("calculator", print)


def test_what_a_tool_folder_is_not_is_told(tools, run, tmp_path):
    with pytest.raises(CallError, match="no folder of tools"):
        run(tools.load_folder(str(tmp_path / "none")))
