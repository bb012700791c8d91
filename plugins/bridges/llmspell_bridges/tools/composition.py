"""Tools that call tools: one after the other, at the same time, or the one that suits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from llmspell_bridges.structured.schema import Schema
from llmspell_bridges.tools.failures import fields_of
from llmspell_bridges.tools.tool import Run, Tool
from llmspell_core.errors import BudgetSpent, CallError, LlmspellError
from llmspell_core.facts import Fact, fact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmspell_bridges.guardrails.rails import Rail
    from llmspell_bridges.tools.registry import Registry
    from llmspell_core.values import Function

__all__ = ["Case", "at_once", "composed", "one_after_the_other", "outcome"]

_MOST = 1000
_ANY = {"type": "object"}


@fact
class Case(Fact):
    """A tool, and when it is the one that suits: when a function says so, or when the arguments fit it."""

    tool: str
    when: Function | None = None


_Calls: TypeAlias = "Sequence[tuple[str, Any]]"


async def outcome(
    registry: Registry, name: str, args: Any, seconds: float | None = None, rails: Sequence[Rail] = ()
) -> dict[str, Any]:
    """Return ``{ok, result}``, or ``{ok, error}`` when the tool failed."""
    try:
        return await _outcome(registry, name, args, seconds, rails)
    except BudgetSpent as spent:
        return {"ok": False, "error": fields_of(spent, name)}


async def one_after_the_other(registry: Registry, tools: Sequence[Tool], data: Any, *, go_on: bool) -> Any:
    """Return what the last tool makes of what those before it made of the data.

    :param go_on: pass over a tool that fails
    :raises BudgetSpent: when what is left of the budget is too little for one, also then
    """
    for tool in tools:
        try:
            data = await registry.use(tool, _arguments(tool, data))
        except LlmspellError as error:
            if not go_on or registry.is_out_of_budget(error):
                raise
    return data


async def at_once(registry: Registry, calls: _Calls, most: int) -> list[dict[str, Any]]:
    """Return the outcome of each call, in the order of the calls.

    :param most: how many run at the same time
    :raises BudgetSpent: when what is left of the budget is too little for one
    """
    import asyncio

    if len(calls) > _MOST or most < 1:
        raise CallError(f"tools.parallel: makes from 0 to {_MOST} calls, at least 1 at once; make them in parts")
    outcomes: list[dict[str, Any]] = [{}] * len(calls)
    waiting = iter(enumerate(calls))

    async def work() -> None:
        for place, (name, args) in waiting:
            outcomes[place] = await _outcome(registry, name, args)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(most, len(calls))):
                group.create_task(work())
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return outcomes


def composed(registry: Registry, cases: Sequence[Case], mode: str, name: str, description: str) -> Tool:
    """Return a new tool that calls those of the cases."""
    if not cases:
        raise CallError("tools.compose: needs the name of one tool at least")
    tools = [registry.get(case.tool) for case in cases]
    names = [tool.name for tool in tools]

    async def pipeline(args: dict[str, Any]) -> Any:
        return await one_after_the_other(registry, [registry.get(each) for each in names], args, go_on=False)

    async def parallel(args: dict[str, Any]) -> Any:
        return await at_once(registry, [(each, args) for each in names], len(names))

    async def conditional(args: dict[str, Any]) -> Any:
        for case in cases:
            if await _suits(registry, case, args):
                return await registry.call(case.tool, args)
        raise CallError(f"none of the tools {', '.join(names)} suits the arguments")

    runs: dict[str, Run] = {"pipeline": pipeline, "parallel": parallel, "conditional": conditional}
    schema = tools[0].schema if mode == "pipeline" else Schema(_ANY)
    about = description or f"{mode}: {', '.join(names)}"
    return Tool(name or f"{mode}_{'_'.join(names)}"[:64], about, schema, runs[mode], category="composed")


async def _suits(registry: Registry, case: Case, args: dict[str, Any]) -> bool:
    if case.when is not None:
        return bool(await case.when(args))
    return not await registry.problems(case.tool, args)


async def _outcome(
    registry: Registry, name: str, args: Any, seconds: float | None = None, rails: Sequence[Rail] = ()
) -> dict[str, Any]:
    """Return the same, of all but a spent budget."""
    try:
        return {"ok": True, "result": await registry.call(name, args, timeout=seconds, rails=rails)}
    except Exception as error:
        if registry.is_out_of_budget(error):
            raise
        return {"ok": False, "error": fields_of(error, name)}


def _arguments(tool: Tool, data: Any) -> Any:
    """Return data as arguments: a map as it is, anything else as the tool's only field, or only required one."""
    if data is None or isinstance(data, dict):
        return data
    source = tool.schema.source
    for names in (source.get("required", []), list(source.get("properties", {}))):
        if len(names) == 1:
            return {names[0]: data}
    return {"input": data}
