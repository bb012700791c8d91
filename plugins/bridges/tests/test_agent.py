"""The bridge agent against a server on loopback: the loop, its bounds, and agents that work together."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from llmspell_bridges.agent import loop
from llmspell_bridges.agent.bridge import AgentBridge
from llmspell_bridges.agent.failures import AgentTimeout, HandoffsSpent, ToolCallsSpent, TurnsSpent, UnknownAgent
from llmspell_bridges.agent.job import JobCancelled
from llmspell_bridges.agent.keeping import CannotKeep, Unreadable
from llmspell_bridges.guardrails.bridge import GuardrailsBridge
from llmspell_bridges.guardrails.rails import GuardrailViolated
from llmspell_bridges.llm.bridge import LlmBridge
from llmspell_bridges.structured.schema import DoesNotFit
from llmspell_bridges.tools.bridge import ToolsBridge
from llmspell_bridges.tools.failures import ToolNotFound

from llmspell_core.budget import Budget
from llmspell_core.errors import BadArgument, BudgetSpent, CallError, Denied, ProviderError
from llmspell_core.points import Points

MODEL = "openai:gpt-4o-mini"
ADD = {"properties": {"a": {"type": "number"}, "b": {"type": "number"}}, "required": ["a", "b"]}
PERSON = {"type": "object", "required": ["age"], "properties": {"age": {"type": "integer"}}}


@pytest.fixture
def served(fake, context, monkeypatch):
    """Run a test's coroutine with a server and the bridges of a run that calls it."""

    async def serve(answers, use, points, together, **options):
        async with fake.FakeOpenAI(*answers, together=together) as server:
            monkeypatch.setenv("OPENAI_BASE_URL", server.url)
            monkeypatch.setenv("OPENAI_API_KEY", "sk-test-0123456789abcdefghij")
            run = context(MODEL, **options)
            run.points = points or run.points
            agents = AgentBridge(run)
            try:
                return await use(agents, server)
            finally:
                for thing in run.run.closing():
                    await thing.close()
                assert server.problems == []

    def go(answers, use, points=None, together=0, **options):
        return asyncio.run(asyncio.wait_for(serve(answers, use, points, together, **options), 60))

    return go


def tool(function, called, name="add", schema=ADD):
    return {"name": name, "description": f"does {name}", "schema": schema, "fn": function(called)}


def said(request, role):
    """Return what messages of a role say in a request."""
    return [message["content"] for message in request.body["messages"] if message["role"] == role]


def test_the_model_gets_its_tools_and_their_results(served, fake, function):
    async def use(agents, server):
        adder = tool(function, lambda args: args["a"] + args["b"])
        agent = await agents.create(name="calc", system="Compute.", tools=[adder])
        return await agent.run("What is 2 + 3?"), server.requests, agent.status()

    answer, requests, status = served([fake.tool_call("add", {"a": 2, "b": 3}), fake.text("It is 5.")], use)

    assert (answer["text"], answer["turns"], answer["agent"]) == ("It is 5.", 2, "calc")
    assert answer["usage"]["requests"] == 2
    assert (answer["usage"]["input_tokens"], answer["usage"]["output_tokens"]) == (16, 10)
    assert requests[0].body["tools"][0]["function"]["name"] == "add"
    assert said(requests[0], "system") == ["Compute."]
    assert said(requests[1], "tool") == ["5"]
    assert [message["role"] for message in answer["messages"]] == ["user", "assistant", "tool", "assistant"]
    assert answer["messages"][2]["tool_call"] == {"id": "call_9", "name": "add", "arguments": {"a": 2, "b": 3}}
    assert (status["turns"], status["tool_calls"], status["runs"], status["running"]) == (2, 1, 1, 0)


