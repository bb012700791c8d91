"""The trace of a cast as a file: a JSON line for everything that passed a point where hooks may stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_core.cli.outcome import describe, error_fields, json_line, plain
from llmspell_core.ndjson import LineFile
from llmspell_core.secrets import Secrets
from llmspell_core.veils import secret_texts, veiled

if TYPE_CHECKING:
    from llmspell_core.actions import Action

__all__ = ["TraceFile"]


class TraceFile(LineFile):
    """Appends a line for each action when it has ended.

    ``{run, number, parent, point, name, began, duration, arguments, result, error}``: ``parent`` is the number of the
    action that this one is a part of, 0 for what the spell itself does; ``began`` is in Unix seconds.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path, "the trace")
        self._given = Secrets()

    def __call__(self, action: Action) -> None:
        """Append the line of an action."""
        for text in secret_texts(action.arguments, action.secret):
            self._given.add_given(text)
        self.append(
            json_line(
                {
                    "run": action.run,
                    "number": action.number,
                    "parent": action.parent,
                    "point": action.point,
                    "name": action.name,
                    "began": action.began,
                    "duration": round(action.duration, 6),
                    "arguments": self._clean(action, veiled(action.arguments, action.secret)),
                    "result": self._clean(action, action.result),
                    "error": None
                    if action.error is None
                    else self._clean(action, error_fields(describe(action.error))),
                }
            )
        )

    def _clean(self, action: Action, value: Any) -> Any:
        return self._given.clean(action.clean(plain(value)))
