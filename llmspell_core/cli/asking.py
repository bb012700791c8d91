"""The question on a terminal: may the spell do what nothing grants?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from llmspell_core.cli.shown import shown
from llmspell_core.errors import LlmspellError

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_core.guard import Answer, Question

__all__ = ["Terminal"]

_ANSWERS: dict[str, Answer] = {
    "o": "once",
    "once": "once",
    "a": "always",
    "always": "always",
    "s": "save",
    "save": "save",
    "d": "deny",
    "deny": "deny",
    "n": "never",
    "never": "never",
}
_PLAIN = "\x1b[0m\r\x1b[K"
"""Ends colours, concealment and a half-written line of the spell's, so that the question is seen."""


class Terminal:
    """Asks on standard error and takes what the person types.

    :param save: writes a capability into the spell's manifest and returns the file; None where there is none
    :param may_save: tells whether a capability can be written there
    """

    def __init__(
        self, save: Callable[[str], str] | None = None, may_save: Callable[[str], bool] = lambda capability: True
    ) -> None:
        self._save, self._may_save = save, may_save

    def __call__(self, question: Question) -> Answer:
        """Return the answer; the end of the input denies."""
        kind, capability = question.capability.partition(":")[0], question.capability
        may_save = self._save is not None and self._may_save(capability)
        keep = "[s]ave in the manifest, " if may_save else ""
        begin = _PLAIN if sys.stderr.isatty() else ""
        sys.stdout.flush()
        sys.stderr.write(
            f"{begin}{_short(question.where)} needs {_short(capability)} ({_short(question.flag)} grants it unasked)\n"
        )
        while True:
            _forget_typed()
            sys.stderr.write(
                f"allow [o]nce, [a]lways in this run, {keep}[d]eny, [n]ever ask for {_short(kind)} again? "
            )
            sys.stderr.flush()
            line = sys.stdin.readline()
            if not line:
                return "deny"
            answer = _ANSWERS.get(line.strip().lower())
            if answer is None or (answer == "save" and not (may_save and self._saved(capability))):
                continue
            return answer

    def _saved(self, capability: str) -> bool:
        assert self._save is not None
        try:
            file = self._save(capability)
        except (LlmspellError, OSError) as error:
            sys.stderr.write(f"{_short(str(error))}\n")
            return False
        sys.stderr.write(f"saved in {_short(file)}; from now on -P saved grants it\n")
        return True


def _forget_typed() -> None:
    """Forget what was typed before the question: a spell may have printed one of its own to be answered."""
    try:
        import termios

        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
    except (ImportError, OSError, ValueError):
        return  # no terminal to forget it
    except termios.error:
        return


def _short(text: str) -> str:
    """Return a text that a spell chose so that it cannot push the question off the terminal."""
    text = shown(text)
    return text if len(text) <= 300 else f"{text[:200]}...{text[-97:]}"
