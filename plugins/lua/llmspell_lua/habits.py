"""What people write who come from other languages, and how Lua writes it."""

from __future__ import annotations

import re

__all__ = ["with_cure"]

_OPERATORS = {
    "!=": "~=",
    "!": "not",
    "&&": "and",
    "||": "or",
    "??": "or",
    "?": "condition and value or other",
    "++": "n = n + 1",
}
_OPERATOR = re.compile("|".join(map(re.escape, _OPERATORS)))
_COMPOUND = re.compile(r"(\.\.|[-+*/%])=(?!=)")
_STRINGS = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|--.*")
_CONTINUE = re.compile(r"\bcontinue\b(?!\s*::)(?<!goto continue)")
_COMMENT = re.compile(r"\s*//")
_DECLARED = re.compile(r"\s*(?:const|let|var)\s+[\w{\[]")


def with_cure(message: str, source: str, line: int) -> str:
    """Return what the VM says of a line, with how Lua writes what seems to be meant."""
    if message.startswith("invalid escape sequence"):
        return f"{message}; patterns are written with %, as %d, and a backslash itself as \\\\"
    lines = source.split("\n")[max(0, line - 2) : line]
    here = _STRINGS.sub("''", lines[-1])
    token = message.rpartition("near '")[2][:1]
    cure = _cure(token, here, _STRINGS.sub("''", lines[0]))
    return message if cure is None else f"{message}; {cure}"


def _cure(token: str, here: str, before: str) -> str | None:
    if _COMMENT.match(here) or _COMMENT.match(before):
        return "for // Lua writes -- before a comment"
    if _DECLARED.match(here):
        return "Lua declares with local"
    if (compound := _COMPOUND.search(here)) and token in {compound[1][0], "="}:
        return f"Lua has no {compound[0]}: a = a {compound[1]} b"
    for operator in _OPERATOR.findall(here):
        if operator[0] == token:
            return f"for {operator} Lua writes {_OPERATORS[operator]}"
    if _CONTINUE.search(here) or _CONTINUE.search(before):
        return "Lua has no continue: goto next_one, with ::next_one:: at the end of the loop"
    return None
