"""What came of a command, as the one JSON document that ``--output json`` prints.

What JSON has no form for is an object with the single key ``$``, as in ``docs/protocol.md#wire``:
``{"$": ["bytes", "3q2+7w=="]}``, ``{"$": ["float", "nan"]}``, ``{"$": ["function", 3]}``. Of a handle only the name
of its type is left: ``{"$": ["handle", "Agent"]}``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_core.errors import LlmspellError
from llmspell_core.facts import Fact, fact
from llmspell_core.values import ErrorValue, Function, Handle

if TYPE_CHECKING:
    from llmspell_core.runner import Result

__all__ = ["Outcome", "describe", "json_line", "json_pretty", "plain"]


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


def describe(error: BaseException) -> ErrorValue:
    """Return an error as what is told of it."""
    if not isinstance(error, LlmspellError):
        return ErrorValue("internal", f"{type(error).__name__}: {error}")
    if error.value is not None:
        return error.value
    cause = describe(error.__cause__) if isinstance(error.__cause__, LlmspellError) else None
    file, line = getattr(error, "file", None), getattr(error, "line", None)
    return ErrorValue(error.kind, str(error), error.data, cause, file, line)


def plain(value: Any) -> Any:
    """Return a script value as what JSON has a form for."""
    kind = type(value)
    if value is None or kind in (bool, int, str):
        return value
    if kind is float:
        return value if value - value == 0.0 else {"$": ["float", repr(value)]}
    if kind is list:
        return [plain(item) for item in value]
    if kind is dict:
        fields = {key: plain(item) for key, item in value.items()}
        return {"$": ["map", [list(item) for item in fields.items()]]} if "$" in fields else fields
    if kind is bytes:
        from binascii import b2a_base64

        return {"$": ["bytes", b2a_base64(value, newline=False).decode()]}
    if kind is Function:
        return {"$": ["function", value.id]}
    if kind is ErrorValue:
        return {"$": ["error", error_fields(value)]}
    if parts := getattr(kind, "__dataclass_fields__", None):
        return {name: plain(getattr(value, name)) for name in parts}
    if isinstance(value, Handle):
        return {"$": ["handle", kind.__name__]}
    return {"$": ["object", kind.__name__]}


def json_line(value: Any) -> str:
    """Return plain data as JSON on one line."""
    import json

    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def json_pretty(value: Any) -> str:
    """Return plain data as JSON for people."""
    import json

    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)


def error_fields(error: ErrorValue) -> dict[str, Any]:
    return {
        "kind": error.kind,
        "message": error.message,
        "file": error.file,
        "line": error.line,
        "traceback": error.traceback,
        "data": plain(error.data),
        "cause": None if error.cause is None else error_fields(error.cause),
    }
