"""The spells that ``llmspell new`` writes, each in every language."""

from __future__ import annotations

__all__ = ["TEMPLATES", "files_of"]

TEMPLATES = {
    "ask": "one question to a model",
    "agent": "a model that uses a tool of the spell's",
    "parts": "files in lib/, progress, and what is done at the end",
}
"""What each is, by its name."""


def files_of(template: str, engine: str) -> dict[str, str]:
    """Return the files of a template in a language; ``{name}`` is the spell's name, ``{text}`` that quoted."""
    manifest = _HEAD.replace("ENGINE", engine) + _MANIFESTS[template]
    sources = {path: text for path, text in _SOURCES[template].items() if path.endswith(f".{engine}")}
    readme = _README.replace("ARGUMENT", _ARGUMENTS[template])
    return {"spell.yaml": manifest, **sources, "README.md": readme}


_HEAD = """\
# yaml-language-server: $schema=spell.schema.json
name: {text}
version: 0.1.0
engine: ENGINE
entry: spell.ENGINE
"""
_README = """\
# {name}

    llmspell run . --model demo -p ARGUMENT
    llmspell test
"""
_ARGUMENTS = {"ask": 'question="How are you?"', "agent": 'task="Roll the dice twice."', "parts": "upto=5"}
_MANIFESTS = {
    "ask": """\
description: Ask a model something, and say what it answers.
parameters:
  question:
    type: string
    description: what the model is asked
    default: What is a spell?
""",
    "agent": """\
description: Have a model do something with a tool.
parameters:
  task:
    type: string
    description: what is to be done
    default: Roll the dice.
""",
    "parts": """\
description: Count words, in parts.
parameters:
  upto:
    type: integer
    description: how far to count
    minimum: 1
    default: 3
""",
}
_SOURCES = {
    "ask": {
        "spell.lua": """\
local answer = llm.chat(params.question)
print("You asked: " .. params.question)
return answer
""",
        "spell.js": """\
const answer = await llm.chat(params.question);
console.log(`You asked: ${{params.question}}`);
return answer;
""",
        "spell_test.lua": """\
testing.it("asks the model, and returns what it says", function()
  local model = testing.fake_model({{"I am well."}})
  testing.expect(spell.run("./spell.lua", {{question = "How are you?"}})):equals("I am well.")
  testing.expect(model:requests()[1].prompt):equals("How are you?")
end)
""",
        "spell.test.js": """\
testing.it("asks the model, and returns what it says", async () => {{
  const model = await testing.fakeModel(["I am well."]);
  testing.expect(await spell.run("./spell.js", {{ question: "How are you?" }})).equals("I am well.");
  testing.expect((await model.requests())[0].prompt).equals("How are you?");
}});
""",
    },
    "agent": {
        "spell.lua": """\
tools.define("dice", "Roll the dice", {{type = "object"}}, function()
  return math.random(6)
end)

local player = agent.create({{name = "player", system = "Use the tool dice.", tools = {{"dice"}}}})
return player:run(params.task).text
""",
        "spell.js": """\
await tools.define("dice", "Roll the dice", {{ type: "object" }}, () => 1 + Math.floor(6 * Math.random()));

const player = await agent.create({{ name: "player", system: "Use the tool dice.", tools: ["dice"] }});
return (await player.run(params.task)).text;
""",
        "spell_test.lua": """\
testing.it("rolls the dice when the model asks for it", function()
  testing.fake_model({{
    {{tool_calls = {{{{name = "dice", arguments = {{}}}}}}}},
    function(rolled) return "It is a " .. rolled end,
  }})
  testing.expect(spell.run("./spell.lua", {{task = "Roll the dice."}})):matches("^It is a [1-6]$")
end)
""",
        "spell.test.js": """\
testing.it("rolls the dice when the model asks for it", async () => {{
  await testing.fakeModel([
    {{ tool_calls: [{{ name: "dice", arguments: {{}} }}] }},
    rolled => `It is a ${{rolled}}`,
  ]);
  testing.expect(await spell.run("./spell.js", {{ task: "Roll the dice." }})).matches(/^It is a [1-6]$/);
}});
""",
    },
    "parts": {
        "spell.lua": """\
local words = require("words")

spell.on_cleanup(function()
  print("done")
end)

local counted = list()
for n = 1, params.upto do
  counted[n] = words.of(n)
  spell.progress(n, params.upto, counted[n])
end
return counted
""",
        "lib/words.lua": """\
local words = {{}}
local names = {{"one", "two", "three"}}

function words.of(n)
  return names[n] or ("number " .. n)
end

return words
""",
        "words_test.lua": """\
local words = require("words")

testing.describe("words", function()
  testing.it("has names for small numbers, and counts on without", function()
    testing.expect(words.of(2)):equals("two")
    testing.expect(words.of(12)):equals("number 12")
  end)
end)
""",
        "spell.js": """\
import {{ wordOf }} from "./lib/words.js";

spell.onCleanup(() => print("done"));

const counted = [];
for (let n = 1; n <= params.upto; n++) {{
  counted.push(wordOf(n));
  await spell.progress(n, params.upto, wordOf(n));
}}
export default counted;
""",
        "lib/words.js": """\
const names = ["one", "two", "three"];

export const wordOf = n => names[n - 1] ?? `number ${{n}}`;
""",
        "words.test.js": """\
import {{ wordOf }} from "./lib/words.js";

testing.describe("words", () => {{
  testing.it("has names for small numbers, and counts on without", () => {{
    testing.expect(wordOf(2)).equals("two");
    testing.expect(wordOf(12)).equals("number 12");
  }});
}});
""",
    },
}
