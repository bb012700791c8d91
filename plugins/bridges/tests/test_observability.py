"""What is measured of runs, and what spells measure: in each language, and out to OpenTelemetry and Prometheus."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from llmspell_bridges.observability.checking import HealthChecks
from llmspell_bridges.observability.measures import Checked
from llmspell_bridges.observability.observers import metrics as metrics_observer
from llmspell_bridges.observability.observers import otel as otel_observer
from llmspell_bridges.observability.otel import OpenTelemetry
from llmspell_bridges.observability.prometheus import Prometheus
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from prometheus_client.parser import text_string_to_metric_families

from llmspell_core import plugins
from llmspell_core.actions import Watcher
from llmspell_core.bridge import Bridge, Context, expose, exposed_methods
from llmspell_core.errors import UsageError
from llmspell_core.points import Points
from llmspell_core.runner import Runner
from llmspell_core.spells import Spell
from llmspell_core.values import Function

ROOT = Path(__file__).parents[3]
BOTH = pytest.mark.parametrize("engine", ["lua", "js"])
KEY = "sk-abcdefghijklmnopqrstuvwxyz0123456789"


class Probe(Bridge):
    """Lets a test look on while a spell runs."""

    name = "probe"
    looks = []  # noqa: RUF012 - filled by the test

    @expose
    async def look(self) -> None:
        """Have the test look, in another thread."""
        import asyncio

        for look in self.looks:
            await asyncio.to_thread(look)

    @expose
    async def leak(self) -> None:
        """Read a key, and fail with it."""
        self.context.secrets.add(KEY)
        raise ValueError(f"the server said {KEY}")

    @expose
    async def rest(self) -> None:
        """Do what no bridge here does: run a step of a workflow, and ask a model that has a price."""
        points = self.context.points

        async def step(arguments: dict[str, object]) -> None:
            return None

        async def ask(arguments: dict[str, object]) -> None:
            points.note(cost=0.25, input_tokens=1, output_tokens=1)

        await points.act("workflow_step", "first", {}, step)
        await points.act("llm", "acme:large", {}, ask)

    @expose
    async def child(self, source: str, engine: str) -> object:
        """Cast a spell."""
        return (await self.context.cast(source, engine=engine)).unwrap()


@pytest.fixture(autouse=True)
def _nobody_looks():
    Probe.looks.clear()


class Watched:
    """Runs spells, and tells what was exported."""

    def __init__(self, content=False, shortest=0):
        self._exporter, self._reader = InMemorySpanExporter(), InMemoryMetricReader()
        self.tracer, self._meter = TracerProvider(), MeterProvider([self._reader])
        self.tracer.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.plugin = OpenTelemetry(self.tracer, self._meter, content=content, shortest=shortest)

    def cast(self, source, engine, *more, isolation="inline", **options):
        with runner(self.plugin, *more, isolation=isolation) as made:
            return made.cast(source[engine] if isinstance(source, dict) else source, engine=engine, **options)

    @property
    def spans(self):
        return self._exporter.get_finished_spans()

    def named(self, name):
        (span,) = [span for span in self.spans if span.name == name]
        return span

    def path(self, span):
        """Return the names from the outermost span to this one."""
        known = {each.context.span_id: each for each in self.spans}
        names = [span.name]
        while span.parent is not None and span.parent.span_id in known:
            span = known[span.parent.span_id]
            names.insert(0, span.name)
        return names

    def metrics(self):
        found = {}
        data = self._reader.get_metrics_data()
        for resource in data.resource_metrics if data else ():
            for scope in resource.scope_metrics:
                found |= {metric.name: metric for metric in scope.metrics}
        return found


def runner(*watching, isolation="inline", **more):
    names = ("observability", "llm", "tools", "agent", "state")
    bridges = {name: plugins.bridge_class(name) for name in names} | {"probe": Probe}
    settings = {"llm": {"demo_pause": 0}}
    return Runner(bridges=bridges, isolation=isolation, model="demo", options=settings, plugins=watching, **more)


WORK = {
    "lua": """
