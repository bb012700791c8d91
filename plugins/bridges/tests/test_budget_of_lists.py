"""What does many things ends where the run cannot pay for one of them, and not for what spent a budget of its own."""

from __future__ import annotations

import pytest

from llmspell_core.budget import Budget, Purse
from llmspell_core.errors import BudgetSpent
from llmspell_core.policy import Policy
from llmspell_core.runner import Runner

LUA = """
local asked = 0
tools.define("ask", "Asks", {}, function() asked = asked + 1 return llm.complete("hi").text end)
local four = {"ask", "ask", "ask", "ask"}
local function told(f, ...)
  local before, ok, e = asked, pcall(f, ...)
  return {ok, e.kind, asked - before}
end
local calls = {}
for i, name in ipairs(four) do calls[i] = {name = name} end
local safe = function() return tools.execute_safe("ask") end
return {
  told(tools.parallel, calls, {max_concurrent = 1}),
  told(tools.pipeline, four, {}, {continue_on_error = true}),
  told(agent.tool_chain, four, {}, {continue_on_error = true}),
  safe().error.kind,
}
"""
JS = """
let asked = 0;
await tools.define("ask", "Asks", {}, async () => { asked++; return (await llm.complete("hi")).text });
const four = ["ask", "ask", "ask", "ask"];
const told = async (f) => {
  const before = asked;
  try { await f() } catch (e) { return [false, e.kind, asked - before] }
};
return [
  await told(() => tools.parallel(four.map((name) => ({ name })), { maxConcurrent: 1 })),
  await told(() => tools.pipeline(four, {}, { continueOnError: true })),
  await told(() => agent.toolChain(four, {}, { continueOnError: true })),
  (await tools.executeSafe("ask")).error.kind,
];
"""
DEMO = {"llm": {"demo_pause": 0}}


@pytest.mark.parametrize(("engine", "source"), [("lua", LUA), ("js", JS)])
def test_a_list_ends_where_the_run_cannot_pay(engine, source):
    with Runner(model="demo", options=DEMO, isolation="inline") as runner:
        result = runner.cast(source, engine=engine, budget=Budget(requests=1))
    ended = [False, "budget", 1]
    assert result.unwrap() == [[False, "budget", 2], ended, ended, "budget"]


def test_a_tool_that_has_spent_a_budget_of_its_own_has_failed_as_any(tmp_path):
    manifest = "-- ---\n-- name: asks\n-- description: asks\n-- budget: {requests: 1}\n-- ---\n"
    (tmp_path / "asks.lua").write_text(f"{manifest}llm.chat('x') return llm.chat('y')")
    source = f"""
    tools.load_folder({str(tmp_path)!r})
    local found = tools.parallel({{{{name = "asks"}}, {{name = "asks"}}}})
    local _, chained = pcall(tools.pipeline, {{"asks", "asks"}}, {{}}, {{continue_on_error = true}})
    return {{found[1].error.kind, found[2].error.kind, llm.usage().requests, type(chained)}}
    """
    policy = Policy.standard().allow(f"read:{tmp_path}")
    with Runner(model="demo", policy=policy, options=DEMO, isolation="inline") as runner:
        result = runner.cast(source, engine="lua", budget=Budget(requests=9))
    assert result.unwrap() == ["budget", "budget", 4, "table"]


@pytest.mark.parametrize(
    ("budget", "data", "refuses"),
    [
        (Budget(requests=2), None, False),
        (Budget(requests=2), {"what": "requests", "wanted": 2}, False),
        (Budget(requests=2), {"what": "requests", "wanted": 3}, True),
        (Budget(requests=2), {"what": "tokens", "wanted": 3}, False),
        (Budget(cost=1), {"what": "cost", "wanted": None}, True),
        (Budget(cost=1), {"what": ["cost"], "wanted": "much"}, False),
        (Budget(cost=1), "forged", False),
    ],
)
def test_a_purse_tells_whether_it_could_pay_for_what_was_refused_elsewhere(budget, data, refuses):
    refusal = BudgetSpent("requests", 1, 1, 1)
    refusal.data = data
    assert Purse(budget).refuses(refusal) is refuses
