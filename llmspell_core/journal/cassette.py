"""What calls of a run came to, by what was asked, so that a spell runs again without a model: the cassette.

{"llmspell": "cassette", "version": 1}
{"call": "llm.chat", "arguments": {"prompt": "hi"}, "answer": "hello"}
{"call": "http.get", "arguments": {"url": "..."}, "error": {"kind": "http", "message": "..."}}
{"once": "openai:gpt-4o 3f2a", "within": "Agent.run", "answer": {...}}

One line for each request, in the order in which the answers came; values are written as in ``docs/protocol.md#wire``.
A cassette that one language recorded plays in every other. A request that is made again gets the next answer to it,
and the last one for ever after. Where ``***`` stands in a request, something secret stood, and any text fits. A run
that ``llmspell runs export`` has written plays as well.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import orjson

from llmspell_core.errors import LlmspellError, ProtocolError, UsageError, closest
from llmspell_core.journal.past import Done
from llmspell_core.secrets import Secrets
from llmspell_core.veils import VEIL
from llmspell_core.wire import decode_value, encode_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmspell_core.journal.recorded import Recorded

__all__ = ["Cassette", "CassetteError", "NotOnCassette", "OnMiss"]

VERSION = 1
_RUN = b'{"llmspell":"run"'
"""How an exported run begins."""
_ANY = r'(?:[^"\\]|\\.)*'
"""What stands for a secret within a JSON text."""
OnMiss: TypeAlias = Literal["fail", "live"]
"""What becomes of a request that the cassette has no answer to: it fails, or it is made."""


class CassetteError(UsageError):
    """A file is no cassette, or cannot be written; the message names the line."""

    kind = "cassette"


class NotOnCassette(LlmspellError):
    """The cassette that a spell runs on has no answer to what it asks for; ``data`` is ``{request}``."""

    kind = "not_on_cassette"

    def __init__(self, request: str, recorded: list[str]) -> None:
        self.data = {"request": request}
        near = closest(request, recorded) or f"; it has answers to {len(recorded)} other requests"
        super().__init__(f"the cassette has no answer to {request}{near}; record it anew, or play with --on-miss live")


class Cassette:
    """Dones by request, in memory.

    :param on_miss: what becomes of a request that it has no answer to
    """

    def __init__(self, on_miss: OnMiss = "live") -> None:
        self.on_miss = on_miss
        self._lines: list[dict[str, Any]] = []
        self._answers: dict[str, list[Done]] = {}
        self._played: dict[str, int] = {}
        self._veiled: list[tuple[re.Pattern[str], str]] = []
        self._recorded: dict[str, list[Recorded]] = {}
        self._given = Secrets()
        self._secrets = [self._given]

    def hide(self, secret: str | Secrets) -> None:
        """Have something be written nowhere on the cassette: a text of a call, or all secrets of a run."""
        if isinstance(secret, Secrets):
            self._secrets.append(secret)
            return
        self._given.add_given(secret)

    @classmethod
    def read(cls, path: str, on_miss: OnMiss = "fail") -> Cassette:
        """Return the cassette of a file, also of an exported run; :raises CassetteError: when it is none."""
        made = cls(on_miss)
        try:
            with open(path, "rb") as file:
                lines = file.read().splitlines()
        except OSError as error:
            raise CassetteError(
                f"the cassette {path!r} cannot be read: {error.strerror}; record it with --record"
            ) from error
        if lines and lines[0].startswith(_RUN):
            from llmspell_core.journal.recorded import recorded

            made._recorded = recorded((line.decode(errors="replace") for line in lines), path)
            return made
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                made._take(orjson.loads(line), first=number == 1)
            except (ValueError, TypeError, KeyError, ProtocolError) as error:
                raise CassetteError(
                    f"{path}:{number}: this is no line of a cassette ({error}); record it anew"
                ) from error
        return made

    def find(self, call: str, arguments: Mapping[str, Any]) -> Done | None:
        """Return the next answer to a call; None where it is to be made.

        :raises NotOnCassette: when there is none and it is not to be made
        """
        return self._find(f"{call} {_sorted(arguments)}")

    def find_once(self, within: str, key: str) -> Done | None:
        """Return the next answer to what is done once within a call; as :meth:`find`."""
        return self._find(f"{within}: {key}")

    def recorded(self, owner: str) -> list[Recorded]:
        """Return what an exported run has of a bridge or type of handles, once; :meth:`learn` takes it from there."""
        return self._recorded.pop(owner, [])

    def learn(self, call: str, arguments: Mapping[str, Any], done: Done) -> None:
        """Add what came of a call of an exported run."""
        self._learn({"call": call, "arguments": orjson.loads(encode_value(dict(arguments)))}, done)

    def learn_once(self, within: str, key: str, done: Done) -> None:
        """Add what came of doing something once within a call of an exported run."""
        self._learn({"once": key, "within": within}, done)

    def keep(self, call: str, arguments: Mapping[str, Any], value: Any, *, ok: bool) -> None:
        """Add what came of a call."""
        self._keep({"call": call, "arguments": orjson.loads(_sorted(arguments))}, value, ok)

    def keep_once(self, within: str, key: str, value: Any, *, ok: bool) -> None:
        """Add what came of doing something once within a call."""
        self._keep({"once": key, "within": within}, value, ok)

    def write(self, path: str, secrets: Secrets) -> None:
        """Write the cassette to a file that only its owner can read, without secrets.

        :param secrets: those of the host; what was to be hidden is hidden besides
        :raises CassetteError: when it cannot be written
        """
        lines = [{"llmspell": "cassette", "version": VERSION}, *self._lines]
        text = "".join(orjson.dumps(self._cleaned(line, secrets)).decode() + "\n" for line in lines)
        part = f"{path}.{os.getpid()}.part"
        try:
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(part, path)
        except OSError as error:
            raise CassetteError(
                f"the cassette {path!r} cannot be written: {error.strerror}; name another file"
            ) from error

    def _cleaned(self, line: dict[str, Any], host: Secrets) -> dict[str, Any]:
        for secrets in (host, *self._secrets):
            line = {name: secrets.clean(value) for name, value in line.items()}
        return line

    def _find(self, request: str) -> Done | None:
        if request not in self._answers:
            request = next((known for pattern, known in self._veiled if pattern.fullmatch(request)), request)
        answers = self._answers.get(request)
        if answers is None:
            if self.on_miss == "fail":
                raise NotOnCassette(request, list(self._answers))
            return None
        played = self._played.get(request, 0)
        self._played[request] = played + 1
        return answers[min(played, len(answers) - 1)]

    def _keep(self, request: dict[str, Any], value: Any, ok: bool) -> None:
        written = orjson.loads(encode_value(value))
        # That it is an error is said already, and needs no tag.
        self._lines.append({**request, "answer": written} if ok else {**request, "error": written["$"][1]})

    def _learn(self, request: dict[str, Any], done: Done) -> None:
        written = orjson.loads(done.text)
        self._take({**request, "answer": written} if done.ok else {**request, "error": written["$"][1]}, first=False)

    def _take(self, line: dict[str, Any], *, first: bool) -> None:
        if first:
            if line.get("llmspell") != "cassette":
                raise ValueError("a cassette begins with what it is")
            if line["version"] != VERSION:
                raise ValueError(f"it is of version {line['version']}, and this is {VERSION}")
            return
        self._lines.append(line)
        ok = "answer" in line
        written = line["answer"] if ok else {"$": ["error", line["error"]]}
        answer = Done(ok, orjson.dumps(written).decode())
        decode_value(answer.text)
        once = line.get("once")
        request = f"{line['call']} {_sorted_text(line['arguments'])}" if once is None else f"{line['within']}: {once}"
        if VEIL in request and request not in self._answers:
            self._veiled.append((re.compile(_ANY.join(map(re.escape, request.split(VEIL)))), request))
        self._answers.setdefault(request, []).append(answer)


def _sorted(arguments: Mapping[str, Any]) -> str:
    return _sorted_text(orjson.loads(encode_value(dict(arguments))))


def _sorted_text(data: Any) -> str:
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS).decode()