tools.define("think", "Thinks", {}, function() return llm.chat("inner", {temperature = 0.5, max_tokens = 9}) end)
agent.create({name = "bob", system = "be brief", description = "Helps"})
agent.get("bob"):run("hi")
for _ in llm.stream("go") do end
tools.execute("think")
tools.execute_safe("none")
return 1
""",
    "js": """
await tools.define("think", "Thinks", {}, () => llm.chat("inner", { temperature: 0.5, maxTokens: 9 }))
await agent.create({ name: "bob", system: "be brief", description: "Helps" })
await (await agent.get("bob")).run("hi")
for await (const _ of await llm.stream("go")) { }
await tools.execute("think")
await tools.executeSafe("none")
return 1
""",
}


@BOTH
@pytest.mark.parametrize("isolation", ["inline", "process"])
def test_a_run_is_a_tree_of_spans_down_to_what_a_function_of_the_spell_calls(engine, isolation):
    watched = Watched()
    assert watched.cast(WORK, engine, isolation=isolation).unwrap() == 1
    paths = [watched.path(span) for span in watched.spans]
    run = "invoke_workflow spell"
    assert [run, "Agent.run", "invoke_agent bob", "agent_turn bob", "chat demo"] in paths
    assert [run, "tools.execute", "execute_tool think", "llm.chat", "chat demo"] in paths
    assert [run, "llm.stream", "chat demo"] in paths
    assert {path[0] for path in paths} == {run}
    assert len({span.context.trace_id for span in watched.spans}) == 1


SHORT = {
    "lua": """
state.set("n", 1)
tools.define("look", "Looks", {}, function() state.get("n") state.get("n") return llm.chat("hi") end)
tools.execute("look")
pcall(state.transaction, function() error("no") end)
return (pcall(tools.execute, "none"))
""",
    "js": """
