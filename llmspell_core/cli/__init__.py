"""The command line: ``llmspell``. One module per command, imported when it is used."""

from __future__ import annotations

import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import click

from llmspell_core import __version__
from llmspell_core.cli.exits import Exit
from llmspell_core.cli.group import OpenGroup

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["COMMANDS", "main"]

COMMANDS = {
    "bridges": "List what spells can call.",
    "check": "Tell what a spell asks for and uses, and what is wrong with it.",
    "completion": "Print the completion script of a shell.",
    "conformance": "Check that engines keep the rules.",
    "doctor": "Tell which layers lock the processes of spells here.",
    "engines": "List the languages that spells can be written in.",
    "exec": "Cast a spell given as text.",
    "info": "Tell what a spell says of itself and needs.",
    "install": "Put spells among your own.",
    "jobs": "Look at the jobs of queues, cancel and retry them.",
    "list": "List the spells that can be run by name.",
    "lock": "Pin the dependencies of a spell.",
    "new": "Write a new spell that runs at once.",
    "pack": "Make one file of a spell's folder.",
    "plugins": "List what is installed, and whether it works.",
    "run": "Cast the spell in a file or folder.",
    "runs": "Look at runs, and go on with those that were killed.",
    "stubs": "Write declarations of everything spells can call, for editors.",
    "submit": "Put a spell into a queue, now or again and again.",
    "test": "Run tests that are written in the languages of spells.",
    "version": "Show the versions of llmspell and its plugins.",
    "worker": "Cast the spells of a queue.",
}
"""Each command's short help; its module has its name."""


class Llmspell(OpenGroup):
    """The root command. Whatever happens, it ends with a status of :class:`Exit` and tells why."""

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, *more: Any, **extra: Any) -> Any:
        """Run the command line and leave the process."""
        # The command `list` is a module of this package, and hides the builtin of that name.
        words = sys.argv[1:] if args is None else [*args]
        try:
            status = self._run(words, more, extra)
        except BrokenPipeError:
            status = _reader_gone()
        sys.exit(status)

    def _run(self, words: list[str], more: Any, extra: dict[str, Any]) -> int:
        try:
            return super().main(words, "llmspell", *more, **{**extra, "standalone_mode": False}) or Exit.DONE
        except click.ClickException as error:
            return _wrong(error, words)
        except click.Abort:
            from llmspell_core.errors import Cancelled

            return _failed(Cancelled("interrupted"), words)
        except Exception as error:  # noqa: BLE001 - the last resort: told, with its traceback, as our own fault
            return _failed(error, words)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader of the output that has gone ends it quietly."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            return _reader_gone()


@click.command(cls=Llmspell, commands_in="llmspell_core.cli", lazy=COMMANDS)
@click.version_option(__version__, message="%(prog)s %(version)s")
def main() -> None:
    """Cast spells: short scripts, in several languages, that make language models work."""


def _reader_gone() -> Exit:
    import os

    # What is still buffered has nowhere to go, and must not raise again when Python ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return Exit.BROKEN_PIPE


def _format(words: list[str]) -> str:
    """Return the output format that a command line asks for, even where it is otherwise wrong."""
    from llmspell_core.cli.reporters import FORMATS

    chosen = "text"
    for word, following in pairwise([*words, ""]):
        if word == "--":
            break
        value = following if word == "--output" else word.partition("=")[2] if word.startswith("--output=") else ""
        chosen = value if value in FORMATS else chosen
    return chosen


def _wrong(error: click.ClickException, words: list[str]) -> int:
    if _format(words) == "text":
        error.show()
        return error.exit_code
    from llmspell_core.errors import UsageError

    return _failed(UsageError(error.format_message()), words)


def _failed(error: Exception, words: list[str]) -> Exit:
    from llmspell_core.cli.exits import exit_of
    from llmspell_core.cli.outcome import Outcome
    from llmspell_core.cli.reporters import reporter
    from llmspell_core.errors import LlmspellError

    if not isinstance(error, LlmspellError):
        import traceback

        click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
    reporter(_format(words)).end(Outcome(error=error))
    return exit_of(error)
