"""Rules for what goes in and what comes out, and how a value passes several of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from llmspell_core.errors import Denied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["Chain", "GuardrailViolated", "Rail", "Side", "guarded", "map_texts", "texts"]

Side: TypeAlias = Literal["input", "output"]


class GuardrailViolated(Denied):
    """A value broke a rule; ``data`` is ``{rule, on, reason, violations}``, a violation being ``{rule, reason}``."""

    kind = "guardrail"

    def __init__(self, violations: Sequence[tuple[str, str]], side: Side) -> None:
        self.violations, self.side = tuple(violations), side
        rule, reason = self.violations[0]
        self.data = {
            "rule": rule,
            "on": side,
            "reason": reason,
            "violations": [{"rule": rule, "reason": reason} for rule, reason in self.violations],
        }
        told = "; ".join(f"{rule!r}: {reason}" for rule, reason in self.violations)
        super().__init__(f"the {side} breaks the guardrail {told}")


class Rail(ABC):
    """One rule.

    :param sides: which values it looks at
    """

    def __init__(self, name: str, sides: Iterable[Side]) -> None:
        self.name, self.sides = name, frozenset(sides)

    async def passed(self, value: Any, side: Side) -> Any:
        """Return the value, changed if that is the rule; :raises GuardrailViolated: when it breaks the rule."""
        return await self._passed(value, side) if side in self.sides else value

    @abstractmethod
    async def _passed(self, value: Any, side: Side) -> Any: ...

    def broken(self, reason: str, side: Side) -> GuardrailViolated:
        """Return the error that says why a value breaks this rule."""
        return GuardrailViolated([(self.name, reason)], side)


class Chain(Rail):
    """Several rules, one after the other: each sees what the one before made of the value.

    :param fail_fast: stop at the first that is broken; else all are looked at, and told of together
    """

    def __init__(self, name: str, rails: Sequence[Rail], *, fail_fast: bool) -> None:
        super().__init__(name, {side for rail in rails for side in rail.sides})
        self._rails, self._fail_fast = tuple(rails), fail_fast

    async def _passed(self, value: Any, side: Side) -> Any:
        broken: list[tuple[str, str]] = []
        for rail in self._rails:
            try:
                value = await rail.passed(value, side)
            except GuardrailViolated as error:
                if self._fail_fast:
                    raise
                broken += error.violations
        if broken:
            raise GuardrailViolated(broken, side)
        return value


async def guarded(rails: Iterable[Rail], value: Any, side: Side) -> Any:
    """Return what is left of a value that has passed every rule; :raises GuardrailViolated: at the first it breaks."""
    for rail in rails:
        value = await rail.passed(value, side)
    return value


def texts(value: Any) -> list[str]:
    """Return every text in a value, those of lists and maps in their order."""
    found: list[str] = []

    def keep(text: str) -> str:
        found.append(text)
        return text

    map_texts(value, keep)
    return found


def map_texts(value: Any, change: Callable[[str], str]) -> Any:
    """Return a value with another text in place of each; keys stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [map_texts(item, change) for item in value]
    if isinstance(value, dict):
        return {key: map_texts(item, change) for key, item in value.items()}
    return value