await state.set("n", 1)
const twice = async () => { await state.get("n"); await state.get("n"); return llm.chat("hi") }
await tools.define("look", "Looks", {}, twice)
await tools.execute("look")
try { await state.transaction(() => { throw new Error("no") }) } catch { }
try { await tools.execute("none"); return true } catch { return false }
""",
}


@BOTH
@pytest.mark.parametrize("isolation", ["inline", "process"])
def test_short_calls_are_counted_by_the_span_around_them_but_not_what_failed_or_held_something(engine, isolation):
    watched = Watched(shortest=60)
    assert watched.cast(SHORT, engine, isolation=isolation).unwrap() is False
    told = {tuple(watched.path(span)[1:]): span.attributes for span in watched.spans}
    tool = ("tools.execute", "execute_tool look")
    assert {tool, (*tool, "llm.chat", "chat demo"), ("state.transaction",), ("tools.execute",)} < told.keys()
    assert not {("tools.define",), (*tool, "state.get")} & told.keys()
    assert told[tool]["llmspell.short_calls"] == 2
    assert 0 < told[tool]["llmspell.short_calls.duration"] < 60
    # To set the state, and to define the tool.
    assert told[()]["llmspell.short_calls"] == 2
    counted = {
        point.attributes["llmspell.call"]: point.value
        for point in watched.metrics()["llmspell.short_calls"].data.data_points
    }
    assert counted == {"state.set": 1, "tools.define": 1, "state.get": 2}
    timed = watched.metrics()["llmspell.bridge_call.duration"].data.data_points
    assert "state.get" not in {point.attributes["llmspell.call"] for point in timed}
    seconds = watched.metrics()["llmspell.short_calls.duration"].data.data_points
    assert all(0 < point.value < 60 for point in seconds)


def test_many_short_calls_are_told_of_while_what_is_around_them_goes_on():
    watched = Watched(shortest=60)
    points = Points("r", watchers=[watched.plugin])
    told = []

    async def call(_):
        return None

    async def run(_):
        for _number in range(2500):
            await points.act("bridge_call", "state.get", {}, call)
        (point,) = watched.metrics()["llmspell.short_calls"].data.data_points
        told.append(point.value)

    asyncio.run(points.act("spell", "s", {}, run))
    (point,) = watched.metrics()["llmspell.short_calls"].data.data_points
    assert (told, point.value) == ([2000], 2500)
    assert watched.named("invoke_workflow s").attributes["llmspell.short_calls"] == 2500


NESTED = {
    "lua": "state.transaction(function() state.get('n') state.get('n') end)",
    "js": "await state.transaction(async () => { await state.get('n'); await state.get('n') })",
}


@BOTH
def test_short_calls_within_a_short_call_are_counted_as_well(engine):
    watched = Watched(shortest=60)
    watched.cast(NESTED, engine).unwrap()
    (span,) = watched.spans
    assert span.attributes["llmspell.short_calls"] == 3
    points = watched.metrics()["llmspell.short_calls"].data.data_points
    counted = {point.attributes["llmspell.call"]: point.value for point in points}
    assert counted == {"state.transaction": 1, "state.get": 2}


def test_what_outlives_a_call_that_has_no_span_is_within_what_was_around_the_call():
    watched = Watched(shortest=60)
    points = Points("r", watchers=[watched.plugin])

    async def call(_):
        return points.begin("llm", "demo", {})

    async def run(_):
        points.end(await points.act("bridge_call", "probe.begin", {}, call))

    asyncio.run(points.act("spell", "s", {}, run))
    assert [watched.path(span) for span in watched.spans] == [["invoke_workflow s", "chat demo"], ["invoke_workflow s"]]


def test_spans_say_what_the_conventions_want_them_to():
    watched = Watched()
    watched.cast(WORK, "lua", run_id="run-7")
    said = {tuple(watched.path(span)): span for span in watched.spans}
    model = next(span for path, span in said.items() if "execute_tool think" in path and path[-1] == "chat demo")
    given = {name: value for name, value in model.attributes.items() if not name.startswith("gen_ai.usage")}
    assert given == {
        "llmspell.run.id": "run-7",
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "demo",
        "gen_ai.request.model": "demo",
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.max_tokens": 9,
        "gen_ai.response.model": "demo",
        "gen_ai.response.finish_reasons": ("length",),
        "llmspell.cost": 0.0,
        "llmspell.requests": 1,
    }
    assert model.attributes["gen_ai.usage.output_tokens"] == 9
    assert model.kind is SpanKind.CLIENT
    tool = watched.named("execute_tool think")
    assert (tool.attributes["gen_ai.operation.name"], tool.attributes["gen_ai.tool.name"]) == ("execute_tool", "think")
    agent = watched.named("invoke_agent bob")
    assert agent.attributes["gen_ai.agent.name"] == "bob"
    assert agent.attributes["gen_ai.agent.description"] == "Helps"
    assert agent.attributes["llmspell.usage.requests"] == 1
    run = watched.named("invoke_workflow spell")
    assert run.attributes["gen_ai.workflow.name"] == "spell"
    assert (run.attributes["llmspell.engine"], run.attributes["llmspell.isolation"]) == ("lua", "inline")
    assert run.attributes["llmspell.usage.requests"] == 3
    streamed = next(span for path, span in said.items() if path[-2:] == ("llm.stream", "chat demo"))
    assert streamed.attributes["gen_ai.request.stream"] is True
    assert streamed.attributes["gen_ai.usage.output_tokens"] > 0
    assert all(span.end_time >= span.start_time >= run.start_time for span in watched.spans)


def test_a_spell_that_a_run_casts_is_within_it_and_a_run_within_what_the_program_is_about():
    watched = Watched()
    with watched.tracer.get_tracer("mine").start_as_current_span("request"):
        watched.cast("return probe.child('return probe.child([[return 1]], [[lua]])', 'lua')", "lua")
    runs = [watched.path(span) for span in watched.spans if span.name == "invoke_workflow spell"]
    cast, call = "invoke_workflow spell", "probe.child"
    assert runs == [["request", cast, call, cast, call, cast], ["request", cast, call, cast], ["request", cast]]


def test_a_failure_is_an_error_of_its_span_without_the_secrets():
    watched = Watched()
    assert not watched.cast("probe.leak()", "lua").ok
    for name in ("probe.leak", "invoke_workflow spell"):
        span = watched.named(name)
        assert span.status.status_code is StatusCode.ERROR
        assert "***" in span.status.description
    assert watched.named("probe.leak").attributes["error.type"] == "ValueError"
    assert KEY not in "".join(span.to_json() for span in watched.spans)


SECRETS = f"""
pcall(probe.leak)
local span = observability.span("about {KEY}", {{attributes = {{key = "{KEY}"}}}})
span:event("saw {KEY}", {{key = "{KEY}"}})
span:set("more", "{KEY}")
span:error("failed with {KEY}")
span:finish()
observability.counter("c", "", {{"key"}}):add(1, {{key = "{KEY}"}})
tools.define("echo", "Echoes", {{}}, function(args) return args.text end)
tools.execute("echo", {{text = "{KEY}"}})
agent.create({{name = "{KEY}"}})
agent.get("{KEY}"):run("hi")
llm.chat("{KEY}")
observability.trace(function() end, "{KEY}")
"""


def test_no_attribute_holds_a_secret_also_where_content_is_told():
    watched, prometheus = Watched(content=True), Prometheus()
    assert watched.cast(SECRETS, "lua", prometheus).ok
    told = "".join(span.to_json() for span in watched.spans)
    assert KEY not in told
    asked = [span.attributes["gen_ai.input.messages"] for span in watched.spans if span.name == "chat demo"]
    assert any("***" in text for text in asked)
    assert KEY not in prometheus.text()
    assert 'spell_c_total{key="***"} 1.0' in prometheus.text()


def test_content_is_told_only_where_it_is_asked_for():
    silent, telling = Watched(), Watched(content=True)
    for watched in (silent, telling):
        watched.cast("return llm.chat('of rivers', {system = 'be brief'})", "lua")
    assert not [name for name in silent.named("chat demo").attributes if name.endswith("messages")]
    said = telling.named("chat demo").attributes
    assert json.loads(said["gen_ai.input.messages"]) == [
        {"role": "system", "parts": [{"type": "text", "content": "be brief"}]},
        {"role": "user", "parts": [{"type": "text", "content": "of rivers"}]},
    ]
    assert json.loads(said["gen_ai.output.messages"])[0]["role"] == "assistant"


MEASURES = {
    "lua": """
