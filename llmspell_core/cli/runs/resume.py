"""``llmspell runs resume``: go on with a run that was killed or stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from llmspell_core.budget import Budget
from llmspell_core.cli.casting import Casting, perform
from llmspell_core.cli.journaling import journal_option, opened
from llmspell_core.cli.permissions import CastCommand
from llmspell_core.cli.runs.telling import check_language
from llmspell_core.cli.wishes import Wishes, output_option, serving_options
from llmspell_core.limits import Limits
from llmspell_core.spells import Spell

if TYPE_CHECKING:
    from llmspell_core.cli.exits import Exit
    from llmspell_core.journal import Run
    from llmspell_core.policy import Policy
    from llmspell_core.runner import Isolation, Result

__all__ = ["Resuming", "command"]


@click.command(cls=CastCommand)
@click.argument("id")
@click.option("--take-over", is_flag=True, help="Also from a process that may still be at work; that one then stops.")
@click.option("--spell", metavar="SPELL", type=click.Path(), help="Another version of the spell.")
@serving_options
@output_option
@journal_option
def command(id: str, take_over: bool, spell: str | None, **wishes: Any) -> Exit:
    """Go on with the run ID: nothing that had ended is done again, and what it was granted it has.

    What it prints is told from its beginning. Options that say nothing leave everything as it was.
    """
    return perform(Resuming(Wishes(**wishes), id, take_over=take_over, spell=spell))


class Resuming(Casting):
    """A run that goes on."""

    def __init__(self, wishes: Wishes, id: str, *, take_over: bool = False, spell: str | None = None) -> None:
        super().__init__(wishes, id)
        with opened(wishes.journal) as journal:
            self._run = journal.run(id)
        self._check()
        self.engine = self._run.engine
        self.limits = _limits(self._run, wishes)
        self._take_over, self._spell = take_over, spell
        said = click.get_current_context().get_parameter_source("policy")
        # --allow-all says one, too.
        self._is_policy_said = said is ParameterSource.COMMANDLINE or wishes.policy != "standard"

    def _cast(self) -> Result:
        run, wishes = self._run, self.wishes
        with (
            opened(wishes.journal) as journal,
            self._runner(self._base(), run.spell, self._where(), journal=journal) as runner,
        ):
            more: dict[str, Any] = {} if self._spell is None else {"spell": Spell.load(self._spell)}
            return runner.resume(
                run.id,
                take_over=self._take_over,
                limits=self.limits,
                budget=_budget(run, wishes),
                policy=runner.policy,
                model=wishes.model,
                on_output=self.told.output,
                **more,
            )

    def _check(self) -> None:
        check_language(self._run)

    def _base(self) -> Policy:
        from llmspell_core.policy import Policy

        return Policy.profile(self.wishes.policy) if self._is_policy_said else self._run.policy

    def _where(self) -> Isolation:
        isolation: Any = self._run.isolation
        return self.wishes.isolation or isolation


def _limits(run: Run, wishes: Wishes) -> Limits:
    if wishes.limits is None and not wishes.bounds:
        return run.limits
    from llmspell_core.measures import limits_of

    base = run.limits if wishes.limits is None else limits_of(wishes.limits, run.limits)
    return Limits(**vars(base) | wishes.bounds)


def _budget(run: Run, wishes: Wishes) -> Budget:
    said = {"requests": wishes.max_requests, "tokens": wishes.max_tokens, "cost": wishes.max_cost}
    return Budget(**run.budget.as_dict() | {name: most for name, most in said.items() if most is not None})
