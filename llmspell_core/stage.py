"""What all casts of one runner have in common: engines, processes, a journal, hooks, and what is usual."""

from __future__ import annotations

import time
from _thread import allocate_lock
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from llmspell_core import plugins as installed
from llmspell_core.asking import check_kinds
from llmspell_core.bridge import Shared
from llmspell_core.budget import Budget
from llmspell_core.engine import opened
from llmspell_core.errors import UsageError, closest
from llmspell_core.forking import leave, watch
from llmspell_core.limits import Limits
from llmspell_core.policy import Policy
from llmspell_core.programs import Programs
from llmspell_core.secrets import Secrets
from llmspell_core.underway import UnderWay

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType
    from typing import Self

    import pluggy

    from llmspell_core.actions import Action
    from llmspell_core.audit import AuditRecord
    from llmspell_core.bridge import Bridge
    from llmspell_core.casts import Cast
    from llmspell_core.converter import Converters
    from llmspell_core.engine import AsyncSession, Engine, Session
    from llmspell_core.guard import Ask
    from llmspell_core.isolation.pool import Metrics, PoolSize
    from llmspell_core.isolation.processes import Processes
    from llmspell_core.journal import Journal
    from llmspell_core.programs import CacheSize
    from llmspell_core.protocol import Ran

__all__ = ["Isolation", "Stage"]

Isolation: TypeAlias = Literal["inline", "process", "strict"]
"""Where spells run: in the caller's process; each in a locked process of its own; so, and not at all where a layer of
the lock is missing."""


_MOMENT = 1.0
"""Seconds that spells which are ended have to put their affairs in order."""


