"""Which engine runs a spell: the caller's word, the manifest, the shebang, the file's extension, in this order."""

from __future__ import annotations

from itertools import pairwise
from os.path import basename, splitext
from typing import TYPE_CHECKING

from llmspell_core.errors import NotInstalled, PluginError, UsageError
from llmspell_core.plugins import engine_class, engine_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_core.engine import EngineInfo
    from llmspell_core.spells import Spell

__all__ = ["route"]


def route(spell: Spell, engine: str | None = None) -> str:
    """Return the name of the engine that runs the spell.

    :param engine: the caller's choice: an engine's name, or a language
    :raises NotInstalled: when the engine that is asked for is not installed
    :raises UsageError: saying what was tried, when nothing tells the language
    """
    if named := engine or spell.manifest.engine:
        return _named(named)
    interpreter = _interpreter(spell.source)
    extension = splitext(spell.file)[1].lower()
    found = (interpreter and _of_interpreter(interpreter)) or (extension and _by_extension(extension))
    if found:
        return found
    tried = [f"the shebang names {interpreter!r}" if interpreter else "it has no shebang"]
    tried.append(f"no installed engine has the extension {extension!r}" if extension else "its name has no extension")
    raise UsageError(
        f"cannot tell the language of {spell.file!r}: {', '.join(tried)}; name the engine with --engine"
        f" (installed: {', '.join(engine_names()) or 'none; install llmspell-lua or llmspell-js'})"
    )


_LANGUAGES = {"node": "javascript", "deno": "javascript", "bun": "javascript", "qjs": "javascript"}
"""Interpreters that are not called after their language."""


def _named(name: str) -> str:
    found = _find(name)
    if found is None:
        raise NotInstalled("engine", name, engine_names())
    return found


def _find(name: str) -> str | None:
    """Return the engine of that name, or the first of that language."""
    names = engine_names()
    name = name.lower()
    if name in names:
        return name
    language = _LANGUAGES.get(name, name)
    return next((info.name for info in _infos(names) if info.language.lower() == language), None)


def _of_interpreter(program: str) -> str | None:
    # `lua5.4` is what some systems call `lua`.
    return _find(program) or _find(program.rstrip("0123456789.-"))


def _by_extension(extension: str) -> str | None:
    names = engine_names()
    # The name is tried first because it is known without importing any engine.
    if extension[1:] in names:
        return extension[1:]
    return next((info.name for info in _infos(names) if extension in info.extensions), None)


def _infos(names: list[str]) -> Iterator[EngineInfo]:
    for name in names:
        try:
            yield engine_class(name).info
        except PluginError:
            # A broken engine is told of when it is asked for by name; it must not stop the others.
            continue


def _interpreter(source: str) -> str | None:
    """Return the engine or program that a shebang names: ``lua5.4``, or ``lua`` of ``llmspell run -e lua``."""
    if not source.startswith("#!"):
        return None
    words = source[2:].partition("\n")[0].split()
    for option, value in pairwise([*words, ""]):
        if option in ("-e", "--engine"):
            return value or None
        if option.startswith("--engine="):
            return option.partition("=")[2]
    if words and basename(words[0]) == "env":
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    program = basename(words[0]) if words else ""
    return None if program in ("", "llmspell") else program
