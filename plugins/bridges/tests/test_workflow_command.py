"""The command workflow: definitions in files, run, gone on with, shown and drawn."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest
from click.testing import CliRunner
from llmspell_bridges.workflow.filed import read_file
from llmspell_bridges.workflow.graph import mermaid
from llmspell_bridges.workflow.picture import svg

from llmspell_core.cli import main

FLOW = """
name: report
description: Counts letters
parameters:
  factor: {type: integer, default: 2}
steps:
  - {name: count, spell: lib/count.lua, params: {text: "{{start}}"}}
  - name: both
    parallel:
      - {name: times, tool: calculator, args: {expression: "{{input}} * {{params.factor}}"}}
      - {name: twice, spell: {source: "return params.input * 2", engine: js}, compensate: {wait: 0}}
    merge: collect
  - name: gate
    approval: "Publish {{input.0}}?"
  - conditional:
      - {when: "input[0] > `100`", name: large, wait: 0}
    default: {name: total, tool: calculator, args: {expression: "{{input.0}} + {{input.1}}"}}
  - {loop: {tool: calculator, args: {expression: "{{input}} + 1"}}, max: 2}
"""


@pytest.fixture
def flow(tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "count.lua").write_text("return #params.text")
    path = tmp_path / "report.yaml"
    path.write_text(FLOW)
    return str(path)


@pytest.fixture
def llmspell():
    def call(*words):
        done = CliRunner().invoke(main, ["workflow", *words])
        return done.exit_code, done.stdout, done.stderr

    return call


@pytest.mark.parametrize("isolation", ["inline", "process"])
def test_a_workflow_in_a_file_is_run(llmspell, flow, isolation):
    words = ("--input", "abcd", "-p", "factor=3", "--allow", "approval:gate", "--isolation", isolation)
    assert llmspell("run", flow, *words) == (0, "22\n", "")
    status, told, _ = llmspell("run", flow, "--input", '"abcd"', "--allow", "approval:gate", "--output", "json")
    assert (status, json.loads(told)["value"]) == (0, 18)


def test_a_workflow_that_nobody_approves_says_so_and_goes_on_when_somebody_does(llmspell, flow):
    status, _, told = llmspell("run", flow, "--input", "abcd", "--run-id", "mine")
    assert status == 3
    assert "waits for an approval of 'gate', and nobody can give it" in told
    status, printed, told = llmspell("resume", "mine", "--allow", "approval:gate")
    assert (status, printed) == (0, "18\n"), told
    assert told.startswith("run ")


@pytest.mark.parametrize(
    ("words", "status", "problem"),
    [
        (("run", "nothing.yaml"), 2, "cannot read 'nothing.yaml'"),
        (("run", "FLOW", "-p", 'factor:="x"'), 3, "$.factor: must be an integer"),
        (("run", "FLOW", "--input", "@nothing"), 2, "cannot read 'nothing'"),
        (("run", "BAD"), 2, "steps[0].retry.attempts: must be an integer"),
        (("show", "BAD"), 2, "steps[1].run: must be a function, or the name of one that was registered"),
        (("graph", "BAD"), 2, "steps[0].retry.attempts"),
        (("resume", "nobody"), 2, "nobody"),
        (("graph", "FLOW", "-o", "/nowhere/x"), 2, "cannot write"),
    ],
)
def test_what_is_wrong_is_told_with_an_exit_status(llmspell, flow, tmp_path, words, status, problem):
    bad = tmp_path / "bad.yaml"
    bad.write_text("steps: [{tool: x, retry: {attempts: many}}, {run: print}]")
    named = [{"FLOW": flow, "BAD": str(bad)}.get(word, word) for word in words]
    done, _, told = llmspell(*named)
    assert problem in told
    assert done == status


def test_a_file_casts_nothing_outside_of_its_folder_whatever_is_granted(llmspell, tmp_path):
    outside = tmp_path / "secret.lua"
    outside.write_text("return 5")
    inside = tmp_path / "in" / "flow.yaml"
    inside.parent.mkdir()
    inside.write_text(f"steps: [{{spell: {outside}}}]")
    for words in ((), (f"--allow-read={outside}",)):
        status, _, told = llmspell("run", str(inside), *words)
        assert (status, "is no file of this spell" in told) == (3, True)


def test_a_workflow_is_shown_as_lines(llmspell, flow):
    assert llmspell("show", flow)[1] == (
        "report: Counts letters\n"
        "  parameter factor: integer, optional\n"
        "  count: spell lib/count.lua\n"
        "  both: parallel\n"
        "    times: tool calculator\n"
        "    twice: spell js (undone by wait_1: wait 0 s)\n"
        "  gate: approval Publish {{input.0}}?\n"
        "  conditional_1: conditional\n"
        "    when input[0] > `100`:\n"
        "      large: wait 0 s\n"
        "    else:\n"
        "      total: tool calculator\n"
        "  loop_1: loop max 2\n"
        "    tool_1: tool calculator\n"
    )


def test_a_workflow_is_drawn(llmspell, flow, tmp_path):
    drawn = llmspell("graph", flow)[1]
    assert drawn.startswith("flowchart TD\n")
    assert '{"conditional_1: conditional"}' in drawn
    picture = tmp_path / "flow.svg"
    assert llmspell("graph", flow, "--format", "svg", "-o", str(picture))[0] == 0
    root = ET.fromstring(picture.read_text())
    texts = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"report", "times: tool calculator", "merge: collect", "else", "undo: wait_1: wait 0 s", "end"} <= set(texts)


def test_what_is_in_a_drawing_stays_text(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("""steps: [{name: 'a"]<script>`#', llm: "</svg>\\u202e{{start}}"}]""")
    definition = read_file(str(path))[1]
    assert "<" not in mermaid(definition).replace("<--", "")
    node = mermaid(definition).splitlines()[2]
    assert node.count('"') == 2
    root = ET.fromstring(svg(definition))
    assert [each.tag.rpartition("}")[2] for each in root.iter()].count("script") == 0
