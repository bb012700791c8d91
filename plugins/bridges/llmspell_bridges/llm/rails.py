"""A call's guardrails: what the messages, and then the answer, have to keep."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from llmspell_bridges.guardrails.attached import attached
from llmspell_bridges.guardrails.rails import guarded
from llmspell_bridges.llm.models import Message
from llmspell_core.errors import CallError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmspell_bridges.llm.records import Options
    from llmspell_core.bridge import Context

__all__ = ["Guards"]

_ROLES = ("system", "user", "assistant", "tool")


class Guards:
    """The rules of one call.

    :raises UnknownGuardrail: when one of them is named that the run does not have
    """

    def __init__(self, context: Context, options: Options) -> None:
        self._rails = attached(context, options.guardrails) if options.guardrails else ()

    def __bool__(self) -> bool:
        return bool(self._rails)

    async def messages(self, messages: Sequence[Message]) -> Sequence[Message]:
        """Return the messages as the rules leave them; a rule sees ``[{role, content}]``.

        :raises GuardrailViolated: when they break one
        """
        if not self._rails:
            return messages
        seen = [{"role": message.role, "content": message.content} for message in messages]
        left = await guarded(self._rails, seen, "input")
        return messages if left == seen else _as_left(messages, left)

    async def text(self, text: str) -> str:
        """Return an answer's text as the rules leave it; :raises GuardrailViolated: when it breaks one."""
        said = await guarded(self._rails, text, "output")
        if not isinstance(said, str):
            raise _misplaced("an answer", "a text", said)
        return said


def _as_left(messages: Sequence[Message], left: Any) -> list[Message]:
    before = list(messages) if isinstance(left, list) and len(left) == len(messages) else []
    made = []
    for i, each in enumerate(left if isinstance(left, list) else [left]):
        role, content = (each.get("role"), each.get("content")) if isinstance(each, dict) else (None, None)
        if role not in _ROLES or not isinstance(content, str):
            raise _misplaced("messages", "a list of {role, content}", each)
        same = bool(before) and before[i].role == role
        made.append(replace(before[i], content=content) if same else Message(role, content))
    return made


def _misplaced(what: str, wanted: str, got: object) -> CallError:
    return CallError(f"a guardrail put {got!r:.60} in the place of {what}; return {{value = {wanted}}}")
