"""The loop of an agent: a model is asked, the tools that it wants are called, and it is asked again, until it answers.

Nothing here knows what a model or a tool is made of: a :class:`Speaker` asks and calls.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from llmspell_bridges.llm.models import Message, ToolCall
from llmspell_core.facts import Fact, fact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmspell_bridges.llm.models import Reply

__all__ = ["Bounds", "Course", "OutOf", "Speaker", "Stopped", "Tell", "Used", "converse"]

Tell: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]
"""Is told what happens, as ``{type, ...}``; raises :class:`Stopped` when nobody wants to know more."""
_AT_ONCE = 16
"""Tool calls of one turn that run at the same time."""


class OutOf(Exception):
    """The loop was ended by one of its bounds.

    :param what: ``turns``, ``tool_calls`` or ``handoffs``
    """

    def __init__(self, what: Literal["turns", "tool_calls", "handoffs"], allowed: int) -> None:
        self.what, self.allowed = what, allowed
        super().__init__(f"no more than {allowed} {what} are allowed")


class Stopped(Exception):
    """Whoever listens wants no more."""


@fact
class Bounds(Fact):
    """How long a loop may go on; None is unbounded."""

    turns: int = 10
    tool_calls: int | None = None
    handoffs: int = 8


@dataclass
class Course:
    """How far a loop has come.

    :param messages: the whole conversation, without the system's; its end is what this loop adds
    :param text: the last text that a model wrote
    :param speaker: who has the word
    """

    messages: list[Message]
    speaker: Speaker
    text: str = ""
    output: Any = None
    turns: int = 0
    tool_calls: int = 0
    handoffs: int = 0
    began: int = field(init=False)

    def __post_init__(self) -> None:
        self.began = len(self.messages)

    def stop(self, heard: str = "") -> None:
        """Leave the conversation as one that can be gone on with, though nobody wants to hear the rest.

        :param heard: what was written by then
        """
        if self.messages[-1].tool_calls:
            self.messages.pop()
            heard = heard or self.text
        if heard:
            self.messages.append(Message("assistant", heard))
        self.text = heard or self.text

    def reword(self, text: str) -> None:
        """Put another text in the place of the last answer."""
        if text != self.text:
            self.text, self.messages[-1] = text, Message("assistant", text)

    @property
    def added(self) -> list[Message]:
        """What this loop has added to the conversation, and the message that it answers."""
        return self.messages[max(0, self.began - 1) :]


@fact
class Used(Fact):
    """What came of a tool call, as the model is told it."""

    text: str
    ok: bool = True


class Speaker(ABC):
    """Who has the word in a loop.

    :param description: what it is good for
    """

    def __init__(self, name: str, description: str = "") -> None:
        self.name, self.description = name, description
        self.heirs: dict[str, Speaker] = {}
        """Who gets the word by a call of that name."""

    @abstractmethod
    async def ask(self, course: Course) -> Reply:
        """Return what the model says to the conversation so far."""

    @abstractmethod
    async def use(self, call: ToolCall) -> Used:
        """Return what comes of a tool call, a failure in words as well."""

    @abstractmethod
    async def fault(self, course: Course) -> str | None:
        """Return what the model is told when its answer will not do, or None and keep the output.

        :raises Exception: when it is not to be asked again
        """


async def converse(course: Course, bounds: Bounds, tell: Tell) -> None:
    """Go on until a model answers with text that will do.

    :raises OutOf: when a bound is reached
    """
    while True:
        if course.turns >= bounds.turns:
            raise OutOf("turns", bounds.turns)
        course.turns += 1
        reply = await course.speaker.ask(course)
        course.messages.append(Message("assistant", reply.text, reply.tool_calls))
        course.text = reply.text or course.text
        if reply.tool_calls:
            await _answer(course, reply.tool_calls, bounds, tell)
            continue
        fault = await course.speaker.fault(course)
        if fault is None:
            return
        course.messages.append(Message("user", fault))


async def _answer(course: Course, calls: Sequence[ToolCall], bounds: Bounds, tell: Tell) -> None:
    """Make the calls of one turn at once, and add their results in the order of the calls."""
    heirs = course.speaker.heirs
    heir = next((heirs[call.name] for call in calls if call.name in heirs), None)
    wanted = sum(call.name not in heirs for call in calls)
    if bounds.tool_calls is not None and course.tool_calls + wanted > bounds.tool_calls:
        raise OutOf("tool_calls", bounds.tool_calls)
    if heir is not None and course.handoffs >= bounds.handoffs:
        raise OutOf("handoffs", bounds.handoffs)
    course.tool_calls += wanted
    results = await _made(course.speaker, calls, heir, tell)
    course.messages += [Message("tool", used.text, tool_call=call) for call, used in zip(calls, results, strict=True)]
    if heir is not None:
        course.handoffs += 1
        await tell({"type": "handoff", "from": course.speaker.name, "to": heir.name})
        course.speaker = heir


async def _made(speaker: Speaker, calls: Sequence[ToolCall], heir: Speaker | None, tell: Tell) -> list[Used]:
    import asyncio

    places = asyncio.Semaphore(_AT_ONCE)

    async def one(call: ToolCall) -> Used:
        if call.name in speaker.heirs:
            gets = speaker.heirs[call.name] is heir
            return Used(f"{heir.name} goes on from here" if heir and gets else "refused: another has the word", gets)
        async with places:
            about = {"id": call.id, "name": call.name}
            await tell({"type": "tool_call", **about, "arguments": dict(call.arguments)})
            used = await speaker.use(call)
            await tell({"type": "tool_result", **about, "text": used.text, "ok": used.ok})
            return used

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(call)) for call in calls]
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]
