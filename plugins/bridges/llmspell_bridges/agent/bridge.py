"""The bridge ``agent``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, Unpack

from llmspell_bridges.agent.agent import Agent
from llmspell_bridges.agent.home import home_of
from llmspell_bridges.agent.keeping import read
from llmspell_bridges.agent.profile import profile_of
from llmspell_bridges.agent.records import AgentOptions, AgentRecord, Answer, Given, Written
from llmspell_bridges.agent.teams import Mode, Together, collaborate, delegate
from llmspell_bridges.agent.templates import TEMPLATES, Depth, Form, Strictness
from llmspell_bridges.state.scopes import space_of
from llmspell_core.bridge import Bridge, expose
from llmspell_core.values import Function, ScriptValue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmspell_core.bridge import Context

__all__ = ["AgentBridge"]

# The bridge has a method of the name `list`.
_Names: TypeAlias = list[str]
_Agents: TypeAlias = list[str | Agent]
_Records: TypeAlias = list[AgentRecord]
_Links: TypeAlias = list[Given]


class AgentBridge(Bridge):
    """Let models use tools until a task is done, and let several of them work together.

    Agents are those of the run. Each request of theirs is one of the bridge ``llm``, each call of a tool one of the
    bridge ``tools``, with what was granted to the run, and no more.
    """

    name = "agent"
    asks = ("llm", "tool")

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._home = home_of(context)

    @expose
    async def create(self, **options: Unpack[AgentOptions]) -> Agent:
        """Return a new agent, which has the place of another of its name."""
        return await self._create(options.get("name") or self._home.free_name("agent"), options)

    @expose
    async def register(self, name: str, written: Function | Written) -> Agent:
        """Return an agent that is written in the spell.

        :param name: by which other agents and the spell find it
        :param written: a function, called with the task and ``{agent, history, context}``, that returns the answer; or
            ``{run, description}`` with such a function; or the options of ``create``
        """
        if isinstance(written, Function):
            return await self._create(name, {}, written)
        options: Any = {**written, "name": name}
        return await self._create(name, options, options.pop("run", None))

    @expose
    def get(self, name: str) -> Agent:
        """Return an agent.

        :param name: of the agent
        """
        return self._home.agent(name)

    @expose
    def list(self) -> _Records:
        """Return the agents there are, by name."""
        return [agent.record() for _, agent in sorted(self._home.agents.items())]

    @expose(redo=True)
    def remove(self, name: str) -> bool:
        """Forget an agent, and tell whether there was one.

        :param name: of the agent
        """
        return self._home.agents.pop(name, None) is not None

    @expose(needs="state:read:spell:agents/{key}")
    async def load(self, key: str) -> Agent:
        """Return an agent that was kept, as it was, under its name.

        :param key: what ``save`` was given
        """
        context = self.context.of("state")

        async def kept() -> Any:
            entry = await (await space_of(context, "spell")).get(f"agents/{key}")
            return entry.value if entry else None

        name, options, history = read(await context.once("load", kept), key)
        agent = await self._create(name, options)
        agent.remember(history)
        return agent

    @expose(redo=True)
    async def delegate(self, giver: str | Agent, taker: str | Agent, task: ScriptValue) -> Answer:
        """Have one agent do a task for another, and return what comes of it; the other remembers it.

        :param giver: who asks: an agent or its name
        :param taker: who does it
        :param task: what to do
        """
        return (await delegate(self._home.agent(giver), self._home.agent(taker), task)).answer()

    @expose(redo=True)
    async def collaborate(
        self, agents: _Agents, task: ScriptValue, *, mode: Mode = "sequential", share_context: bool = True
    ) -> Together:
        """Have several agents work on a task, and return what comes of it.

        :param agents: agents or names
        :param task: what to do
        :param mode: one after the other, all at the same time, or the first leads and calls the others as tools
        :param share_context: each is told what those before it answered; in ``leader`` all are told the whole task
        """
        found = [self._home.agent(each) for each in agents]
        return await collaborate(found, task, mode, share_context=share_context)

    @expose(redo=True)
    async def tool_chain(self, tools: _Links, data: ScriptValue, *, continue_on_error: bool = False) -> ScriptValue:
        """Return what the last of several tools makes of what those before it made of the data.

        A result that is no map is the argument of the next tool's only field, or only required one.

        :param tools: names of tools or agents, agents, or tools given in place
        :param data: the arguments of the first
        :param continue_on_error: pass over a tool that fails, but for want of a budget
        """
        from llmspell_bridges.tools.composition import one_after_the_other

        links = [await self._home.link(each) for each in tools]
        result: ScriptValue = await one_after_the_other(self._home.tools, links, data, go_on=continue_on_error)
        return result

    @expose
    async def research(
        self,
        *,
        topic: str = "whatever is asked",
        depth: Depth = "standard",
        sources: int = 2,
        **options: Unpack[AgentOptions],
    ) -> Agent:
        """Return an agent that looks into questions and names its sources.

        :param topic: what all questions are about
        :param depth: how far to go
        :param sources: how many sources an answer rests on at the least
        """
        return await self._ready("research", options, topic=topic, depth=depth, sources=sources)

    @expose
    async def code_review(
        self,
        *,
        language: str = "any",
        focus: _Names | None = None,
        strictness: Strictness = "standard",
        **options: Unpack[AgentOptions],
    ) -> Agent:
        """Return an agent that reviews code.

        :param language: of the code
        :param focus: what to look at above all; correctness, security and clarity when left out
        :param strictness: what to leave unsaid
        """
        looked_at = focus or ["correctness", "security", "clarity"]
        return await self._ready("code_review", options, language=language, focus=looked_at, strictness=strictness)

    @expose
    async def writing(
        self,
        *,
        form: str = "what is asked for",
        tone: str = "clear",
        audience: str = "a general audience",
        words: int = 300,
        **options: Unpack[AgentOptions],
    ) -> Agent:
        """Return an agent that writes texts.

        :param form: what to write: an article, an email
        :param tone: friendly, matter-of-fact
        :param audience: for whom
        :param words: about how many
        """
        return await self._ready("writing", options, form=form, tone=tone, audience=audience, words=words)

    @expose
    async def data_analysis(
        self, *, goal: str = "whatever is asked", form: Form = "text", **options: Unpack[AgentOptions]
    ) -> Agent:
        """Return an agent that analyses data.

        :param goal: what is to be found out
        :param form: in what form to answer
        """
        return await self._ready("data_analysis", options, goal=goal, form=form)

    async def _ready(self, template: str, options: Mapping[str, Any], **parameters: Any) -> Agent:
        given = {name: value for name, value in options.items() if value is not None}
        made = TEMPLATES[template].options(parameters) | given
        return await self._create(given.get("name") or self._home.free_name(template), made)

    async def _create(self, name: str, options: Mapping[str, Any], function: Function | None = None) -> Agent:
        agent = Agent(self._home, await profile_of(name, options, function))
        await agent.check()
        self._home.settle(agent)
        return agent
