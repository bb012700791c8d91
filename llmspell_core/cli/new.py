"""``llmspell new``: write a new spell that runs at once."""

from __future__ import annotations

import json
import os
import re
import shlex

import click

from llmspell_core.cli.templates import TEMPLATES, files_of
from llmspell_core.errors import UsageError
from llmspell_core.versions import is_name

__all__ = ["command"]


@click.command()
@click.argument("folder", metavar="NAME", type=click.Path())
@click.option(
    "-e", "--engine", type=click.Choice(["lua", "js"]), default="lua", show_default=True, help="The language."
)
@click.option(
    "-t",
    "--template",
    type=click.Choice(list(TEMPLATES)),
    default="ask",
    show_default=True,
    help="; ".join(f"{name}: {text}" for name, text in TEMPLATES.items()) + ".",
)
def command(folder: str, engine: str, template: str) -> None:
    """Write a new spell into the folder NAME; it runs at once, without a key."""
    if os.path.lexists(folder):
        raise UsageError(f"{folder!r} is there already; choose another name, or move it away")
    name = _name_of(os.path.basename(os.path.abspath(folder)))
    files = {file: text.format(name=name, text=json.dumps(name)) for file, text in files_of(template, engine).items()}
    try:
        for file, text in {**files, "spell.schema.json": _schema()}.items():
            path = os.path.join(folder, file)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "x", encoding="utf-8") as out:
                out.write(text)
    except OSError as error:
        raise UsageError(f"cannot write {folder!r}: {(error.strerror or str(error)).lower()}") from error
    quoted = shlex.quote(folder)
    click.echo(
        f"{folder} is written; cast it with: llmspell run {quoted} --model demo, test it: llmspell test {quoted}"
    )


def _name_of(folder: str) -> str:
    """Return the name for a spell in a folder: the folder's, as far as a package may be called so."""
    words = re.sub(r"[^A-Za-z0-9_-]+", "-", folder).strip("-_")[:58]
    return words if is_name(words) else f"spell-{words}".rstrip("-")


def _schema() -> str:
    """Return the JSON Schema that editors complete the manifest by."""
    with open(os.path.join(os.path.dirname(os.path.dirname(__file__)), "spell.schema.json"), encoding="utf-8") as file:
        return file.read()