local orders = observability.counter("orders.made", "Orders made", {"kind", "size"})
orders:add(2, {kind = "book"})
orders:inc(1, {kind = "book", size = 5})
local depth = observability.gauge("queue_depth", "Waiting")
depth:set(5); depth:add(-2)
local sizes = observability.histogram("sizes", "Sizes", {buckets = {1, 10}})
sizes:record(0.5); sizes:observe(5); sizes:observe(50)
local timer = observability.timer("work", "Work", {"step"})
timer:record(0.25, {step = "a"})
local took = timer:start({step = "b"}):stop()
local value = timer:time(function() return "timed" end, {step = "c"})
local span = observability.span("checkout", {attributes = {cart = 3}})
span:event("paid", {by = "card"}); span:set("total", 9.5); span:finish()
local bad = observability.span("bad")
bad:error("no stock"); bad:finish()
local traced = observability.trace(function() return state.set("k", 1) end, "outer", {attributes = {a = true}})
local tracked = observability.track(function() return 7 end, "tracked")
local _, e = pcall(observability.track, function() error("no") end, "tracked")
observability.health_check("db", function() return true end)
return {took >= 0, value, tracked, e.message}
""",
    "js": """
const orders = await observability.counter("orders.made", "Orders made", ["kind", "size"])
await orders.add(2, { kind: "book" })
await orders.inc(1, { kind: "book", size: 5 })
const depth = await observability.gauge("queue_depth", "Waiting")
await depth.set(5); await depth.add(-2)
const sizes = await observability.histogram("sizes", "Sizes", { buckets: [1, 10] })
await sizes.record(0.5); await sizes.observe(5); await sizes.observe(50)
const timer = await observability.timer("work", "Work", ["step"])
await timer.record(0.25, { step: "a" })
const took = await (await timer.start({ step: "b" })).stop()
const value = await timer.time(() => "timed", { step: "c" })
const span = await observability.span("checkout", { attributes: { cart: 3 } })
await span.event("paid", { by: "card" }); await span.set("total", 9.5); await span.finish()
const bad = await observability.span("bad")
await bad.error("no stock"); await bad.finish()
const traced = await observability.trace(() => state.set("k", 1), "outer", { attributes: { a: true } })
const tracked = await observability.track(() => 7, "tracked")
let e
try { await observability.track(() => { throw new Error("no") }, "tracked") } catch (error) { e = error }
await observability.healthCheck("db", () => true)
return [took >= 0, value, tracked, e.message]
""",
}


def samples(text):
    """Return the value of each sample, as Prometheus' own parser reads it."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@BOTH
