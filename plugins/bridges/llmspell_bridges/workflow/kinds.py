"""The kinds of steps: by which word each is defined, and which fields it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.structured.schema import BadSchema, Schema
from llmspell_bridges.workflow.definition import (
    Agent,
    Approval,
    Cases,
    Each,
    Llm,
    Loop,
    Nested,
    Parallel,
    Run,
    Sequence,
    Spells,
    Step,
    Tool,
    Wait,
    What,
)
from llmspell_bridges.workflow.fields import Fields
from llmspell_core.signatures import kind_of
from llmspell_core.values import Function, Handle

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_bridges.workflow.reading import Reader

__all__ = ["CONTAINERS", "FIELDS", "MODEL_OPTIONS", "kind_of_step", "what_of"]

MODEL_OPTIONS = ("model", "temperature", "max_tokens", "system", "stop", "seed", "cache", "guardrails")
_AGENT_OPTIONS = ("context", "max_turns", "model", "temperature", "max_tokens")
FIELDS: dict[str, tuple[str, ...]] = {
    "run": (),
    "llm": (*MODEL_OPTIONS, "schema"),
    "tool": ("args",),
    "agent": ("task", *_AGENT_OPTIONS),
    "spell": ("params", "engine"),
    "workflow": ("params",),
    "wait": (),
    "approval": ("by",),
    "sequence": (),
    "parallel": ("merge", "on_failure", "max_concurrent"),
    "conditional": ("default",),
    "loop": ("while", "until", "max", "collect"),
    "map": ("over", "on_failure", "max_concurrent"),
}
"""The words that say what a step does, and what else may be said then."""
CONTAINERS = ("sequence", "parallel", "conditional", "loop", "map", "workflow")
_ON_FAILURE = ("fail", "continue")


def kind_of_step(fields: Fields) -> str | None:
    """Return the one word that says what a step does; None where there is none, or more than one."""
    found = [word for word in FIELDS if fields.has(word)]
    return found[0] if len(found) == 1 else None


def what_of(kind: str, fields: Fields, reader: Reader, depth: int) -> What:
    """Return what a step does."""
    return _READERS[kind](fields, reader, depth)


def _run(fields: Fields, reader: Reader, depth: int) -> What:
    function = reader.function(fields.any("run"), fields.at("run"))
    return Run(function or Function(0))


def _llm(fields: Fields, reader: Reader, depth: int) -> What:
    prompt = reader.data(fields, "llm")
    if not isinstance(prompt, str | list | Function) or not prompt:
        fields.wrong("llm", f"must be a prompt: text or a list of messages, not {kind_of(prompt)}")
    options = {name: value for name in MODEL_OPTIONS if (value := reader.data(fields, name)) is not None}
    return Llm(prompt, options, _schema(fields))


def _schema(fields: Fields) -> Any:
    given = fields.any("schema")
    if given is None:
        return None
    try:
        Schema(given)
    except BadSchema as error:
        fields.wrong("schema", str(error))
    return given


def _tool(fields: Fields, reader: Reader, depth: int) -> What:
    return Tool(_text(fields, reader, "tool"), reader.data(fields, "args"))


def _agent(fields: Fields, reader: Reader, depth: int) -> What:
    given = fields.any("agent")
    agent = given if isinstance(given, Handle) else _text(fields, reader, "agent")
    options = {name: value for name in _AGENT_OPTIONS if (value := reader.data(fields, name)) is not None}
    return Agent(agent, reader.data(fields, "task"), options)


def _spell(fields: Fields, reader: Reader, depth: int) -> What:
    given, engine = fields.any("spell"), fields.text("engine", most=100)
    params = reader.data(fields, "params")
    if not isinstance(given, dict):
        return Spells(_text(fields, reader, "spell"), engine=engine, params=params)
    inner = Fields(given, fields.at("spell"), reader.faults)
    source = inner.text("source", most=2**20) or inner.wrong("source", "is missing: the text of the spell", "")
    engine = inner.text("engine", engine, most=100)
    if engine is None:
        inner.wrong("engine", "is missing: the name of the engine that runs it")
    inner.end(("source", "engine"))
    return Spells(None, source, engine, params)


def _workflow(fields: Fields, reader: Reader, depth: int) -> What:
    given, path = fields.any("workflow"), fields.at("workflow")
    params = reader.data(fields, "params")
    if isinstance(given, dict) and "steps" in given:
        name = given.get("name")
        return Nested(reader.definition(name if isinstance(name, str) else path, given, path, depth + 1), params)
    if isinstance(given, list):
        return Nested(reader.definition(path, {"steps": given}, path, depth + 1), params)
    found = reader.known.workflow(given)
    if found is None:
        fields.wrong("workflow", f"must be a workflow, its name or its definition, not {kind_of(given)}")
        return Sequence(())
    reader.count(path, found.size, depth + found.depth)
    return Nested(found, params)


def _wait(fields: Fields, reader: Reader, depth: int) -> What:
    given = reader.data(fields, "wait")
    if isinstance(given, str):
        return Wait(given)
    return Wait(fields.number("wait", 0.0, most=31_536_000))


def _approval(fields: Fields, reader: Reader, depth: int) -> What:
    return Approval(_text(fields, reader, "approval"), fields.choice("by", ("anyone", "person", "script"), "anyone"))


def _sequence(fields: Fields, reader: Reader, depth: int) -> What:
    return Sequence(reader.several(fields.any("sequence"), fields.at("sequence"), depth + 1))


def _parallel(fields: Fields, reader: Reader, depth: int) -> What:
    steps = reader.several(fields.any("parallel"), fields.at("parallel"), depth + 1)
    merge = fields.any("merge")
    if not isinstance(merge, Function):
        merge = fields.choice("merge", ("all", "first", "last", "collect"), "all")
    return Parallel(steps, merge, fields.choice("on_failure", _ON_FAILURE, "fail"), _most(fields, reader))


def _conditional(fields: Fields, reader: Reader, depth: int) -> What:
    given, path = fields.any("conditional"), fields.at("conditional")
    if not isinstance(given, list) or not given:
        fields.wrong("conditional", f"must be a list of cases, each with `when`, not {kind_of(given)}")
        return Sequence(())
    cases = tuple(_case(each, f"{path}[{i}]", reader, depth) for i, each in enumerate(given))
    default = fields.any("default")
    return Cases(cases, None if default is None else reader.group(default, fields.at("default"), depth + 1))


def _case(given: Any, path: str, reader: Reader, depth: int) -> tuple[Any, Step]:
    """Return a case: ``{when, then}``, or a step that has ``when``."""
    fields = Fields(given if isinstance(given, dict) else {}, path, reader.faults)
    when = reader.condition(fields, "when")
    if when is None:
        reader.fault(path, "must have `when`: a function, or a JMESPath query as text")
    if fields.has("then"):
        step = reader.group(fields.any("then"), fields.at("then"), depth + 1)
        fields.end(("when", "then"))
        return when, step
    rest = {name: value for name, value in given.items() if name != "when"} if isinstance(given, dict) else given
    return when, reader.step(rest, path, depth + 1)


def _loop(fields: Fields, reader: Reader, depth: int) -> What:
    step = reader.group(fields.any("loop"), fields.at("loop"), depth + 1)
    while_, until = reader.condition(fields, "while"), reader.condition(fields, "until")
    most = fields.integer("max", least=1, most=reader.bounds.rounds)
    if while_ is None and until is None and most is None:
        fields.wrong("loop", "must say when it ends: while, until or max")
    return Loop(step, while_, until, most, fields.flag("collect"))


def _map(fields: Fields, reader: Reader, depth: int) -> What:
    step = reader.group(fields.any("map"), fields.at("map"), depth + 1)
    over = reader.data(fields, "over")
    return Each(step, over, fields.choice("on_failure", _ON_FAILURE, "fail"), _most(fields, reader))


def _most(fields: Fields, reader: Reader) -> int:
    most: int = fields.integer("max_concurrent", 8, least=1, most=reader.bounds.at_once)
    return most


def _text(fields: Fields, reader: Reader, name: str) -> str:
    reader.data(fields, name)
    text: str = fields.text(name, "", most=100_000)
    return text


_READERS: dict[str, Callable[[Fields, Reader, int], What]] = {
    "run": _run,
    "llm": _llm,
    "tool": _tool,
    "agent": _agent,
    "spell": _spell,
    "workflow": _workflow,
    "wait": _wait,
    "approval": _approval,
    "sequence": _sequence,
    "parallel": _parallel,
    "conditional": _conditional,
    "loop": _loop,
    "map": _map,
}
