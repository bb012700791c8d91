"""``llmspell keys set|list|remove``."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from llmspell_bridges.llm.keys import KeyStore, key_variables, provider_name
from llmspell_core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["keys"]


@click.group()
def keys() -> None:
    """Keep the API keys of model providers in a file that only you can read, or in the system's keyring.

    A key in the environment (OPENAI_API_KEY, ANTHROPIC_API_KEY, ...) comes before these.
    """


@keys.command("set")
@click.argument("name")
@click.option("--keyring", is_flag=True, help="Keep it in the system's keyring, not in the file.")
def set_key(name: str, keyring: bool) -> None:
    """Keep the key of provider NAME, typed in unseen or read from standard input."""
    name = provider_name(name)
    if not key_variables(name):
        raise click.ClickException(f"no provider named {name!r} takes a key; its setting api_key_env names a variable")
    stdin = sys.stdin
    key = click.prompt(f"Key for {name}", hide_input=True) if stdin.isatty() else stdin.readline()
    key = str(key).strip()
    if not key or not key.isascii() or not key.isprintable():
        raise click.ClickException("a key is one line of printable ASCII text; nothing was kept")
    store = KeyStore()
    with _told():
        store.set(name, key, in_keyring=keyring)
    click.echo(f"kept the key for {name} in {'the keyring' if keyring else store.path}")


@keys.command("list")
def list_keys() -> None:
    """List the names that keys are kept under, never the keys."""
    with _told():
        for name, in_keyring in KeyStore().names().items():
            click.echo(f"{name}\tkeyring" if in_keyring else name)


@keys.command("remove")
@click.argument("name")
def remove_key(name: str) -> None:
    """Drop the key of provider NAME."""
    name = provider_name(name)
    with _told():
        removed = KeyStore().remove(name)
    if not removed:
        raise click.ClickException(f"no key is kept under {name!r}; see: llmspell keys list")
    click.echo(f"removed the key for {name}")


@contextmanager
def _told() -> Iterator[None]:
    """Show an error of the key file or the keyring as the command's."""
    try:
        yield
    except (UsageError, OSError) as error:
        raise click.ClickException(str(error)) from error
