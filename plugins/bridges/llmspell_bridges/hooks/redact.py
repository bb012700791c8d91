"""Take out of what goes to models and tools, and of what comes back, what tells who somebody is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from llmspell_bridges.guardrails import pii
from llmspell_bridges.hooks.ready_made import ReadyMade, texts
from llmspell_bridges.hooks.words import LONGEST, MOST, Words
from llmspell_core.errors import BadArgument

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from llmspell_core.actions import Action
    from llmspell_core.standing import Rest

__all__ = ["Redact", "Side"]

Side: TypeAlias = Literal["input", "output", "both"]


class Redact(ReadyMade):
    """Puts ``[email]``, ``[phone]``, ... in the place of what it finds, and ``[redacted]`` in that of words.

    :param kinds: what is looked for
    :param words: texts that are taken out as well, whatever their case; at most 10,000 of at most 256 characters
    :param on: whether the arguments are looked at, the result, or both
    """

    def __init__(
        self,
        at: str | Sequence[str] = ("llm", "tool"),
        *,
        kinds: Sequence[pii.Kind] = pii.KINDS,
        words: Sequence[str] = (),
        on: Side = "both",
    ) -> None:
        super().__init__(at)
        texts("redact", "kinds", kinds, pii.KINDS)
        self._kinds, self._on = kinds, on
        given = [word for word in texts("redact", "words", words) if word]
        if len(given) > MOST or any(len(word) > LONGEST for word in given):
            problem = f"has at most {MOST} texts, of at most {LONGEST} characters each; name what is in most of them"
            raise BadArgument("hooks.redact", None, "words", problem)
        self._words = Words(given) if given else None

    async def around(self, action: Action, rest: Rest) -> Any:
        """Return what comes of an action, its texts redacted."""
        if self._on != "output":
            # What the model may call is not what is said to it.
            told = {name: value for name, value in action.arguments.items() if name not in ("options", "tools")}
            action.arguments.update(await self._retold(told))
        result = await rest()
        return result if self._on == "input" else await self._retold(result)

    async def _retold(self, value: Any) -> Any:
        length = 0

        def measured(text: str) -> str:
            nonlocal length
            length += len(text)
            return text

        _retold(value, measured)
        return await pii.aside(length, lambda: _retold(value, self._redacted))

    def _redacted(self, text: str) -> str:
        text = pii.redacted(text, self._kinds)
        return text if self._words is None else self._words.replaced(text, "[redacted]")


def _retold(value: Any, change: Callable[[str], str]) -> Any:
    """Return a value with other texts in its lists, maps and records; what has no other text is itself."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _retold(part, change) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_retold(part, change) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: getattr(value, field.name) for field in fields(value) if field.init}
        told = {name: _retold(part, change) for name, part in parts.items() if name in _TOLD}
        return replace(value, **{name: part for name, part in told.items() if part != parts[name]})
    return value


_TOLD = ("content", "text", "tool_calls", "tool_call", "arguments")
"""The parts of messages and answers that somebody said; the others are names and numbers."""
