"""Guardrails of tools: where they are attached, what they see, what they change."""

from __future__ import annotations

import pytest

from llmspell_core.policy import Policy
from llmspell_core.runner import Runner

BOTH = pytest.mark.parametrize("engine", ["lua", "js"])
DEFINED = {
    "lua": """
local calls = 0
local function say(args) calls = calls + 1 return args.text end
guardrails.preset('banned_words', {words = {'foo'}})
local loud = guardrails.create('loud', function(value, on)
  if on == 'output' then return {value = value:upper()} end
  return {value = {text = value.text .. '!'}}
end)
tools.define('said', 'says', {properties = {text = {type = 'string'}}}, say, {guardrails = {'banned_words', loud}})
tools.define('plain', 'says', {properties = {text = {type = 'string'}}}, say)
local one = agent.create{tools = {{name = 'given', description = 'says', guardrails = {'banned_words'},
  fn = function() return 'foo' end}}}
""",
    "js": """
let calls = 0
const say = args => { calls += 1; return args.text }
await guardrails.preset('banned_words', { words: ['foo'] })
const loud = await guardrails.create('loud', (value, on) =>
  on === 'output' ? { value: value.toUpperCase() } : { value: { text: value.text + '!' } })
const schema = { properties: { text: { type: 'string' } } }
await tools.define('said', 'says', schema, say, { guardrails: ['banned_words', loud] })
await tools.define('plain', 'says', schema, say)
const one = await agent.create({ tools: [{ name: 'given', description: 'says', guardrails: ['banned_words'],
  fn: () => 'foo' }] })
""",
}
USED = {
    "lua": """
local before = tools.execute_safe('said', {text = 'foo'})
return {
  changed = tools.execute('said', {text = 'hi'}), refused = before.error, calls = calls,
  free = tools.execute('plain', {text = 'foo'}),
  one = tools.execute_safe('plain', {text = 'foo'}, {guardrails = {'banned_words'}}).error.kind,
  chained = select(2, pcall(tools.pipeline, {'plain', 'said'}, {text = 'foo'})).kind,
  told = one:run('let given say it').text,
}
""",
    "js": """
const before = await tools.executeSafe('said', { text: 'foo' })
return {
  changed: await tools.execute('said', { text: 'hi' }), refused: before.error, calls,
  free: await tools.execute('plain', { text: 'foo' }),
  one: (await tools.executeSafe('plain', { text: 'foo' }, { guardrails: ['banned_words'] })).error.kind,
  chained: await tools.pipeline(['plain', 'said'], { text: 'foo' }).catch(error => error.kind),
  told: (await one.run('let given say it')).text,
}
""",
}


def cast(engine, source):
    with Runner(isolation="inline", model="demo", policy=Policy.standard()) as runner:
        return runner.cast(source, engine=engine)


@BOTH
def test_a_tool_keeps_the_rules_it_was_given(engine):
    came = cast(engine, DEFINED[engine] + USED[engine]).unwrap()
    assert came["changed"] == "HI!"
    assert came["refused"]["kind"] == "guardrail"
    assert came["refused"]["data"]["on"] == "input"
    assert came["calls"] == 1
    assert came["free"] == "foo"
    assert (came["one"], came["chained"]) == ("guardrail", "guardrail")
    assert "breaks the guardrail 'banned_words'" in came["told"]


@BOTH
def test_what_a_rule_leaves_still_has_to_fit_the_tool(engine):
    source = {
        "lua": "local broken = guardrails.create('broken', function() return {value = {text = 5}} end)\n"
        "return tools.execute('plain', {text = 'a'}, {guardrails = {broken}})",
        "js": "const broken = await guardrails.create('broken', () => ({ value: { text: 5 } }))\n"
        "return await tools.execute('plain', { text: 'a' }, { guardrails: [broken] })",
    }
    result = cast(engine, DEFINED[engine] + source[engine])
    assert result.error.kind == "argument"
    assert "$.text" in str(result.error)


@BOTH
def test_a_rule_that_is_not_there_is_named_when_the_tool_is_defined(engine):
    source = {
        "lua": "tools.define('a', 'a', {}, print, {guardrails = {'banned_word'}})",
        "js": "await tools.define('a', 'a', {}, print, { guardrails: ['banned_word'] })",
    }
    result = cast(engine, DEFINED[engine] + source[engine])
    assert "no guardrail 'banned_word'; did you mean 'banned_words'" in str(result.error)