def test_tools_of_one_turn_run_at_once_and_answer_in_the_order_of_the_calls(served, fake, function):
    async def use(agents, server):
        running, all_there = [], asyncio.Event()

        async def wait(args):
            running.append(args["a"])
            if len(running) == 3:
                all_there.set()
            await all_there.wait()
            return args["a"]

        agent = await agents.create(tools=[tool(function, wait, schema={})])
        await agent.run("go")
        return said(server.requests[1], "tool")

    calls = fake.tool_calls(("add", {"a": 1}), ("add", {"a": 2}), ("add", {"a": 3}))
    assert served([calls, fake.text("done")], use) == ["1", "2", "3"]


def test_a_stream_tells_text_and_tools_as_they_come(served, fake, function):
    async def use(agents, server):
        heard = []
        agent = await agents.create(tools=[tool(function, lambda args: args["a"] + args["b"])], memory="full")
        answer = await agent.stream("go", function(heard.append))
        return heard, answer, [request.body["stream"] for request in server.requests]

    answers = [fake.tool_chunks("add", {"a": 2, "b": 3}), fake.chunks("It is", " 5.")]
    heard, answer, streamed = served(answers, use)

    assert heard == [
        {"type": "tool_call", "id": "call_9", "name": "add", "arguments": {"a": 2, "b": 3}},
        {"type": "tool_result", "id": "call_9", "name": "add", "text": "5", "ok": True},
        {"type": "text", "text": "It is"},
        {"type": "text", "text": " 5."},
    ]
    assert (answer["text"], answer["stopped"], streamed) == ("It is 5.", False, [True, True])
    assert answer["usage"] == {"requests": 2, "input_tokens": 16, "output_tokens": 10, "cost": answer["usage"]["cost"]}


def test_a_stream_that_nobody_wants_is_stopped_at_the_provider(served, fake, function):
    async def use(agents, server):
        agent = await agents.create(memory="full")
        answer = await agent.stream("go", function(lambda event: event["text"] != " two"))
        await server.hung_up.wait()
        await agent.run("go on")
        return answer, server.requests[1].body["messages"]

    answer, seen = served([fake.chunks("one", " two", stalls=True), fake.text("ok")], use)
    assert (answer["text"], answer["stopped"]) == ("one two", True)
    assert [message["content"] for message in seen] == ["go", "one two", "go on"]


def test_a_stream_stopped_at_a_tool_leaves_no_call_without_an_answer(served, fake, function):
    async def use(agents, server):
        called = []
        agent = await agents.create(tools=[tool(function, called.append)], memory="full")
        answer = await agent.stream("go", function(lambda event: False))
        await agent.run("go on")
        return answer["stopped"], called

    assert served([fake.tool_chunks("add", {"a": 2, "b": 3}), fake.text("ok")], use) == (True, [])


def test_guardrails_see_what_is_asked_and_what_is_answered(served, fake, function):
    async def use(agents, server):
        rails = GuardrailsBridge(agents.context)
        seen = []

        def look(value, side):
            seen.append(side)
            if side == "output":
                return {"value": value.replace("secret", "...")}
            return "no wine" if "wine" in value[0]["content"] else None

        rail = rails.create("own", function(look), on="both")
        agent = await agents.create(guardrails=[rail], memory="full")
        with pytest.raises(GuardrailViolated, match="no wine"):
            await agent.run("wine!")
        heard = []
        answer = await agent.stream("tea", function(heard.append))
        await agents.create(name="other")
        front = await agents.create(guardrails=["own"], handoffs=["other"])
        return answer, heard, seen, agent.history(), (await front.run("tea"))["text"], len(server.requests)

    answers = [fake.text("a secret"), fake.tool_call("transfer_to_other", {}), fake.text("my secret")]
    answer, heard, seen, history, handed, requests = served(answers, use)
    assert (answer["text"], handed, requests) == ("a ...", "my ...", 3)
    assert heard == [{"type": "text", "text": "a ..."}]
    assert [message["content"] for message in history] == ["tea", "a ..."]
    assert seen == ["input", "input", "output", "input", "output"]


def test_what_the_spell_set_for_models_holds_for_agents(run, context):
    shared = context(None)
    llm, agents = LlmBridge(shared), AgentBridge(shared)
    llm.use_provider("demo")
    assert "demo model" in run(run(agents.create()).run("hi"))["text"]


