"""The options ``--journal URL`` and ``--no-journal``: where runs are written down."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeVar

import click

from llmspell_core.errors import LlmspellError

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_core.journal import Journal

__all__ = ["chosen_journal", "cure", "journal_option", "journal_options", "opened"]

_F = TypeVar("_F", bound="Callable[..., Any]")


def journal_option(function: _F) -> _F:
    """Give a command the option that names the journal; ``journal`` is a URL or None."""
    return click.option(
        "--journal",
        metavar="URL",
        envvar="LLMSPELL_JOURNAL",
        show_envvar=True,
        help="The database of runs; else runs.db in your own data folder.",
    )(function)


def journal_options(function: _F) -> _F:
    """Give a command the options that say where a run is written down, if at all."""
    option = click.option(
        "--no-journal", is_flag=True, help="Write nothing down; the run cannot go on if it is killed."
    )
    return journal_option(option(function))


def chosen_journal(url: str | None, *, none: bool = False) -> str | None:
    """Return the URL of the journal, or None where nothing is to be written down."""
    if none:
        return None
    if url is not None:
        return url
    from llmspell_core.config import data_path

    return f"sqlite:///{data_path('runs.db')}"


def opened(url: str | None) -> Journal:
    """Return the journal of a command that works on it."""
    from llmspell_core.journal import Journal

    return Journal(str(chosen_journal(url)))


def cure(url: str | None, run_id: str, command: str) -> str | None:
    """Return the command line that goes on with a run; None where it has ended, or never began."""
    try:
        with opened(url) as journal:
            run, shown = journal.find(run_id), journal.url
    except LlmspellError:
        return None
    if run is None or run.status in ("ok", "failed"):
        return None
    from shlex import quote

    elsewhere = "" if url in (None, os.environ.get("LLMSPELL_JOURNAL")) else f" --journal {quote(shown)}"
    return f"{command} {quote(run_id)}{elsewhere}"
