"""The option ``guardrails``: what goes in and what comes out of every kind of call."""

from __future__ import annotations

import pytest

from llmspell_core.runner import Runner

BOTH = pytest.mark.parametrize("engine", ["lua", "js"])
SET_UP = {
    "lua": """
local seen = {}
local shout = guardrails.create('shout', function(text) return {value = text:upper()} end, {on = 'output'})
guardrails.create('quiet', function(messages)
  seen[#seen + 1] = messages[#messages].role
  if messages[#messages].content:find('secret') then return 'speaks of a secret' end
end, {on = 'input'})
local options = {guardrails = {'quiet', shout}, max_tokens = 5}
local function refused(f, ...)
  local ok, e = pcall(f, ...)
  return ok and 'passed' or e.kind .. ' ' .. e.data.rule
end
""",
    "js": """
const seen = []
const shout = await guardrails.create('shout', text => ({ value: text.toUpperCase() }), { on: 'output' })
await guardrails.create('quiet', messages => {
  seen.push(messages.at(-1).role)
  if (messages.at(-1).content.includes('secret')) return 'speaks of a secret'
}, { on: 'input' })
const options = { guardrails: ['quiet', shout], max_tokens: 5 }
const refused = (call) => call.then(() => 'passed', e => `${e.kind} ${e.data.rule}`)
""",
}
CALLS = {
    "lua": """
local s = llm.chat_session('be kind', options)
local heard, stream = '', llm.stream('hi', options)
for piece in stream do heard = heard .. piece end
return {
  chat = llm.chat('hi', options), complete = llm.complete('hi', options).text, session = s:send('hi'),
  stream = stream:result().text == heard:upper(), batch = llm.batch({'hi', 'a secret'}, options)[1].text,
  marked = llm.batch({'a secret'}, options)[1].error.kind, exported = #s:export().options.guardrails,
  driven = llm.stream('hi', function() end, options).text,
  refused = {
    refused(llm.chat, 'a secret', options), refused(llm.complete, 'a secret', options),
    refused(llm.stream, 'a secret', options), refused(s.send, s, 'a secret'),
    refused(llm.structured, 'a secret', {type = 'object'}, options),
  },
  last = s:history()[1].content, seen = seen[1],
}
""",
    "js": """
const s = await llm.chatSession('be kind', options)
let heard = ''
const stream = await llm.stream('hi', options)
for await (const piece of stream) heard += piece
return {
  chat: await llm.chat('hi', options), complete: (await llm.complete('hi', options)).text, session: await s.send('hi'),
  stream: (await stream.result()).text === heard.toUpperCase(),
  batch: (await llm.batch(['hi', 'a secret'], options))[0].text,
  marked: (await llm.batch(['a secret'], options))[0].error.kind,
  exported: (await s.export()).options.guardrails.length,
  driven: (await llm.stream('hi', () => {}, options)).text,
  refused: [
    await refused(llm.chat('a secret', options)), await refused(llm.complete('a secret', options)),
    await refused(llm.stream('a secret', options)), await refused(s.send('a secret')),
    await refused(llm.structured('a secret', { type: 'object' }, options)),
  ],
  last: (await s.history())[0].content, seen: seen[0],
}
""",
}
WITHHELD = {
    "lua": """
guardrails.preset('banned_words', {words = {'demo'}, on = 'output'})
local heard, stream = 0, llm.stream('hi', {guardrails = {'banned_words'}})
local ok, e = pcall(function() for piece in stream do heard = heard + 1 end end)
local again = pcall(stream.result, stream)
return {ok, e.kind, heard > 3, again}
""",
    "js": """
await guardrails.preset('banned_words', { words: ['demo'], on: 'output' })
let heard = 0
const stream = await llm.stream('hi', { guardrails: ['banned_words'] })
const e = await (async () => { for await (const piece of stream) heard++ })().catch(e => e)
return [!(e instanceof Error), e.kind, heard > 3, await stream.result().then(() => true, () => false)]
""",
}
REDACTED = {
    "lua": "guardrails.preset('pii', {on = 'input', action = 'redact'})\n"
    "return llm.chat('write to ada@example.com', {guardrails = {'pii'}})",
    "js": "await guardrails.preset('pii', { on: 'input', action: 'redact' })\n"
    "return await llm.chat('write to ada@example.com', { guardrails: ['pii'] })",
}


def cast(engine, source, **more):
    with Runner(isolation="inline", options={"llm": {"demo_pause": 0}}, **{"model": "demo", **more}) as runner:
        return runner.cast(source, engine=engine)


@BOTH
def test_every_kind_of_call_takes_them(engine):
    said = cast(engine, SET_UP[engine] + CALLS[engine]).unwrap()
    for kind in ("chat", "complete", "session", "batch", "driven"):
        assert said[kind], kind
        assert said[kind] == said[kind].upper(), kind
    assert said["stream"]
    assert said["marked"] == "guardrail"
    assert said["exported"] == 2
    assert said["refused"] == ["guardrail quiet"] * 5
    assert said["last"] == "hi"
    assert said["seen"] == "user"


@BOTH
def test_what_is_refused_on_its_way_in_costs_nothing(engine):
    result = cast(
        engine,
        SET_UP[engine]
        + {
            "lua": "return refused(llm.chat, 'a secret', options)",
            "js": "return await refused(llm.chat('a secret', options))",
        }[engine],
    )
    assert result.unwrap() == "guardrail quiet"
    assert result.usage.requests == 0


@BOTH
def test_a_stream_is_looked_at_when_it_has_ended(engine):
    assert cast(engine, WITHHELD[engine]).unwrap() == [False, "guardrail", True, False]


@BOTH
def test_a_rule_changes_what_the_model_reads(engine, tmp_path):
    replies = tmp_path / "replies.json"
    replies.write_text('[{"echo": true}]')
    said = cast(engine, REDACTED[engine], model=f"mock:{replies}").unwrap()
    assert "write to" in said
    assert "ada@example.com" not in said


@BOTH
def test_an_unknown_rule_is_named(engine):
    source = {
        "lua": "llm.chat('hi', {guardrails = {'quite'}})",
        "js": "await llm.chat('hi', { guardrails: ['quite'] })",
    }
    error = cast(engine, SET_UP[engine] + source[engine]).error
    assert "no guardrail 'quite'; did you mean 'quiet'" in str(error)
