"""The spell's own files: each is run once, when it is first imported, and stands for its last form's value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_lisp import flow, forms  # noqa: F401 - they register the special forms
from llmspell_lisp.builtin import Builtin
from llmspell_lisp.evaluate import Frame, Node, Scope, Steps, Wait
from llmspell_lisp.faults import Fault
from llmspell_lisp.objects import Package, Remote
from llmspell_lisp.promises import Promise
from llmspell_lisp.reader import Place, read
from llmspell_lisp.syntax import sequence

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EXTENSION", "Modules", "parse"]

EXTENSION = ".lisp"


def parse(source: str, file: str) -> Node:
    """Return the code of a file; :raises SpellSyntaxError: with file and line, when it is wrong."""
    return sequence(read(source, file))


class Modules:
    """The files of a program, and those of them that have been imported."""

    def __init__(self, files: Mapping[str, str], outermost: Scope) -> None:
        self._files, self._outermost = files, outermost
        self._run: dict[str, Promise] = {}
        self._importers: dict[str, str] = {}

    def builtin(self) -> Builtin:
        """Return the function behind ``(import name)``; its second argument is the file it stands in."""
        return Builtin("import", lambda name, importer: self._import(name, importer))

    def start(self, file: str) -> Frame:
        """Return a frame that runs a file in a scope of its own."""
        scope = Scope({}, self._outermost, "main")
        return Frame(self._steps(file, scope), Place(file, 1), scope)

    def _steps(self, file: str, scope: Scope) -> Steps:
        return (yield parse(self._files[file], file).start(scope))

    def _import(self, name: str, importer: str) -> Steps:
        host = self._outermost.names.get(name) if isinstance(name, str) else None
        if isinstance(host, (Remote, Package)):
            yield None
            return host
        file = self._find(name)
        if file in self._run:
            self._refuse_circle(file, importer)
            return (yield Wait(self._run[file]))
        promise = self._run[file] = Promise()
        self._importers[file] = importer
        try:
            value = yield self.start(file)
        except Fault as fault:
            promise.reject(fault)
            raise
        finally:
            self._importers.pop(file, None)
        promise.resolve(value)
        return value

    def _find(self, name: object) -> str:
        for file in (name, f"{name}{EXTENSION}", f"lib/{name}", f"lib/{name}{EXTENSION}"):
            if isinstance(file, str) and file.endswith(EXTENSION) and file in self._files:
                return file
        own = ", ".join(sorted(file for file in self._files if file.endswith(EXTENSION)))
        raise Fault(f"no file of the spell is called {name!r}; there are {own}")

    def _refuse_circle(self, file: str, importer: str) -> None:
        seen: str | None = importer
        while seen is not None and not self._run[file].settled:
            if seen == file:
                raise Fault(f"{file} imports itself by way of {importer}")
            seen = self._importers.get(seen)