@pytest.mark.parametrize("isolation", ["inline", "process"])
def test_what_a_spell_measures_is_scraped(engine, isolation):
    with Prometheus() as prometheus:
        port = prometheus.serve(0)
        with runner(prometheus, isolation=isolation) as made:
            assert made.cast(MEASURES[engine], engine=engine).unwrap() == [True, "timed", 7, "no"]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            assert answer.headers["Content-Type"].startswith("text/plain")
            found = samples(answer.read().decode())
    assert found["spell_orders_made_total", (("kind", "book"), ("size", ""))] == 2
    assert found["spell_orders_made_total", (("kind", "book"), ("size", "5"))] == 1
    assert found["spell_queue_depth", ()] == 3
    buckets = [found["spell_sizes_bucket", (("le", bound),)] for bound in ("1.0", "10.0", "+Inf")]
    assert (buckets, found["spell_sizes_sum", ()]) == ([1, 2, 3], 55.5)
    assert [found["spell_work_seconds_count", (("step", step),)] for step in "abc"] == [1, 1, 1]
    assert found["spell_work_seconds_sum", (("step", "a"),)] == 0.25
    assert [found["spell_tracked_seconds_count", (("outcome", each),)] for each in ("ok", "error")] == [1, 1]


@BOTH
def test_what_a_spell_measures_and_marks_goes_to_opentelemetry(engine):
    watched = Watched()
    assert watched.cast(MEASURES, engine).ok
    metrics = watched.metrics()
    points = {tuple(sorted(p.attributes.items())): p.value for p in metrics["spell.orders.made"].data.data_points}
    assert points == {(("kind", "book"),): 2, (("kind", "book"), ("size", "5")): 1}
    assert [point.value for point in metrics["spell.queue_depth"].data.data_points] == [3]
    (sizes,) = metrics["spell.sizes"].data.data_points
    assert (sizes.explicit_bounds, list(sizes.bucket_counts)) == ((1, 10), [1, 1, 1])
    span = watched.named("checkout")
    assert (span.attributes["cart"], span.attributes["total"]) == (3, 9.5)
    assert [(event.name, dict(event.attributes)) for event in span.events] == [("paid", {"by": "card"})]
    assert watched.named("bad").status.description == "no stock"
    assert watched.path(watched.named("state.set"))[-2:] == ["outer", "state.set"]
    assert watched.named("outer").attributes["a"] is True
    assert sorted(span.status.status_code.name for span in watched.spans if span.name == "tracked") == [
        "ERROR",
        "UNSET",
    ]


@BOTH
def test_a_spell_that_nobody_watches_measures_all_the_same(engine):
    with runner() as made:
        assert made.cast(MEASURES[engine], engine=engine).unwrap() == [True, "timed", 7, "no"]


WRONG = {
    "lua": [
        "observability.counter('Bad Name')",
        "observability.counter('a', '', {'Bad'})",
        "observability.counter('a'):add(-1)",
        "observability.counter('a'):add(1, {x = 1})",
        "observability.gauge('a'):set(1/0)",
        "observability.counter('a'); observability.gauge('a')",
        "observability.counter('a', '', {'x'}); observability.counter('a')",
        "observability.counter('a.b'); observability.counter('a_b')",
        "observability.histogram('a', '', {buckets = {2, 1}})",
        "observability.timer('a'):record(-1)",
        "observability.span('a', {attributes = {['gen_ai.usage.input_tokens'] = 1}})",
        "for i = 1, 300 do observability.counter('c' .. i) end",
        "for i = 1, 60 do observability.health_check('c' .. i, print) end",
    ]
}


