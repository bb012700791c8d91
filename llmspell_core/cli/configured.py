"""The option ``--config``: what the user's config file says is the default of every other option."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from llmspell_core.config import Config, config_path, read_config, settings_error

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["config_option"]

_F = TypeVar("_F", bound="Callable[..., Any]")
_DEFAULTS = ("model", "isolation", "policy", "audit")


def config_option(function: _F) -> _F:
    """Give a command the option ``--config``; ``config`` is what the file says."""
    return click.option(
        "--config",
        metavar="FILE",
        envvar="LLMSPELL_CONFIG",
        show_envvar=True,
        is_eager=True,
        callback=_read,
        help="The config file; else config.toml beside the keys, in your own config folder.",
    )(function)


def _check_bridges(config: Config, file: str) -> None:
    for name, settings in config.bridges.items():
        from llmspell_core.errors import NotInstalled, UsageError
        from llmspell_core.plugins import bridge_class
        from llmspell_core.settings import check_settings

        try:
            check_settings(bridge_class(name), settings)
        except (NotInstalled, UsageError) as error:
            raise settings_error(file, name, str(error)) from None


def _read(ctx: click.Context, param: click.Parameter, path: str | None) -> Config:
    if ctx.resilient_parsing:
        return Config()
    config = read_config(path)
    _check_bridges(config, path or config_path())
    said = {name: getattr(config, name) for name in _DEFAULTS if getattr(config, name) is not None}
    said |= {f"max_{name}": most for name, most in (config.budget or {}).items()}
    ctx.default_map = {**(ctx.default_map or {}), **said}
    rules = (*(("allow", rule) for rule in config.allow), *(("deny", rule) for rule in config.deny))
    if rules:
        ctx.params["rules"] = (*ctx.params.get("rules", ()), *rules)
    return config
