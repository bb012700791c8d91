"""A rule as spells hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict

from llmspell_bridges.guardrails.rails import GuardrailViolated, Rail
from llmspell_core.bridge import Handle, expose

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmspell_bridges.guardrails.rails import Side
    from llmspell_core.values import Function

__all__ = ["Checked", "Guardrail", "ScriptRail", "ViolationRecord"]


class ViolationRecord(TypedDict):
    """A rule that was broken, and how."""

    rule: str
    reason: str


class Checked(TypedDict):
    """What came of looking at a value.

    :param ok: it keeps the rule
    :param value: the value, as the rule leaves it; nil when it breaks the rule
    """

    ok: bool
    value: Any
    violations: list[ViolationRecord]


class Guardrail(Handle):
    """A rule, to be given to calls by their option ``guardrails``."""

    def __init__(self, rail: Rail) -> None:
        self.rail = rail

    @expose
    async def check(self, value: Any, *, on: Literal["input", "output"] = "input") -> Checked:
        """Return whether a value keeps the rule.

        :param value: what to look at
        :param on: as what it is looked at; a rule that does not look at such keeps quiet
        """
        try:
            return Checked(ok=True, value=await self.rail.passed(value, on), violations=[])
        except GuardrailViolated as error:
            violations = [ViolationRecord(rule=rule, reason=reason) for rule, reason in error.violations]
            return Checked(ok=False, value=None, violations=violations)


class ScriptRail(Rail):
    """A rule that a function of the spell keeps.

    It is called with the value and ``input`` or ``output``. False, or a text that is the reason, says that the value
    breaks the rule; ``{value = ...}`` puts another value in its place; anything else lets it pass.
    """

    def __init__(self, name: str, sides: Iterable[Side], function: Function) -> None:
        super().__init__(name, sides)
        self._function = function

    async def _passed(self, value: Any, side: Side) -> Any:
        said = await self._function(value, side)
        if said is False or isinstance(said, str):
            raise self.broken(said or "was refused by it", side)
        return said["value"] if isinstance(said, dict) and "value" in said else value
