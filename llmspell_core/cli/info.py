"""``llmspell info``: what a spell says of itself, what it needs, and what of that is missing."""

from __future__ import annotations

from typing import Any

import click

from llmspell_core.cli.listing import format_option
from llmspell_core.cli.outcome import json_line, json_pretty, plain
from llmspell_core.cli.shown import shown
from llmspell_core.spells import Spell

__all__ = ["command"]


@click.command()
@click.argument("spell", required=False)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of spell.yaml instead, for editors.")
@format_option
@click.pass_context
def command(context: click.Context, spell: str | None, schema: bool, output: str) -> None:
    """Tell what the manifest of SPELL says (a path, or a name that `llmspell list` shows); nothing is run."""
    if schema:
        from llmspell_core.manifests import json_schema

        click.echo(json_pretty(json_schema()))
        return
    if spell is None:
        context.fail("name a spell, by its path or name")
    from llmspell_core.packages import load

    facts = describe(load(spell))
    if output == "json":
        click.echo(json_line({"ok": True, "spell": plain(facts)}))
        return
    for name, value in facts.items():
        if value not in (None, "", [], {}):
            click.echo(shown(f"{name}: {_line(value)}") if not isinstance(value, dict) else f"{name}:")
        if isinstance(value, dict):
            for key, item in value.items():
                click.echo("  " + shown(f"{key}: {_line(item)}"))


def describe(spell: Spell) -> dict[str, Any]:
    """Return what is to be known of a spell before it is run."""
    from llmspell_core.packages.lock import dependency, faults
    from llmspell_core.versions import PackageError, installed_faults

    manifest, home = spell.manifest, spell.folder
    needed: dict[str, Any] = {}
    for name, wanted in manifest.dependencies.items():
        try:
            found = dependency(home or "", manifest, name)
        except PackageError:
            needed[name] = {"range": wanted, "version": None, "permissions": []}
            continue
        asks = Spell.load(found.folder).manifest.permissions
        needed[name] = {"range": wanted, "version": found.version, "permissions": [*asks]}
    return {
        "name": manifest.name,
        "version": manifest.version,
        "description": manifest.description,
        "engine": manifest.engine,
        "entry": spell.file,
        "folder": home,
        "parameters": dict(manifest.parameters or {}),
        "permissions": [*manifest.permissions],
        "permission_sets": {name: [*rules] for name, rules in manifest.permission_sets.items()},
        "limits": manifest.limits if isinstance(manifest.limits, str) else dict(manifest.limits or {}),
        "budget": dict(manifest.budget or {}),
        "dependencies": needed,
        "plugins": dict(manifest.plugins),
        "config": dict(manifest.config),
        "tests": [*manifest.tests],
        "sha256": _digest(home),
        "problems": [*(faults(home, manifest) if home is not None else []), *installed_faults(manifest.plugins)],
    }


def _digest(home: str | None) -> str | None:
    from llmspell_core.packages.contents import digest_of
    from llmspell_core.versions import PackageError

    try:
        return None if home is None else digest_of(home)
    except PackageError:
        return None


def _line(value: Any) -> str:
    return value if isinstance(value, str) else json_line(plain(value))
