"""What ``llmspell run`` and ``llmspell exec`` have in common: casting as the command line wishes."""

from __future__ import annotations

import gc
import os
from abc import ABC, abstractmethod
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from llmspell_core.budget import Budget
from llmspell_core.cli.exits import Exit, exit_of
from llmspell_core.cli.interrupt import Watch
from llmspell_core.cli.journaling import chosen_journal, cure
from llmspell_core.cli.limits import chosen_limits
from llmspell_core.cli.outcome import Outcome
from llmspell_core.cli.permissions import Permissions
from llmspell_core.cli.reporters import reporter
from llmspell_core.config import data_path
from llmspell_core.errors import Cancelled, LimitExceeded, LlmspellError, UsageError
from llmspell_core.plugins import bridge_entries, observer
from llmspell_core.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from llmspell_core.cli.tracing import TraceFile
    from llmspell_core.cli.wishes import Wishes
    from llmspell_core.config import Config
    from llmspell_core.journal.cassette import Cassette
    from llmspell_core.limits import Limits
    from llmspell_core.runner import Isolation, Result, Runner
    from llmspell_core.spells import Spell

__all__ = [
    "Casting",
    "bridge_options",
    "cast",
    "chosen_isolation",
    "observed",
    "perform",
    "traced",
]


def cast(load: Callable[[], Spell], wishes: Wishes, path: str | None = None) -> Exit:
    """Cast a spell as the command line wishes; tell what it prints and what came of it.

    :param path: where the spell was loaded from
    """
    return perform(_Casting(load, wishes, path))


def perform(casting: Casting) -> Exit:
    """Do what a command casts; tell what is printed and what came of it."""
    told = casting.told
    with Watch(casting.limits.wall, lambda status: told.cut_off(casting.stopped(status))) as watch:
        try:
            outcome = casting.outcome()
            status = exit_of(outcome.error)
        except KeyboardInterrupt:
            status = watch.exit
            outcome = casting.stopped(status)
        if outcome.error is not None:
            outcome = replace(outcome, cure=casting.cure(outcome.error))
        told.end(outcome)
    return status


_NO_CURE = ("database", "fenced", "journal", "replay")
"""Errors after which the same would come again, or nobody can tell."""


class Casting(ABC):
    """One cast of a command, and what is known of it so far.

    :param run_id: of the run
    """

    limits: Limits
    command = "runs"
    """Whose subcommand ``resume`` goes on with the run."""

    def __init__(self, wishes: Wishes, run_id: str) -> None:
        self.wishes, self.run_id = wishes, run_id
        self.engine: str | None = None
        self.told = reporter(wishes.output)

    def outcome(self) -> Outcome:
        """Return what came of the cast, also when it could not begin."""
        try:
            # The program starts without; nothing that it has imported so far becomes garbage, nor is to be looked at.
            gc.freeze()
            gc.enable()
            return Outcome.of(self._cast())
        except LlmspellError as error:
            return Outcome(error=error, run_id=self.run_id, engine=self.engine)

    def stopped(self, status: Exit) -> Outcome:
        """Return the outcome of a cast that was ended from outside."""
        return Outcome(error=_error(status, self.limits.wall), run_id=self.run_id, engine=self.engine)

    def cure(self, error: BaseException) -> str | None:
        """Return the command that goes on with the run after an error; None where it has ended, or never began."""
        if self.wishes.no_journal or isinstance(error, UsageError) or getattr(error, "kind", "") in _NO_CURE:
            return None
        return cure(self.wishes.journal, self.run_id, f"llmspell {self.command} resume")

    @abstractmethod
    def _cast(self) -> Result: ...

    @contextmanager
    def _runner(self, base: Policy, spell: Spell, isolation: Isolation, **more: Any) -> Iterator[Runner]:
        """Open a runner as the command line wishes it, for one spell.

        :param base: what is granted to begin with
        """
        wishes = self.wishes
        sets, prompt = wishes.permission_sets, not wishes.no_prompt
        may = Permissions(base, wishes.rules, sets, spell.manifest, wishes.audit, prompt=prompt, save=self._saving())
        with may, traced(wishes.trace) as trace, observed(wishes.otel, wishes.metrics) as observers:
            grants: dict[str, Any] = {"policy": may.policy, "audit": may.audit, "ask": may.ask}
            # What spells say of their progress reaches the terminal as a setting of the bridge that they say it by.
            more["options"] = bridge_options(wishes.config, spell={"on_progress": self.told.progress})
            watching: dict[str, Any] = {"trace": trace, "plugins": observers}
            with self._made(model=wishes.model, isolation=isolation, **watching, **grants, **more) as runner:
                yield runner

    def _made(self, **options: Any) -> Runner:
        """Return a runner; a command that casts what no installed engine runs has one of its own."""
        from llmspell_core.runner import Runner

        return Runner(**options)

    def _saving(self) -> Callable[[str], str] | None:
        return None


