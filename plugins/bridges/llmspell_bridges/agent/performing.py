"""One run of an agent: bounded, paid for, timed; and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from llmspell_bridges.agent.failures import AgentTimeout, bound
from llmspell_bridges.agent.loop import Course, OutOf, Stopped, Tell, converse
from llmspell_bridges.agent.memory import Memory
from llmspell_bridges.agent.messages import as_records, as_text
from llmspell_bridges.agent.paying import share
from llmspell_bridges.agent.records import Answer
from llmspell_bridges.agent.speakers import Speakers
from llmspell_bridges.llm.models import Message
from llmspell_bridges.llm.rails import Guards
from llmspell_bridges.llm.records import Options, UsageRecord
from llmspell_core.budget import Usage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from llmspell_bridges.agent.home import Home
    from llmspell_bridges.agent.loop import Speaker
    from llmspell_bridges.agent.profile import Profile
    from llmspell_core.budget import Purse
    from llmspell_core.points import Points

__all__ = ["Done", "Task", "perform", "silent", "used"]


async def silent(event: dict[str, Any]) -> None:
    """Tell nobody."""


@dataclass
class Task:
    """What an agent is to do.

    :param history: what was said before
    :param memory: shows the conversation
    :param options: of models, before the agent's own
    :param turns: how many it may take, in the place of what the agent says
    :param seconds: how long it may take, if that is less than what the agent says
    :param context: data that the models are told of
    :param tell: is told what happens
    :param spent: what the run has spent so far, also when it fails
    """

    asked: Message
    history: list[Message]
    memory: Memory
    options: Options = field(default_factory=Options)
    turns: int | None = None
    seconds: float | None = None
    context: Any = None
    tell: Tell = silent
    spent: Usage = field(default_factory=Usage)


@dataclass
class Done:
    """What came of a run: how far it got, and what it spent."""

    course: Course
    spent: Usage
    stopped: bool = False

    def answer(self) -> Answer:
        """Return it as spells see it."""
        return Answer(
            text=self.course.text,
            output=self.course.output,
            usage=used(self.spent),
            messages=as_records(self.course.added),
            turns=self.course.turns,
            agent=self.course.speaker.name,
            stopped=self.stopped,
        )


async def perform(home: Home, profile: Profile, task: Task) -> Done:
    """Return what an agent makes of a task; :raises SpellFailed: when it does not come to an end within its bounds."""
    seconds = min((each for each in (task.seconds, profile.timeout) if each is not None), default=None)
    with share(home.context, profile.budget) as purse:
        task.spent = purse.usage
        told = None if task.tell is silent else task.tell
        speakers = Speakers(home, task.options, task.context, told)
        speaker = await speakers.of(profile, task.memory)
        guards = Guards(home.context, speakers.options(profile))

        async def do(text: str) -> Done:
            asked = await guards.messages([replace(task.asked, content=text)])
            course = Course([*task.history, *asked], speaker)
            timer = home.context.deadline(profile.name, seconds)
            try:
                async with timer:
                    await converse(course, profile.bounds_of(task.turns), task.tell)
                    if course.speaker is not speaker or profile.function is not None:
                        course.reword(await guards.text(course.text))
            except Stopped:
                if course.messages[-1].tool_calls:
                    course.stop()
                return Done(course, purse.usage, stopped=True)
            except OutOf as out:
                raise bound(out.what)(course.speaker.name, out.allowed, _came(course, purse)) from None
            except TimeoutError:
                if seconds is None or not timer.expired():
                    raise
                raise AgentTimeout(course.speaker.name, seconds, _came(course, purse)) from None
            return Done(course, purse.usage)

        return await _passed(home.context.points, profile, task, speaker, do)


async def _passed(
    points: Points, profile: Profile, task: Task, speaker: Speaker, do: Callable[[str], Awaitable[Done]]
) -> Done:
    """Return what comes of a run past the hooks at ``agent``; they see what is asked, and the answer as spells do."""
    done = None

    async def act(arguments: dict[str, Any]) -> Any:
        nonlocal done
        done = await do(as_text(arguments.get("input")))
        points.note(turns=done.course.turns, tool_calls=done.course.tool_calls, usage=done.spent)
        return done.answer()

    facts = {"description": profile.description, "model": profile.options.model, "usage": task.spent}
    came = await points.act("agent", profile.name, {"input": task.asked.content}, act, facts)
    if done is None:
        course = Course([*task.history, task.asked], speaker)
        course.messages.append(Message("assistant"))
        done = Done(course, task.spent)
    text = came if isinstance(came, str) else came.get("text") if isinstance(came, dict) else as_text(came)
    done.course.reword(done.course.text if text is None else as_text(text))
    if isinstance(came, dict) and "output" in came:
        done.course.output = came["output"]
    return done


def used(usage: Usage) -> UsageRecord:
    """Return what was spent as spells see it."""
    return UsageRecord(
        requests=usage.requests, input_tokens=usage.input_tokens, output_tokens=usage.output_tokens, cost=usage.cost
    )


def _came(course: Course, purse: Purse) -> dict[str, Any]:
    return {
        "text": course.text,
        "messages": as_records(course.added),
        "turns": course.turns,
        "usage": used(purse.usage),
    }
