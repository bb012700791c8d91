"""What engines have made of spells, kept so that a spell that is cast again is not compiled again.

Kept is what took long to make. A spell is known by the SHA-256 of all that it is made from, so that a program is only
ever handed to the very spell it was made of.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from llmspell_core.facts import Fact, Record, fact, record

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_core.engine import Engine, Program
    from llmspell_core.spells import Spell

__all__ = ["CacheMetrics", "CacheSize", "Programs", "mark"]


@fact
class CacheSize(Fact):
    """How much is kept, and for how long.

    :param bytes: of all programs together
    :param ttl: seconds after which a program is made anew
    :param costly: seconds that a program has to take to be kept: finding it takes some, too
    """

    bytes: int = 32 * 2**20
    ttl: float = 3600.0
    costly: float = 0.001


@record
class CacheMetrics(Record):
    """What a cache has done.

    :param hits: programs that were found
    :param misses: programs that had to be made
    :param evicted: programs dropped because others needed the room
    :param expired: programs dropped because they were old
    :param entries: programs kept now
    :param bytes: of their text
    """

    hits: int = 0
    misses: int = 0
    evicted: int = 0
    expired: int = 0
    entries: int = 0
    bytes: int = 0


class Programs:
    """Keeps programs, those last used longest."""

    def __init__(self, size: CacheSize | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._size, self._clock = size or CacheSize(), clock
        self._kept: OrderedDict[str, tuple[Program, int, float]] = OrderedDict()
        self._asked = False
        self.metrics = CacheMetrics()

    def key(self, engine: str, spell: Spell) -> str | None:
        """Return what a spell is kept under; None for the first one, which may be the only one."""
        if self._asked and self._size.bytes:
            return mark(engine, spell)
        self._asked = True
        return None

    def made(self, engine: Engine, spell: Spell) -> Program:
        """Return what an engine makes of a spell, or has made of it before."""
        key = self.key(engine.info.name, spell)
        if (found := self.find(key)) is not None:
            return found
        began = time.perf_counter()
        program = engine.compile(spell)
        self.keep(key, program, time.perf_counter() - began)
        return program

    def find(self, key: str | None) -> Program | None:
        """Return the program that is kept under a key."""
        if key is None:
            return None
        program, size, born = self._kept.get(key, (None, 0, 0.0))
        if program is not None and self._clock() - born > self._size.ttl:
            self.metrics.expired += 1
            self._drop(key, size)
            program = None
        if program is None:
            self.metrics.misses += 1
            return None
        self._kept.move_to_end(key)
        self.metrics.hits += 1
        return program

    def keep(self, key: str | None, program: Program, seconds: float) -> None:
        """Keep a program if it took long to make.

        :param seconds: how long it took
        """
        if key is None or seconds < self._size.costly or key in self._kept:
            return
        size = sum(len(text) for item in program.files.items() for text in item)
        if size > self._size.bytes:
            return
        self._kept[key] = program, size, self._clock()
        self.metrics.entries += 1
        self.metrics.bytes += size
        while self.metrics.bytes > self._size.bytes:
            oldest, (_, freed, _) = next(iter(self._kept.items()))
            self._drop(oldest, freed)
            self.metrics.evicted += 1

    def _drop(self, key: str, size: int) -> None:
        del self._kept[key]
        self.metrics.entries -= 1
        self.metrics.bytes -= size


def mark(engine: str, spell: Spell) -> str:
    """Return the SHA-256 of all that a spell's program is made from, as hexadecimal digits."""
    import hashlib

    digest = hashlib.sha256()
    for text in (engine, spell.file, spell.source, *(part for file in sorted(spell.modules.items()) for part in file)):
        data = text.encode(errors="surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()
