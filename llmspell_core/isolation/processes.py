"""The processes that a runner's spells run in: a pool for each engine, and what has crashed too often."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_core import plugins
from llmspell_core.errors import NotInstalled, Quarantined
from llmspell_core.isolation.cradle import check_platform
from llmspell_core.isolation.pool import Metrics, Pool, PoolSize
from llmspell_core.isolation.session import WorkerSession
from llmspell_core.programs import Programs, mark

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from llmspell_core.engine import Engine
    from llmspell_core.limits import Limits
    from llmspell_core.spells import Spell

__all__ = ["Processes"]

MAX_CRASHES = 3
"""A spell whose workers have crashed so often is not run again."""


class Processes:
    """Opens sessions in workers.

    :param classes: engine classes by name, in addition to the installed ones; each has a module that can be imported
    :param programs: what workers have compiled before
    :param strict: run no spell unless every layer of the lock holds
    :param required: layers of the lock without which no spell is run, for tests of one
    :param without: layers that are left out, for tests of the others
    """

    def __init__(
        self,
        classes: Mapping[str, type[Engine]],
        size: PoolSize | None = None,
        programs: Programs | None = None,
        *,
        strict: bool = False,
        required: Sequence[str] = (),
        without: Sequence[str] = (),
    ) -> None:
        check_platform()
        self._classes, self._size = classes, size
        self._required, self._without = tuple(required), tuple(without)
        if strict:
            from llmspell_core.isolation.lockdown import LAYERS

            self._required = LAYERS
        self._programs = programs or Programs()
        self._pools: dict[str, Pool] = {}
        self._crashes: dict[str, int] = {}

    def opener(
        self, engine: str, spell: Spell, limits: Limits, *, covered: bool = False
    ) -> Callable[[], WorkerSession]:
        """Return what opens a session that compiles and runs the spell in a worker.

        It raises :class:`Quarantined` when the spell has crashed too many workers.

        :param covered: whether it tells which lines run
        :raises NotInstalled: when there is no such engine
        """
        pool = self._pool(engine)
        return lambda: self._open(pool, engine, spell, limits, covered=covered)

    def metrics(self) -> dict[str, Metrics]:
        """Return what each engine's pool has done."""
        return {name: pool.metrics() for name, pool in self._pools.items()}

    def close(self) -> None:
        """End every process; what they have done can still be told. A second call does nothing."""
        for pool in self._pools.values():
            pool.close()

    def forked(self) -> None:
        """Let go of all processes without ending them, in one that was forked from theirs."""
        for pool in self._pools.values():
            pool.forked()

    def _open(self, pool: Pool, engine: str, spell: Spell, limits: Limits, *, covered: bool) -> WorkerSession:
        # As long as nothing has crashed no spell needs to be told from another.
        if self._crashes and self._crashes.get(known := mark(engine, spell), 0) >= MAX_CRASHES:
            pool.refuse()
            raise Quarantined(known, MAX_CRASHES)
        # What is kept tells of no lines.
        key = None if covered else self._programs.key(engine, spell)
        return WorkerSession(
            pool,
            self._programs.find(key) or spell,
            limits,
            self._required,
            on_crash=lambda: self._note_crash(mark(engine, spell)),
            covered=covered,
            on_compiled=None if key is None else lambda program, took: self._programs.keep(key, program, took),
        )

    def _pool(self, engine: str) -> Pool:
        found = self._pools.get(engine)
        # A pool is nothing before a worker is taken: of two that threads make at once one is forgotten.
        return found or self._pools.setdefault(engine, Pool(self._where(engine), self._size, without=self._without))

    def _where(self, engine: str) -> str:
        cls = self._classes.get(engine)
        if cls is not None:
            plugins.check_engine(cls)
            return f"{cls.__module__}:{cls.__qualname__}"
        if engine not in plugins.entry_points("engines"):
            raise NotInstalled("engine", engine, plugins.engine_names())
        return f"installed:{engine}"

    def _note_crash(self, mark: str) -> None:
        self._crashes[mark] = self._crashes.get(mark, 0) + 1