class Stage:
    """Keeps what casts share, each thing made when it is first needed, until it is closed.

    Its parameters are those of :class:`llmspell_core.runner.Runner`.
    """

    def __init__(
        self,
        *,
        bridges: Mapping[str, type[Bridge]] | None = None,
        limits: Limits | None = None,
        budget: Budget | None = None,
        policy: Policy | None = None,
        audit: Callable[[AuditRecord], None] | None = None,
        ask: Ask | None = None,
        model: str | None = None,
        options: Mapping[str, Mapping[str, Any]] | None = None,
        engines: Mapping[str, type[Engine]] | None = None,
        plugins: Sequence[object] = (),
        trace: Callable[[Action], object] | None = None,
        coverage: Callable[[Cast, Sequence[Ran]], object] | None = None,
        isolation: Isolation = "process",
        pool: PoolSize | None = None,
        journal: Journal | str | None = None,
        cache: CacheSize | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.bridges, self.options = bridges, options or {}
        _check_bridges(bridges, self.options)
        check_kinds({"limits": limits, "budget": budget, "policy": policy})
        self.budget = budget or Budget()
        self.limits = limits or Limits.usual(isolation)
        self.policy = policy or Policy.standard()
        self.audit, self.ask = audit, ask
        self.model = model
        self._classes = dict(engines or {})
        self._plugins, self.trace, self.coverage = tuple(plugins), trace, coverage
        self.clock = clock
        if isolation not in get_args(Isolation):
            raise UsageError(f"isolation is {' or '.join(map(repr, get_args(Isolation)))}, not {isolation!r}")
        self.isolation, self._pool = isolation, pool
        self._processes: Processes | None = None
        self._journal_at, self._journal = journal, None if isinstance(journal, str) else journal
        self.programs = Programs(cache)
        self._engines: dict[str, Engine] = {}
        self.shared = Shared()
        self.secrets = Secrets()
        self._converters: Converters | None = None
        self._hooks: pluggy.PluginManager | None = None
        self._hooked = False
        self.under_way = UnderWay()
        self._making = allocate_lock()  # threads may share a runner
        watch(self)

    @property
    def journal(self) -> Journal | None:
        """Where runs are written down, opened on first use."""
        if self._journal is None and self._journal_at is not None:
            from llmspell_core.journal import Journal

            with self._making:
                self._journal = self._journal or Journal(str(self._journal_at))
        return self._journal

    def engine(self, name: str) -> Engine:
        """Return the runner's engine of that name, made on first use."""
        if name not in self._engines:
            cls = self._engine_class(name)
            installed.check_engine(cls)
            with self._making:
                if name not in self._engines:
                    self._engines[name] = cls()
        return self._engines[name]

    def binding_name(self, engine: str, name: str) -> str:
        """Return what a method, option or module is called in the language of an engine."""
        return self._engine_class(engine).binding_name(name)

    @property
    def processes(self) -> Processes:
        """What spells run in where ``isolation`` is not ``inline``; made on first use."""
        if self._processes is None:
            from llmspell_core.isolation.processes import Processes

            made = Processes(self._classes, self._pool, self.programs, strict=self.isolation == "strict")
            with self._making:
                self._processes = self._processes or made
        return self._processes

    def metrics(self) -> dict[str, Metrics]:
        """Return what the processes of each engine have done and how they fared, by the engine's name."""
        return {} if self._processes is None else self._processes.metrics()

    async def shut_down(self, deadline: float) -> None:
        """Have no other cast begin, wait for those that run at most so many seconds, end the others and close."""
        self.under_way.refuse()
        await self.under_way.rest(deadline)
        self._end_casts()
        await self.under_way.rest(_MOMENT)
        self.close()

    def close(self) -> None:
        """End what still runs, let go of the engines and processes, and cast no more. A second call does nothing."""
        self._end_casts()
        if self._journal is not None and isinstance(self._journal_at, str):
            self._journal.close()
            self._journal = None
        engines, self._engines = self._engines, {}
        for engine in engines.values():
            engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.shut_down(0)

    def forked(self) -> None:
        """Begin anew in a process that was forked from this one, and leave the other one what belongs to it."""
        if self._processes is not None:
            self._processes.forked()
        self._making = allocate_lock()
        leave((self._processes, self.shared))
        self._processes, self.shared, self.under_way = None, Shared(), self.under_way.anew()
        if isinstance(self._journal_at, str):
            leave(self._journal)
            self._journal = None

    def _end_casts(self) -> None:
        self.under_way.stop()
        if self._processes is not None:
            self._processes.close()

    def opener(self, cast: Cast) -> Callable[[], Session | AsyncSession]:
        """Return what opens the session of a cast, where spells run here."""
        covered = self.coverage is not None and self._can_cover(cast.engine)
        if self.isolation != "inline":
            return self.processes.opener(cast.engine, cast.spell, cast.limits, covered=covered)
        engine = self.engine(cast.engine)
        if covered:
            return lambda: opened(engine.open(engine.cover(cast.spell), cast.limits))
        return lambda: opened(engine.open(self.programs.made(engine, cast.spell), cast.limits))

    def _can_cover(self, engine: str) -> bool:
        from llmspell_core.engine import Feature

        return Feature.COVERAGE in self._engine_class(engine).info.features

    def _engine_class(self, name: str) -> type[Engine]:
        return self._classes.get(name) or installed.engine_class(name)

    def find_converters(self) -> Converters:
        """Return what turns rich types into script values."""
        if self._converters is None:
            from llmspell_core.converter import Converters

            self._converters = Converters(installed.converters())
        return self._converters

    def find_hooks(self) -> pluggy.PluginManager | None:
        """Return the hooks of all plugins; None where no plugin has any."""
        if not self._hooked:
            self._hooks, self._hooked = installed.hooks(self._plugins), True
        return self._hooks


def _check_bridges(bridges: Mapping[str, type[Bridge]] | None, options: Mapping[str, Mapping[str, Any]]) -> None:
    """:raises UsageError: when the bridges are no map of them, or there are options for one that there is not."""
    if not isinstance(bridges, Mapping | None):
        raise UsageError(f"bridges is a map of classes by name, as {{'greet': GreetBridge}}, not {bridges!r:.100}")
    if not options:
        return
    known = {*(bridges or ()), *(name.removeprefix("_") for name in installed.bridge_entries())}
    for name in options:
        if name not in known:
            raise UsageError(f"there are options for a bridge {name!r}, and no such bridge{closest(name, known)}")
