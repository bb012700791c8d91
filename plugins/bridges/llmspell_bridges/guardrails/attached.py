"""The rules of one run by name, and those that a call is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from llmspell_bridges.guardrails.handle import Guardrail
from llmspell_core.errors import CallError, closest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmspell_bridges.guardrails.rails import Rail
    from llmspell_core.bridge import Context

__all__ = ["Attached", "Names", "UnknownGuardrail", "attached", "rails_of"]

Attached: TypeAlias = list[Guardrail | str]
"""What the option ``guardrails`` of a call takes: rules, or the names they were created under."""

Names: TypeAlias = list[str]


class UnknownGuardrail(CallError):
    """The run has created no rule of that name."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        hint = closest(name, known) or "; create it with guardrails.create or guardrails.preset"
        super().__init__(f"no guardrail {name!r}{hint}")


def rails_of(context: Context) -> dict[str, Guardrail]:
    """Return the rules that the run has created, by name."""
    return context.run.get("guardrails", dict[str, Guardrail])


def attached(context: Context, given: Sequence[Any] | None) -> tuple[Rail, ...]:
    """Return the rules of a call; :raises UnknownGuardrail: when one of the names is none."""
    known = rails_of(context)
    rails = []
    for item in given or ():
        if isinstance(item, str):
            if item not in known:
                raise UnknownGuardrail(item, list(known))
            item = known[item]
        rails.append(item.rail)
    return tuple(rails)