def test_what_goes_wrong_with_a_tool_is_told_to_the_model(served, fake, function):
    def fail(args):
        raise CallError("the sums are on strike")

    async def use(agents, server):
        agent = await agents.create(tools=[tool(function, fail)])
        await agent.run("go")
        return said(server.requests[1], "tool")

    calls = fake.tool_calls(("add", {"a": "x", "b": 1}), ("ad", {}), ("add", {"a": 1, "b": 2}))
    wrong, unknown, failed = served([calls, fake.text("I see")], use)

    assert "$.a: must be a number, not text 'x'" in wrong
    assert "no tool is named 'ad'; did you mean 'add'?" in unknown
    assert failed == "error (call): the sums are on strike"


def test_an_agent_that_does_not_come_to_an_end_is_ended(served, fake, function):
    async def use(agents, server):
        adder = tool(function, lambda args: 1)
        agent = await agents.create(name="loop", tools=[adder], max_turns=2)
        with pytest.raises(TurnsSpent, match="'loop' has no answer after 2 turns") as ended:
            await agent.run("go")
        bounded = await agent.clone(limits={"tool_calls": 1})
        with pytest.raises(ToolCallsSpent, match="more than 1 tool calls"):
            await bounded.run("go")
        return ended.value, len(server.requests), agent.status()

    call = fake.tool_calls(("add", {"a": 1, "b": 2}), text="Let me see")
    ended, requests, status = served([call] * 4, use)

    assert requests == 4
    assert (ended.kind, ended.data["turns"], ended.data["text"]) == ("turns", 2, "Let me see")
    assert len(ended.data["messages"]) == 5
    assert ended.data["usage"]["requests"] == status["usage"]["requests"] == 2
    assert (status["failures"], status["last_error"][:16]) == (1, "the agent 'loop'")


def test_parallel_agents_ask_at_the_same_time(served, fake):
    def answer(request):
        return fake.text(said(request, "system")[0])

    async def use(agents, server):
        team = [await agents.create(name=name, system=f"I am {name}") for name in ("a", "b", "c")]
        return await agents.collaborate(team, "vote", mode="parallel"), server.peak

    done, peak = served([answer] * 3, use, together=3)

    assert peak == 3
    assert [part["text"] for part in done["results"]] == ["I am a", "I am b", "I am c"]
    assert done["text"] == "a: I am a\n\nb: I am b\n\nc: I am c"
    assert done["usage"]["requests"] == 3


def test_one_of_several_that_fails_is_told_in_its_place(served, fake):
    async def use(agents, server):
        await agents.create(name="a", max_turns=1, tools=["calculator"])
        await agents.create(name="b", system="b")
        return await agents.collaborate(["a", "b"], "vote", mode="parallel")

    def answer(request):
        return fake.text("yes") if said(request, "system") else fake.tool_call("calculator", {"expression": "1"})

    together = served([answer] * 2, use)
    assert [part["ok"] for part in together["results"]] == [False, True]
    assert together["results"][0]["error"]["kind"] == "turns"
    assert together["text"] == "b: yes"


def test_agents_in_sequence_are_told_what_those_before_them_said(served, fake):
    async def use(agents, server):
        for name in ("a", "b", "c"):
            await agents.create(name=name)
        done = await agents.collaborate(["a", "b", "c"], "write")
        alone = await agents.collaborate(["a", "b", "c"], "write", share_context=False)
        return done, alone, [said(request, "user")[0] for request in server.requests]

    done, _, asked = served([fake.text(f"said {i}") for i in range(6)], use)
    assert (done["text"], len(done["results"])) == ("said 2", 3)
    assert asked[0] == "write"
    assert "a answered:\nsaid 0" in asked[2]
    assert "b answered:\nsaid 1" in asked[2]
    assert "said 3" not in asked[5]
    assert "said 4" in asked[5]


