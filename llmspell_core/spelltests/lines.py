"""Which lines of the files of spells the tests run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from llmspell_core import plugins
from llmspell_core.engine import Feature
from llmspell_core.spelltests.files import is_test_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from llmspell_core.casts import Cast
    from llmspell_core.protocol import Ran
    from llmspell_core.spells import Spell

__all__ = ["Lines"]


class Lines:
    """What ran of each file that a spell cast has, but for files of tests."""

    def __init__(self) -> None:
        self.ran: dict[str, set[int]] = {}
        """Lines by the path of their file."""
        self.engines: dict[str, str] = {}
        """The engine that a file was run with."""
        self.silent: set[str] = set()
        """Engines that do not tell which lines run."""

    def note(self, cast: Cast, ran: Sequence[Ran]) -> None:
        """Note that a cast begins, or which lines it has run now; for ``Runner(coverage=)``."""
        folder = _folder(cast.spell)
        if folder is None:
            return
        if not ran:
            self._begin(cast, folder)
        for each in ran:
            path = os.path.join(folder, each.file)
            if path in self.ran:
                self.ran[path].update(each.lines)

    def _begin(self, cast: Cast, folder: str) -> None:
        info = plugins.engine_class(cast.engine).info
        if Feature.COVERAGE not in info.features:
            self.silent.add(cast.engine)
            return
        for name in (cast.spell.file, *cast.spell.modules):
            path = os.path.join(folder, name)
            if name.endswith(info.extensions) and not is_test_file(path):
                self.ran.setdefault(path, set())
                self.engines[path] = cast.engine

    def within(self, folders: Iterable[os.PathLike[str]]) -> dict[str, list[int]]:
        """Return what ran of the files in some folders that are still there."""
        inside = tuple(os.path.join(os.path.realpath(folder), "") for folder in folders)
        there = (path for path in sorted(self.ran) if path.startswith(inside) and os.path.isfile(path))
        return {path: sorted(self.ran[path]) for path in there}

    def dump(self) -> dict[str, Any]:
        """Return all of it as plain values, for :meth:`add` in another process."""
        ran = {path: sorted(lines) for path, lines in self.ran.items()}
        return {"ran": ran, "engines": dict(self.engines), "silent": sorted(self.silent)}

    def add(self, dumped: dict[str, Any]) -> None:
        """Add what another process has noted."""
        for path, lines in dumped["ran"].items():
            self.ran.setdefault(path, set()).update(lines)
        self.engines.update(dumped["engines"])
        self.silent.update(dumped["silent"])


def _folder(spell: Spell) -> str | None:
    """Return the folder that the names of a spell's files begin in; None where it lies in no file."""
    if spell.folder is not None:
        return spell.folder
    return os.path.dirname(spell.home) if spell.home else None
