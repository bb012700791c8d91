"""The tools of one run: found by name, checked, allowed, run in time, and remembered.

Whoever lets a model call tools uses this: ``await registry_of(context).call("weather", {"city": "Oslo"})``.
"""

from __future__ import annotations

import time
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from llmspell_bridges.guardrails.rails import guarded
from llmspell_bridges.llm.held import held_of
from llmspell_bridges.structured.checking import aside
from llmspell_bridges.tools.failures import BadArguments, BadResult, ToolNotFound, ToolTimeout, fields_of
from llmspell_bridges.tools.history import History
from llmspell_core.errors import BadArgument, BudgetSpent, CallError
from llmspell_core.guard import capabilities

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from llmspell_bridges.guardrails.rails import Rail
    from llmspell_bridges.structured.schema import Problem
    from llmspell_bridges.tools.tool import Tool
    from llmspell_core.bridge import Context

__all__ = ["Registry", "registry_of"]

_MOST, _LONGEST = 1000, 1000


class Registry:
    """Tools by name.

    :param built_in: makes the tools that are there from the start, when one is first looked for
    """

    def __init__(self, context: Context, built_in: Callable[[Context], list[Tool]]) -> None:
        self._context = context.of("tools")
        self._built_in = built_in
        self._known: dict[str, Tool] | None = None
        self.history = History()

    def add(self, tool: Tool) -> None:
        """Keep a tool, in the place of one of the same name that did not come with llmspell."""
        present = self._tools.get(tool.checked().name)
        if present is not None and present.built_in:
            raise CallError(f"{tool.name!r} is a tool that is built in; take another name, or remove that one first")
        if len(self._tools) >= _MOST:
            raise CallError(f"there are {_MOST} tools; remove some")
        held_of(self._context).note(tool, tool.schema.source, tool.output.source if tool.output is not None else None)
        self._tools[tool.name] = tool

    def get(self, name: str) -> Tool:
        """Return a tool; :raises ToolNotFound: when there is none of that name."""
        if name not in self._tools:
            raise ToolNotFound(name, self._tools)
        return self._tools[name]

    def find(self, name: str) -> Tool | None:
        """Return a tool, or None when there is none of that name."""
        return self._tools.get(name)

    def remove(self, name: str) -> bool:
        """Drop a tool, and tell whether there was one."""
        return self._tools.pop(name, None) is not None

    def all(self, category: str | None = None, tag: str | None = None) -> list[Tool]:
        """Return the tools of a category and with a tag, by name."""
        found = (tool for _, tool in sorted(self._tools.items()))
        return [
            tool
            for tool in found
            if (category is None or tool.category == category) and (tag is None or tag in tool.tags)
        ]

    def search(self, text: str) -> list[Tool]:
        """Return the tools that have words of a text in their name, tags or description, the best first."""
        if len(text) > _LONGEST:
            raise BadArgument("tools.search", 1, "text", f"has at most {_LONGEST} characters")
        words = text.lower().split()
        ranked = [(_weight(tool, words), tool) for tool in self.all()]
        return [tool for rank, tool in sorted(ranked, key=lambda row: -row[0]) if rank]

    async def problems(self, name: str, args: Any) -> list[Problem]:
        """Return what is wrong with arguments for a tool."""
        tool = self.get(name)
        return await aside(lambda: tool.schema.problems(tool.schema.completed(_map(args))))

    async def call(
        self,
        name: str,
        args: Any = None,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - the name that scripts know
        rails: Sequence[Rail] = (),
    ) -> Any:
        """Return what a tool makes of arguments.

        :param timeout: seconds after which it is stopped, at most those of the tool itself
        :param rails: what the arguments and the result have to keep, with those of the tool itself
        :raises ToolNotFound: when there is no such tool
        :raises BadArguments: naming the path of each field that is wrong
        :raises GuardrailViolated: when they do not
        :raises Denied: when what it needs was not granted, or the call was not confirmed
        :raises ToolTimeout: when it was stopped
        """
        return await self.use(self.get(name), args, timeout=timeout, rails=rails)

    async def use(
        self,
        tool: Tool,
        args: Any = None,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - the name that scripts know
        rails: Sequence[Rail] = (),
    ) -> Any:
        """Return what a tool makes of arguments, also one that is not kept here, as :meth:`call` does."""
        name, began, clock = tool.name, self._context.clock(), time.monotonic()

        async def act() -> Any:
            return await self._context.points.act(
                "tool",
                name,
                _named(args),
                lambda given: self._run(tool, given if isinstance(args, dict) else given or args, timeout, rails),
            )

        try:
            result = await (self._context.once(_key(tool, args), act) if tool.outward else act())
        except Exception as error:
            self.history.add(name, args, began, time.monotonic() - clock, {"error": fields_of(error, name)})
            raise
        self.history.add(name, args, began, time.monotonic() - clock, {"result": result})
        return result

    def is_out_of_budget(self, error: Exception) -> bool:
        """Tell whether whoever calls tools here could not pay for what failed, nor for more of the kind."""
        return isinstance(error, BudgetSpent) and self._context.purse.paying().refuses(error)

    async def _run(self, tool: Tool, args: Any, seconds: float | None, more: Sequence[Rail]) -> Any:
        rails = (*tool.rails, *more)
        given = await self._checked(tool, args)
        left = await guarded(rails, given, "input")
        if left != given:
            given = await self._checked(tool, left)
        self._admit(tool, given)
        result = await guarded(rails, await self._in_time(tool, given, seconds), "output")
        if tool.output is not None:
            output = tool.output
            if problems := await aside(lambda: output.problems(result)):
                raise BadResult(tool.name, problems)
        return result

    async def _checked(self, tool: Tool, args: Any) -> dict[str, Any]:
        def check() -> Any:
            filled = tool.schema.completed(_map(args))
            return filled, tool.schema.problems(filled)

        filled, problems = await aside(check)
        if problems:
            raise BadArguments(tool.name, problems)
        given: dict[str, Any] = filled
        return given

    async def _in_time(self, tool: Tool, args: dict[str, Any], wanted: float | None) -> Any:
        if wanted is not None and not wanted > 0:
            raise BadArgument("tools.execute", None, "timeout", f"must be more than 0 seconds, not {wanted!r}")
        seconds = min((each for each in (wanted, tool.timeout) if each is not None), default=None)
        timer = self._context.deadline(tool.name, seconds)
        try:
            async with timer:
                return await tool.run(args)
        except TimeoutError as error:
            if seconds is None or not timer.expired():
                raise
            raise ToolTimeout(tool.name, seconds) from error

    def _admit(self, tool: Tool, args: dict[str, Any]) -> None:
        if tool.permissions:
            named = dict.fromkeys(tool.schema.source.get("properties", {})) | args
            for capability in capabilities(tool.permissions, named):
                self._context.require(capability, tool.name)
        if tool.confirmed:
            self._context.require(f"tool:{tool.name}", "execute")

    @property
    def _tools(self) -> dict[str, Tool]:
        if self._known is None:
            self._known = {tool.name: tool for tool in self._built_in(self._context)}
        return self._known


def registry_of(context: Context) -> Registry:
    """Return the tools of the run that a context belongs to, the same for every bridge of it."""
    from llmspell_bridges.tools.builtin import built_in

    made: Registry = context.run.get(__name__, lambda: Registry(context, built_in))
    return made


def _key(tool: Tool, args: Any) -> str:
    """Return what a call of a tool is called in the journal."""
    return f"tool {tool.name} {sha256(repr(args).encode(errors='surrogatepass')).hexdigest()[:16]}"


def _map(args: Any) -> Any:
    """Return arguments as a map: nothing, and a list of nothing, are an empty one."""
    return {} if args is None or args == [] else args


def _named(args: Any) -> dict[str, Any]:
    return args if isinstance(args, dict) else {}


def _weight(tool: Tool, words: Sequence[str]) -> int:
    name, about, tags = tool.name.lower(), tool.description.lower(), "\0".join([*tool.tags, tool.category]).lower()
    return sum(4 * (word in name) + 2 * (word in tags) + (word in about) for word in words)