def test_a_leader_calls_the_others_as_tools(served, fake):
    async def use(agents, server):
        await agents.create(name="boss", description="leads")
        await agents.create(name="worker", description="works")
        done = await agents.collaborate(["boss", "worker"], "build it", mode="leader")
        return done, server.requests

    answers = [fake.tool_call("worker", {"task": "dig"}), fake.text("a hole"), fake.text("it is built")]
    done, (first, second, third) = served(answers, use)

    assert (done["text"], done["usage"]["requests"]) == ("it is built", 3)
    assert first.body["tools"][0]["function"]["description"] == "works"
    assert said(second, "user") == ["dig"]
    assert "build it" in said(second, "system")[0]
    assert said(third, "tool") == ["a hole"]


def test_a_conversation_is_handed_over(served, fake):
    async def use(agents, server):
        await agents.create(name="front", system="I am the front", handoffs=["back"])
        await agents.create(name="back", system="I am the back", description="knows", handoffs=["front"])
        return await agents.get("front").run("help"), server.requests

    answers = [fake.tool_call("transfer_to_back", {"reason": "hard"}), fake.text("helped")]
    answer, (first, second) = served(answers, use)

    assert (answer["text"], answer["agent"]) == ("helped", "back")
    assert first.body["tools"][0]["function"]["description"] == "Hand the conversation over to back: knows"
    assert said(second, "system") == ["I am the back"]
    assert said(second, "user") == ["help"]
    assert second.body["tools"][0]["function"]["name"] == "transfer_to_front"


def test_two_that_a_model_could_not_tell_apart_are_refused(served, fake):
    async def use(agents, server):
        for name in ("a b", "a_b"):
            await agents.create(name=name)
        same = await agents.create(name="front", handoffs=["a b", agents.get("a b")])
        await same.run("help")
        both = await agents.create(name="front", handoffs=["a b", "a_b"])
        with pytest.raises(BadArgument, match="two are called 'transfer_to_a_b' for a model, 'a b' and 'a_b'"):
            await both.run("help")
        return len(server.requests)

    assert served([fake.text("yes")], use) == 1


def test_a_circle_of_handoffs_is_ended(served, fake):
    async def use(agents, server):
        await agents.create(name="a", handoffs=["b"], limits={"handoffs": 2})
        await agents.create(name="b", handoffs=["a"])
        with pytest.raises(HandoffsSpent, match="after 2 handoffs") as ended:
            await agents.get("a").run("help")
        return ended.value.data["turns"]

    assert served([fake.tool_call(f"transfer_to_{name}", {}) for name in "bab"], use) == 3


def test_an_answer_that_does_not_fit_is_asked_for_again_with_its_faults(served, fake):
    async def use(agents, server):
        agent = await agents.create(output_schema=PERSON)
        return await agent.run("who?"), server.requests

    answers = [fake.text('{"age": "old"}'), fake.text('Sorry: ```json\n{"age": 36,}\n```')]
    answer, requests = served(answers, use)

    assert answer["output"] == {"age": 36}
    assert requests[0].body["response_format"]["json_schema"]["schema"]["required"] == ["age"]
    assert "$.age: must be an integer, not text 'old'" in said(requests[1], "user")[-1]


def test_a_schema_that_the_provider_does_not_take_is_told_in_words(served, fake):
    async def use(agents, server):
        agent = await agents.create(output_schema=PERSON)
        return (await agent.run("who?"))["output"], server.requests

    output, (first, second) = served([fake.failure(400, "no such keyword"), fake.text('{"age": 36}')], use)
    assert output == {"age": 36}
    assert "response_format" in first.body
    assert "response_format" not in second.body
    assert '"age"' in said(second, "system")[0]


def test_the_demo_answers_by_a_schema(run, context):
    agents = AgentBridge(context())
    assert type(run(run(agents.create(output_schema=PERSON)).run("who?"))["output"]["age"]) is int


