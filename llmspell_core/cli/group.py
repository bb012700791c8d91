"""Click groups whose commands are imported when they are used."""

from __future__ import annotations

from importlib import import_module
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

import click

from llmspell_core import plugins

if TYPE_CHECKING:
    from collections.abc import Mapping

    from click.shell_completion import CompletionItem

__all__ = ["LazyGroup", "OpenGroup"]


class LazyGroup(click.Group):
    """Commands by name: help and completion of the group itself import none of their modules.

    :param commands_in: the package where each command is a module with a ``command``; one whose name is a word of
        Python's has a ``_`` after it
    :param lazy: the short help of each command
    """

    def __init__(self, *args: Any, commands_in: str, lazy: Mapping[str, str], **more: Any) -> None:
        super().__init__(*args, **more)
        self._package, self._lazy = commands_in, lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return sorted(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, imported now."""
        if cmd_name not in self._lazy:
            return None
        module = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command: click.Command = import_module(f"{self._package}.{module}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is asked for; an unknown one is refused with the nearest there is."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            from llmspell_core.errors import closest

            ctx.fail(f"no command {name!r}{closest(name, self.list_commands(ctx))}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self._short_help(name)) for name in self.list_commands(ctx)])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands and options that begin so; click's own would import every command."""
        from click.shell_completion import CompletionItem

        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        items = [CompletionItem(name, help=self._short_help(name)) for name in names]
        return items + click.Command.shell_complete(self, ctx, incomplete)

    def _short_help(self, name: str) -> str:
        return self._lazy[name]


class OpenGroup(LazyGroup):
    """Takes more commands from plugins; a group's own come first."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, those of plugins among them."""
        return sorted({*super().list_commands(ctx), *plugins.command_names()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, imported now."""
        own = super().get_command(ctx, cmd_name)
        return plugins.command(cmd_name) if own is None and cmd_name in plugins.command_names() else own

    def _short_help(self, name: str) -> str:
        if name in self._lazy:
            return super()._short_help(name)
        return f"Added by {plugins.entry_points('commands')[name].distribution}."
