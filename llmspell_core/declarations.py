"""Files made from the installed bridges: editor declarations and reference pages, written and checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from llmspell_core.apidoc import read_api
from llmspell_core.engine import Feature
from llmspell_core.errors import PluginError
from llmspell_core.facts import Fact, fact
from llmspell_core.library import LIBRARY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from llmspell_core.bridge import Bridge
    from llmspell_core.engine import Engine

__all__ = ["Installed", "check_reference", "check_stubs", "installed", "stubs", "write_reference", "write_stubs"]

_T = TypeVar("_T")


@fact
class Installed(Fact):
    """What of the installed plugins can be declared, and what is wrong with those that cannot."""

    bridges: tuple[type[Bridge], ...]
    engines: tuple[type[Engine], ...]
    broken: tuple[PluginError, ...]


def installed() -> Installed:
    """Return the installed bridges and engines; those that cannot be used are left out, with the reason."""
    from llmspell_core import plugins

    def declared(name: str) -> type[Bridge]:
        bridge = plugins.bridge_class(name)
        read_api([bridge])
        return bridge

    bridges, broken_bridges = _usable(declared, plugins.bridge_names())
    engines, broken_engines = _usable(plugins.engine_class, plugins.engine_names())
    return Installed(tuple(dict.fromkeys(bridges)), tuple(engines), (*broken_engines, *broken_bridges))


def write_stubs(
    directory: Path,
    bridges: Iterable[type[Bridge]] | None = None,
    engines: Iterable[type[Engine]] | None = None,
) -> list[Path]:
    """Write the declarations into the directory and return their files.

    :param bridges: to declare; all installed ones when left out
    :param engines: whose languages to write; all installed ones when left out
    """
    return _write(directory, stubs(bridges, engines))


def check_stubs(
    directory: Path,
    bridges: Iterable[type[Bridge]] | None = None,
    engines: Iterable[type[Engine]] | None = None,
) -> list[str]:
    """Return a sentence for each file that is missing or stale; none when all is fresh."""
    return _check(directory, stubs(bridges, engines), "llmspell stubs")


def write_reference(
    directory: Path,
    bridges: Iterable[type[Bridge]] | None = None,
    engines: Iterable[type[Engine]] | None = None,
) -> list[Path]:
    """Write a reference page for each bridge, with calls as the engines' languages write them, and return the files."""
    return _write(directory, _pages(bridges, engines))


def check_reference(
    directory: Path,
    bridges: Iterable[type[Bridge]] | None = None,
    engines: Iterable[type[Engine]] | None = None,
) -> list[str]:
    """Return a sentence for each reference page that is missing or stale."""
    return _check(directory, _pages(bridges, engines), "llmspell stubs --docs")


def stubs(
    bridges: Iterable[type[Bridge]] | None = None, engines: Iterable[type[Engine]] | None = None
) -> dict[str, str]:
    """Return the declarations by file name; engines of one language share theirs."""
    known = list(_installed_bridges() if bridges is None else bridges)
    bare, full = read_api(known), read_api([*known, *LIBRARY])
    files: dict[str, str] = {}
    for engine in _installed_engines() if engines is None else engines:
        files = engine.declare(full if Feature.LIBRARY in engine.info.features else bare) | files
    return dict(sorted(files.items()))


def _pages(bridges: Iterable[type[Bridge]] | None, engines: Iterable[type[Engine]] | None) -> dict[str, str]:
    from llmspell_core.reference import reference

    known = _installed_engines() if engines is None else engines
    # Engines of one language write calls alike. Those come first that have the names as the host has them.
    written = list({engine.info.language: engine for engine in known}.values())
    written.sort(key=lambda engine: engine.binding_name("two_words") != "two_words")
    return reference(read_api([*(_installed_bridges() if bridges is None else bridges), *LIBRARY]), written)


def _usable(load: Callable[[str], _T], names: Iterable[str]) -> tuple[list[_T], list[PluginError]]:
    found: list[_T] = []
    broken: list[PluginError] = []
    for name in names:
        try:
            found.append(load(name))
        except PluginError as error:
            broken.append(error)
    return found, broken


def _installed_bridges() -> list[type[Bridge]]:
    from llmspell_core import plugins

    return list(dict.fromkeys(plugins.bridge_class(name) for name in plugins.bridge_names()))


def _installed_engines() -> list[type[Engine]]:
    from llmspell_core import plugins

    return [plugins.engine_class(name) for name in plugins.engine_names()]


def _write(directory: Path, files: Mapping[str, str]) -> list[Path]:
    paths = []
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        paths.append(path)
    return paths


def _check(directory: Path, files: Mapping[str, str], command: str) -> list[str]:
    problems = []
    for name, text in files.items():
        path = directory / name
        if not path.exists():
            problems.append(f"{path} is missing; run `{command}`")
        elif path.read_bytes().replace(b"\r\n", b"\n") != text.encode():
            problems.append(f"{path} is stale; run `{command}`")
    return problems
