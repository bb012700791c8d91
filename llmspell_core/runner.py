"""Cast spells from Python: :func:`cast`, :func:`acast`, and :class:`Runner` for many casts.

>>> from llmspell_core import cast
>>> cast("return params.n * 2", engine="lua", params={"n": 21}).value
42
"""

from __future__ import annotations

import time
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from llmspell_core import plugins as installed
from llmspell_core.bridge import Context, Shared
from llmspell_core.budget import Budget
from llmspell_core.casts import Cast, CastOptions, Isolated, Result, ResumeOptions, checked, prepare
from llmspell_core.crossing import Crossing
from llmspell_core.drive import Drive
from llmspell_core.errors import BrokenPlugin, Cancelled, LlmspellError, SpellSyntaxError, UsageError
from llmspell_core.eventloop import run
from llmspell_core.guard import Guard
from llmspell_core.limits import Limits
from llmspell_core.mount import Mount
from llmspell_core.points import Points, Watcher
from llmspell_core.policy import Policy
from llmspell_core.present import in_call
from llmspell_core.programs import Programs
from llmspell_core.protocol import Start
from llmspell_core.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType
    from typing import Unpack

    import pluggy

    from llmspell_core.audit import AuditRecord
    from llmspell_core.bridge import Bridge, Once
    from llmspell_core.converter import Converters
    from llmspell_core.drive import Output
    from llmspell_core.engine import AsyncSession, Engine, Session
    from llmspell_core.guard import Answer, Ask, Question
    from llmspell_core.isolation.pool import Metrics, PoolSize
    from llmspell_core.isolation.processes import Processes
    from llmspell_core.journal import Journal, Logbook
    from llmspell_core.points import Action
    from llmspell_core.programs import CacheSize
    from llmspell_core.spells import Spell
    from llmspell_core.values import ErrorValue

__all__ = ["CastOptions", "Isolated", "Isolation", "Result", "ResumeOptions", "Runner", "acast", "cast"]

Isolation: TypeAlias = Literal["inline", "process", "strict"]
"""Where spells run: in the caller's process; each in a locked process of its own; so, and not at all where a layer of
the lock is missing."""


