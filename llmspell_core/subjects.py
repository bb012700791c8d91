"""Names of events, parts with dots between them (``orders.eu.paid``), and the patterns that match them.

In a pattern ``*`` stands for one part, and ``>`` as the last part for one or more: the grammar of NATS subjects.
"""

from __future__ import annotations

from functools import lru_cache

__all__ = ["HOST", "MAX_BYTES", "covers", "fault", "is_of_host", "matches"]

HOST = "llmspell"
"""The first part of the names of events that only the host emits."""
MAX_BYTES = 200
"""How long a name or a pattern may be."""
_WILD = ("*", ">")


def fault(text: str, *, pattern: bool) -> str:
    """Return what is wrong with a name or a pattern, and what to write; nothing when it is right."""
    what, example = ("pattern", "orders.*.paid or orders.>") if pattern else ("name", "orders.eu.paid")
    shown = repr(text if len(text) <= 60 else f"{text[:57]}...")
    if len(text.encode(errors="replace")) > MAX_BYTES:
        return f"{shown} is longer than {MAX_BYTES} bytes; write a shorter {what}"
    problem = _problem(text.split("."), pattern=pattern)
    return f"{shown} is no {what} of events: {problem}; write it as {example}" if problem else ""


def matches(pattern: str, name: str) -> bool:
    """Tell whether a pattern matches a name; a wildcard in the first place does not stand for the host."""
    return covers(pattern, name) and not (is_of_host(name) and pattern[0] in _WILD)


def covers(rule: str, wanted: str) -> bool:
    """Tell whether a pattern matches every name that another pattern, or a name, stands for."""
    mine, asked = _parts(rule), _parts(wanted)
    for part, other in zip(mine, asked, strict=False):
        if part == ">":
            return True
        if part != other and (part != "*" or other == ">"):
            return False
    return len(mine) == len(asked)


def is_of_host(name: str) -> bool:
    """Tell whether a name, or all that a pattern matches, is the host's."""
    return _parts(name)[0] == HOST


@lru_cache(4096)
def _parts(text: str) -> tuple[str, ...]:
    return tuple(text.split("."))


def _problem(parts: list[str], *, pattern: bool) -> str:
    for place, part in enumerate(parts, 1):
        if not part:
            return "there is nothing before, between or after its dots" if len(parts) > 1 else "it is empty"
        if part in _WILD:
            if not pattern:
                return f"{part!r} stands in patterns only"
            if part == ">" and place < len(parts):
                return "'>' stands in the last place only"
        elif "*" in part or ">" in part:
            return f"a wildcard stands for a whole part, which {part!r} is not"
        elif " " in part or not part.isprintable():
            return f"{part!r} has white space or control characters"
    return ""
