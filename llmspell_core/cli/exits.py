"""What the exit status of ``llmspell`` means."""

from __future__ import annotations

from enum import IntEnum

from llmspell_core.errors import LlmspellError, SpellFailed

__all__ = ["Exit", "exit_of"]


class Exit(IntEnum):
    """The exit status, by what happened."""

    DONE = 0
    OWN_FAULT = 1
    """llmspell itself failed, or a check that was asked for did."""
    USAGE = 2
    """The command line, the parameters or the manifest are wrong."""
    SPELL = 3
    """The spell is not valid, or it raised."""
    LIMIT = 4
    DENIED = 5
    BUDGET = 6
    PLUGIN = 7
    """A plugin is missing or broken."""
    PROVIDER = 8
    """A model provider, or the way to it, failed."""
    INTERRUPTED = 130
    """Ctrl-C, or SIGINT."""
    BROKEN_PIPE = 141
    """Whoever read the output has gone."""
    TERMINATED = 143
    """SIGTERM."""


_BY_KIND = {
    "usage": Exit.USAGE,
    "not_locked": Exit.USAGE,
    "manifest": Exit.USAGE,
    "parameters": Exit.USAGE,
    "package": Exit.USAGE,
    "no_spell": Exit.USAGE,
    "changed": Exit.USAGE,
    "cassette": Exit.USAGE,
    "not_on_cassette": Exit.SPELL,
    "limit": Exit.LIMIT,
    "denied": Exit.DENIED,
    "budget": Exit.BUDGET,
    "plugin": Exit.PLUGIN,
    "not_installed": Exit.PLUGIN,
    "broken_plugin": Exit.PLUGIN,
    "protocol": Exit.PLUGIN,
    "provider": Exit.PROVIDER,
    "crash": Exit.SPELL,
    "no_process": Exit.LIMIT,
    "quarantined": Exit.DENIED,
    "rate_limited": Exit.DENIED,
    "cancelled": Exit.INTERRUPTED,
}


def exit_of(error: BaseException | None) -> Exit:
    """Return the exit status that an error, or none, asks for."""
    if error is None:
        return Exit.DONE
    if not isinstance(error, LlmspellError):
        return Exit.OWN_FAULT
    if type(error) is SpellFailed:
        # Its kind is the spell's own word.
        return Exit.SPELL
    return _BY_KIND.get(error.kind, Exit.SPELL if isinstance(error, SpellFailed) else Exit.OWN_FAULT)
