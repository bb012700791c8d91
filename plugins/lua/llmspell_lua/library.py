"""Which parts of the guest a spell may touch, told by the words in its source.

They lie in the VM as code until they are touched; what a spell cannot name need not be there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ALL_PARTS", "parts_for"]

_TEXT = ("slugify", "truncate", "split", "trim", "capitalize", "camelcase", "snakecase")
_TABLES = ("keys", "values", "merge", "deep_copy", "slice", "reverse", "shuffle", "contains", "is_empty")


def _library(*names: str) -> tuple[str, ...]:
    return tuple(f"library/{name}" for name in (*names, "shapes"))


_PROMISES = ("promise", "settling", "gathering")
_EXPECTING = ("expecting", "judging", "showing")
_BY_WORD = {
    "channel": (*_library("channel"), "settling"),
    "core": (*_library("core", "calling", "strings", "paths", "tables"), *_PROMISES, "json"),
    "data": (*_library("data", "paths", "comparing", "tables"), "settling"),
    "errors": (*_library("errors", "categories", "retrying"), *_PROMISES, "json"),
    "json": ("json",),
    "promise": _PROMISES,
    "spell": ("spell", "json"),
    "template": (*_library("strings", "paths"), "json"),
    "testing": (
        *_library("testing", "expecting", "judging", "showing", "doubles", "comparing", "paths", "tables"),
        *_PROMISES,
    ),
    "token": ("library/token", *_PROMISES),
    **dict.fromkeys((*_TEXT, "starts_with", "ends_with"), (*_library("strings"), "json")),
    **dict.fromkeys(_TABLES, _library("tables")),
}
ALL_PARTS = tuple(dict.fromkeys(part for parts in _BY_WORD.values() for part in parts))

_WORDS = re.compile(rf"\b(?:{'|'.join(_BY_WORD)})\b")
# What can reach a global, or run code, by a name that is made at run time.
_ANY = re.compile(r"\b(?:_G|_ENV|getfenv|load|loadstring)\b|\brequire\b(?!\s*\(?\s*[\"'\[])")


def parts_for(sources: Iterable[str]) -> tuple[str, ...]:
    """Return the parts that spells with these files may touch."""
    words: set[str] = set()
    for source in sources:
        if _ANY.search(source):
            return ALL_PARTS
        words.update(_WORDS.findall(source))
    found = {part for word in words for part in _BY_WORD[word]}
    return tuple(part for part in ALL_PARTS if part in found)
