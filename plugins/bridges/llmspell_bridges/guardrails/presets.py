"""The rules that come ready-made."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from llmspell_bridges.guardrails import pii
from llmspell_bridges.guardrails.rails import Rail, map_texts, texts
from llmspell_core.errors import BadArgument

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmspell_bridges.guardrails.rails import Side

__all__ = ["PRESETS", "BannedWords", "JsonSchema", "MaxSize", "MessageCount", "Pii", "RequiredKeys"]


class RequiredKeys(Rail):
    """A map that has certain keys; of a text, the JSON object that it is."""

    def __init__(self, name: str, sides: Iterable[Side], *, keys: Sequence[str]) -> None:
        super().__init__(name, sides)
        self._keys = keys

    async def _passed(self, value: Any, side: Side) -> Any:
        found = _parsed(value)
        if not isinstance(found, Mapping):
            raise self.broken("is no map", side)
        if missing := [key for key in self._keys if key not in found]:
            raise self.broken(f"lacks {', '.join(map(repr, missing))}", side)
        return value


class MessageCount(Rail):
    """A conversation of so many messages; anything else counts as one."""

    def __init__(self, name: str, sides: Iterable[Side], *, min: int = 1, max: int | None = None) -> None:
        super().__init__(name, sides)
        if max is not None and max < min:
            raise BadArgument("guardrails.preset", None, "max", f"must be at least min, which is {min}, not {max}")
        self._min, self._max = min, max

    async def _passed(self, value: Any, side: Side) -> Any:
        count = len(value) if isinstance(value, list) else 1
        if count < self._min or (self._max is not None and count > self._max):
            allowed = f"at least {self._min}" if self._max is None else f"{self._min} to {self._max}"
            raise self.broken(f"has {count} messages, and may have {allowed}", side)
        return value


class MaxSize(Rail):
    """At most so many bytes: of a text as UTF-8, of anything else as JSON."""

    def __init__(self, name: str, sides: Iterable[Side], *, max: int) -> None:
        super().__init__(name, sides)
        self._max = max

    async def _passed(self, value: Any, side: Side) -> Any:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        if (size := len(text.encode(errors="surrogatepass"))) > self._max:
            raise self.broken(f"has {size} bytes, and may have {self._max}", side)
        return value


class BannedWords(Rail):
    """None of certain words, whatever their case; a word is banned as a whole, not as a part of another."""

    def __init__(self, name: str, sides: Iterable[Side], *, words: Sequence[str]) -> None:
        super().__init__(name, sides)
        longest_first = sorted(words, key=len, reverse=True)
        self._banned = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)
        self._any = bool(words)

    async def _passed(self, value: Any, side: Side) -> Any:
        for text in texts(value):
            if self._any and (found := self._banned.search(text)):
                raise self.broken(f"has the banned word {found[0]!r}", side)
        return value


class Pii(Rail):
    """Nothing that tells who somebody is; or what does so taken out."""

    def __init__(
        self,
        name: str,
        sides: Iterable[Side],
        *,
        kinds: Sequence[pii.Kind] = pii.KINDS,
        action: Literal["refuse", "redact"] = "refuse",
    ) -> None:
        super().__init__(name, sides)
        self._kinds, self._action = kinds, action

    async def _passed(self, value: Any, side: Side) -> Any:
        length = sum(map(len, texts(value)))
        if self._action == "redact":
            return await pii.aside(length, lambda: map_texts(value, lambda text: pii.redacted(text, self._kinds)))
        # What was found is not told: the error goes where the value may not.
        if held := await pii.aside(
            length, lambda: {kind for text in texts(value) for kind in pii.found(text, self._kinds)}
        ):
            raise self.broken(f"holds {', '.join(sorted(held))}", side)
        return value


class JsonSchema(Rail):
    """Valid by a JSON Schema; of a text, the JSON that it is."""

    def __init__(self, name: str, sides: Iterable[Side], *, schema: Mapping[str, Any]) -> None:
        super().__init__(name, sides)
        self._schema = schema

    async def _passed(self, value: Any, side: Side) -> Any:
        from llmspell_bridges.structured.checking import aside
        from llmspell_bridges.structured.schema import check

        if problems := await aside(check, _parsed(value), self._schema):
            raise self.broken("; ".join(f"{problem.path}: {problem.message}" for problem in problems[:5]), side)
        return value


PRESETS: Mapping[str, Callable[..., Rail]] = {
    "banned_words": BannedWords,
    "json_schema": JsonSchema,
    "max_size": MaxSize,
    "message_count": MessageCount,
    "pii": Pii,
    "required_keys": RequiredKeys,
}


def _parsed(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