def test_an_answer_that_never_fits_is_an_error_with_paths(served, fake):
    async def use(agents, server):
        agent = await agents.create(name="who", output_schema=PERSON, output_retries=1)
        with pytest.raises(DoesNotFit, match="the answer of the agent 'who' does not fit") as wrong:
            await agent.run("who?")
        return wrong.value.data["errors"], len(server.requests)

    errors, requests = served([fake.text("{}"), fake.text('{"name": 1}')], use)
    assert requests == 2
    assert errors == [{"path": "$.age", "message": "is missing"}]


def test_the_budget_is_kept_in_the_middle_of_a_run(served, fake, function):
    async def use(agents, server):
        agent = await agents.create(tools=[tool(function, lambda args: 1)])
        with pytest.raises(BudgetSpent, match="budget of 2 requests"):
            await agent.run("go")
        return len(server.requests)

    assert served([fake.tool_call("add", {"a": 1, "b": 2})] * 3, use, budget=Budget(requests=2)) == 2


def test_an_agent_spends_no_more_than_its_share_and_neither_do_those_it_calls(served, fake):
    async def use(agents, server):
        await agents.create(name="worker")
        boss = await agents.create(tools=["worker"], limits={"requests": 2})
        with pytest.raises(BudgetSpent, match="budget of 2 requests"):
            await boss.run("go")
        other = await agents.get("worker").run("go")
        return other["text"], agents.context.usage.requests

    answers = [fake.tool_call("worker", {"task": "x"}), fake.text("done"), fake.text("mine")]
    assert served(answers, use) == ("mine", 3)


def test_agents_that_call_each_other_in_a_circle_are_ended(served, fake):
    async def use(agents, server):
        await agents.create(name="b")
        await agents.create(name="a", tools=["b"])
        await agents.get("b").add_tools(["a"])
        return (await agents.get("a").run("go"))["text"], len(server.requests)

    def answer(request):
        if "more than 8 deep" in "".join(said(request, "tool")):
            return fake.text("no deeper")
        if said(request, "tool"):
            return fake.text(said(request, "tool")[0])
        return fake.tool_call(request.body["tools"][0]["function"]["name"], {"task": "x"})

    assert served([answer] * 30, use) == ("no deeper", 16)


def test_cancelling_reaches_the_request(served, fake):
    async def use(agents, server):
        agent = await agents.create(name="slow")
        job = await agent.run_async("go")
        await server.received.wait()
        state = job.status()["state"]
        assert await job.cancel()
        await server.hung_up.wait()
        with pytest.raises(JobCancelled, match="'slow' was cancelled"):
            await job.result()
        return state, job.status()["state"], await job.cancel(), agents._home.jobs

    assert served([fake.stalled()], use) == ("running", "cancelled", False, set())


def test_the_end_of_a_run_ends_what_is_in_the_background(served, fake):
    async def use(agents, server):
        job = await (await agents.create()).run_async("go")
        await server.received.wait()
        for thing in agents.context.run.closing():
            await thing.close()
        await server.hung_up.wait()
        return job.status()["state"]

    assert served([fake.stalled()], use) == "cancelled"


def test_an_agent_that_takes_too_long_is_stopped_with_what_there_was(served, fake):
    async def use(agents, server):
        agent = await agents.create(name="slow", tools=["calculator"], limits={"timeout": 600})
        with pytest.raises(AgentTimeout, match=r"'slow' worked for 0\.5 seconds") as ended:
            await agent.run("go", timeout=0.5)
        await server.hung_up.wait()
        return ended.value

    error = served([fake.tool_call("calculator", {"expression": "1"}), fake.stalled()], use)
    assert (error.kind, error.data["turns"]) == ("timeout", 2)


def test_a_failing_provider_is_an_error_of_the_run_and_of_the_job(served, fake):
    async def use(agents, server):
        agent = await agents.create()
        job = await agent.run_async("go")
        with pytest.raises(ProviderError, match="no such luck"):
            await job.result()
        return job.status()

    status = served([fake.failure(401, "no such luck")], use)
    assert (status["state"], status["error"]["kind"]) == ("failed", "provider")


