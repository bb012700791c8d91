"""What the agents of one run share: models, tools, and each other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from llmspell_bridges.agent.failures import NotConnected, UnknownAgent
from llmspell_bridges.guardrails.attached import attached
from llmspell_bridges.llm.calls import calls_of
from llmspell_bridges.llm.records import Options
from llmspell_bridges.structured.checking import aside
from llmspell_bridges.structured.schema import Schema
from llmspell_bridges.tools.failures import ToolNotFound
from llmspell_bridges.tools.offering import Offering, offerings_of
from llmspell_bridges.tools.registry import registry_of
from llmspell_bridges.tools.tool import Tool
from llmspell_core.errors import BadArgument, CallError
from llmspell_core.values import Function, Handle

if TYPE_CHECKING:
    from asyncio import Task
    from collections.abc import Iterable, Mapping

    from llmspell_bridges.agent.agent import Agent
    from llmspell_bridges.guardrails.rails import Rail
    from llmspell_core.bridge import Context

__all__ = ["Home", "home_of", "slug"]

_MOST = 1000
_LONGEST = 64


class Home:
    """Where the agents of a run live."""

    def __init__(self, context: Context) -> None:
        self.context = context.of("agent")
        self.calls = calls_of(context.of("llm"))
        self.tools = registry_of(context)
        self.agents: dict[str, Agent] = {}
        self.jobs: set[Task[Any]] = set()

    async def close(self) -> None:
        """Cancel what still runs in the background."""
        import asyncio

        jobs, self.jobs = list(self.jobs), set()
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)

    def ended(self, job: Task[Any]) -> None:
        """Forget a job that has ended; its error is told to whoever asks for the result, and only there."""
        self.jobs.discard(job)
        if not job.cancelled():
            job.exception()

    def defaults(self) -> Options:
        """Return the options of models where neither a run nor its agent says."""
        return self.calls.models.defaults.over(Options(model=self.context.model))

    def settle(self, agent: Agent) -> None:
        """Keep an agent under its name, in the place of another that had it."""
        if len(self.agents) >= _MOST and agent.name not in self.agents:
            raise CallError(f"there are {_MOST} agents; remove some")
        self.agents[agent.name] = agent

    def free_name(self, wanted: str) -> str:
        """Return a name that no agent has."""
        names = (f"{wanted}_{number}" for number in range(1, _MOST + 2))
        return next(name for name in names if name not in self.agents)

    def agent(self, given: Any) -> Agent:
        """Return an agent by name, or the one that was given; :raises UnknownAgent: when there is none."""
        from llmspell_bridges.agent.agent import Agent

        if isinstance(given, Agent):
            return given
        if isinstance(given, Handle):
            kind = type(given).__name__
            cure = "; give one of its tools()" if isinstance(given, Offering) else ""
            raise BadArgument("agent", None, "agents", f"must be agents or names of agents, not a {kind}{cure}")
        if given not in self.agents:
            raise UnknownAgent(given, self.agents)
        return self.agents[given]

    async def toolbox(self, given: Iterable[Any]) -> dict[str, Tool]:
        """Return tools by name; :raises BadArgument: when two have the same."""
        found: dict[str, Tool] = {}
        for each in given:
            for tool in await self._tools(each):
                if tool.name in found:
                    raise BadArgument(
                        "agent", None, "tools", f"two are named {tool.name!r}; a model could not tell them apart"
                    )
                found[tool.name] = tool
        return found

    async def tool(self, given: Any) -> Tool:
        """Return a tool: by its name, or an agent's; a given one; one of a server; or an agent as one.

        :raises ToolNotFound: when there is none
        """
        if isinstance(given, Tool):
            return given
        if isinstance(given, Handle):
            return self.agent(given).tool()
        if isinstance(given, str):
            return self._named(given)
        if (function := given.get("fn")) is not None:
            return await _made(given, function, attached(self.context, given.get("guardrails")))
        server = given.get("server")
        return self._named(given["name"]) if server is None else await self._offered(server, given["name"])

    async def link(self, given: Any) -> Tool:
        """Return a tool as :meth:`tool` does; an agent takes whatever it gets."""
        if isinstance(given, Handle) or (isinstance(given, str) and given in self.agents):
            return self.agent(given).link()
        return await self.tool(given)

    async def _tools(self, given: Any) -> list[Tool]:
        if isinstance(given, Offering):
            return list((await given.offered()).values())
        return [await self.tool(given)]

    async def _offered(self, server: str, name: str) -> Tool:
        known = offerings_of(self.context)
        if server not in known:
            raise NotConnected(server, known)
        found = await known[server].offered()
        if name not in found:
            raise ToolNotFound(name, found)
        return found[name]

    def _named(self, name: str) -> Tool:
        try:
            return self.tools.get(name)
        except ToolNotFound:
            if name not in self.agents:
                raise
            return self.agents[name].tool()


def home_of(context: Context) -> Home:
    """Return what the agents of the run that a context belongs to share."""
    made: Home = context.run.get(Home, lambda: Home(context))
    return made


def slug(name: str, before: str = "") -> str:
    """Return a name as model providers take it for a tool."""
    return (before + re.sub(r"[^a-zA-Z0-9_-]+", "_", name))[:_LONGEST]


async def _made(given: Mapping[str, Any], function: Function, rails: tuple[Rail, ...]) -> Tool:
    async def run(args: dict[str, Any]) -> Any:
        return await function(args)

    schema = await aside(Schema, {"type": "object", **(given.get("schema") or {})})
    about, timeout = given.get("description") or "", given.get("timeout")
    return Tool(given["name"], about, schema, run, category="agent", timeout=timeout, rails=rails).checked()
