"""What came of a command, as the one JSON document that ``--output json`` prints.

What JSON has no form for is an object with the single key ``$``, as in ``docs/protocol.md#wire``:
``{"$": ["bytes", "3q2+7w=="]}``, ``{"$": ["float", "nan"]}``, ``{"$": ["function", 3]}``. Of a handle only the name
of its type is left: ``{"$": ["handle", "Agent"]}``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_core.facts import Fact, fact
from llmspell_core.telling import describe, error_fields, json_line, plain

if TYPE_CHECKING:
    from llmspell_core.runner import Result

__all__ = ["Outcome", "describe", "error_fields", "json_line", "json_pretty", "plain"]


@fact
class Outcome(Fact):
    """The end of a cast; what is not known, because it never began or was cut off, is None.

    :param cure: the command that goes on with the run, where one does
    """

    value: Any = None
    error: BaseException | None = None
    run_id: str | None = None
    engine: str | None = None
    duration: float | None = None
    usage: dict[str, Any] | None = None
    budget: dict[str, Any] | None = None
    isolation: dict[str, Any] | None = None
    cure: str | None = None

    @classmethod
    def of(cls, result: Result) -> Outcome:
        """Return the outcome of a cast that came to its end."""
        usage, left = result.usage.as_dict(), result.budget.as_dict()
        isolation = {"mode": result.isolation.mode, "missing": result.isolation.missing}
        facts = (result.run_id, result.engine, result.duration, usage, left, isolation)
        return cls(result.value, result.error, *facts)

    def document(self, output: str) -> dict[str, Any]:
        """Return the outcome as a JSON object.

        :param output: all that the spell printed
        """
        return {
            "ok": self.error is None,
            "value": plain(self.value),
            "output": output,
            "run": self.run_id,
            "engine": self.engine,
            "duration": None if self.duration is None else round(self.duration, 6),
            "usage": self.usage,
            "budget": self.budget,
            "isolation": self.isolation,
            "error": None if self.error is None else error_fields(describe(self.error)),
        }


def json_pretty(value: Any) -> str:
    """Return plain data as JSON for people."""
    import json

    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