def test_an_agent_remembers_when_it_has_a_memory(served, fake):
    async def use(agents, server):
        forgets = await agents.create()
        await forgets.run("one")
        await forgets.run("two")
        keeps = await agents.create(memory="full")
        await keeps.run("one")
        await keeps.run("two")
        await keeps.run("three", history=[{"role": "user", "content": "before"}])
        seen = [said(request, "user") for request in server.requests]
        keeps.reset()
        return seen, forgets.history(), keeps.history()

    seen, last, none = served([fake.text("ok")] * 5, use)
    assert seen == [["one"], ["two"], ["one"], ["one", "two"], ["before", "three"]]
    assert [message["content"] for message in last] == ["two", "ok"]
    assert none == []


def test_a_window_shows_whole_exchanges(served, fake):
    async def use(agents, server):
        agent = await agents.create(memory={"kind": "window", "size": 2}, tools=["calculator"])
        for i in range(4):
            await agent.run(f"task {i}")
        return server.requests[-1].body["messages"], len(agent.history())

    def answer(request):
        done = request.body["messages"][-1]["role"] == "tool"
        return fake.text("ok") if done else fake.tool_call("calculator", {"expression": "1"})

    shown, kept = served([answer] * 8, use)
    assert [message["role"] for message in shown] == [
        "user",
        "assistant",
        "tool",
        "assistant",
        "user",
        "assistant",
        "tool",
    ]
    assert kept == 16


def test_a_summary_stands_for_what_is_older_and_is_paid_for(served, fake):
    async def use(agents, server):
        agent = await agents.create(memory={"kind": "summary", "size": 2}, system="Be kind.")
        for i in range(4):
            await agent.run(f"task {i}")
        return server.requests, agent.status()["usage"]["requests"]

    def answer(request):
        if "Summarise" in "".join(said(request, "system")):
            return fake.text("IN SHORT " + said(request, "user")[0])
        return fake.text("ok")

    requests, paid = served([answer] * 6, use)
    assert paid == len(requests) == 6
    assert said(requests[3], "user") == ["task 1", "task 2"]
    assert said(requests[3], "system")[0].startswith(
        "Be kind.\n\nWhat was said before, in short: IN SHORT user: task 0"
    )
    assert "IN SHORT user: task 0" in said(requests[4], "user")[0]
    assert said(requests[5], "user") == ["task 2", "task 3"]


def test_a_conversation_goes_on_apart_from_the_agent(served, fake):
    async def use(agents, server):
        agent = await agents.create()
        talk = agent.conversation([{"role": "user", "content": "old"}, {"role": "assistant", "content": "older"}])
        said_back = [await talk.send("one"), await talk.send("two")]
        history = talk.history()
        talk.clear()
        return said_back, history, talk.history(), agent.history(), said(server.requests[1], "user")

    back, history, cleared, own, seen = served([fake.text("1"), fake.text("2")], use)
    assert back == ["1", "2"]
    assert [message["content"] for message in history] == ["old", "older", "one", "1", "two", "2"]
    assert (cleared, own, seen) == ([], [], ["old", "one", "two"])


def test_what_one_agent_does_for_another_is_remembered_by_the_other(served, fake):
    async def use(agents, server):
        await agents.create(name="giver", memory="full")
        await agents.create(name="taker")
        done = await agents.delegate("giver", "taker", {"dig": 3})
        await agents.get("giver").run("and?")
        return done, [said(request, "user") for request in server.requests]

    done, asked = served([fake.text("dug"), fake.text("ok")], use)
    assert (done["text"], done["agent"]) == ("dug", "taker")
    assert asked == [['giver asks you to do this:\n\n{"dig": 3}'], ['{"dig": 3}', "and?"]]


