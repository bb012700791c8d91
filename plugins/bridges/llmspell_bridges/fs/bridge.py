"""The bridge ``fs``."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict

from llmspell_bridges.fs import private
from llmspell_bridges.fs.failures import FileFailed, failing
from llmspell_bridges.fs.files import Files, TooLarge, TooMany
from llmspell_bridges.fs.glob import BadPattern, Glob, Search, TooMuch
from llmspell_bridges.fs.settings import FsSettings
from llmspell_core.bridge import Bridge, expose
from llmspell_core.errors import LimitExceeded
from llmspell_core.guard import NotGranted
from llmspell_core.policy import Decision
from llmspell_core.values import ScriptValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from llmspell_core.bridge import Context

__all__ = ["FileRecord", "FsBridge"]

# The bridge has a method of the name `list`.
Names: TypeAlias = list[str]

_MAX_BYTES = 16 * 2**20
_MAX_ENTRIES = 100_000


class FileRecord(TypedDict):
    """What is at a path.

    :param kind: a file, a folder, or something else
    :param size: in bytes
    :param modified: when it was last changed, Unix seconds
    """

    kind: Literal["file", "folder", "other"]
    size: int
    modified: float


class FsBridge(Bridge):
    """Read and write files in the folders that the caller granted.

    Relative paths begin at the folder in which llmspell was started. Links are followed as far as what they lead to was
    granted. Text is UTF-8. A file with several names (hard links) is refused unless all files were granted.
    """

    name = "fs"
    settings = FsSettings
    aliases = ("storage",)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        options = context.options
        self._max_bytes = int(options.get("max_bytes", _MAX_BYTES))
        self._files = Files(self._max_bytes, int(options.get("max_entries", _MAX_ENTRIES)))

    @expose(needs="read:{path}")
    async def read(self, path: str, *, bytes: bool = False) -> str | bytes:
        """Return what a file holds.

        :param path: the file
        :param bytes: return bytes instead of text
        """
        data = await self._read(path)
        return data if bytes else _text(path, data)

    @expose(needs="write:{path}")
    async def write(self, path: str, data: str | bytes) -> None:
        """Make a file hold the data and nothing else; it is made when it is not there.

        :param path: the file
        :param data: what to write
        """
        await self._write(self._files.write, path, data)

    @expose(needs="write:{path}")
    async def append(self, path: str, data: str | bytes) -> None:
        """Add data to the end of a file, which is made when it is not there.

        :param path: the file
        :param data: what to add
        """
        await self._write(self._files.append, path, data)

    @expose(needs="read:{path}")
    async def exists(self, path: str) -> bool:
        """Tell whether there is a file or a folder.

        :param path: where
        """
        real = self._real("read", path)
        return bool(await self._run(path, self._files.exists, real))

    @expose(needs="read:{path}")
    async def list(self, path: str = ".") -> Names:
        """Return the names of what is in a folder, sorted.

        :param path: the folder
        """
        real = self._real("read", path)
        names: Names = await self._run(path, self._files.list, real)
        return names

    @expose(needs="write:{path}")
    async def delete(self, path: str, *, recursive: bool = False) -> bool:
        """Remove a file or a folder, and tell whether there was one; of a link, the link itself.

        :param path: what to remove
        :param recursive: remove a folder with all that is in it
        """
        real = self._itself(path)
        if recursive and self.context.policy.denies_below("write", real):
            refusal = Decision(f"write:{path}", False, "deny write of something in it")
            self.context.guard.refused(refusal.capability, refusal.rule, self.name)
            raise NotGranted(refusal, "fs.delete")
        return bool(await self._run(path, self._files.delete, real, recursive=recursive))

    @expose(needs="write:{path}")
    async def mkdir(self, path: str, *, parents: bool = False) -> None:
        """Make a folder.

        :param path: the folder
        :param parents: make the folders above it too, and accept that it is there already
        """
        real = self._real("write", path)

        def may_make(made: str) -> None:
            if made != real:
                self.context.confirm(f"write:{made}")

        await self._run(path, self._files.mkdir, real, parents=parents, may_make=may_make, absent=_NO_FOLDER)

    @expose(needs="read:{path}")
    async def stat(self, path: str) -> FileRecord:
        """Return what is at a path: its kind, size and time of change.

        :param path: the file or folder
        """
        found = await self._run(path, self._files.stat, self._real("read", path))
        return FileRecord(kind=found.kind, size=found.size, modified=found.modified)

    @expose(needs="read:{pattern}")
    async def glob(self, pattern: str) -> Names:
        """Return the paths that match a pattern, sorted; names that begin with a dot match only a dot.

        :param pattern: a path in which ``*`` and ``?`` stand for parts of a name, ``**`` for any folders
        """
        policy, real = self.context.policy, self._real("read", pattern)
        try:
            glob = Glob(pattern, real)
        except BadPattern as error:
            raise FileFailed(pattern, "invalid", str(error)) from error
        if not glob.parts:
            return [pattern] if await self._run(pattern, self._files.exists, real) else []
        looks = policy.denies_below("read", glob.root)
        search = Search(self._files.max_entries, lambda path: not looks or policy.decide(f"read:{path}").allowed)
        found: Names = await self._run(pattern, search.paths, glob)
        return found

    @expose(needs="read:{path}")
    async def read_json(self, path: str) -> ScriptValue:
        """Return the value that a file of JSON holds.

        :param path: the file
        """
        text = _text(path, await self._read(path))
        try:
            value: ScriptValue = json.loads(text, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise FileFailed(path, "not_json", f"it is not valid JSON: {error}") from error
        return value

    @expose(needs="write:{path}")
    async def write_json(self, path: str, value: ScriptValue, *, indent: int | None = None) -> None:
        """Make a file hold a value as JSON.

        :param path: the file
        :param value: what to write: nil, booleans, numbers, text, lists and maps
        :param indent: spaces to indent by; all on one line when left out
        """
        try:
            text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
        except (TypeError, ValueError) as error:
            raise FileFailed(path, "not_json", f"JSON has no form for the value: {error}") from error
        await self._write(self._files.write, path, text + "\n")

    async def _read(self, path: str) -> bytes:
        real = self._real("read", path)
        data: bytes = await self._run(path, self._files.read, real, hard_links=self._all("read"))
        return data

    async def _write(self, write: Callable[..., None], path: str, data: str | bytes) -> None:
        raw = data if isinstance(data, bytes) else data.encode()
        await self._run(path, write, self._real("write", path), raw, absent=_NO_FOLDER, hard_links=self._all("write"))

    def _real(self, kind: str, path: str) -> str:
        """Return where what was granted is; the way there is walked without following a link."""
        real = self.context.confirm(f"{kind}:{path}").path or os.path.realpath(path)
        try:
            private.check(kind, real)
        except private.HoldsKeys:
            self.context.guard.refused(f"{kind}:{path}", "keys are kept there", self.name)
            raise
        return real

    def _itself(self, path: str) -> str:
        """Return where a path is, a link at its end not followed."""
        real, written = self._real("write", path), os.path.abspath(path)
        own = os.path.join(os.path.realpath(os.path.dirname(written)), os.path.basename(written))
        if own != real:
            self.context.confirm(f"write:{os.path.dirname(own)}")
        return own

    def _all(self, kind: str) -> bool:
        return self.context.policy.decide(f"{kind}:").allowed

    async def _run(self, path: str, function: Callable[..., Any], *args: Any, absent: str = "", **named: Any) -> Any:
        import asyncio

        with failing(path, absent), self._bounded(path):
            return await asyncio.to_thread(function, *args, **named)

    @contextmanager
    def _bounded(self, path: str) -> Iterator[None]:
        files = self._files
        try:
            yield
        except TooLarge as error:
            message = f"{path!r}: a file may have {files.max_bytes} bytes at the most; use less, or several files"
            raise LimitExceeded("file_bytes", files.max_bytes, message) from error
        except (TooMany, TooMuch) as error:
            message = f"{path!r}: there is more here than {files.max_entries} entries; look in a smaller folder"
            raise LimitExceeded("file_entries", files.max_entries, message) from error


_NO_FOLDER = "the folder that it is to be in is not there; make that by mkdir, with the option 'parents'"


def _text(path: str, data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise FileFailed(path, "not_text", "it is not UTF-8; read it with the option 'bytes'") from error


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
