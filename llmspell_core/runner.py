"""Cast spells from Python: :func:`cast`, :func:`acast`, and :class:`Runner` for many casts.

>>> from llmspell_core import cast
>>> cast("return params.n * 2", engine="lua", params={"n": 21}).value
42
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from llmspell_core.asking import check_kinds, check_names
from llmspell_core.casts import Cast, CastOptions, Isolated, Result, ResumeOptions, prepare
from llmspell_core.errors import LlmspellError, UsageError
from llmspell_core.eventloop import need_running, run
from llmspell_core.performance import perform, result_of
from llmspell_core.stage import Isolation, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Unpack

    from llmspell_core.bridge import Bridge
    from llmspell_core.drive import Output
    from llmspell_core.journal import Journal
    from llmspell_core.spells import Spell

__all__ = ["CastOptions", "Isolated", "Isolation", "Result", "ResumeOptions", "Runner", "acast", "cast"]


class Runner(Stage):
    """Casts spells, many at once if asked, and keeps what they share.

    Use it as a context manager, ``with`` or ``async with``. Threads may share a runner; a process that is forked from
    this one may use it too, and begins anew there.

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
    :param trace: told of everything that has passed a point where hooks may stand, see ``llmspell_core.actions``
    :param coverage: told of each cast that begins, and after each step of the lines that ran for the first time, where
        its engine can tell; see ``docs/embedding.md``
    :param isolation: where spells run, ``inline`` only those one trusts; what each promises is in ``docs/security.md``
    :param pool: how many processes wait for spells, and how long they live
    :param journal: where runs are written down as they go, so that one that is killed can go on: a
        :class:`~llmspell_core.journal.Journal`, or the URL of its database; None writes nothing
    :param cache: how much of what engines make of spells is kept for the next cast; ``programs.metrics`` tells
    :param clock: returns the time that spells see, Unix seconds
    """

    def cast(self, spell: Spell | str, **options: Unpack[CastOptions]) -> Result:
        """Cast a spell and wait for its end. Inside a running event loop use :meth:`acast`.

        :param spell: a :class:`Spell`, or source text (then ``engine`` is needed)
        :param options: see :class:`CastOptions`
        :raises UsageError: when the cast cannot begin: parameters, manifest
        :raises PluginError: when the engine is missing or broken
        """
        return run(perform(self, self._prepare(spell, options)))

    async def acast(self, spell: Spell | str, **options: Unpack[CastOptions]) -> Result:
        """Cast a spell; as :meth:`cast`, in the running event loop. Cancelling it reaches the VM and every call."""
        need_running()
        return await perform(self, self._prepare(spell, options))

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
        need_running()
        return await self._resume(run_id, options, take_over)

    def replay(self, run_id: str, *, on_output: Output | None = None) -> Result:
        """Replay a run of the journal: its spell runs anew on the answers that it got, and nothing is done.

        :param on_output: called with each printed text and its level
        :raises UsageError: when there is no such run
        """
        return run(self._replay(run_id, on_output))

    def _prepare(self, spell: Spell | str, options: CastOptions) -> Cast:
        return prepare(spell, options, limits=self.limits, budget=self.budget, policy=self.policy, model=self.model)

    async def _resume(self, run_id: str, options: ResumeOptions, take_over: bool) -> Result:
        from llmspell_core.runs import resumed

        check_names(options, ResumeOptions.__optional_keys__)
        check_kinds(options)
        return await perform(self, await resumed(self._some_journal(), run_id, options, take_over=take_over))

    async def _replay(self, run_id: str, on_output: Output | None) -> Result:
        from llmspell_core.rehearsal import rehearse
        from llmspell_core.runs import remembered

        cast = await remembered(self._some_journal(), run_id, {"on_output": on_output})
        assert cast.past is not None
        value, error = None, None
        try:
            with closing(self.opener(cast)()) as session:
                value = await rehearse(session, run_id, cast.past[1], cast.print)
        except LlmspellError as failure:
            error = failure
        return result_of(self, cast, value, error)

    def _some_journal(self) -> Journal:
        if self.journal is None:
            raise UsageError("this runner has no journal; make it with Runner(journal='sqlite:///FILE')")
        return self.journal


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
