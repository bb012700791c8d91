"""``llmspell runs replay``: run the spell of a run anew on the answers that it got."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from llmspell_core.cli.casting import Casting, perform
from llmspell_core.cli.journaling import journal_option, opened
from llmspell_core.cli.runs.telling import check_language
from llmspell_core.cli.wishes import Wishes, output_option
from llmspell_core.config import Config

if TYPE_CHECKING:
    from llmspell_core.cli.exits import Exit
    from llmspell_core.runner import Result

__all__ = ["command"]


@click.command()
@click.argument("id")
@click.option("--isolation", type=click.Choice(["inline", "process", "strict"]), help="Where; else where it ran.")
@output_option
@journal_option
def command(id: str, **wishes: Any) -> Exit:
    """Run the spell of the run ID anew on the answers that it got; nothing is done, nothing is paid."""
    return perform(_Replaying(Wishes(model=None, config=Config(), bounds={}, **wishes), id))


class _Replaying(Casting):
    def __init__(self, wishes: Wishes, id: str) -> None:
        super().__init__(wishes, id)
        with opened(wishes.journal) as journal:
            self._run = journal.run(id)
        check_language(self._run)
        self.engine, self.limits = self._run.engine, self._run.limits

    def cure(self, error: BaseException) -> str | None:
        return None  # it was only looked at

    def _cast(self) -> Result:
        isolation: Any = self.wishes.isolation or self._run.isolation
        with (
            opened(self.wishes.journal) as journal,
            self._runner(self._run.policy, self._run.spell, isolation, journal=journal) as runner,
        ):
            return runner.replay(self._run.id, on_output=self.told.output)
