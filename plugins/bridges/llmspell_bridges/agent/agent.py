"""An agent as spells hold it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Unpack

from llmspell_bridges.agent.conversation import Conversation
from llmspell_bridges.agent.failures import WrongKind
from llmspell_bridges.agent.job import Job
from llmspell_bridges.agent.keeping import kept
from llmspell_bridges.agent.loop import Stopped
from llmspell_bridges.agent.memory import Keep, Memory
from llmspell_bridges.agent.messages import as_asked, as_messages, as_records
from llmspell_bridges.agent.performing import Done, Task, perform, silent, used
from llmspell_bridges.agent.profile import Profile, profile_of
from llmspell_bridges.agent.records import (
    AgentOptions,
    AgentRecord,
    Answer,
    Given,
    MessageRecord,
    RunOptions,
    Saved,
    StatusRecord,
)
from llmspell_bridges.llm.records import Options
from llmspell_bridges.state.failures import telling
from llmspell_bridges.state.scopes import refuse_objects, space_of
from llmspell_bridges.structured.schema import Schema
from llmspell_bridges.tools.offering import Offering
from llmspell_bridges.tools.records import ToolRecord
from llmspell_bridges.tools.tool import Tool
from llmspell_core.bridge import Handle, expose
from llmspell_core.budget import Usage
from llmspell_core.errors import BadArgument
from llmspell_core.values import Function, ScriptValue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmspell_bridges.agent.home import Home
    from llmspell_bridges.agent.loop import Tell
    from llmspell_bridges.llm.models import Message

__all__ = ["Agent"]

_TASK = {
    "type": "object",
    "properties": {"task": {"type": "string", "description": "what it is to do, with all that it has to know"}},
    "required": ["task"],
    "additionalProperties": False,
}
_ANYTHING = Schema.trusted({"type": "object", "properties": {"task": {}}})


class Agent(Handle):
    """A model with a task, tools and a memory; or a function of the spell in its place.

    Each run is by itself, unless the agent has a ``memory``. Runs may overlap.
    """

    def __init__(self, home: Home, profile: Profile) -> None:
        self.home, self.profile = home, profile
        self._memory = Memory(profile.keep or Keep())
        self._history: list[Message] = []
        self._used = Usage()
        self._running = self._runs = self._failures = self._turns = self._tool_calls = 0
        self._last_error: str | None = None
        self._note()

    @property
    def name(self) -> str:
        """By which it is found."""
        return self.profile.name

    @expose(redo=True)
    async def run(self, input: ScriptValue, **options: Unpack[RunOptions]) -> Answer:
        """Return what the agent makes of a task.

        :param input: what to do, or to answer: a text; or a list of parts, texts, images and files, as of ``llm``; what
            is neither is passed on as JSON
        """
        return (await self.perform(input, options)).answer()

    @expose(redo=True)
    async def stream(self, input: ScriptValue, callback: Function, **options: Unpack[RunOptions]) -> Answer:
        """Return what the agent makes of a task, and tell a function what happens meanwhile.

        It is told ``{type = "text", text}`` of each piece of text; ``{type = "tool_call", id, name, arguments}`` and
        ``{type = "tool_result", id, name, text, ok}``; and ``{type = "handoff", from, to}``. With guardrails the
        answer is told when it has passed them.

        :param input: what to do, or to answer, as for ``run``
        :param callback: when it returns false, the run stops there, and what there was is returned
        """
        import asyncio

        turns = asyncio.Lock()

        async def tell(event: dict[str, Any]) -> None:
            async with turns:
                if await callback(event) is False:
                    raise Stopped

        return (await self.perform(input, options, tell)).answer()

    @expose
    async def run_async(self, input: ScriptValue, **options: Unpack[RunOptions]) -> Job:
        """Begin a run in the background; it is cancelled when the spell ends.

        :param input: what to do, or to answer, as for ``run``
        """
        return Job.begin(self.home, self.name, self.perform(input, options))

    @expose
    def conversation(self, history: list[MessageRecord] | None = None) -> Conversation:
        """Return a conversation with the agent, apart from what it remembers itself.

        :param history: what was said before
        """
        return Conversation(self, as_messages(history or ()))

    @expose
    def history(self) -> list[MessageRecord]:
        """Return the messages that the agent remembers: without a ``memory``, those of the run that ended last."""
        return as_records(self._history)

    @expose(redo=True)
    def reset(self) -> None:
        """Forget what was said."""
        self._history, self._memory = [], Memory(self.profile.keep or Keep())
        self._note()

    @expose(redo=True)
    async def add_tools(self, tools: list[Given]) -> AgentRecord:
        """Give the agent more tools.

        :param tools: names of tools or agents, agents, servers or their tools, or tools given in place
        """
        return await self._set_up({"tools": [*self.profile.tools, *tools]})

    @expose(redo=True)
    async def configure(self, **options: Unpack[AgentOptions]) -> AgentRecord:
        """Change what the agent is; what is left out stays, and so does its name."""
        if options.get("name") not in (None, self.name):
            raise BadArgument("configure", None, "name", "cannot be changed; clone the agent under another name")
        return await self._set_up(dict(options))

    @expose
    async def clone(self, **options: Unpack[AgentOptions]) -> Agent:
        """Return another agent that is the same but for the options, and remembers nothing."""
        name = options.get("name") or self.home.free_name(self.name)
        given = {**self.profile.given, **options}
        made = Agent(self.home, await profile_of(name, given, self.profile.function))
        await made.check()
        self.home.settle(made)
        return made

    @expose
    def status(self) -> StatusRecord:
        """Return what the agent is, and what came of its runs."""
        return StatusRecord(
            **self.record(),
            running=self._running,
            runs=self._runs,
            failures=self._failures,
            turns=self._turns,
            tool_calls=self._tool_calls,
            usage=used(self._used),
            remembers=len(self._history),
            last_error=self._last_error,
        )

    @expose(needs="state:write:spell:agents/{key}")
    async def save(self, key: str) -> Saved:
        """Keep the agent, with what it remembers, in the spell's scope of ``state``, as ``agents/`` and the key.

        Functions cannot be kept: they are left out, and named in what is returned. Guardrails are kept by name.

        :param key: to load it by
        """
        record, left_out = kept(self, self._history if self.profile.keep is not None else [])
        refuse_objects(record)
        with telling("agent.save"):
            await (await space_of(self.home.context.of("state"), "spell")).set(f"agents/{key}", record)
        return Saved(key=key, left_out=left_out)

    @expose(redo=True)
    def as_tool(self) -> ToolRecord:
        """Keep the agent as a tool of the run, which takes ``{task}``, and return what is known of it."""
        tool = self.tool()
        self.home.tools.add(tool)
        found: Any = tool.record()
        made: ToolRecord = found
        return made

    def tool(self, context: ScriptValue = None) -> Tool:
        """Return the agent as a tool; each call is a run that remembers nothing.

        :param context: data that its model is told of
        """
        from llmspell_bridges.agent.home import slug

        async def run(args: dict[str, Any]) -> Any:
            course = (await self.perform(args["task"], {"history": [], "context": context})).course
            return course.text if course.output is None else course.output

        about = self.profile.description or f"Ask the agent {self.name} to do something."
        return Tool(slug(self.name), about, Schema.trusted(_TASK), run, category="agent", tags=("agent",))

    def link(self) -> Tool:
        """Return the agent as a link of a chain: it takes whatever the one before it made."""

        async def run(args: dict[str, Any]) -> Any:
            return await tool.run({"task": args["task"] if list(args) == ["task"] else args})

        tool = self.tool()
        return replace(tool, schema=_ANYTHING, run=run)

    def record(self) -> AgentRecord:
        """Return what is known of it."""
        profile = self.profile
        return AgentRecord(
            name=self.name,
            description=profile.description,
            kind="model" if profile.function is None else "script",
            model=profile.options.model,
            tools=[_name(each) for each in profile.tools],
            handoffs=[_name(each) for each in profile.handoffs],
            memory=profile.keep.kind if profile.keep is not None else None,
        )

    async def check(self) -> None:
        """Look whether all its tools are there; :raises ToolNotFound: when one is not."""
        await self.home.toolbox(self.profile.tools)

    async def perform(self, input: ScriptValue | Message, options: Mapping[str, Any], tell: Tell = silent) -> Done:
        """Return what comes of a run, and remember it if the agent does."""
        given = options.get("history")
        if given is not None:
            return await self.perform_on(input, as_messages(given), Memory(self.profile.keep or Keep()), options, tell)
        keeps = self.profile.keep is not None
        before, memory = (self._history, self._memory) if keeps else ([], Memory(Keep()))
        self._note(input)
        done = await self.perform_on(input, list(before), memory, options, tell)
        # It may have been told to forget meanwhile, or another run may have ended.
        self._history = [*self._history, *done.course.added] if keeps else done.course.added
        return done

    async def perform_on(
        self,
        input: ScriptValue | Message,
        history: list[Message],
        memory: Memory,
        options: Mapping[str, Any],
        tell: Tell,
    ) -> Done:
        """Return what comes of a run that goes on from a conversation.

        :param options: those of ``run``, and ``team``: tools for this run alone
        """
        models = Options(**{name: options.get(name) for name in ("model", "temperature", "max_tokens")})
        context, turns, seconds = (options.get(name) for name in ("context", "max_turns", "timeout"))
        task = Task(as_asked(input), history, memory, models, turns, seconds, context, tell)
        profile = replace(self.profile, tools=(*self.profile.tools, *options.get("team", ())))
        self._running += 1
        try:
            done = await perform(self.home, profile, task)
        except BaseException as error:
            self._failures += 1
            self._last_error = str(error) or type(error).__name__
            raise
        finally:
            self._running -= 1
            self._runs += 1
            self._used.add(**task.spent.as_dict())
        self._turns += done.course.turns
        self._tool_calls += done.course.tool_calls
        return done

    def remember(self, messages: list[Message]) -> None:
        """Add to what the agent remembers."""
        self._note(messages)
        self._history = [*self._history, *messages]

    async def _set_up(self, changes: Mapping[str, Any]) -> AgentRecord:
        if self.profile.function is not None:
            raise WrongKind(self.name)
        made = await profile_of(self.name, {**self.profile.given, **changes})
        await self.home.toolbox(made.tools)
        if made.keep != self.profile.keep:
            self._memory = Memory(made.keep or Keep())
        self._note(made.given)
        self.profile = made
        self._note()
        return self.record()

    def _note(self, *more: Any) -> None:
        """Note what it holds, and is to hold besides; :raises LimitExceeded: when that is too much."""
        self.home.calls.held.note(self, self.profile.given, self._history, *more)


def _name(given: Any) -> str:
    if isinstance(given, Agent | Offering):
        return given.name
    return given if isinstance(given, str) else str(given["name"])
