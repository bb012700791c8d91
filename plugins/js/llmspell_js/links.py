"""Which files of a spell its entry imports by declaration: those that must be right before anything runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmspell_js.tree import parse, unquoted

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

__all__ = ["declared_files", "find"]

_ENDINGS = ("", ".js", ".mjs", ".cjs", ".json", "/index.js", "/index.mjs", "/index.cjs")
_GUESTS = frozenset({"channel", "core", "data", "errors", "json", "promise", "testing", "time"})
_RELATIVE = re.compile(r"\.\.?(?:/|\Z)")


def declared_files(entry: str, sources: Mapping[str, str], kinds: Mapping[str, str]) -> list[str]:
    """Return the entry and the files that it imports by declaration, by way of others too, in that order."""
    found = [entry]
    for file in found:
        if kinds[file] == "module":
            targets = {find(name, file, sources) for name in _imports(sources[file])}
            found += sorted(target for target in targets if target is not None and target not in found)
    return found


def find(name: str, asker: str, files: Container[str]) -> str | None:
    """Return the file that a name means to the file that asks; ``find`` in ``guest/modules.js`` says the same."""
    if name in _GUESTS or name.startswith("/"):
        return None
    folder = asker.split("/")[:-1]
    for base in [folder] if _RELATIVE.match(name) else [[], ["lib"], folder]:
        path = _join(base, name)
        if path is None:
            continue
        for ending in _ENDINGS:
            if path + ending in files:
                return path + ending
    return None


def _join(base: list[str], name: str) -> str | None:
    parts = [*base]
    for part in name.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _imports(source: str) -> Iterator[str]:
    for node in parse(source).children:
        if node.type in ("import_statement", "export_statement"):
            target = node.child_by_field_name("source")
            if target is not None:
                yield unquoted(target)
