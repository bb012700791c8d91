"""The errors of tools, as spells and models see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.structured.schema import DoesNotFit
from llmspell_core.crossing import error_value
from llmspell_core.errors import BadArgument, CallError, SpellFailed, closest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmspell_bridges.structured.schema import Problem

__all__ = ["BadArguments", "BadName", "BadResult", "TooWordy", "ToolNotFound", "ToolTimeout", "fields_of", "told"]


class ToolNotFound(CallError):
    """No tool has that name; ``data`` is ``{tool}``."""

    kind = "tool_not_found"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name = name
        self.data = {"tool": name}
        super().__init__(f"no tool is named {name!r}{closest(name, known) or '; tools.list() tells which there are'}")


class BadName(BadArgument):
    """A tool cannot have that name."""

    def __init__(self, name: str) -> None:
        rule = "a tool's name is 1 to 64 letters, digits, _ and -, or model providers refuse it"
        super().__init__("tools.define", 1, "name", f"{name[:80]!r} cannot be one; {rule}")


class TooWordy(CallError):
    """More is said of a tool than it may."""

    kind = "argument"

    def __init__(self, name: str, most: int) -> None:
        super().__init__(
            f"description, version, category and tags of the tool {name!r} have together more than {most} characters;"
            " say less: models read it with every request"
        )


class BadArguments(BadArgument):
    """The arguments of a tool do not fit its schema; ``data`` is ``{tool, errors = [{path, message}]}``."""

    def __init__(self, name: str, problems: list[Problem]) -> None:
        self.name, self.problems = name, problems
        more = f"; and {len(problems) - 5} more" if len(problems) > 5 else ""
        told = "; ".join(map(str, problems[:5])) + more
        self.data = {"tool": name, "errors": [{"path": each.path, "message": each.message} for each in problems]}
        CallError.__init__(self, f"the arguments of the tool {name!r} are wrong: {told}")


class BadResult(DoesNotFit):
    """What a tool returned does not fit its output schema; ``data`` is ``{errors = [{path, message}]}``."""

    def __init__(self, name: str, problems: list[Problem]) -> None:
        super().__init__(f"the result of the tool {name!r}", problems)


class ToolTimeout(SpellFailed):
    """A tool ran longer than it may and was stopped; ``data`` is ``{tool, seconds}``."""

    kind = "timeout"

    def __init__(self, name: str, seconds: float) -> None:
        self.name, self.seconds = name, seconds
        self.data = {"tool": name, "seconds": seconds}
        super().__init__(f"the tool {name!r} ran longer than {seconds:g} seconds and was stopped")


def fields_of(error: BaseException, name: str) -> dict[str, Any]:
    """Return an error as data: ``{kind, message, data}``."""
    value = error_value(error, f"the tool {name!r}")
    return {"kind": value.kind, "message": value.message, "data": value.data}


def told(error: BaseException, name: str) -> str:
    """Return what a model is told of a tool's error: text, with the path of each field that was wrong."""
    fields = fields_of(error, name)
    return f"error ({fields['kind']}): {fields['message']}"