@pytest.mark.parametrize("source", WRONG["lua"])
def test_what_cannot_be_measured_is_refused_where_it_is_asked(source):
    with runner(Prometheus()) as made:
        assert made.cast(source, engine="lua").error.kind == "argument"


def test_a_span_that_nobody_ends_ends_with_the_run():
    watched = Watched()
    assert watched.cast("observability.span('left open')", "lua").ok
    assert watched.path(watched.named("left open")) == ["invoke_workflow spell", "left open"]


def test_of_long_texts_a_span_keeps_the_beginning():
    watched = Watched()
    source = """
    local long = ("x"):rep(10000)
    local span = observability.span("s", {attributes = {a = long}})
    span:set("b", long)
    span:event(long, {c = long})
    span:error(long)
    observability.span(long)
    """
    assert watched.cast(source, "lua").ok
    span = watched.named("s")
    assert [len(span.attributes[name]) for name in ("a", "b")] == [4096, 4096]
    event = span.events[0]
    assert (len(event.name), len(event.attributes["c"])) == (200, 4096)
    assert len(span.status.description) == 4096
    assert watched.named("x" * 200)
    wrong = "observability.span('s', {attributes = {[('x'):rep(201)] = 1}})"
    assert "is longer than 200 characters" in str(watched.cast(wrong, "lua").error)


CHECKS = {
    "lua": """
observability.health_check("db", function() return state.set("asked", 1) end)
probe.look()
observability.health_check("queue", function() return "it is full" end)
observability.health_check("disk", function() error("no disk") end)
probe.look()
""",
    "js": """
await observability.healthCheck("db", () => state.set("asked", 1))
await probe.look()
await observability.healthCheck("queue", () => "it is full")
await observability.healthCheck("disk", () => { throw new Error("no disk") })
await probe.look()
""",
}


