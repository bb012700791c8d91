"""Calls of a builder, written in a row."""

from __future__ import annotations

import pytest
from llmspell_js.engine import JsEngine

from llmspell_core.limits import Limits
from llmspell_core.protocol import Call, Fail, Finish, Forget, Inbox, Reject, Release, Resolve, Start, Tell
from llmspell_core.spells import Spell
from llmspell_core.values import ErrorValue, HandleRef

BUILDER = HandleRef(7, "Builder")


class Played:
    """One session of a source, and the requests of its last step."""

    def __init__(self, source):
        engine = JsEngine()
        self.session = engine.open(engine.compile(Spell(source, "spell.js")), Limits())
        self.feed(Start({}, 1, ("probe",)))

    def feed(self, *events):
        made = self.session.step(Inbox(0.0, events)).requests
        self.requests = [request for request in made if not isinstance(request, Release)]
        return self

    @property
    def calls(self):
        return [(call.target, call.method, call.args) for call in self.requests if isinstance(call, Call)]

    @property
    def value(self):
        [end] = self.requests
        assert isinstance(end, Finish), end
        return end.value

    @property
    def error(self):
        [end] = self.requests
        assert isinstance(end, Fail), end
        return end.error


def test_each_call_waits_for_the_one_before():
    play = Played("return await probe.builder(1).addOne(2).build()")
    assert play.calls == [("probe", "builder", [1])]
    assert play.feed(Resolve(1, BUILDER)).calls == [(7, "add_one", [2])]
    assert play.feed(Resolve(2, BUILDER)).calls == [(7, "build", [])]
    assert play.feed(Resolve(3, "built")).value == "built"


def test_what_is_built_is_called_in_the_same_row():
    play = Played("return await probe.builder().build().run(3)").feed(Resolve(1, BUILDER))
    assert play.feed(Resolve(2, HandleRef(8, "Workflow"))).calls == [(8, "run", [3])]
    assert play.feed(Resolve(3, 4)).value == 4


def test_a_builder_that_is_there_is_chained_too():
    play = Played("const builder = await probe.builder(); return await builder.add(1).build()")
    assert play.feed(Resolve(1, BUILDER)).calls == [(7, "add", [1])]
    assert play.feed(Resolve(2, BUILDER)).calls == [(7, "build", [])]


def test_arguments_are_taken_as_they_are_when_the_call_is_written():
    play = Played("const x = [1], b = probe.builder().add(x); x.push(2); return await b")
    assert play.feed(Resolve(1, BUILDER)).calls == [(7, "add", [[1]])]


def test_a_failure_ends_the_row_and_is_placed_at_its_call():
    play = Played("return await probe.builder()\n  .add(1)\n  .ad(2)\n  .build()")
    play.feed(Resolve(1, BUILDER)).feed(Resolve(2, BUILDER))
    failed = play.feed(Reject(3, ErrorValue("unknown_method", "no"))).error
    assert (failed.kind, failed.file, failed.line) == ("unknown_method", "spell.js", 3)


def test_an_argument_that_may_not_cross_fails_in_its_turn():
    play = Played("return await probe.builder().add(Symbol()).build()")
    assert play.feed(Resolve(1, BUILDER)).error.kind == "conversion"


def test_a_row_that_nobody_awaits_fails_the_run():
    play = Played("probe.builder().add(1); await sleep(1)").feed(Resolve(1, BUILDER))
    assert play.feed(Reject(3, ErrorValue("argument", "no"))).error.kind == "argument"


def test_what_is_no_object_of_the_host_has_no_methods():
    failed = Played("return await probe.builder().add(1)").feed(Resolve(1, "text")).error
    assert (failed.kind, "no object of the host" in failed.message) == ("call", True)


def test_a_row_that_failed_leaves_no_function_behind():
    source = "try { await probe.builder().add(() => 1) } catch { } await new Promise(() => {})"
    assert Played(source).feed(Reject(1, ErrorValue("argument", "no"))).error.kind == "deadlock"


def test_functions_of_calls_that_were_made_stay():
    play = Played("await probe.builder().add(() => 1); await new Promise(() => {})").feed(Resolve(1, BUILDER))
    assert play.feed(Resolve(2, BUILDER)).requests == []
    assert play.feed(Forget((1,))).error.kind == "deadlock"


def test_a_row_is_shown_as_a_promise_and_may_not_cross():
    source = "const b = probe.builder(); print(b, `${b}`); try { await probe.echo(b) } catch (e) { print(e.message) }"
    play = Played(source)
    told = [request.args[0] for request in play.requests if isinstance(request, Tell)]
    assert told == ["Promise {} [object Promise]\n", "$: a promise that was not awaited cannot cross the border\n"]


@pytest.mark.parametrize(
    "way", ["promise.all([b]).then(all => all[0])", "promise.timeout(b, 5)", "Promise.resolve(b)", "b"]
)
def test_a_row_is_awaited_like_any_promise(way):
    play = Played(f"const b = probe.builder(); const got = await {way}; return [typeof got.add, got === await b]")
    play.feed(Resolve(1, BUILDER))
    end = [request for request in play.requests if isinstance(request, Finish)]
    assert [request.value for request in end] == [["function", True]]


def test_no_other_promise_has_methods_of_what_it_promises():
    play = Played("const p = probe.counter(); return [typeof p.incr, p instanceof Promise]")
    assert play.feed(Resolve(1, HandleRef(8, "Counter"))).value == ["undefined", True]


def test_what_a_row_ends_in_is_walked():
    play = Played("const seen = []; for await (const x of probe.builder().items()) seen.push(x); return seen")
    play.feed(Resolve(1, BUILDER)).feed(Resolve(2, HandleRef(8, "Items", True)))
    assert play.feed(Resolve(3, [5])).calls == [(8, "next", [])]
    assert play.feed(Resolve(4, None)).value == [5]
