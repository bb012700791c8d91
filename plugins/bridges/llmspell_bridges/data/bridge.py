"""The bridge ``data``."""

from __future__ import annotations

from llmspell_bridges.data.failures import NoSuchForm
from llmspell_bridges.data.forms import FORMS, read, write
from llmspell_core.bridge import Bridge, expose
from llmspell_core.values import ScriptValue

__all__ = ["DataBridge"]

_SMALL = 20_000
"""Characters that are read in a moment."""


class DataBridge(Bridge):
    """Read and write JSON, YAML, TOML, CSV and XML.

    What is wrong with a text is told with line and column (kind ``syntax``), what a form cannot hold with its path
    (kind ``conversion``). A text may have 16 MB in JSON and CSV, 4 MB in XML, 1 MB in TOML, 512 KB in YAML; a value
    500,000 parts, nested 100 deep. Of YAML only the tags of plain data are read; XML may declare no document type.
    """

    name = "data"

    @expose
    async def parse_json(self, text: str) -> ScriptValue:
        """Return the value of JSON text.

        :param text: the text
        """
        return await self._read("json", text)

    @expose
    def to_json(self, value: ScriptValue, *, pretty: bool = False) -> str:
        """Return a value as JSON text.

        :param value: what to write
        :param pretty: with line breaks, indented by two blanks
        """
        return write("json", value, pretty=pretty)

    @expose
    async def parse(self, text: str, format: str) -> ScriptValue:
        """Return the value of a text.

        CSV gives a list of maps, all fields text. XML gives maps with ``@name`` for attributes and ``#text`` for text
        beside them. Times in YAML and TOML stay text.

        :param text: the text
        :param format: ``json``, ``yaml``, ``toml``, ``csv`` or ``xml``
        """
        return await self._read(_known("data.parse", 2, "format", format), text)

    @expose
    async def write(self, value: ScriptValue, format: str, *, pretty: bool = False) -> str:
        """Return a value as text.

        :param value: what to write: for TOML a map, for XML a map with one field, for CSV a list of maps or lists
        :param format: ``json``, ``yaml``, ``toml``, ``csv`` or ``xml``
        :param pretty: laid out for people, where the form has more than one way
        """
        return await self._write(_known("data.write", 2, "format", format), value, pretty)

    @expose
    async def convert(self, text: str, source: str, target: str, *, pretty: bool = False) -> str:
        """Return what a text says in another form.

        :param text: the text
        :param source: the form that it has: ``json``, ``yaml``, ``toml``, ``csv`` or ``xml``
        :param target: the form to write it in
        :param pretty: laid out for people, where the form has more than one way
        """
        source = _known("data.convert", 2, "source", source)
        target = _known("data.convert", 3, "target", target)
        return await self._write(target, await self._read(source, text), pretty)

    async def _read(self, form: str, text: str) -> ScriptValue:
        if form == "json" and len(text) < _SMALL:
            small: ScriptValue = read(form, text)
            return small
        import asyncio

        value: ScriptValue = await asyncio.to_thread(read, form, text)
        return value

    async def _write(self, form: str, value: ScriptValue, pretty: bool) -> str:
        import asyncio

        return await asyncio.to_thread(write, form, value, pretty=pretty)


def _known(function: str, position: int, parameter: str, form: str) -> str:
    found = {"yml": "yaml"}.get(form.lower(), form.lower())
    if found not in FORMS:
        raise NoSuchForm(function, position, parameter, form, FORMS)
    return found
