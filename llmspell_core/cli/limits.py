"""The limits of a cast on the command line: ``--limits PROFILE`` and a flag for each limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from llmspell_core.amounts import KINDS
from llmspell_core.errors import UsageError
from llmspell_core.limits import PROFILES, Limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_core.config import Config

__all__ = ["FLAGS", "chosen_limits", "limit_options"]

_F = TypeVar("_F", bound="Callable[..., Any]")

FLAGS = {
    "wall": "timeout",
    "cpu": "cpu",
    "memory": "memory",
    "stack": "stack",
    "output": "max-output",
    "calls": "max-calls",
    "concurrent_calls": "max-concurrent-calls",
    "tasks": "max-tasks",
    "message": "max-message",
    "instructions": "instructions",
}
"""The flag of each limit."""

_HELP = {
    "wall": "End the spell after so long.",
    "cpu": "Seconds that it may compute.",
    "memory": "Memory of its VM, as 64MB.",
    "stack": "Stack of its VM, as 512KiB.",
    "output": "How much it may print, as 1MB.",
    "calls": "Bridge calls in all.",
    "concurrent_calls": "Bridge calls at once.",
    "tasks": "What may wait inside the spell at once.",
    "message": "Size of one message to or from the VM.",
    "instructions": "VM instructions in all (Lua; half as fast).",
}
_METAVARS = {"time": "SECONDS", "size": "SIZE", "count": "N"}


def limit_options(function: _F) -> _F:
    """Give a command the options that bound a cast; ``limits`` is a profile or None, ``bounds`` what the flags say."""
    for name, flag in reversed(FLAGS.items()):
        function = click.option(
            f"--{flag}",
            f"limit_{name}",
            metavar=_METAVARS[KINDS[name]],
            envvar=f"LLMSPELL_{flag.upper().replace('-', '_')}",
            expose_value=False,
            callback=_collect,
            help=_HELP[name],
        )(function)
    return click.option(
        "--limits",
        type=click.Choice(PROFILES),
        envvar="LLMSPELL_LIMITS",
        show_envvar=True,
        help="What bounds the spell to begin with; standard when nothing is said.",
    )(function)


def chosen_limits(profile: str | None, bounds: dict[str, Any], config: Config, isolation: str) -> Limits:
    """Return the limits of a cast: flags (or the environment) over the config file over what is usual.

    A profile that is chosen here takes the place of all that the config file says of limits.
    """
    base = Limits.usual(isolation)
    if profile is None and config.limits is None and not bounds:
        return base
    from llmspell_core.measures import limits_of

    base = limits_of(config.limits or {}, base) if profile is None else limits_of(profile, base)
    return Limits(**vars(base) | bounds)


def _collect(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    bounds = ctx.params.setdefault("bounds", {})
    if value is None:
        return
    from llmspell_core.measures import read

    name = (param.name or "").removeprefix("limit_")
    try:
        bounds[name] = read(name, value)
    except UsageError as error:
        raise click.BadParameter(str(error).partition(": ")[2], param=param) from None