def test_agents_written_in_the_spell_are_agents(served, fake, function):
    async def use(agents, server):
        seen = []

        def work(task, about):
            seen.append((task, about["agent"], len(about["history"])))
            return {"text": f"did {task}", "output": {"n": 1}}

        await agents.register("own", {"run": function(work), "description": "works"})
        await agents.register("plain", function(lambda task, about: [task]))
        boss = await agents.create(name="boss", tools=["own"], handoffs=["plain"])
        answer = await boss.run("go")
        talk = agents.get("own").conversation()
        await talk.send("a")
        return answer, await talk.send("b"), (await agents.get("plain").run("x"))["output"], seen, server.requests

    answers = [fake.tool_call("own", {"task": "dig"}), fake.tool_call("transfer_to_plain", {})]
    answer, talked, plain, seen, requests = served(answers, use)
    assert (answer["text"], answer["agent"], answer["output"]) == ('["go"]', "plain", ["go"])
    assert (talked, plain) == ("did b", ["x"])
    assert seen == [("dig", "own", 0), ("a", "own", 0), ("b", "own", 2)]
    assert said(requests[1], "tool") == ['{"n": 1}']


def test_registering_takes_options_as_well(run, context, function):
    agents = AgentBridge(context())
    made = run(agents.register("calc", {"tools": ["calculator"], "system": "x"}))
    assert made.status()["tools"] == ["calculator"]
    assert agents.list()[0]["kind"] == "model"
    own = run(agents.register("own", function(print)))
    with pytest.raises(CallError, match="'own' is a function of the spell"):
        run(own.configure(system="x"))


def test_an_agent_is_kept_and_taken_up_again_without_its_functions(served, fake, function, context):
    async def use(agents, server):
        given = ["calculator", tool(function, print)]
        first = await agents.create(name="k", tools=given, memory="full", limits={"requests": 9}, model=MODEL)
        await first.run("one")
        saved = await first.save("me")
        agents.remove("k")
        second = await agents.load("me")
        await second.run("two")
        return saved, second.status(), said(server.requests[1], "user")

    saved, status, seen = served([fake.text("ok")] * 2, use)
    assert saved == {"key": "me", "left_out": ["tools[2] 'add': a function of the spell"]}
    assert (status["name"], status["tools"], status["memory"], status["model"]) == ("k", ["calculator"], "full", MODEL)
    assert seen == ["one", "two"]


def test_what_cannot_be_kept_or_taken_up_says_so(run, context, function):
    agents = AgentBridge(context())
    with pytest.raises(CannotKeep, match="register it in each run"):
        run(run(agents.register("own", function(print))).save("x"))
    with pytest.raises(Unreadable, match="under 'none': there is nothing"):
        run(agents.load("none"))


def test_each_turn_passes_the_hooks(served, fake, function):
    seen = []

    def before(action):
        seen.append((action.point, action.name))
        if action.point == "agent_turn" and action.arguments["turn"] == 2:
            action.answer("the hook says so")
        if action.name == "calculator":
            raise Denied("no sums today")

    async def use(agents, server):
        agent = await agents.create(name="calc", tools=["calculator"])
        return await agent.run("go"), agent.history()[2]["content"]

    points = Points(before=[before])
    answer, told = served([fake.tool_call("calculator", {"expression": "1"})], use, points)
    assert answer["text"] == "the hook says so"
    assert told == "error (denied): no sums today"
    assert [each for each in seen if each[0] != "llm"] == [
        ("agent", "calc"),
        ("agent_turn", "calc"),
        ("tool", "calculator"),
        ("agent_turn", "calc"),
    ]


def test_chains_take_tools_and_agents(served, fake, function):
    async def use(agents, server):
        agent = await agents.create(name="poet")
        double = tool(function, lambda args: {"n": args["n"] * 2}, "double", {"required": ["n"]})
        made = await agents.tool_chain([double, double, agent], {"n": 1})
        return made, said(server.requests[0], "user")

    assert served([fake.text("four!")], use) == ("four!", ['{"n": 4}'])