class Runner:
    """Casts spells, many at once if asked, and keeps what they share.

    Use it as a context manager, ``with`` or ``async with``. One runner belongs to one event loop.

    :param bridges: the bridges to mount by name; None mounts every installed one, each imported when first touched
    :param budget: what a cast may spend on models where it is not told otherwise
    :param limits: what a cast may use where it is not told otherwise; None is :meth:`Limits.usual`
    :param policy: which capabilities a cast has where it is not told otherwise; None is :meth:`Policy.standard`
    :param audit: called with every decision of the policy
    :param ask: called when nothing grants a capability and nothing denies it; None refuses
    :param model: the model of casts that choose none, ``provider:model``
    :param options: settings by bridge name
    :param engines: engine classes by name, in addition to the installed ones
    :param plugins: objects with hook implementations, in addition to the installed ones
    :param trace: told of everything that has passed a point where hooks may stand, see ``llmspell_core.points``
    :param isolation: where spells run, ``inline`` only those one trusts; what each promises is in ``docs/security.md``
    :param pool: how many processes wait for spells, and how long they live
    :param journal: where runs are written down as they go, so that one that is killed can go on: a
        :class:`~llmspell_core.journal.Journal`, or the URL of its database; None writes nothing
    :param cache: how much of what engines make of spells is kept for the next cast; ``programs.metrics`` tells
    :param clock: returns the time that spells see, Unix seconds
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
        isolation: Isolation = "process",
        pool: PoolSize | None = None,
        journal: Journal | str | None = None,
        cache: CacheSize | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._bridges = bridges
        self._budget = budget or Budget()
        self._limits = limits or Limits.usual(isolation)
        self.policy = policy or Policy.standard()
        self._audit, self._ask = audit, ask
        self._model = model
        self._options = options or {}
        self._classes = dict(engines or {})
        self._plugins, self._trace = tuple(plugins), trace
        self._clock = clock
        if isolation not in get_args(Isolation):
            raise UsageError(f"isolation is {' or '.join(map(repr, get_args(Isolation)))}, not {isolation!r}")
        self._isolation, self._pool = isolation, pool
        self._processes: Processes | None = None
        self._journal_at, self._journal = journal, None if isinstance(journal, str) else journal
        self.programs = Programs(cache)
        self._engines: dict[str, Engine] = {}
        self.shared = Shared()
        self.secrets = Secrets()
        self._converters: Converters | None = None
        self._hooks: pluggy.PluginManager | None = None
        self._hooked = False

    def cast(self, spell: Spell | str, **options: Unpack[CastOptions]) -> Result:
        """Cast a spell and wait for its end. Inside a running event loop use :meth:`acast`.

        :param spell: a :class:`Spell`, or source text (then ``engine`` is needed)
        :param options: see :class:`CastOptions`
        :raises UsageError: when the cast cannot begin: parameters, manifest
        :raises PluginError: when the engine is missing or broken
        """
        return run(self._cast(self._prepare(spell, options)))

    async def acast(self, spell: Spell | str, **options: Unpack[CastOptions]) -> Result:
        """Cast a spell; as :meth:`cast`, in the running event loop. Cancelling it reaches the VM and every call."""
        return await self._cast(self._prepare(spell, options))

    def resume(self, run_id: str, *, take_over: bool = False, **options: Unpack[ResumeOptions]) -> Result:
        """Go on with a run of the journal that was interrupted, and wait for its end.

        Nothing that had ended is done again; a call that was under way is made anew. What the run was granted, it has.

        :param take_over: also when a process may still be at work; that one then stops
        :param options: see :class:`ResumeOptions`
        :raises UsageError: when there is no such run, it has ended, or a process still works at it
        :raises BrokenJournal: when its journal is damaged
        """
        return run(self._resume(run_id, options, take_over))

    async def aresume(self, run_id: str, *, take_over: bool = False, **options: Unpack[ResumeOptions]) -> Result:
        """Go on with a run; as :meth:`resume`, in the running event loop."""
        return await self._resume(run_id, options, take_over)

    def replay(self, run_id: str, *, on_output: Output | None = None) -> Result:
        """Replay a run of the journal: its spell runs anew on the answers that it got, and nothing is done.

        :param on_output: called with each printed text and its level
        :raises UsageError: when there is no such run
        """
        return run(self._replay(run_id, on_output))

    @property
    def journal(self) -> Journal | None:
        """Where runs are written down, opened on first use."""
        if self._journal is None and self._journal_at is not None:
            from llmspell_core.journal import Journal

            self._journal = Journal(str(self._journal_at))
        return self._journal

    def engine(self, name: str) -> Engine:
        """Return the runner's engine of that name, made on first use."""
        if name not in self._engines:
            cls = self._classes.get(name) or installed.engine_class(name)
            installed.check_engine(cls)
            self._engines[name] = cls()
        return self._engines[name]

    @property
    def processes(self) -> Processes:
        """What spells run in where ``isolation`` is not ``inline``; made on first use."""
        if self._processes is None:
            from llmspell_core.isolation.processes import Processes

            self._processes = Processes(self._classes, self._pool, self.programs, strict=self._isolation == "strict")
        return self._processes

    def metrics(self) -> dict[str, Metrics]:
        """Return what the processes of each engine have done and how they fared, by the engine's name."""
        return {} if self._processes is None else self._processes.metrics()

    async def shut_down(self, deadline: float) -> None:
        """Have no other spell begin in a process, wait for those that run at most so many seconds, and close."""
        if self._processes is not None:
            await self._processes.rest(deadline)
        self.close()

    def close(self) -> None:
        """Let go of the engines and processes. A second call does nothing."""
        if self._processes is not None:
            self._processes.close()
        if self._journal is not None and isinstance(self._journal_at, str):
            self._journal.close()
            self._journal = None
        engines, self._engines = self._engines, {}
        for engine in engines.values():
            engine.close()

    def __enter__(self) -> Runner:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Runner:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _prepare(self, spell: Spell | str, options: CastOptions) -> Cast:
        return prepare(spell, options, limits=self._limits, budget=self._budget, policy=self.policy, model=self._model)

    async def _resume(self, run_id: str, options: ResumeOptions, take_over: bool) -> Result:
        from llmspell_core.runs import resumed

        return await self._cast(await resumed(self._some_journal(), run_id, options, take_over=take_over))

    async def _replay(self, run_id: str, on_output: Output | None) -> Result:
        from llmspell_core.rehearsal import rehearse
        from llmspell_core.runs import remembered

        cast = await remembered(self._some_journal(), run_id, {"on_output": on_output})
        assert cast.past is not None
        value, error = None, None
        try:
            with closing(self._opener(cast)()) as session:
                value = await rehearse(session, run_id, cast.past[1], cast.print)
        except LlmspellError as failure:
            error = failure
        return self._result(cast, value, error)

    def _some_journal(self) -> Journal:
        if self.journal is None:
            raise UsageError("this runner has no journal; make it with Runner(journal='sqlite:///FILE')")
        return self.journal

    async def _cast(self, cast: Cast, caller: Points | None = None) -> Result:
        cast.secrets = Secrets(self.secrets)
        opener = self._opener(cast)
        hooks, points = self._find_hooks(), self._points(cast, caller)
        value = None
        error: LlmspellError | None = None

        async def do(params: dict[str, Any]) -> Any:
            cast.params = params if not points.watched else checked(cast.spell, params)
            if hooks is not None:
                hooks.hook.llmspell_before_spell(spell=cast.spell, params=cast.params, run_id=cast.run_id)
            return await self._drive(opener, cast, points)

        try:
            value = await points.act(
                "spell", cast.name, cast.params, do, {"isolation": self._isolation, **cast.facts()}
            )
        except SpellSyntaxError as failure:
            failure.value = failure.value or _syntax_value(failure)
            error = failure
        except BrokenPlugin as failure:
            # What a spell raised again, of a bridge's, has lost its fields.
            if getattr(failure, "what", None) == "engine":
                raise
            error = failure
        except LlmspellError as failure:
            error = failure
        except GeneratorExit:
            raise
        except BaseException:
            await self._written(cast, self._result(cast, None, Cancelled("cancelled by the caller")))
            raise
        if error is not None:
            cast.secrets.scrub(error)
        result = await self._written(cast, self._result(cast, value, error))
        if hooks is not None:
            hooks.hook.llmspell_after_spell(spell=cast.spell, result=result)
        return result

    def _result(self, cast: Cast, value: Any, error: LlmspellError | None) -> Result:
        printed, purse, isolated = "".join(cast.printed), cast.purse, Isolated(self._isolation, cast.layers)
        duration = time.monotonic() - cast.begun
        facts = (purse.usage, cast.run_id, cast.engine, duration, error, purse.left(), isolated)
        return Result(value, printed, *facts)

    async def _written(self, cast: Cast, result: Result) -> Result:
        """Return what came of a cast, written down; what was not written was not achieved."""
        if cast.log is None:
            return result
        from llmspell_core.runs import end

        try:
            await end(cast, result)
        except LlmspellError as failure:
            if result.ok:
                result.value, result.error = None, failure
        return result

    def _opener(self, cast: Cast) -> Callable[[], Session | AsyncSession]:
        if self._isolation != "inline":
            return self.processes.opener(cast.engine, cast.spell, cast.limits)
        engine = self.engine(cast.engine)
        return lambda: engine.open(self.programs.made(engine, cast.spell), cast.limits)

    async def _drive(self, opener: Callable[[], Session | AsyncSession], cast: Cast, points: Points) -> Any:
        guard = self._guard(cast)

        async def cast_child(spell: Spell | str, options: CastOptions) -> Result:
            from llmspell_core.children import prepare_child

            return await self._cast_child(cast, prepare_child(cast, guard, spell, options), points)

        context = Context(
            cast.run_id,
            cast.spell,
            cast.model,
            purse=cast.purse,
            shared=self.shared,
            secrets=cast.secrets,
            clock=self._clock,
            guard=guard,
            points=points,
            settings=self._options,
            caster=cast_child,
            memory=lambda: ("vm" if self._isolation == "inline" else "process", session.memory()),
            recall=self._recall(cast),
        )
        mount = Mount(context, self._bridges)
        crossing = Crossing(mount, self._find_converters, cast.secrets)
        params, plain = crossing.lower(cast.params)
        driver = await self._driver(cast, params, crossing)
        session = opener()
        drive = driver(session, mount, crossing, cast.limits, self._clock, cast.print, cast.record, cast.log)
        try:
            return await drive.run(Start(params, cast.seed, mount.names), plain=plain)
        finally:
            cast.layers = getattr(session, "layers", cast.layers)
            cast.ending = drive.ended

    async def _driver(self, cast: Cast, params: dict[str, Any], crossing: Crossing) -> Callable[..., Drive]:
        """Return what drives a session; a run of the journal has begun, or goes on."""
        if self.journal is not None:
            from llmspell_core.runs import begun

            await begun(self.journal, cast, params, self._isolation, lambda value: crossing.lower(value)[0])
            if not _log_of(cast).past.is_over:
                from llmspell_core.replaying import Replaying

                return Replaying
        if cast.cassette is not None:
            from llmspell_core.taping import Taping

            return partial(Taping, cassette=cast.cassette, names=cast.called)
        return Drive

    def _recall(self, cast: Cast) -> Once | None:
        """Return what does things once in a run that is written down or on a cassette."""
        once: Once | None = None if self.journal is None else lambda key, do: _log_of(cast).once(key, do)
        if cast.cassette is None:
            return once
        from llmspell_core.taping import taped

        return taped(once, cast.cassette, cast.called)

    async def _cast_child(self, caller: Cast, child: Cast, points: Points) -> Result:
        call = in_call.get()
        try:
            if caller.past is not None and self.journal is not None:
                from llmspell_core.runs import resumable

                ended = await resumable(self.journal, child)
                if ended is not None:
                    return ended
            return await self._cast(child, points)
        finally:
            in_call.set(call)

    def _guard(self, cast: Cast) -> Guard:
        caller = cast.caller
        manifest, policy = cast.spell.manifest, cast.policy.of_run(cast.model)
        if manifest.rates:
            from llmspell_core.rates import rated

            for capability, rate in manifest.rates.items():
                policy = rated(policy, capability, rate)
        asked_for = tuple(manifest.permissions)
        if caller is not None:
            return caller.child(policy, cast.run_id, asked_for)
        record = None if self._audit is None else self._note
        ask = None if self._ask is None else lambda question: self._answer(cast, question)
        return Guard(policy, cast.run_id, asked_for=asked_for, record=record, ask=ask, clock=self._clock)

    def _answer(self, cast: Cast, question: Question) -> Answer:
        assert self._ask is not None
        answer = self._ask(question)
        if cast.log is not None and answer in ("always", "save"):
            cast.log.granted(question.capability)
        return answer

    def _note(self, record: AuditRecord) -> None:
        assert self._audit is not None
        self._audit(self.secrets.clean(record))

    def _points(self, cast: Cast, caller: Points | None) -> Points:
        hooks = self._find_hooks()
        before, after, around, watch = (
            installed.hook_functions(hooks, f"llmspell_{name}") for name in ("before", "after", "around", "watcher")
        )
        watchers = [found for found in (each() for each in watch) if isinstance(found, Watcher)]
        if self._trace is not None:
            watchers.append(_Traced(self._trace))
        return Points(
            cast.run_id,
            before=before,
            after=after,
            around=around,
            watchers=watchers,
            secrets=cast.secrets,
            caller=caller,
        )

    def _find_converters(self) -> Converters:
        if self._converters is None:
            from llmspell_core.converter import Converters

            self._converters = Converters(installed.converters())
        return self._converters

    def _find_hooks(self) -> pluggy.PluginManager | None:
        if not self._hooked:
            self._hooks, self._hooked = installed.hooks(self._plugins), True
        return self._hooks


