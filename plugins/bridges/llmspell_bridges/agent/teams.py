"""Agents that work together: one asks another, several share a task, tools and agents follow each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

# What spells pass is checked by pydantic, which wants this one on Python 3.11.
from typing_extensions import TypedDict

from llmspell_bridges.agent.messages import as_asked, between
from llmspell_bridges.agent.performing import used
from llmspell_bridges.llm.models import Message
from llmspell_bridges.llm.records import UsageRecord  # noqa: TC001 - read where calls are checked
from llmspell_bridges.tools.failures import fields_of
from llmspell_core.budget import Usage
from llmspell_core.errors import BadArgument, BudgetSpent, Cancelled, LimitExceeded, LlmspellError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmspell_bridges.agent.agent import Agent
    from llmspell_bridges.agent.performing import Done
    from llmspell_core.values import ScriptValue

__all__ = ["Mode", "Part", "Together", "collaborate", "delegate"]

Mode: TypeAlias = Literal["sequential", "parallel", "leader"]
_AT_ONCE = 16


class Part(TypedDict):
    """What one of several agents did.

    :param error: why it failed: ``{kind, message, data}``
    """

    agent: str
    ok: bool
    text: str
    output: Any
    error: Any


class Together(TypedDict):
    """What came of several agents' work.

    :param text: of ``sequential`` what the last one answered, of ``parallel`` all answers, of ``leader`` the leader's
    :param output: of the one whose answer counts, where it is data
    :param results: what each did, in the order of the agents; of ``leader`` what the leader did
    """

    text: str
    output: Any
    results: list[Part]
    usage: UsageRecord


async def delegate(giver: Agent, taker: Agent, task: ScriptValue) -> Done:
    """Return what one agent makes of a task of another's, which remembers it as an exchange of its own."""
    wanted = as_asked(task)
    done = await taker.perform(between(f"{giver.name} asks you to do this:\n\n", wanted), {})
    giver.remember([wanted, Message("assistant", f"{taker.name} did this: {done.course.text}")])
    return done


async def collaborate(agents: Sequence[Agent], task: ScriptValue, mode: Mode, *, share_context: bool) -> Together:
    """Return what several agents make of a task.

    :param share_context: of ``sequential``: each is told what those before it answered, else the last of them alone;
        of ``leader``: the others are told the task beside what the leader asks of them
    """
    if not agents or (mode == "leader" and len(agents) == 1):
        least = "a leader and one more" if mode == "leader" else "one"
        raise BadArgument("agent.collaborate", 1, "agents", f"needs {least} at least")
    return await {"sequential": _sequential, "parallel": _parallel, "leader": _leader}[mode](
        agents, as_asked(task), share_context
    )


async def _sequential(agents: Sequence[Agent], task: Message, share: bool) -> Together:
    parts: list[Part] = []
    spent = Usage()
    for agent in agents:
        done = await agent.perform(_asked(task, parts if share else parts[-1:]), {})
        spent.add(**done.spent.as_dict())
        parts.append(_part(agent, done))
    return _together(parts[-1]["text"], parts[-1]["output"], parts, spent)


async def _parallel(agents: Sequence[Agent], task: Message, _: bool) -> Together:
    import asyncio

    spent, places = Usage(), asyncio.Semaphore(_AT_ONCE)

    async def one(agent: Agent) -> Part:
        async with places:
            try:
                done = await agent.perform(task, {})
            except (BudgetSpent, LimitExceeded, Cancelled):
                raise
            except LlmspellError as error:
                told = fields_of(error, agent.name)
                return Part(agent=agent.name, ok=False, text="", output=None, error=told)
            spent.add(**done.spent.as_dict())
            return _part(agent, done)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(agent)) for agent in agents]
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    parts = [task.result() for task in tasks]
    text = "\n\n".join(f"{part['agent']}: {part['text']}" for part in parts if part["ok"])
    return _together(text, None, parts, spent)


async def _leader(agents: Sequence[Agent], task: Message, share: bool) -> Together:
    leader, *team = agents
    if leader.profile.function is not None:
        raise BadArgument(
            "agent.collaborate", 1, "agents", f"{leader.name!r} is a function, which calls others by itself"
        )
    names = ", ".join(agent.name for agent in team)
    order = f"\n\nYou lead a team; call its members as tools, each with all that it has to know: {names}."
    tools = [agent.tool({"task of the team": task.content} if share else None) for agent in team]
    done = await leader.perform(between("", task, order), {"team": tools})
    return _together(done.course.text, done.course.output, [_part(leader, done)], done.spent)


def _asked(task: Message, parts: Sequence[Part]) -> Message:
    said = "".join(f"\n\n{part['agent']} answered:\n{part['text']}" for part in parts)
    return between("", task, f"\n\nThose before you have worked on this.{said}") if said else task


def _part(agent: Agent, done: Done) -> Part:
    return Part(agent=agent.name, ok=True, text=done.course.text, output=done.course.output, error=None)


def _together(text: str, output: Any, parts: list[Part], spent: Usage) -> Together:
    return Together(text=text, output=output, results=parts, usage=used(spent))