def test_a_chain_passes_over_what_fails_only_if_told(run, context, function):
    agents = AgentBridge(context())
    bad = tool(function, lambda args: args["a"] + args["b"])
    ok = tool(function, lambda args: args["n"] + 1, "inc", {"required": ["n"]})
    assert run(agents.tool_chain([bad, ok], {"n": 1}, continue_on_error=True)) == 2
    with pytest.raises(BadArgument, match=r"\$\.a: is missing"):
        run(agents.tool_chain([bad, ok], {"n": 1}))


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("research", {"topic": "cats", "depth": "deep"}, "You research cats. Work in a deep way"),
        (
            "code_review",
            {"language": "Lua", "focus": ["speed", "style"]},
            "You review Lua code. Look above all at speed, style",
        ),
        ("writing", {"tone": "warm {audience}", "words": 50}, "in a warm {audience} tone, of about 50 words"),
        ("data_analysis", {"goal": "trends"}, "What is to be found out: trends"),
    ],
)
def test_ready_made_agents_have_words_with_parameters(served, fake, name, given, words):
    async def use(agents, server):
        agent = await getattr(agents, name)(**given, max_tokens=9)
        await agent.run("go")
        return agent.status(), said(server.requests[0], "system")[0], server.requests[0].body["max_completion_tokens"]

    status, system, most = served([fake.text("ok")], use)
    assert words in system
    assert (status["name"], most) == (f"{name}_1", 9)
    assert status["description"]


def test_a_setup_that_cannot_be_is_told(run, context):
    agents = AgentBridge(context())
    for given, match in (
        ({"name": "a\nb"}, "1 to 64 characters"),
        ({"max_turns": 0}, r"max_turns.*at least 1"),
        ({"limits": {"cost": -1.0}}, r"limits\.cost.*at least 0"),
        ({"memory": {"kind": "window", "size": 0}}, r"memory\.size.*at least 1"),
        ({"tools": ["calculator", "calculator"]}, "two are named 'calculator'"),
    ):
        with pytest.raises(BadArgument, match=match):
            run(agents.create(**given))
    with pytest.raises(ToolNotFound, match="did you mean 'calculator'"):
        run(agents.create(tools=["calculater"]))
    with pytest.raises(UnknownAgent, match=r"agent\.list"):
        agents.get("nobody")
    with pytest.raises(BadArgument, match="a leader and one more"):
        run(agents.collaborate([run(agents.create())], "x", mode="leader"))
    assert not agents.remove("nobody")


def test_an_agent_is_a_tool_of_the_run(run, context):
    shared = context()
    agents, tools = AgentBridge(shared), ToolsBridge(shared)
    record = run(agents.create(name="My poet!", description="rhymes")).as_tool()
    assert (record["name"], record["description"], record["category"]) == ("My_poet_", "rhymes", "agent")
    assert "demo model" in run(tools.execute("My_poet_", {"task": "the sea"}))


def test_the_loop_knows_messages_alone():
    named = {line.split()[1] for line in Path(loop.__file__).read_text().splitlines() if "from llmspell" in line}
    assert named == {"llmspell_bridges.llm.models", "llmspell_core.facts"}


def test_arguments_that_are_no_json_are_told_to_the_model(served, fake, function):
    broken = fake.tool_call("add", {})
    broken.body = broken.body.replace(b'"{}"', b'"{\\"a\\": 1, "')

    async def use(agents, server):
        called = []
        agent = await agents.create(tools=[tool(function, called.append)])
        return (await agent.run("go"))["text"], said(server.requests[1], "tool"), called

    text, (told,), called = served([broken, fake.text("I see")], use)
    assert (text, called) == ("I see", [])
    assert told.startswith("error (argument)")


def test_a_mock_file_makes_an_agent_call_tools(run, context, tmp_path):
    file = tmp_path / "replies.yaml"
    file.write_text(
        "- {text: Let me see, tool_calls: [{name: calculator, arguments: {expression: 6 * 7}}]}\n"
        "- {match: '42', text: It is 42.}\n"
    )
    agents = AgentBridge(context(f"mock:{file}"))
    answer = run(run(agents.create(tools=["calculator"])).run("6 times 7?"))
    assert (answer["text"], answer["turns"], answer["messages"][1]["content"]) == ("It is 42.", 2, "Let me see")