class _Traced(Watcher):
    """Tells a function of each action when it has ended."""

    def __init__(self, trace: Callable[[Action], object]) -> None:
        self.ended = trace  # type: ignore[assignment]  # whatever it returns is not looked at


def cast(
    spell: Spell | str,
    *,
    bridges: Mapping[str, type[Bridge]] | None = None,
    isolation: Isolation = "process",
    **options: Unpack[CastOptions],
) -> Result:
    """Cast one spell and wait for its end; see :meth:`Runner.cast`.

    :param bridges: as in :class:`Runner`
    :param isolation: as in :class:`Runner`, which is far cheaper where there is more than one spell to cast
    """
    with Runner(bridges=bridges, isolation=isolation) as runner:
        return runner.cast(spell, **options)


async def acast(
    spell: Spell | str,
    *,
    bridges: Mapping[str, type[Bridge]] | None = None,
    isolation: Isolation = "process",
    **options: Unpack[CastOptions],
) -> Result:
    """Cast one spell; as :func:`cast`, in the running event loop."""
    async with Runner(bridges=bridges, isolation=isolation) as runner:
        return await runner.acast(spell, **options)


def _log_of(cast: Cast) -> Logbook:
    assert cast.log is not None
    return cast.log


def _syntax_value(error: SpellSyntaxError) -> ErrorValue:
    from llmspell_core.values import ErrorValue

    return ErrorValue(error.kind, str(error), file=error.file, line=error.line)
