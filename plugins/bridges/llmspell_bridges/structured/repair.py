"""Mend JSON that is not quite JSON, counting how often the text is looked at."""

from __future__ import annotations

from typing import Any, overload

from llmspell_core.errors import CallError, LimitExceeded
from llmspell_core.schemas.steps import TooCostly, bounded, spend

__all__ = ["repaired"]

_LONGEST = 256 * 1024


class NoRepair(CallError):
    """What is not quite JSON cannot be mended, because the library for it is missing."""

    def __init__(self) -> None:
        super().__init__("the text is not valid JSON; to mend it, run: pip install 'llmspell-bridges[tools]'")


class _Watched:
    """A text that counts how often it is looked at: the library goes over some texts again and again."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __len__(self) -> int:
        return len(self._text)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> str: ...
    def __getitem__(self, place: int | slice) -> str:
        found = self._text[place]
        spend(1 + len(found) // 64)
        return found


def repaired(text: str) -> Any:
    """Return the value that a text was meant to be, or None when nothing can be made of it.

    :raises LimitExceeded: when the text is too long, or too confused, to be mended
    """
    if not text:
        return None
    if len(text) > _LONGEST:
        raise LimitExceeded("repair", _LONGEST, f"the text is not valid JSON, and longer than the {_LONGEST} mended")
    try:
        from json_repair.json_parser import JSONParser
    except ModuleNotFoundError as error:
        raise NoRepair from error

    class Parser(JSONParser):
        """Keeps the text watched when the library puts another in its place."""

        @property
        def json_str(self) -> Any:
            return self._watched

        @json_str.setter
        def json_str(self, text: Any) -> None:
            self._watched = text if isinstance(text, _Watched) else _Watched(text)

    try:
        with bounded():
            return Parser(text, None, False).parse()
    except TooCostly as error:
        raise LimitExceeded(
            "repair", error.steps, "the text is too confused to be mended; ask for JSON alone"
        ) from error
    except (ValueError, RecursionError, IndexError):
        return None
