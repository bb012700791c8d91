"""``llmspell new``: write a new spell that runs at once."""

from __future__ import annotations

import json
import os
import shlex

import click

from llmspell_core.errors import UsageError

__all__ = ["command"]


@click.command()
@click.argument("folder", metavar="NAME", type=click.Path())
@click.option(
    "-e", "--engine", type=click.Choice(["lua", "js"]), default="lua", show_default=True, help="The language."
)
def command(folder: str, engine: str) -> None:
    """Write a new spell into the folder NAME; it runs at once, without a key."""
    if os.path.lexists(folder):
        raise UsageError(f"{folder!r} is there already; choose another name, or move it away")
    name = os.path.basename(os.path.abspath(folder))
    files = {"spell.yaml": _MANIFEST, f"spell.{engine}": _SOURCES[engine], "README.md": _README}
    try:
        os.makedirs(folder)
        for file, text in files.items():
            with open(os.path.join(folder, file), "x", encoding="utf-8") as out:
                out.write(text.format(name=name, text=json.dumps(name), engine=engine))
    except OSError as error:
        raise UsageError(f"cannot write {folder!r}: {(error.strerror or str(error)).lower()}") from error
    click.echo(f"{folder} is written; cast it with: llmspell run {shlex.quote(folder)} --model demo")


_MANIFEST = """\
name: {text}
version: 0.1.0
description: Ask a model something, and say what it answers.
engine: {engine}
entry: spell.{engine}
parameters:
  question:
    type: string
    description: what the model is asked
    default: What is a spell?
"""
_SOURCES = {
    "lua": """\
local answer = llm.chat(params.question)
print("You asked: " .. params.question)
return answer
""",
    "js": """\
const answer = await llm.chat(params.question);
console.log(`You asked: ${{params.question}}`);
return answer;
""",
}
_README = """\
# {name}

    llmspell run . --model demo -p question="How are you?"
"""
