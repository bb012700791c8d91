"""The spell writer's library: which parts of it a spell may touch, told by the words in its source.

They lie in the VM as text until they are touched; what a spell cannot name need not be there.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from llmspell_js.sandbox import by_name, guest_text, stripped

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["load", "texts_for"]

_BY_WORD = {
    "Intl": ("locale", "collation"),
    "builder": ("chain",),
    "channel": ("channel", "shapes"),
    "core": ("core", "paths", "shapes"),
    "data": ("data", "paths", "shapes"),
    "errors": ("errors", "categories", "retrying", "shapes"),
    "localeCompare": ("collation",),
    "testing": ("testing", "expecting", "doubles", "data", "paths", "shapes"),
    "toLocaleDateString": ("locale",),
    "toLocaleString": ("locale",),
    "toLocaleTimeString": ("locale",),
    "token": ("token",),
}
_ALL = tuple(dict.fromkeys(part for parts in _BY_WORD.values() for part in parts))

_WORDS = re.compile(rf"\b(?:{'|'.join(_BY_WORD)})\b")
# What can reach a global, or run code, by a name that is made at run time.
_ANY = re.compile(r"\b(?:globalThis|eval|Function)\b|[.\[\"'`]\s*constructor\b|\b(?:require|import)\s*\((?!\s*[\"'])")


def texts_for(sources: Iterable[str]) -> str:
    """Return the parts that spells with these files may touch, as the guest takes them."""
    words: set[str] = set()
    for source in sources:
        if _ANY.search(source):
            return _texts(_ALL)
        words.update(_WORDS.findall(source))
    found = {part for word in words for part in _BY_WORD[word]}
    return _texts(tuple(part for part in _ALL if part in found)) if found else ""


def load() -> None:
    """Have all parts in memory: a locked process finds no file any more."""
    for part in _ALL:
        _text(part)


@lru_cache(64)
def _texts(parts: tuple[str, ...]) -> str:
    return by_name({f"library/{part}": _text(part) for part in parts})


@cache
def _text(part: str) -> str:
    return stripped(guest_text(f"library/{part}.js"))
