"""One cast, from its first hook to what comes of it."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

from llmspell_core import plugins as installed
from llmspell_core.actions import Watcher
from llmspell_core.bridge import Context
from llmspell_core.casts import Cast, CastOptions, Isolated, Result, checked
from llmspell_core.crossing import Crossing
from llmspell_core.drive import Drive
from llmspell_core.errors import BrokenPlugin, Cancelled, LlmspellError, SpellSyntaxError
from llmspell_core.guard import Guard
from llmspell_core.mount import Mount
from llmspell_core.points import Points
from llmspell_core.present import doing, in_call, written_as
from llmspell_core.protocol import Ran, Start
from llmspell_core.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from llmspell_core.actions import Action
    from llmspell_core.audit import AuditRecord
    from llmspell_core.bridge import Once
    from llmspell_core.engine import AsyncSession, Session
    from llmspell_core.guard import Answer, Question
    from llmspell_core.journal import Logbook
    from llmspell_core.protocol import Inbox, Outbox
    from llmspell_core.spells import Spell
    from llmspell_core.stage import Stage
    from llmspell_core.values import ErrorValue

__all__ = ["perform", "result_of"]


async def perform(stage: Stage, cast: Cast, caller: Points | None = None) -> Result:
    """Return what comes of a cast.

    :param caller: the points of the run that casts it, where one does
    :raises UsageError: when the runner is closed
    """
    if caller is not None:
        return await _Performance(stage, cast).run(caller)
    with stage.under_way.cast():
        return await _Performance(stage, cast).run(None)


def result_of(stage: Stage, cast: Cast, value: Any, error: LlmspellError | None) -> Result:
    """Return a value or an error as what came of a cast."""
    printed, purse, isolated = "".join(cast.printed), cast.purse, Isolated(stage.isolation, cast.layers)
    duration = time.monotonic() - cast.begun
    facts = (purse.usage, cast.run_id, cast.engine, duration, error, purse.left(), isolated)
    return Result(value, printed, *facts)


class _Performance:
    def __init__(self, stage: Stage, cast: Cast) -> None:
        self._stage, self._cast = stage, cast

    async def run(self, caller: Points | None) -> Result:
        """Return what comes of the cast, past the hooks, written down where runs are."""
        stage, cast = self._stage, self._cast
        cast.secrets = Secrets(stage.secrets)
        opener = stage.opener(cast)
        hooks, points = stage.find_hooks(), self._points(caller)
        value = None
        error: LlmspellError | None = None

        async def do(params: dict[str, Any]) -> Any:
            cast.params = params if not points.watched else checked(cast.spell, params)
            installed.call_hooks(
                hooks, "llmspell_before_spell", spell=cast.spell, params=cast.params, run_id=cast.run_id
            )
            return await self._drive(opener, points)

        try:
            value = await points.act(
                "spell", cast.name, cast.params, do, {"isolation": stage.isolation, **cast.facts()}
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
            await self._written(result_of(stage, cast, None, Cancelled("cancelled by the caller")))
            raise
        if error is not None:
            cast.secrets.scrub(error)
        result = await self._written(result_of(stage, cast, value, error))
        installed.call_hooks(hooks, "llmspell_after_spell", spell=cast.spell, result=result)
        return result

    async def _written(self, result: Result) -> Result:
        """Return what came of a cast, written down; what was not written was not achieved."""
        if self._cast.log is None:
            return result
        from llmspell_core.runs import end

        try:
            await end(self._cast, result)
        except LlmspellError as failure:
            if result.ok:
                result.value, result.error = None, failure
        return result

    async def _drive(self, opener: Callable[[], Session | AsyncSession], points: Points) -> Any:
        stage, cast, guard = self._stage, self._cast, self._guard()

        async def cast_child(spell: Spell | str, options: CastOptions) -> Result:
            from llmspell_core.children import prepare_child

            return await self._cast_child(prepare_child(cast, guard, spell, options), points)

        context = Context(
            cast.run_id,
            cast.spell,
            cast.model,
            purse=cast.purse,
            shared=stage.shared,
            secrets=cast.secrets,
            clock=stage.clock,
            guard=guard,
            points=points,
            settings=stage.options,
            caster=cast_child,
            memory=lambda: ("vm" if stage.isolation == "inline" else "process", session.memory()),
            recall=self._recall(points),
            mark=None if stage.journal is None else lambda key: _log_of(cast).mark(key),
            passes_as=lambda name: mount.passes_as(name),
        )
        mount = Mount(context, stage.bridges)
        crossing = Crossing(mount, stage.find_converters, cast.secrets)
        params, plain = crossing.lower(cast.params)
        driver = await self._driver(params, crossing)
        stage.under_way.check()
        session = opener()
        record = cast.record if stage.coverage is None else _covering(stage.coverage, cast)
        drive = driver(session, mount, crossing, cast.limits, stage.clock, cast.print, record, cast.log)
        try:
            with stage.under_way.driven(drive), written_as(partial(stage.binding_name, cast.engine)):
                return await drive.run(Start(params, cast.seed, mount.names), plain=plain)
        finally:
            cast.layers = getattr(session, "layers", cast.layers)
            cast.ending = drive.ended

    async def _driver(self, params: dict[str, Any], crossing: Crossing) -> Callable[..., Drive]:
        """Return what drives a session; a run of the journal begins, or goes on."""
        cast, journal = self._cast, self._stage.journal
        if journal is not None:
            from llmspell_core.runs import begun

            await begun(journal, cast, params, self._stage.isolation, lambda value: crossing.lower(value)[0])
            if not _log_of(cast).past.is_over:
                from llmspell_core.replaying import Replaying

                return Replaying
        if cast.cassette is not None:
            from llmspell_core.taping import Taping

            cast.cassette.hide(cast.secrets)
            return partial(Taping, cassette=cast.cassette, names=cast.called)
        return Drive

    def _recall(self, points: Points) -> Once | None:
        """Return what does things once in a run that is written down or on a cassette."""
        cast = self._cast
        once: Once | None = None if self._stage.journal is None else lambda key, do: _log_of(cast).once(key, do)
        if cast.cassette is None:
            return once
        from llmspell_core.taping import taped

        return taped(once, cast.cassette, cast.called, points)

    async def _cast_child(self, child: Cast, points: Points) -> Result:
        call, within, journal = in_call.get(), doing.get(), self._stage.journal
        try:
            if self._cast.past is not None and journal is not None:
                from llmspell_core.runs import resumable

                ended = await resumable(journal, child)
                if ended is not None:
                    return ended
            return await perform(self._stage, child, points)
        finally:
            in_call.set(call)
            doing.set(within)

    def _guard(self) -> Guard:
        stage, cast, caller = self._stage, self._cast, self._cast.caller
        manifest, policy = cast.spell.manifest, cast.policy.of_run(cast.model)
        if manifest.rates:
            from llmspell_core.rates import rated

            for capability, rate in manifest.rates.items():
                policy = rated(policy, capability, rate)
        asked_for = tuple(manifest.permissions)
        if caller is not None:
            return caller.child(policy, cast.run_id, asked_for)
        record = None if stage.audit is None else self._note
        ask = None if stage.ask is None else self._answer
        return Guard(policy, cast.run_id, asked_for=asked_for, record=record, ask=ask, clock=stage.clock)

    def _answer(self, question: Question) -> Answer:
        assert self._stage.ask is not None
        answer, log = self._stage.ask(question), self._cast.log
        if log is not None and answer in ("always", "save"):
            log.granted(question.capability)
        return answer

    def _note(self, record: AuditRecord) -> None:
        assert self._stage.audit is not None
        self._stage.audit(self._stage.secrets.clean(record))

    def _points(self, caller: Points | None) -> Points:
        stage, cast = self._stage, self._cast
        hooks = stage.find_hooks()
        before, after, around, watch = (
            installed.hook_functions(hooks, f"llmspell_{name}") for name in ("before", "after", "around", "watcher")
        )
        watchers = [found for each in watch if (found := _watcher(each)) is not None]
        if stage.trace is not None:
            watchers.append(_Traced(stage.trace))
        return Points(
            cast.run_id,
            before=before,
            after=after,
            around=around,
            watchers=watchers,
            secrets=cast.secrets,
            caller=caller,
        )


def _watcher(hook: Callable[[], object]) -> Watcher | None:
    """Return the watcher that a hook gives; one that gives something else, or fails, is passed over."""
    import logging

    try:
        found = hook()
    except Exception:
        logging.getLogger("llmspell").exception("the hook %r failed and is passed over", hook)
        return None
    if found is None or isinstance(found, Watcher):
        return found
    logging.getLogger("llmspell").error(
        "the hook %r has returned %r, which is no Watcher, and is passed over", hook, found
    )
    return None


class _Traced(Watcher):
    """Tells a function of each action when it has ended."""

    def __init__(self, trace: Callable[[Action], object]) -> None:
        self.ended = trace  # type: ignore[assignment]  # whatever it returns is not looked at


def _covering(tell: Callable[[Cast, Sequence[Ran]], object], cast: Cast) -> Callable[[Inbox, Outbox], None]:
    """Return what is told of each step, and tells of the lines that ran in it; at once of a cast that begins."""
    tell(cast, ())

    def record(inbox: Inbox, outbox: Outbox) -> None:
        if ran := [request for request in outbox.requests if isinstance(request, Ran)]:
            tell(cast, ran)
        if cast.record is not None:
            cast.record(inbox, outbox)

    return record


def _log_of(cast: Cast) -> Logbook:
    assert cast.log is not None
    return cast.log


def _syntax_value(error: SpellSyntaxError) -> ErrorValue:
    from llmspell_core.values import ErrorValue

    return ErrorValue(error.kind, str(error), file=error.file, line=error.line)
