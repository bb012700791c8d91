"""The question on a terminal: may the spell do what nothing grants?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmspell_core.guard import Answer, Question

__all__ = ["ask"]

_ANSWERS: dict[str, Answer] = {
    "o": "once",
    "once": "once",
    "a": "always",
    "always": "always",
    "d": "deny",
    "deny": "deny",
    "n": "never",
    "never": "never",
}


def ask(question: Question) -> Answer:
    """Ask on standard error and return what the person types; the end of the input denies."""
    kind = question.capability.partition(":")[0]
    sys.stderr.write(
        f"{_shown(question.where)} needs {_shown(question.capability)} ({_shown(question.flag)} grants it unasked)\n"
    )
    while True:
        sys.stderr.write(f"allow [o]nce, [a]lways in this run, [d]eny, [n]ever ask for {_shown(kind)} again? ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            return "deny"
        if (answer := _ANSWERS.get(line.strip().lower())) is not None:
            return answer


def _shown(text: str) -> str:
    """Return a text that a spell chose so that it cannot draw on the terminal, nor push the question off it."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return shown if len(shown) <= 300 else f"{shown[:200]}...{shown[-97:]}"
