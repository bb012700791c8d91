"""The files that ``mock:FILE`` answers from: what may stand in them, and where they are wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

from llmspell_bridges.llm.failures import Reason
from llmspell_bridges.llm.models import ToolCall
from llmspell_core.errors import UsageError, closest

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BadMockFile", "MockReply", "read_replies"]

_ANSWERS = ("text", "chunks", "tool_calls", "error", "echo")


class BadMockFile(UsageError):
    """A file of mock replies cannot be read; the message names file, reply and field."""

    def __init__(self, file: str, where: str, problem: str) -> None:
        self.file, self.where, self.problem = file, where, problem
        super().__init__(f"mock file {file!r}: {where + ': ' if where else ''}{problem}")


@dataclass(frozen=True)
class MockReply:
    """One reply of a mock file."""

    text: str = ""
    chunks: tuple[str, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    error: Mapping[str, Any] | None = None
    echo: bool = False
    match: re.Pattern[str] | None = None
    delay: float = 0.0
    usage: Mapping[str, Any] = field(default_factory=dict)


def read_replies(file: str) -> list[MockReply]:
    """Return the replies of a file.

    :raises BadMockFile: naming file, reply and field
    """
    found, usage = _load(file), {}
    if isinstance(found, dict):
        _known(found, ("replies", "usage"), file, "")
        usage = _Reader(file, "").usage(found.get("usage") or {})
        found = found.get("replies")
    if not isinstance(found, list):
        raise BadMockFile(file, "", f"expected a list of replies, or a map with 'replies', got {_shown(found)}")
    return [_Reader(file, f"reply {i}").reply(entry, usage) for i, entry in enumerate(found, 1)]


def _load(file: str) -> Any:
    try:
        with open(file, encoding="utf-8") as stream:
            text = stream.read()
    except (OSError, UnicodeDecodeError) as error:
        raise BadMockFile(file, "", f"cannot be read: {error}") from error
    if file.endswith(".json"):
        try:
            return json.loads(text)
        except ValueError as error:
            raise BadMockFile(file, "", f"is no JSON: {error}") from error
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadMockFile(file, "", f"is no YAML: {' '.join(str(error).split())}") from error


@dataclass(frozen=True)
class _Reader:
    """Reads one entry of a mock file and says where it is wrong."""

    file: str
    where: str

    def reply(self, entry: Any, usage: Mapping[str, Any]) -> MockReply:
        if isinstance(entry, str):
            return MockReply(entry, usage=usage)
        self._check(entry, dict, "", "a text or a map")
        _known(entry, (*_ANSWERS, "match", "delay", "usage"), self.file, self.where)
        if entry.keys().isdisjoint(_ANSWERS):
            raise BadMockFile(self.file, self.where, f"needs one of {', '.join(_ANSWERS)}")
        chunks = self._take(entry, "chunks", list, "a list of texts", [])
        return MockReply(
            text=self._take(entry, "text", str, "text (put it in quotes)", ""),
            chunks=tuple(self._check(chunk, str, "chunks", "a list of texts") for chunk in chunks),
            tool_calls=tuple(self._tool_calls(entry)),
            error=self._error(entry),
            echo=self._take(entry, "echo", bool, "true or false", False),
            match=self._match(entry),
            delay=self._take(entry, "delay", (int, float), "seconds", 0.0),
            usage={**usage, **self.usage(self._take(entry, "usage", dict, "a map", {}))},
        )

    def usage(self, usage: Any) -> dict[str, Any]:
        self._check(usage, dict, "usage", "a map")
        _known(usage, ("input_tokens", "output_tokens", "cost"), self.file, f"{self.where} usage".strip())
        return {name: self._check(value, (int, float), f"usage.{name}", "a number") for name, value in usage.items()}

    def _tool_calls(self, entry: Any) -> Iterator[ToolCall]:
        for i, call in enumerate(self._take(entry, "tool_calls", list, "a list", []), 1):
            self._check(call, dict, "tool_calls", "a list of maps with name and arguments")
            _known(call, ("id", "name", "arguments"), self.file, f"{self.where} tool_calls")
            if "name" not in call:
                raise BadMockFile(self.file, self.where, f"field 'tool_calls': call {i} has no name")
            arguments = self._take(call, "arguments", dict, "a map", {})
            yield ToolCall(self._take(call, "id", str, "text", f"call_{i}"), str(call["name"]), arguments)

    def _error(self, entry: Any) -> Mapping[str, Any] | None:
        if "error" not in entry:
            return None
        error = self._take(entry, "error", dict, "a map with reason, message, status", {})
        _known(error, ("kind", "reason", "message", "status", "retry_after"), self.file, f"{self.where} error")
        reason = error.get("reason", error.get("kind", "server"))
        if reason not in get_args(Reason):
            there = ", ".join(get_args(Reason))
            raise BadMockFile(self.file, self.where, f"field 'error': no reason is named {reason!r}; there are {there}")
        return {**error, "reason": reason}

    def _match(self, entry: Any) -> re.Pattern[str] | None:
        pattern = self._take(entry, "match", str, "a regular expression", None)
        try:
            return None if pattern is None else re.compile(pattern)
        except re.error as error:
            raise BadMockFile(self.file, self.where, f"field 'match': {error}") from error

    def _take(self, entry: Any, name: str, kind: type | tuple[type, ...], word: str, default: Any) -> Any:
        return self._check(entry[name], kind, name, word) if name in entry else default

    def _check(self, value: Any, kind: type | tuple[type, ...], name: str, word: str) -> Any:
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            place = f"field {name!r}: " if name else ""
            raise BadMockFile(self.file, self.where, f"{place}expected {word}, got {_shown(value)}")
        return value


def _known(entry: Mapping[Any, Any], names: tuple[str, ...], file: str, where: str) -> None:
    for name in entry:
        if name not in names:
            hint = closest(str(name), names) or f"; there are {', '.join(names)}"
            raise BadMockFile(file, where, f"field {name!r} is unknown{hint}")


def _shown(value: Any) -> str:
    return "nothing" if value is None else f"{type(value).__name__} {value!r}"[:60]
