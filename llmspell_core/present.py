"""What is being done at present: for which language, in which call of a run, and within it what is done once."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["doing", "enter", "in_call", "origin", "spelled", "written_as"]

in_call: ContextVar[int] = ContextVar("llmspell_call", default=0)
"""The number of the call that is being executed; 0 outside of one."""
doing: ContextVar[str] = ContextVar("llmspell_doing", default="")
"""What tells apart the things that are done once within a call; empty outside of one."""


def enter(call: int) -> None:
    """Note that a call is executed from now on, and nothing is done once in it yet."""
    in_call.set(call)
    doing.set("")


def origin() -> int:
    """Return the number that functions called now, spells cast now and what is done once now belong to.

    That of the call; within what is done once a negative one of its own: what has ended there is not done again when
    the run goes on, so nothing of it may be taken for what the call does elsewhere.
    """
    within = doing.get()
    if not within:
        return in_call.get()
    from hashlib import sha256

    return -int.from_bytes(sha256(f"{in_call.get()} {within}".encode()).digest()[:6], "big")


_spelling: ContextVar[Callable[[str], str]] = ContextVar("llmspell_spelling", default=str)


@contextmanager
def written_as(spelling: Callable[[str], str]) -> Iterator[None]:
    """Have names written as the language of a spell writes them, while it runs.

    :param spelling: returns what a method, option or module is called in that language
    """
    before = _spelling.get()
    _spelling.set(spelling)
    try:
        yield
    finally:
        _spelling.set(before)


def spelled(name: str) -> str:
    """Return the name of a function, option or field as the spell that is being run would write it.

    For the words of an error: ``llm.chat_session`` may be ``llm.chatSession``. What is no name comes back as it is.
    """
    parts, spelling = name.split("."), _spelling.get()
    return ".".join(map(spelling, parts)) if all(part.isidentifier() for part in parts) else name
