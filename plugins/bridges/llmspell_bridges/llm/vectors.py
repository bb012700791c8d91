"""Vectors of texts without a model: texts that have words and parts of words in common come out near each other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DIMENSIONS", "vector"]

DIMENSIONS = 64
_WORD = re.compile(r"\w+")


def vector(text: str) -> list[float]:
    """Return a vector of length 1: each word, and each three letters of one, add to a place that their hash tells."""
    from hashlib import blake2b

    made = [0.0] * DIMENSIONS
    for feature, weight in _features(text.casefold()):
        digest = blake2b(feature.encode(errors="surrogatepass"), digest_size=2).digest()
        made[digest[0] % DIMENSIONS] += weight if digest[1] % 2 else -weight
    length = sum(value * value for value in made) ** 0.5
    return [value / length for value in made] if length else [1.0, *made[1:]]


def _features(text: str) -> Iterator[tuple[str, float]]:
    for word in _WORD.findall(text):
        yield word, 1.0
        padded = f" {word} "
        for i in range(len(padded) - 2):
            yield padded[i : i + 3], 0.3
