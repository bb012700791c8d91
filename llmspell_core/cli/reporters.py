"""How a cast is told: as text for people, as one JSON document, or as one JSON line per event."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from threading import Lock
from typing import TYPE_CHECKING, Any

from llmspell_core.cli.bar import Bar
from llmspell_core.cli.outcome import Outcome, describe, json_line, json_pretty, plain
from llmspell_core.cli.terminal import write
from llmspell_core.telling import tell

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FORMATS", "Reporter", "reporter"]

FORMATS = ("text", "json", "ndjson")


def reporter(format: str) -> Reporter:
    """Return a reporter for one cast, by the name of its format."""
    return Text() if format == "text" else Json() if format == "json" else Ndjson()


class Reporter(ABC):
    """Tells what a spell prints, and once what came of it."""

    def __init__(self) -> None:
        self._ending = Lock()

    @abstractmethod
    def output(self, text: str, level: str) -> None:
        """Tell what the spell prints, as it does."""

    def progress(self, told: Mapping[str, Any]) -> None:
        """Tell how far the spell is: ``{run, spell, done, total, note}``; nothing unless the format has a place."""
        return

    def end(self, outcome: Outcome) -> None:
        """Tell what came of the cast."""
        # Never released: when the watch is ending the process, this waits for that end.
        self._ending.acquire()
        self._tell(outcome)

    def cut_off(self, outcome: Outcome) -> bool:
        """Tell the outcome from another thread, unless the main one is telling it."""
        if not self._ending.acquire(blocking=False):
            return False
        self._tell(outcome)
        return True

    @abstractmethod
    def _tell(self, outcome: Outcome) -> None: ...


class Text(Reporter):
    """Output as the spell prints it, then its value; warnings and errors go to standard error."""

    def __init__(self) -> None:
        super().__init__()
        self._open = False
        self._bar = Bar(sys.stderr)

    def progress(self, told: Mapping[str, Any]) -> None:
        self._bar.draw(told)

    def output(self, text: str, level: str) -> None:
        self._bar.wipe()
        if level in ("warn", "error"):
            write(sys.stderr, text)
        elif text:
            self._open = not text.endswith("\n")
            write(sys.stdout, text)

    def _tell(self, outcome: Outcome) -> None:
        self._bar.wipe()
        if self._open:
            write(sys.stdout, "\n")
        if outcome.error is not None:
            usage = outcome.usage if describe(outcome.error).kind == "budget" else None
            spent = _spent(usage) if usage else ""
            cure = f"go on with it: {outcome.cure}\n" if outcome.cure else ""
            write(sys.stderr, tell(outcome.error) + "\n" + spent + cure)
        elif outcome.value is not None:
            write(sys.stdout, _shown(outcome.value) + "\n")


class Json(Reporter):
    """Exactly one document, whatever happens."""

    def __init__(self) -> None:
        super().__init__()
        self._printed: list[str] = []

    def output(self, text: str, level: str) -> None:
        self._printed.append(text)

    def _tell(self, outcome: Outcome) -> None:
        document = outcome.document("".join(self._printed))
        write(sys.stdout, (json_pretty if sys.stdout.isatty() else json_line)(document) + "\n")


class Ndjson(Json):
    """A line per output, then a line that is the document."""

    def output(self, text: str, level: str) -> None:
        super().output(text, level)
        write(sys.stdout, json_line({"type": "output", "text": text, "level": level}) + "\n")

    def progress(self, told: Mapping[str, Any]) -> None:
        write(sys.stdout, json_line({"type": "progress", **told}) + "\n")

    def _tell(self, outcome: Outcome) -> None:
        document = outcome.document("".join(self._printed))
        write(sys.stdout, json_line({"type": "result", **document}) + "\n")


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    return (json_pretty if sys.stdout.isatty() else json_line)(plain(value))


def _spent(usage: dict[str, Any]) -> str:
    tokens, cost = usage["input_tokens"] + usage["output_tokens"], usage["cost"]
    dollars = "an unknown cost" if cost is None else f"${cost:.4g}"
    return f"  spent: {usage['requests']} requests, {tokens} tokens, {dollars}\n"
