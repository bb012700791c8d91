"""Many words found in a text, in a time that grows with the text and hardly with the words."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["LONGEST", "MOST", "Words"]

MOST, LONGEST = 10_000, 256
"""How many words there may be, and how many characters one may have."""
_BEGIN = 4


class Words:
    """Finds words whatever their case, where several begin at one place the longest."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = sorted({_folded(word) for word in words if word})
        self._within = list(_beginnings(self._words))
        self._begin = min(_BEGIN, min(map(len, self._words), default=_BEGIN))
        self._begins = {word[: self._begin] for word in self._words}
        self._longest = max(map(len, self._words), default=0)

    def replaced(self, text: str, by: str) -> str:
        """Return a text with something else in the place of each word."""
        folded, parts, kept, at = _folded(text), [], 0, 0
        while at < len(text):
            if folded[at : at + self._begin] in self._begins and (length := self._length_at(folded, at)):
                parts += [text[kept:at], by]
                at = kept = at + length
            else:
                at += 1
        return "".join([*parts, text[kept:]])

    def _length_at(self, text: str, at: int) -> int:
        """Return how long the longest word is that begins at a place, 0 where none does."""
        found = text[at : at + self._longest]
        # What is last of those that sort before it begins with every word that it begins with.
        place = bisect_right(self._words, found) - 1
        while place >= 0 and not found.startswith(self._words[place]):
            place = self._within[place]
        return len(self._words[place]) if place >= 0 else 0


def _beginnings(words: list[str]) -> Iterator[int]:
    """Yield for each of sorted words the place of the longest other one that it begins with, -1 where there is none."""
    around: list[int] = []
    for place, word in enumerate(words):
        while around and not word.startswith(words[around[-1]]):
            around.pop()
        yield around[-1] if around else -1
        around.append(place)


def _folded(text: str) -> str:
    """Return a text of the same length in which case makes no difference."""
    folded = text.casefold()
    return folded if len(folded) == len(text) else "".join(map(_folded_character, text))


def _folded_character(character: str) -> str:
    folded = character.casefold()
    if len(folded) > 1:
        folded = character.lower()  # of a sharp s, say, which folds to two
    return folded if len(folded) == 1 else character
