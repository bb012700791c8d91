"""What steps do themselves: ask a model, call a tool, an agent or a spell, call a function, wait, ask for approval."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from llmspell_bridges.agent.home import home_of
from llmspell_bridges.spell.children import find
from llmspell_bridges.tools.composition import one_after_the_other
from llmspell_bridges.tools.registry import registry_of
from llmspell_bridges.workflow import flow
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
    Tool,
    Wait,
)
from llmspell_core.errors import CallError
from llmspell_core.signatures import Signature, kind_of
from llmspell_core.spells import Spell

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from llmspell_bridges.workflow.course import Course
    from llmspell_bridges.workflow.definition import Step
    from llmspell_bridges.workflow.frame import Spot

__all__ = ["BUSY", "is_kept", "perform"]

BUSY = ("run", "llm", "tool", "agent", "spell")
"""Kinds that take one of the places for steps at the same time."""
_LONGEST_WAIT = 31_536_000.0


async def perform(course: Course, step: Step, given: Any, spot: Spot) -> Any:
    """Return what a step makes of its input, once, whatever else is said of it."""
    return await _DOING[type(step.what)](course, step, step.what, given, spot)


def is_kept(course: Course, step: Step) -> bool:
    """Tell whether what comes of a step is kept in the journal as a whole.

    A function of the spell is not, nor what may call one: its own calls are kept, and it goes on in their midst.
    """
    if isinstance(step.what, Tool):
        found = registry_of(course.home.context).find(step.what.name)
        return found is None or found.outward
    return isinstance(step.what, Llm | Spells)


async def _run(course: Course, step: Step, what: Run, given: Any, spot: Spot) -> Any:
    return await what.function(given, spot.seen(given, step=step.name, workflow=spot.frame.name))


async def _llm(course: Course, step: Step, what: Llm, given: Any, spot: Spot) -> Any:
    from llmspell_bridges.llm.bridge import LlmBridge

    bridge = LlmBridge(course.home.context.of("llm"))
    prompt, options = await course.value(what.prompt, given, spot), await course.value(what.options, given, spot)
    if what.schema is None:
        bound, named = Signature("llm.complete", LlmBridge.complete).bind([prompt, options])
        return (await bridge.complete(*bound, **named))["text"]
    bound, named = Signature("llm.structured", LlmBridge.structured).bind([prompt, what.schema, options])
    return await bridge.structured(*bound, **named)


async def _tool(course: Course, step: Step, what: Tool, given: Any, spot: Spot) -> Any:
    registry = registry_of(course.home.context)
    args = given if what.args is None else await course.value(what.args, given, spot)
    tool = registry.get(str(await course.value(what.name, given, spot)))
    return await one_after_the_other(registry, [tool], args, go_on=False)


async def _agent(course: Course, step: Step, what: Agent, given: Any, spot: Spot) -> Any:
    from llmspell_bridges.agent.agent import Agent as Performer

    agent = home_of(course.home.context).agent(await course.value(what.agent, given, spot))
    task = given if what.task is None else await course.value(what.task, given, spot)
    options = await course.value(what.options, given, spot)
    bound, named = Signature("agent.run", Performer.run).bind([task, options])
    answer = await agent.run(*bound, **named)
    return answer["text"] if answer["output"] is None else answer["output"]


async def _spell(course: Course, step: Step, what: Spells, given: Any, spot: Spot) -> Any:
    params = given if what.params is None else await course.value(what.params, given, spot)
    if params is not None and not isinstance(params, dict):
        params = {"input": params}
    spell = Spell.text(what.source or "", step.name)
    if what.path is not None:
        path = str(await course.value(what.path, given, spot))
        spell = await asyncio.to_thread(find, course.home.context, path)
    result = await course.home.context.cast(spell, engine=what.engine, params=params)
    return result.unwrap()


async def _wait(course: Course, step: Step, what: Wait, given: Any, spot: Spot) -> Any:
    seconds = await course.value(what.seconds, given, spot)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= _LONGEST_WAIT:
        raise CallError(f"the step {step.name!r} waits a number of seconds up to a year, not {kind_of(seconds)}")
    clock = course.home.context.clock

    async def now() -> float:
        return clock()

    # What is left is waited when an interrupted run goes on.
    began: float = await course.home.once(f"{spot.key} began", now)

    async def rest() -> None:
        await asyncio.sleep(max(0.0, began + seconds - clock()))

    await course.home.once(f"{spot.key} waited", rest)
    return given


async def _approval(course: Course, step: Step, what: Approval, given: Any, spot: Spot) -> Any:
    question = str(await course.value(what.question, given, spot))
    await course.approvals.ask(course, step, question, given, spot)
    return given


_DOING: dict[type, Callable[[Course, Step, Any, Any, Spot], Awaitable[Any]]] = {
    Run: _run,
    Llm: _llm,
    Tool: _tool,
    Agent: _agent,
    Spells: _spell,
    Wait: _wait,
    Approval: _approval,
    Sequence: flow.sequence,
    Parallel: flow.parallel,
    Cases: flow.cases,
    Loop: flow.loop,
    Each: flow.each,
    Nested: flow.nested,
}