class _Casting(Casting):
    """A spell cast anew."""

    def __init__(self, load: Callable[[], Spell], wishes: Wishes, path: str | None) -> None:
        super().__init__(wishes, wishes.run_id or os.urandom(8).hex())
        self._load, self._path = load, path
        self._isolation = chosen_isolation(wishes.isolation, wishes.policy)
        self.limits = chosen_limits(wishes.limits, wishes.bounds, wishes.config, self._isolation)

    def _cast(self) -> Result:
        from llmspell_core.router import route

        wishes = self.wishes
        spell = self._load()
        self.engine = route(spell, wishes.engine)
        bounds = {"limits": self.limits, "budget": Budget(wishes.max_requests, wishes.max_tokens, wishes.max_cost)}
        journal = chosen_journal(wishes.journal, none=wishes.no_journal)
        base = Policy.profile(wishes.policy)
        cassette = _cassette(wishes)
        with self._runner(base, spell, self._isolation, journal=journal, **bounds) as runner:
            result = runner.cast(
                spell,
                engine=self.engine,
                params=_parameters(spell, wishes),
                run_id=self.run_id,
                seed=wishes.seed,
                on_output=self.told.output,
                cassette=cassette,
            )
            if cassette is not None and wishes.record is not None:
                cassette.write(wishes.record, runner.secrets)
            return result

    def _saving(self) -> Callable[[str], str] | None:
        return self._save if self._path not in (None, "-") else None

    def _save(self, capability: str) -> str:
        """Write a capability into the manifest of the spell, and return the file."""
        from llmspell_core.cli.saving import save
        from llmspell_core.plugins import engine_class

        assert self._path is not None
        assert self.engine is not None
        return save(self._path, capability, engine_class(self.engine).info.comment)


def traced(path: str | None) -> AbstractContextManager[TraceFile | None]:
    """Return the file that is told of all that passes a point, opened when it is entered; None where none is named."""
    if path is None:
        return nullcontext()
    from llmspell_core.cli.tracing import TraceFile

    return TraceFile(path)


@contextmanager
def observed(otel: str | None, metrics: str | None) -> Iterator[list[object]]:
    """Return the plugins that watch runs as the options say; what watches is imported when there is one.

    :param otel: the URL of a collector
    :param metrics: the port that metrics are served at
    """
    wanted = [(name, setting) for name, setting in (("otel", otel), ("metrics", metrics)) if setting is not None]
    with ExitStack() as stack:
        yield [stack.enter_context(observer(name)(setting)) for name, setting in wanted]


def bridge_options(config: Config, **own: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the settings of bridges: those of the config file, and the command line's own for bridges that are there.

    :param own: by the names of bridges; a file for what spells keep is added to them
    """
    own = {"state": {"url": f"sqlite:///{data_path('state.db')}"}, **own}
    there = {name: settings for name, settings in own.items() if name in bridge_entries()}
    return {**config.bridges, **{name: {**there[name], **config.bridges.get(name, {})} for name in there}}


def chosen_isolation(isolation: Isolation | None, policy: str) -> Isolation:
    """Return where spells run: where the caller says; else in processes, in strict ones under the policy ``strict``."""
    return isolation or ("strict" if policy == "strict" else "process")


def _cassette(wishes: Wishes) -> Cassette | None:
    if wishes.record is None and wishes.replay is None:
        return None
    from llmspell_core.journal.cassette import Cassette

    return Cassette() if wishes.replay is None else Cassette.read(wishes.replay, wishes.on_miss)


def _parameters(spell: Spell, wishes: Wishes) -> dict[str, Any]:
    if not wishes.param and wishes.params is None:
        return {}
    from llmspell_core.cli.given import parameters

    return parameters(spell.manifest, wishes.param, wishes.params)


def _error(status: Exit, timeout: float | None) -> LlmspellError:
    if status is Exit.LIMIT and timeout is not None:
        return LimitExceeded("wall", timeout)
    return Cancelled("terminated" if status is Exit.TERMINATED else "interrupted")
