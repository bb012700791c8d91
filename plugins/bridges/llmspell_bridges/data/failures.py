"""The errors of reading and writing data, as spells see them."""

from __future__ import annotations

from llmspell_core.errors import BadArgument, SpellFailed, closest

__all__ = ["NoSuchForm", "NotReadable"]


class NotReadable(SpellFailed):
    """A text is not of the form it is said to be; ``data`` is ``{format, line, column}``, as far as they are known."""

    kind = "syntax"

    def __init__(self, form: str, problem: str, line: int | None = None, column: int | None = None) -> None:
        self.form, self.problem, self.line, self.column = form, problem, line, column
        self.data = {"format": form, "line": line, "column": column}
        where = f" at line {line}" if line else ""
        where += f", column {column}" if line and column else ""
        super().__init__(f"not {form.upper()}{where}: {problem}")


class NoSuchForm(BadArgument):
    """There is no such form of data."""

    def __init__(self, function: str, position: int, parameter: str, form: str, known: tuple[str, ...]) -> None:
        hint = closest(form, known) or f"; there are {', '.join(known)}"
        super().__init__(function, position, parameter, f"is no form of data: {form[:40]!r}{hint}")
