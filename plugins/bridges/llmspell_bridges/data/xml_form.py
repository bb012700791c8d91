"""XML text, as xmltodict makes maps of it: ``@name`` for an attribute, ``#text`` for text beside others."""

from __future__ import annotations

from typing import Any

from llmspell_bridges.data.bounds import Sheet
from llmspell_bridges.data.failures import NotReadable
from llmspell_bridges.missing import LibraryMissing
from llmspell_core.errors import ConversionError
from llmspell_core.values import MAX_DEPTH, path_key

__all__ = ["read", "write"]


def read(text: str) -> Any:
    """Return the map that a text is: its root by name. A text may declare no document type, so no entities either."""
    from xml.parsers import expat

    xmltodict = _library()
    _look_over(expat, text)
    try:
        return xmltodict.parse(text.encode(), encoding="utf-8", disable_entities=True)
    except expat.ExpatError as error:
        raise _not_xml(expat, error) from None


def write(value: Any, *, pretty: bool) -> str:
    """Return the text of a map with one field, the root."""
    from xml.parsers import expat

    if not isinstance(value, dict) or len(value) != 1:
        raise ConversionError("XML has one root; write a map with one field")
    _refuse(value, "$")
    try:
        out = Sheet("xml")
        _library().unparse(value, output=out, pretty=pretty, indent="  ")
        text = out.getvalue()
        _look_over(expat, text)
    except (ValueError, TypeError, NotReadable) as error:
        raise ConversionError(f"XML has no form for it: {error}") from None
    return text


def _look_over(expat: Any, text: str) -> None:
    """Pass over a text that declares nothing and is not too deep."""
    # The text is no bytes any more, whatever it says of their encoding.
    parser = expat.ParserCreate("utf-8")
    depth = 0

    def start(*_: Any) -> None:
        nonlocal depth
        depth += 1
        if depth >= MAX_DEPTH:
            problem = f"it nests deeper than {MAX_DEPTH} levels"
            raise NotReadable("xml", problem, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)

    def end(*_: Any) -> None:
        nonlocal depth
        depth -= 1

    def refuse(*_: Any) -> None:
        problem = "a document type, and so entities, may not be declared; leave it out"
        raise NotReadable("xml", problem, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)

    parser.StartElementHandler, parser.EndElementHandler, parser.StartDoctypeDeclHandler = start, end, refuse
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        raise _not_xml(expat, error) from None


def _not_xml(expat: Any, error: Any) -> NotReadable:
    return NotReadable("xml", expat.ErrorString(error.code), error.lineno, error.offset + 1)


def _refuse(value: Any, path: str) -> None:
    """:raises ConversionError: where XML has no form for a value."""
    if isinstance(value, dict):
        for key, item in value.items():
            _refuse(item, path_key(path, key))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            if isinstance(item, list):
                raise ConversionError("XML has no form for a list in a list", f"{path}[{i}]")
            _refuse(item, f"{path}[{i}]")
    elif value is not None and not isinstance(value, (str, int, float)):
        raise ConversionError(f"XML has no form for {type(value).__name__}", path)


def _library() -> Any:
    try:
        import xmltodict
    except ModuleNotFoundError as error:
        raise LibraryMissing(error, "data") from None
    return xmltodict
