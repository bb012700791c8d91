"""A model that has the word in an agent's loop, with its tools and those it may hand over to."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from llmspell_bridges.agent.loop import Course, Speaker, Stopped, Used
from llmspell_bridges.agent.messages import as_text
from llmspell_bridges.llm.failures import ProviderFailed
from llmspell_bridges.llm.models import Message, Reply, Tool, ToolCall
from llmspell_bridges.llm.passing import as_conversation, as_reply
from llmspell_bridges.llm.rails import Guards
from llmspell_bridges.structured.checking import aside
from llmspell_bridges.structured.extract import NothingFound, fitting
from llmspell_bridges.structured.schema import DoesNotFit, Problem, Schema
from llmspell_bridges.tools.failures import ToolNotFound, told
from llmspell_core.errors import BudgetSpent, Cancelled, LimitExceeded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmspell_bridges.agent.home import Home
    from llmspell_bridges.agent.loop import Tell
    from llmspell_bridges.agent.memory import Memory
    from llmspell_bridges.agent.profile import Profile
    from llmspell_bridges.llm.records import Options
    from llmspell_bridges.tools.tool import Tool as RunTool

__all__ = ["ModelSpeaker"]

_FORM = "Answer with JSON alone, without any words around it, that fits this JSON Schema: "
_AGAIN = "That answer will not do: {}. Answer again, with JSON alone that fits the schema."
_HANDOFF = {
    "type": "object",
    "properties": {"reason": {"type": "string", "description": "why, in a few words"}},
    "additionalProperties": False,
}


class ModelSpeaker(Speaker):
    """Asks a model for one agent."""

    def __init__(
        self,
        home: Home,
        profile: Profile,
        options: Options,
        memory: Memory,
        toolbox: dict[str, RunTool],
        context: Any,
        tell: Tell | None,
    ) -> None:
        super().__init__(profile.name, profile.description)
        self._home, self._profile, self._calls, self._memory = home, profile, home.calls, memory
        self._guards = Guards(home.context, options)
        self._options, self._toolbox, self._tell = replace(options, guardrails=None), toolbox, tell
        self._system = _system(profile, context)
        self._form = None if profile.output is None else profile.output.source
        self._beside = None if self._form is not None else False
        """Whether the model takes the schema beside the conversation; None before that is known."""
        self._faults = 0

    async def ask(self, course: Course) -> Reply:
        """Return the model's answer to what it is shown of the conversation."""
        if self._beside is None:
            self._beside = (await self._calls.open(self._options)).keeps(self._form or {})
        try:
            return await self._answer(course)
        except ProviderFailed as failure:
            # Each provider takes but a part of what schemas can say, and which part it does not tell before.
            if not self._beside or failure.reason != "bad_request":
                raise
            self._beside = False
            return await self._answer(course)

    async def _answer(self, course: Course) -> Reply:
        view = await self._memory.view(course.messages, course.began, self._summary)
        before = view.summary and f"What was said before, in short: {view.summary}"
        form = "" if self._form is None or self._beside else _FORM + json.dumps(self._form, ensure_ascii=False)
        system = "\n\n".join(filter(None, [self._system, form, before]))
        messages = [*([Message("system", system)] if system else []), *view.messages]
        tools = self._told()

        async def do(arguments: dict[str, Any]) -> Reply:
            return await self._heard(course, as_conversation(arguments.get("messages")), tools)

        seen = {"messages": messages, "tools": [tool.name for tool in tools], "turn": course.turns}
        came = await self._home.context.points.act("agent_turn", self.name, seen, do)
        if isinstance(came, Reply):
            return came
        is_reply = isinstance(came, dict) and isinstance(came.get("text"), str)
        return as_reply(came, "") if is_reply else Reply(as_text(came), "", cost=0.0)

    async def _heard(self, course: Course, messages: Sequence[Message], tools: Sequence[Tool]) -> Reply:
        """Return the model's answer, whose text is told piece by piece if anybody listens."""
        schema = self._form if self._beside else None
        # What a rule may refuse or change is told when it has passed.
        if self._tell is None or self._guards:
            return await self._request(messages, tools, schema)
        stream = await self._calls.stream(messages, self._options, tools, schema)
        heard = ""
        try:
            while (piece := await stream.next()) is not None:
                heard += piece[0]
                await self._tell({"type": "text", "text": piece[0]})
        except Stopped:
            course.stop(heard)
            raise
        finally:
            await stream.close()
        assert stream.reply is not None
        return stream.reply

    async def use(self, call: ToolCall) -> Used:
        """Return what a tool makes of the arguments of a call; what goes wrong is told to the model."""
        try:
            if call.name not in self._toolbox:
                raise ToolNotFound(call.name, self._toolbox)
            return Used(as_text(await self._home.tools.use(self._toolbox[call.name], dict(call.arguments))))
        except (BudgetSpent, LimitExceeded, Cancelled):
            raise  # no model can do anything about these
        except Exception as error:  # noqa: BLE001 - whatever a tool raises is its model's to deal with
            return Used(told(error, call.name), ok=False)

    async def fault(self, course: Course) -> str | None:
        """Return what is wrong with data that does not fit, as often as there are retries; :raises DoesNotFit: then."""
        if self._guards:
            course.reword(await self._guards.text(course.text))
            if self._tell is not None:
                await self._tell({"type": "text", "text": course.text})
        if self._profile.output is None:
            return None
        problems, course.output = await aside(_read, course.text, self._profile.output)
        if not problems:
            return None
        self._faults += 1
        if self._faults > self._profile.output_retries:
            raise DoesNotFit(f"the answer of the agent {self.name!r}", problems)
        return _AGAIN.format("; ".join(map(str, problems[:5])))

    async def _request(self, messages: Sequence[Message], tools: Sequence[Tool], schema: Any = None) -> Reply:
        reply = await self._calls.request(messages, self._options, tools, schema)
        if not reply.text and not reply.tool_calls and reply.finish_reason == "content_filter":
            raise ProviderFailed(reply.model, "refusal", "the provider refused to answer")
        return reply

    async def _summary(self, messages: list[Message]) -> str:
        return (await self._request(messages, ())).text

    def _told(self) -> list[Tool]:
        tools = [Tool(tool.name, tool.description, tool.schema.source) for tool in self._toolbox.values()]
        return [*tools, *(Tool(name, _about(heir), _HANDOFF) for name, heir in self.heirs.items())]


def _about(heir: Speaker) -> str:
    return f"Hand the conversation over to {heir.name}{': ' + heir.description if heir.description else ''}"


def _system(profile: Profile, context: Any) -> str:
    parts = [profile.system]
    if context is not None:
        parts.append(f"What is known: {as_text(context)}")
    return "\n\n".join(filter(None, parts))


def _read(text: str, schema: Schema) -> tuple[list[Problem], Any]:
    """Return the first value in a text that fits, or what is wrong with the likeliest."""
    try:
        return [], fitting(text, schema)
    except DoesNotFit as error:
        return error.problems, None
    except NothingFound as error:
        return [Problem("$", str(error))], None
