"""Images and files that agents are given: what the model sees, what is remembered, what a function gets."""

from __future__ import annotations

import json

import pytest

from llmspell_core.policy import Policy
from llmspell_core.runner import Runner

BOTH = pytest.mark.parametrize("engine", ["lua", "js"])
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
LOOK = [{"type": "text", "text": "What is this?"}, {"type": "image", "data": PNG}]
RUN = {
    "lua": """
local one = agent.create{memory = 'full'}
local seen = one:run(params.look).text
one:save('k')
local kept = agent.load('k'):history()[1].content
local again = agent.create{}:run('And now?', {history = one:history()}).text
return {seen = seen, said = agent.create{}:conversation():send(params.look), kept = kept, again = again}
""",
    "js": """
const one = await agent.create({ memory: 'full' })
const seen = (await one.run(params.look)).text
await one.save('k')
const kept = (await (await agent.load('k')).history())[0].content
const again = (await (await agent.create({})).run('And now?', { history: await one.history() })).text
return { seen, said: await (await (await agent.create({})).conversation()).send(params.look), kept, again }
""",
}
TOGETHER = {
    "lua": """
agent.register('first', function() return 'a cat' end)
agent.register('second', function(task)
  local kinds = {}
  for i, part in ipairs(task) do kinds[i] = part.type end
  return table.concat(kinds, ' ')
end)
return {
  agent.collaborate({'first', 'second'}, params.look).text,
  agent.collaborate({'second'}, params.look, {mode = 'parallel'}).results[1].text,
  agent.delegate('first', 'second', params.look).text,
}
""",
    "js": """
await agent.register('first', () => 'a cat')
await agent.register('second', task => task.map(part => part.type).join(' '))
return [
  (await agent.collaborate(['first', 'second'], params.look)).text,
  (await agent.collaborate(['second'], params.look, { mode: 'parallel' })).results[0].text,
  (await agent.delegate('first', 'second', params.look)).text,
]
""",
}
WRONG = {
    "lua": "return agent.create{}:run(params.look)",
    "js": "return await (await agent.create({})).run(params.look)",
}


@pytest.fixture
def echo(tmp_path):
    path = tmp_path / "echo.json"
    path.write_text(json.dumps([{"echo": True}] * 5))
    return f"mock:{path}"


def cast(engine, source, model, look=LOOK):
    with Runner(isolation="inline", model=model, policy=Policy.standard()) as runner:
        return runner.cast(source, engine=engine, params={"look": look})


@BOTH
def test_an_image_reaches_the_model_and_is_remembered(engine, echo):
    came = cast(engine, RUN[engine], echo).unwrap()
    for answer in (came["seen"], came["said"], came["again"]):
        message = json.loads(answer)["messages"][0]
        assert message["content"] == "What is this?"
        assert [(each["media_type"], each["at"], each["size"]) for each in message["attached"]] == [
            ("image/png", 13, len(PNG))
        ]
    assert came["kept"] == LOOK


@BOTH
def test_agents_that_work_together_all_see_it(engine, echo):
    came = cast(engine, TOGETHER[engine], echo).unwrap()
    assert came == ["text image text", "text image", "text image"]


@BOTH
@pytest.mark.parametrize(
    ("look", "reason"),
    [
        ([{"type": "image"}], "of type 'image' has one of data, path, url, not none"),
        ([{"type": "text", "text": "a"}, {"type": "image", "dat": b"x"}], "part 2 of the input"),
    ],
)
def test_a_part_that_is_none_is_told(engine, echo, look, reason):
    result = cast(engine, WRONG[engine], echo, look)
    assert result.error.kind == "argument"
    assert reason in str(result.error)


@BOTH
def test_a_model_that_takes_no_images_says_so(engine):
    result = cast(engine, WRONG[engine], "demo")
    assert result.error.kind == "provider"
    assert "takes no images" in str(result.error)


@BOTH
def test_any_other_list_is_data(engine, echo):
    came = cast(engine, WRONG[engine], echo, [{"type": "cat"}, {"type": "image"}]).unwrap()
    assert json.loads(came["text"])["messages"][0]["content"] == '[{"type": "cat"}, {"type": "image"}]'
