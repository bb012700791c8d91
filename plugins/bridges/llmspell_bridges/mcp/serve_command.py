"""``llmspell mcp serve``."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import click

from llmspell_core.cli.casting import chosen_isolation, observed, traced
from llmspell_core.cli.limits import chosen_limits
from llmspell_core.cli.permissions import CastCommand, Permissions
from llmspell_core.cli.wishes import serving_options
from llmspell_core.errors import NotInstalled, UsageError
from llmspell_core.policy import Policy
from llmspell_core.spells import Manifest

if TYPE_CHECKING:
    from llmspell_bridges.mcp.offers import Offer

__all__ = ["mcp"]


@click.group()
def mcp() -> None:
    """Serve spells to clients of the Model Context Protocol."""


@mcp.command(cls=CastCommand)
@click.argument("folder", required=False, type=click.Path(exists=True))
@click.option("--code", is_flag=True, help="Offer search_api and run_code: clients write the spells.")
@click.option("--http", metavar="HOST:PORT", help="Serve over HTTP, at /mcp, instead of standard input and output.")
@serving_options
def serve(folder: str | None, code: bool, http: str | None, **wishes: Any) -> None:
    """Offer every spell in FOLDER as a tool, with its parameters; over standard input and output, or --http.

    Each call is a cast of its own, with the permissions and limits given here (limits: strict, when nothing is said);
    the budget is that of all calls together.
    """
    if folder is None and not code:
        raise click.UsageError("name a folder of spells, or --code, or both")
    try:
        import mcp as library  # noqa: F401 - to tell early that it is missing
    except ModuleNotFoundError as error:
        raise NotInstalled("library", "mcp", ()) from error
    gc.enable()  # the program starts without
    _serve(folder, code, http, wishes)


def _serve(folder: str | None, code: bool, http: str | None, wishes: dict[str, Any]) -> None:
    import asyncio

    from llmspell_bridges.mcp.server import over_http, over_stdio, server_of
    from llmspell_core.runner import Runner

    isolation = chosen_isolation(wishes["isolation"], wishes["policy"])
    profile = wishes["limits"] or ("strict" if wishes["config"].limits is None else None)
    base = Policy.profile(wishes["policy"])
    with (
        Permissions(base, wishes["rules"], (), Manifest(), wishes["audit"], prompt=False) as may,
        traced(wishes["trace"]) as trace,
        observed(wishes["otel"], wishes["metrics"]) as observers,
        Runner(
            limits=chosen_limits(profile, wishes["bounds"], wishes["config"], isolation),
            policy=may.policy,
            audit=may.audit,
            trace=trace,
            plugins=observers,
            model=wishes["model"],
            isolation=isolation,
            options=wishes["config"].bridges,
        ) as runner,
    ):
        server = server_of(_offers(runner, may, folder, code, wishes))
        asyncio.run(over_stdio(server) if http is None else over_http(server, *_address(http)))


def _offers(runner: Any, may: Permissions, folder: str | None, code: bool, wishes: dict[str, Any]) -> list[Offer]:
    from llmspell_bridges.mcp.casters import Caster
    from llmspell_core.budget import Budget, Purse

    purse = Purse(Budget(wishes["max_requests"], wishes["max_tokens"], wishes["max_cost"]))
    caster = Caster(runner, may.policy, purse, wishes["permission_sets"])
    found: list[Offer] = []
    if folder is not None:
        from llmspell_bridges.mcp.spells import spells_in

        found += spells_in(folder, caster)
    if code:
        from llmspell_bridges.mcp.code import RunCode, SearchApi

        found += [SearchApi(may.policy), RunCode(caster)]
    return found


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise UsageError(f"--http takes HOST:PORT, as 127.0.0.1:8000, not {text!r}")
    return host.strip("[]"), int(port)
