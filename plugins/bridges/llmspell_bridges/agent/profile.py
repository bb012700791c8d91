"""What an agent is: its words, its model, its tools, and what each of its runs may use."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from llmspell_bridges.agent.loop import Bounds
from llmspell_bridges.agent.memory import Keep
from llmspell_bridges.llm.records import Options
from llmspell_bridges.structured.checking import aside
from llmspell_bridges.structured.schema import Schema
from llmspell_bridges.tools.offering import Offering
from llmspell_core.budget import Budget
from llmspell_core.errors import BadArgument
from llmspell_core.facts import Fact, fact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmspell_core.values import Function

__all__ = ["Profile", "profile_of"]

_OPTIONS = ("model", "temperature", "max_tokens", "seed", "guardrails")
_LONGEST_NAME = 64


@fact
class Profile(Fact):
    """An agent as it was set up.

    :param given: as it was given, to be set up anew or kept
    :param function: of the spell, which answers in the place of a model
    :param tools: names of tools or agents, agents, or tools given in place
    :param keep: what it remembers from run to run; None for nothing
    :param timeout: seconds that a run may take
    :param budget: what a run may spend on models
    """

    name: str
    given: Mapping[str, Any]
    description: str = ""
    system: str = ""
    options: Options = Options()
    tools: tuple[Any, ...] = ()
    handoffs: tuple[Any, ...] = ()
    output: Schema | None = None
    output_retries: int = 2
    keep: Keep | None = None
    bounds: Bounds = Bounds()
    timeout: float | None = None
    budget: Budget = Budget()
    function: Function | None = None

    def bounds_of(self, turns: int | None) -> Bounds:
        """Return the bounds of a run that says by itself how many turns it may take."""
        return self.bounds if turns is None else replace(self.bounds, turns=_least("max_turns", turns, 1))


async def profile_of(name: str, given: Mapping[str, Any], function: Function | None = None) -> Profile:
    """Return the agent that options stand for; :raises BadArgument: naming the one that is wrong."""
    tools = tuple(given.get("tools") or ())
    for tool in tools:
        if isinstance(tool, Offering):
            tool.is_needed = True  # before anything waits: the spell may have dropped it with this very call
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise _wrong("name", f"is 1 to {_LONGEST_NAME} characters that can be printed, not {name[:80]!r}")
    limits = given.get("limits") or {}
    turns = _or(given.get("max_turns"), limits.get("turns"))
    output = given.get("output_schema")
    return Profile(
        name,
        dict(given),
        given.get("description") or "",
        given.get("system") or "",
        Options(**{key: given.get(key) for key in _OPTIONS}),
        tools,
        tuple(given.get("handoffs") or ()),
        None if output is None else await aside(Schema, output),
        _least("output_retries", _or(given.get("output_retries"), 2), 0),
        _keep(given.get("memory")),
        Bounds(
            _least("max_turns", _or(turns, Bounds.turns), 1),
            None if limits.get("tool_calls") is None else _least("limits.tool_calls", limits["tool_calls"], 0),
            _least("limits.handoffs", _or(limits.get("handoffs"), Bounds.handoffs), 0),
        ),
        None if limits.get("timeout") is None else _least("limits.timeout", limits["timeout"], 0),
        Budget(**{key: _share(limits, key) for key in ("requests", "tokens", "cost")}),
        function,
    )


def _keep(given: Any) -> Keep | None:
    if given is None or isinstance(given, str):
        return None if given is None else Keep(given)  # type: ignore[arg-type]  # checked where the call is bound
    return Keep(given["kind"], _least("memory.size", _or(given.get("size"), Keep.size), 1))


def _share(limits: Mapping[str, Any], name: str) -> Any:
    return None if limits.get(name) is None else _least(f"limits.{name}", limits[name], 0)


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value


def _least(name: str, value: Any, least: int) -> Any:
    if not value >= least:
        raise _wrong(name, f"must be at least {least}, not {value!r}")
    return value


def _wrong(name: str, problem: str) -> BadArgument:
    return BadArgument("agent.create", None, name, problem)
