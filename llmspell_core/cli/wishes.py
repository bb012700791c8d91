"""What the command line can wish of a cast: the options that commands which cast have in common."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeVar

import click

from llmspell_core.cli.configured import config_option
from llmspell_core.cli.journaling import journal_options
from llmspell_core.cli.limits import limit_options
from llmspell_core.cli.permissions import permission_options
from llmspell_core.cli.reporters import FORMATS
from llmspell_core.facts import Fact, fact

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.shell_completion import CompletionItem

    from llmspell_core.config import Config
    from llmspell_core.journal.cassette import OnMiss
    from llmspell_core.runner import Isolation

__all__ = ["Wishes", "casting_options", "complete_engine", "output_option", "serving_options", "spell_options"]

_F = TypeVar("_F", bound="Callable[..., Any]")


@fact
class Wishes(Fact):
    """The options of one cast, as the command line gives them."""

    model: str | None
    output: str
    isolation: Isolation | None
    config: Config
    bounds: dict[str, Any]
    engine: str | None = None
    param: tuple[str, ...] = ()
    params: str | None = None
    seed: int | None = None
    run_id: str | None = None
    limits: str | None = None
    rules: tuple[tuple[str, str], ...] = ()
    permission_sets: tuple[str, ...] = ()
    policy: str = "standard"
    audit: str | None = None
    trace: str | None = None
    otel: str | None = None
    metrics: str | None = None
    no_prompt: bool = False
    max_requests: int | None = None
    max_tokens: int | None = None
    max_cost: float | None = None
    journal: str | None = None
    no_journal: bool = False
    record: str | None = None
    replay: str | None = None
    on_miss: OnMiss = "fail"


def casting_options(function: _F) -> _F:
    """Give a command the options of :class:`Wishes`."""
    function = journal_options(serving_options(function))
    for option in reversed(_OF_ONE_CAST):
        function = option(function)
    return output_option(spell_options(function))


def spell_options(function: _F) -> _F:
    """Give a command the options that say what is cast, beside the spell."""
    for option in reversed(_OF_A_SPELL):
        function = option(function)
    return function


def output_option(function: _F) -> _F:
    """Give a command the option that says how a cast is told."""
    return click.option(
        "--output", type=click.Choice(FORMATS), default="text", show_default=True, help="How to tell what happens."
    )(function)


def serving_options(function: _F) -> _F:
    """Give a command the options that say what casts may do and use, however many there are."""
    function = config_option(limit_options(permission_options(function)))
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def complete_engine(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the installed engines whose names begin so, for the shell's completion."""
    from click.shell_completion import CompletionItem

    from llmspell_core.plugins import engine_names

    return [CompletionItem(name) for name in engine_names() if name.startswith(incomplete)]


def _complete_model(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    # The one that needs no key, and the one in use; which others there are, only their providers know.
    names = {"demo", os.environ.get("LLMSPELL_MODEL", "demo")}
    return [CompletionItem(name) for name in sorted(names) if name.startswith(incomplete)]


_OF_A_SPELL = (
    click.option("-e", "--engine", metavar="NAME", shell_complete=complete_engine, help="The engine or language."),
    click.option("-p", "--param", multiple=True, metavar="KEY=VALUE", help="A parameter; KEY:=JSON for exact values."),
    click.option("--params", metavar="JSON", help="All parameters as a JSON object, or @FILE that holds one."),
    click.option(
        "--seed", type=click.IntRange(0, 2**53 - 1), metavar="N", help="Feeds all randomness; the same gives the same."
    ),
    click.option("--run-id", metavar="ID", help="What to call the run; a new name when not given."),
)
_OF_ONE_CAST = (
    click.option("--record", metavar="FILE", help="Keep what calls came to on a cassette."),
    click.option("--replay", metavar="FILE", help="Answer calls from a cassette, without models or the network."),
    click.option(
        "--on-miss",
        type=click.Choice(["fail", "live"]),
        default="fail",
        show_default=True,
        help="What becomes of a call that the cassette has no answer to.",
    ),
)
_OPTIONS = (
    click.option(
        "--model",
        metavar="MODEL",
        envvar="LLMSPELL_MODEL",
        show_envvar=True,
        shell_complete=_complete_model,
        help="The model, as provider:model, or demo.",
    ),
    click.option(
        "--max-requests", type=click.IntRange(0), metavar="N", help="Refuse requests to models beyond so many."
    ),
    click.option(
        "--max-tokens", type=click.IntRange(0), metavar="N", help="Refuse what could make models use more tokens."
    ),
    click.option("--max-cost", type=click.FloatRange(0), metavar="USD", help="Refuse what could cost more dollars."),
    click.option(
        "--isolation",
        type=click.Choice(["inline", "process", "strict"]),
        default=None,
        help="Where the spell runs: here, for spells you trust; in a locked process of its own; there, and only if "
        "every layer of the lock holds.  [default: process; strict under --policy strict]",
    ),
    click.option("--trace", metavar="FILE", help="Append everything the spell does to a file, as JSON lines."),
    click.option(
        "--otel",
        metavar="URL",
        envvar="OTEL_EXPORTER_OTLP_ENDPOINT",
        show_envvar=True,
        help="Tell a collector of OpenTelemetry what the spell does, as http://localhost:4318.",
    ),
    click.option(
        "--metrics",
        metavar="[HOST:]PORT",
        envvar="LLMSPELL_METRICS",
        show_envvar=True,
        help="Serve /metrics for Prometheus, and /healthz, while the spell runs.",
    ),
)
