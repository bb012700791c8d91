"""The spells of a folder as tools."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from llmspell_bridges.mcp.offers import Answer, Offer, answer_of
from llmspell_bridges.tools.folder import arguments_schema
from llmspell_core.errors import LlmspellError, UsageError
from llmspell_core.spells import Spell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmspell_bridges.mcp.casters import Caster

__all__ = ["SpellOffer", "spells_in"]

_MANIFEST = "spell.yaml"


class SpellOffer:
    """A spell that clients can call."""

    def __init__(self, name: str, spell: Spell, engine: str, caster: Caster) -> None:
        self.name, self._spell, self._engine, self._caster = name, spell, engine, caster
        self.description = spell.manifest.description
        parameters = spell.manifest.parameters
        self.schema: Mapping[str, Any] = {"type": "object"} if parameters is None else arguments_schema(parameters)

    async def call(self, arguments: dict[str, Any]) -> Answer:
        """Cast the spell."""
        return answer_of(await self._caster.cast(self._spell, arguments, self._engine))


def spells_in(folder: str, caster: Caster) -> list[Offer]:
    """Return every spell in a folder, or the one that the folder is; one that is wrong is told of and left out.

    :raises UsageError: when there is none
    """
    import click

    found: dict[str, Offer] = {}
    for path in _paths(folder):
        try:
            offer = _offer(path, found, caster)
        except LlmspellError as error:
            click.echo(f"left out: {error}", err=True)
            continue
        found[offer.name] = offer
    if not found:
        raise UsageError(
            f"there is no spell in {folder!r}; put a file of an installed language or a folder with {_MANIFEST} there"
        )
    return list(found.values())


def _paths(folder: str) -> Iterator[str]:
    from llmspell_core.plugins import engine_class, engine_names

    if os.path.isfile(folder) or os.path.isfile(os.path.join(folder, _MANIFEST)):
        yield folder
        return
    known = {extension for name in engine_names() for extension in engine_class(name).info.extensions}
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if name.startswith((".", "_")):
            continue
        if os.path.isfile(os.path.join(path, _MANIFEST)) or os.path.splitext(name)[1].lower() in known:
            yield path


def _offer(path: str, taken: Mapping[str, Offer], caster: Caster) -> SpellOffer:
    from llmspell_core.router import route

    spell = Spell.load(path)
    stem = os.path.splitext(os.path.basename(os.path.abspath(path)))[0]
    name = re.sub(r"[^a-zA-Z0-9_-]", "_", spell.manifest.name or stem)[:64]
    if name in taken:
        raise UsageError(f"{path!r}: another spell is called {name!r}; give it another name in its manifest")
    return SpellOffer(name, spell, route(spell), caster)
