"""What the harnesses that kill have in common: the spells that are killed, and which of their requests had ended."""

from __future__ import annotations

import json
import os

from llmspell_core.journal import Journal
from llmspell_core.journal.told import calls

KILLS = int(os.environ.get("LLMSPELL_KILLS", "12"))
WORKER_KILLS = int(os.environ.get("LLMSPELL_KILLS", "3"))
"""Each takes a worker's start and a job's taking over."""

LUA = """
local total = 0
for i = 1, 20 do
  total = total + http.post(params.url .. "/one/" .. i).json.n
end
local tasks = {}
for i = 1, 20 do
  tasks[i] = promise.spawn(function() return http.post(params.url .. "/two/" .. i).json.n end)
end
for _, n in ipairs(promise.all(tasks):await()) do total = total + n end
print("done", total)
return {total = total, chance = math.random(1000000)}
"""
JS = """
let total = 0;
for (let i = 1; i <= 20; i++) total += (await http.post(`${params.url}/one/${i}`)).json.n;
const rest = Array.from({ length: 20 }, async (_, i) => (await http.post(`${params.url}/two/${i + 1}`)).json.n);
for (const n of await Promise.all(rest)) total += n;
print("done", total);
return { total, chance: Math.floor(Math.random() * 1000000) };
"""

WORKFLOW = """
const post = async (path) => (await http.post(`${params.url}/${path}`)).json.n;
const lua = (path) => ({ source: `return http.post(params.url .. "/${path}").json.n`, engine: "lua" });
const given = { url: params.url };
const five = await workflow.create("five", [
  { name: "one", run: () => post("flow/1") },
  { name: "two", spell: lua("flow/2"), params: given },
  await workflow.parallel([
    { name: "three", run: () => post("flow/3") },
    { name: "four", spell: lua("flow/4"), params: given },
  ], { name: "both" }),
  { name: "five", run: async (both) => both.three + both.four + await post("flow/5") },
]);
const total = await five.run();
print("done", total);
return { total };
"""
SPELLS = {
    "lua": ("forty.lua", LUA, 420, 40),
    "js": ("forty.js", JS, 420, 40),
    "workflow": ("five.js", WORKFLOW, 12, 5),
}
"""By what is killed: the file, its source, the total that it comes to, and how many requests it makes."""


def answered(journal: Journal, run: str) -> set[str]:
    """The requests whose answers the journal holds."""
    if journal.find(run) is None:
        return set()
    family = [run, *(child.id for child in journal.runs(parent=run))]
    told = [call for each in family for call in calls(journal.entries(each)) if call.name == "http.post" and call.ok]
    return {"/" + json.loads(f"[{call.args}]")[0].split("/", 3)[3] for call in told}