def fetch(port, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@BOTH
@pytest.mark.parametrize("isolation", ["inline", "process"])
def test_health_is_asked_of_the_spells_that_run(engine, isolation):
    found = []
    with Prometheus() as prometheus:
        port = prometheus.serve(0)
        Probe.looks.append(lambda: found.append(fetch(port, "/healthz")))
        with runner(prometheus, isolation=isolation) as made:
            assert made.cast(CHECKS[engine], engine=engine, run_id="r").ok
        found.append(fetch(port, "/healthz"))
        nowhere = fetch(port, "/elsewhere")
    (first, well), (second, ill), (last, after) = [(status, json.loads(text)) for status, text in found]
    assert (first, well) == (200, {"status": "ok", "checks": [{"run": "r", "name": "db", "ok": True, "detail": ""}]})
    assert second == 503
    assert {check["name"]: (check["ok"], check["detail"]) for check in ill["checks"]} == {
        "db": (True, ""),
        "queue": (False, "it is full"),
        "disk": (False, "no disk"),
    }
    assert (last, after) == (200, {"status": "ok", "checks": []})
    assert nowhere[0] == 404


def test_every_metric_and_label_of_the_dashboard_is_exported():
    dashboard = json.loads((ROOT / "docs" / "grafana" / "llmspell.json").read_text())
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert all(queries)
    wanted = {name for query in queries for name in re.findall(r"\b(?:llmspell|gen_ai)_\w+(?=\{)", query)}
    labels = {
        name
        for query in queries
        for inside in re.findall(r"\{([^}]*)\}|by \(([^)]*)\)", query)
        for name in re.findall(r"(\w+)(?:[=!]|,|$)", "".join(inside))
    }
    prometheus = Prometheus()
    with runner(prometheus) as made:
        assert made.cast("probe.rest()" + WORK["lua"], engine="lua").ok
    found = samples(prometheus.text())
    assert len(wanted) >= 12
    assert wanted <= {name for name, _ in found}
    # `job` is Prometheus' own, `le` that of its histograms.
    assert labels - {"job"} <= {label for _, pairs in found for label, _ in pairs}


class Collector:
    """Takes what OTLP sends over HTTP."""

    def __init__(self):
        self.spans, self.metrics, self.resources = [], set(), []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                collector.take(self.path, self.headers, body)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = Thread(target=self._server.serve_forever)

    def take(self, path, headers, body):
        assert headers["Content-Type"] == "application/x-protobuf"
        if path == "/v1/traces":
            request = ExportTraceServiceRequest.FromString(body)
            for resource in request.resource_spans:
                self.resources.append({a.key: a.value.string_value for a in resource.resource.attributes})
                for scope in resource.scope_spans:
                    self.spans += [(scope.scope.name, scope.schema_url, span) for span in scope.spans]
        else:
            assert path == "/v1/metrics"
            request = ExportMetricsServiceRequest.FromString(body)
            for resource in request.resource_metrics:
                for scope in resource.scope_metrics:
                    self.metrics |= {metric.name for metric in scope.metrics}

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@BOTH
def test_a_collector_is_sent_spans_and_metrics_that_its_own_schema_reads(engine):
    with Collector() as collector:
        with OpenTelemetry.exporting(collector.url) as watching, runner(watching) as made:
            assert made.cast(WORK[engine], engine=engine).ok
        spans = {span.span_id: span for _, _, span in collector.spans}
        (tool,) = [span for span in spans.values() if span.name == "execute_tool think"]
        assert spans[spans[tool.parent_span_id].parent_span_id].name == "invoke_workflow spell"
        values = {a.key: a.value for a in tool.attributes}
        assert values["gen_ai.tool.name"].string_value == "think"
        assert {(name, url) for name, url, _ in collector.spans} == {
            ("llmspell", "https://opentelemetry.io/schemas/1.41.0")
        }
        assert collector.resources[0]["service.name"] == "llmspell"
        assert {
            "gen_ai.client.operation.duration",
            "gen_ai.client.token.usage",
            "llmspell.run.duration",
        } <= collector.metrics


@pytest.mark.parametrize(("shortest", "short"), [("0", {"state.set"}), ("60", set())])
def test_the_command_line_tells_a_collector_of_calls_that_are_long_enough(shortest, short, tmp_path, monkeypatch):
    monkeypatch.setenv("LLMSPELL_OTEL_SHORTEST", shortest)
    spell = tmp_path / "a.lua"
    spell.write_text("state.set('n', 1) return llm.chat('hi')")
    with Collector() as collector:
        command = [sys.executable, "-m", "llmspell_core", "run", str(spell), "--model", "demo", "--otel", collector.url]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        names = {span.name for _, _, span in collector.spans}
        assert names == {"invoke_workflow a.lua", "llm.chat", "chat demo"} | short


@pytest.mark.slow
def test_a_collector_that_is_away_keeps_nobody_from_casting(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        spell = tmp_path / "a.lua"
        spell.write_text("print('done')")
        command = [sys.executable, "-m", "llmspell_core", "run", str(spell), "--otel", url]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, "done\n")


def test_metrics_are_served_while_the_spell_runs():
    with metrics_observer("0") as prometheus, runner(prometheus) as made:
        found = []
        Probe.looks.append(lambda: found.append(fetch(prometheus._server.port, "/metrics")[1]))
        assert made.cast("probe.look()", engine="lua").ok
    assert samples(found[0])["llmspell_runs_active", (("llmspell_engine", "lua"),)] == 1


@pytest.mark.parametrize("setting", ["x", "1:2:x", "99999", ""])
def test_an_address_that_is_none_is_refused(setting):
    with pytest.raises(UsageError, match="HOST:PORT"):
        metrics_observer(setting)


@pytest.mark.parametrize("said", ["-1", "nan", "1ms", ""])
def test_a_shortest_span_that_is_no_number_of_seconds_is_refused(said, monkeypatch):
    monkeypatch.setenv("LLMSPELL_OTEL_SHORTEST", said)
    with pytest.raises(UsageError, match="LLMSPELL_OTEL_SHORTEST is seconds"):
        otel_observer("http://127.0.0.1:9")


def test_an_endpoint_that_is_no_url_is_refused():
    with pytest.raises(UsageError, match="http://localhost:4318"):
        otel_observer("localhost:4318")


def test_a_port_that_is_taken_is_told():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UsageError, match="choose another port"):
            metrics_observer(str(taken.getsockname()[1]))


