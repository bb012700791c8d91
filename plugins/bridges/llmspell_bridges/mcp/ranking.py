"""How well the words of a query are found in a name and in what is said of it."""

from __future__ import annotations

import re

__all__ = ["Query"]

_EVERYWHERE = ("a", "an", "and", "at", "by", "for", "from", "in", "is", "it", "of", "on", "or", "the", "to", "with")
_NAME = 4
"""How many times more a word counts in a name."""
_COMMENTS = ("/", "*", "-", "#", ";")
"""How the lines of comments begin, in one language or another."""


class Query:
    """Words that something is looked for by; those that are everywhere are left out."""

    def __init__(self, text: str) -> None:
        # `orders` is looked for as `order`, which begins `ordered` and is no part of `border`.
        words = [_singular(word) for word in text.lower().split() if word not in _EVERYWHERE]
        self._begun = [re.compile(rf"(?<![a-z0-9]){re.escape(word)}") for word in words]
        self._whole = [re.compile(rf"(?<![a-z0-9]){re.escape(word)}s?(?![a-z])") for word in words]

    def __bool__(self) -> bool:
        return bool(self._begun)

    def rank(self, name: str, doc: str) -> int:
        """Return how well the words are found, 0 where no name has one and half of them or fewer are found at all."""
        return _rank(self._begun, name, doc)

    def rank_of_code(self, text: str) -> int:
        """Return the same for a declaration as it is written: words of the language begin as others do."""
        lines = text.splitlines()
        told = [line for line in lines if line.lstrip().startswith(_COMMENTS)]
        return _rank(self._whole, " ".join(line for line in lines if line not in told), " ".join(told))


def _rank(words: list[re.Pattern[str]], name: str, doc: str) -> int:
    name, doc = _parted(name), doc.lower()
    named, told = (sum(1 for word in words if word.search(text)) for text in (name, doc))
    return _NAME * named + told if named or 2 * told > len(words) else 0


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _parted(name: str) -> str:
    """Return a name in small letters: its words, and the whole of it as any language may write it."""
    return f"{re.sub(r'(?<=[a-z0-9])(?=[A-Z])', '_', name)} {name} {name.replace('_', '')}".lower()
