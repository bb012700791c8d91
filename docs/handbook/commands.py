"""The pages of the command line, read from the click commands themselves."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

import click

from llmspell_core.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["command_pages"]

_HEAD = """# Commands

Every command of `llmspell` and all of its options, as `llmspell COMMAND --help` tells them. [The command
line](../cli.md) explains what they are for, what comes out, and the exit codes."""


def command_pages() -> dict[str, str]:
    """Return the page of all commands."""
    root = click.Context(main, info_name="llmspell")
    return {"commands.md": "\n\n".join([_HEAD, *_group(main, root, "##")])}


def _group(group: click.Group, ctx: click.Context, level: str) -> Iterator[str]:
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if command is not None and not command.hidden:
            inner = click.Context(command, info_name=name, parent=ctx)
            yield from _command(command, inner, level)
            if isinstance(command, click.Group):
                yield from _group(command, inner, level + "#")


def _command(command: click.Command, ctx: click.Context, level: str) -> Iterator[str]:
    yield f"{level} {ctx.command_path}"
    usage = " ".join(command.collect_usage_pieces(ctx))
    yield f"```text\n{ctx.command_path} {usage}\n```"
    # \b marks a paragraph that is laid out by hand, and \f ends what is for users.
    for paragraph in inspect.cleandoc((command.help or "").partition("\f")[0]).split("\n\n"):
        as_is = paragraph.removeprefix("\b\n")
        yield _escaped(paragraph) if as_is == paragraph else f"```text\n{as_is}\n```"
    options = [option for option in command.get_params(ctx) if isinstance(option, click.Option) and not option.hidden]
    yield "\n".join(["| option | |", "|---|---|", *map(_option, options)])


def _option(option: click.Option) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    value = "" if option.is_flag or option.count else _value(option)
    notes = [_escaped(option.help or "").replace("\n", " ").replace("|", "\\|")]
    if option.required:
        notes.append("Required.")
    if option.multiple:
        notes.append("May be given several times.")
    if isinstance(option.type, click.Choice):
        notes.append("One of " + ", ".join(f"`{choice}`" for choice in option.type.choices) + ".")
    if isinstance(option.default, (str, int, float)) and not option.is_flag and option.default != "":
        notes.append(f"`{option.default}` unless told otherwise.")
    return f"| {names}{value} | {' '.join(note for note in notes if note)} |"


def _value(option: click.Option) -> str:
    word = option.metavar or ("CHOICE" if isinstance(option.type, click.Choice) else option.type.name.upper())
    return f" `{word}`".replace("|", "\\|")


def _escaped(text: str) -> str:
    """Return text whose signs mean nothing in Markdown outside of code."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else re.sub(r"([<>*_\[\]])", r"\\\1", part) for part in parts)