@pytest.mark.parametrize(
    ("module", "make", "extra"),
    [("opentelemetry", OpenTelemetry, "otel"), ("prometheus_client", Prometheus, "metrics")],
)
def test_what_is_not_installed_is_told_with_what_to_run(module, make, extra, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UsageError, match=rf"pip install 'llmspell-bridges\[{extra}\]'"):
        make()


def test_a_run_that_nobody_watches_imports_nothing_for_it_and_passes_no_point():
    code = """
import sys
from llmspell_core import Runner
with Runner(isolation="inline") as runner:
    assert runner.cast("return 1", engine="lua").value == 1
    assert runner.find_hooks() is None
found = [name for name in sys.modules if name.startswith(("opentelemetry", "prometheus", "pluggy"))]
assert not found, found
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_series_without_end_are_counted_and_not_kept():
    prometheus = Prometheus()
    source = "local c = observability.counter('n', '', {'i'}); for i = 1, 2500 do c:add(1, {i = i}) end"
    with runner(prometheus) as made:
        assert made.cast(source, engine="lua").ok
    found = {labels: value for (name, labels), value in samples(prometheus.text()).items() if name == "spell_n_total"}
    assert len(found) == 2001
    assert found[("i", "(other)"),] == 500


def test_values_of_a_gauge_without_end_are_told_opentelemetry_together():
    watched = Watched()
    source = "local c = observability.gauge('n', '', {'i'}); for i = 1, 1500 do c:add(1, {i = i}) end"
    assert watched.cast(source, "lua").ok
    points = watched.metrics()["spell.n"].data.data_points
    values = {point.attributes["i"]: point.value for point in points}
    assert (len(values), values["(other)"]) == (1001, 500)


def test_a_metric_that_prometheus_takes_for_another_is_left_out_with_one_warning(caplog):
    prometheus = Prometheus()
    source = """
    observability.counter("x"):add(1)
    for _ = 1, 3 do observability.gauge("x_total"):set(7) end
    """
    with runner(prometheus) as made:
        assert made.cast(source, engine="lua").ok
    assert samples(prometheus.text())["spell_x_total", ()] == 1
    assert sum("is left out" in record.message for record in caplog.records) == len(caplog.records) == 1


@pytest.fixture
def check():
    """Return what begins a health check in the running loop, and how it is asked."""

    def begin(function):
        told = []
        watcher = Watcher()
        watcher.told = told.append
        HealthChecks(Context("r", Spell(""), points=Points("r", watchers=[watcher]))).add("db", function)
        return told[0].ask

    return begin


def test_a_check_of_a_run_whose_loop_is_closed_is_no_failure(check):
    async def run():
        return check(Function(1))

    assert asyncio.run(run())(60.0) == Checked(True, "the run has ended")


def test_a_check_that_ends_with_its_run_is_no_failure(check):
    async def run():
        begun = asyncio.Event()

        async def hang(*_):
            begun.set()
            await asyncio.Event().wait()

        asking = asyncio.create_task(asyncio.to_thread(check(Function(1, hang)), 60.0))
        await begun.wait()
        for task in asyncio.all_tasks() - {asyncio.current_task(), asking}:
            task.cancel()
        return await asking

    assert asyncio.run(run()) == Checked(True, "the run has ended")


def test_every_method_is_called_from_each_language():
    texts = {language: MEASURES[language] + CHECKS[language] for language in ("lua", "js")}
    for name in exposed_methods(plugins.bridge_class("observability")):
        camel = name.split("_")[0] + "".join(part.title() for part in name.split("_")[1:])
        assert f"observability.{name}" in texts["lua"], name
        assert f"observability.{camel}" in texts["js"], name


def test_a_program_that_has_set_nothing_up_is_told_of_nothing_and_runs():
    with runner(OpenTelemetry()) as made:
        assert made.cast("return 1", engine="lua").ok
