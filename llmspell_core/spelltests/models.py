"""A model whose replies the test has written; no provider is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_core.bridge import Handle, expose
from llmspell_core.errors import LlmspellError
from llmspell_core.spelltests.answering import Answering
from llmspell_core.values import Function

if TYPE_CHECKING:
    from llmspell_core.actions import Action
    from llmspell_core.points import Points

__all__ = ["BadReply", "FakeModel", "NoReply"]


class NoReply(LlmspellError):
    """A fake model was asked more often than there are replies."""

    kind = "no_reply"

    def __init__(self, count: int, prompt: str) -> None:
        replies = f"{count} {'reply' if count == 1 else 'replies'}"
        super().__init__(
            f"the fake model has {replies} and was asked once more, {prompt[:100]!r}; add one, or give a function"
        )


class BadReply(LlmspellError):
    """A reply of a fake model is nothing that a model answers."""

    kind = "argument"

    def __init__(self, number: int, problem: str) -> None:
        super().__init__(
            f"reply {number} of the fake model {problem}; write text, {{text, tool_calls}} with the name and "
            f"arguments of each call, or a function that returns either"
        )


class FakeModel(Handle):
    """A model whose replies the test has written; it answers in the place of every model."""

    def __init__(self, points: Points, replies: Any) -> None:
        self._points, self._replies = points, replies
        self._asked: list[dict[str, Any]] = []
        self._standing = Answering("llm", self._reply, "fake model")
        points.stand(self._standing)

    @expose
    def requests(self) -> list[dict[str, Any]]:
        """Return what it was asked so far: ``{model, prompt}`` each, the prompt being the last message's text."""
        return list(self._asked)

    @expose
    def restore(self) -> None:
        """Let models answer by themselves again."""
        self._points.drop(lambda each: each is self._standing)

    async def _reply(self, action: Action) -> Any:
        """Return the next reply."""
        asked = {"model": action.name, "prompt": _last_text(action.arguments.get("messages"))}
        self._asked.append(asked)
        number, replies = len(self._asked), self._replies
        if isinstance(replies, list):
            if number > len(replies):
                raise NoReply(len(replies), asked["prompt"])
            replies = replies[number - 1]
        reply = await replies(asked["prompt"]) if isinstance(replies, Function) else replies
        return _completed(reply, number)


def _completed(reply: Any, number: int) -> Any:
    """Return a reply with what the test need not say: a text beside calls of tools, and their ids and arguments."""
    if isinstance(reply, str):
        return reply
    if not isinstance(reply, dict):
        raise BadReply(number, f"is {'nothing' if reply is None else 'no text and no map'}")
    if not reply.get("tool_calls"):
        return reply
    calls = []
    for count, call in enumerate(reply["tool_calls"], 1):
        if not isinstance(call, dict) or not isinstance(call.get("name"), str):
            raise BadReply(number, "has a call without a name")
        calls.append({"id": f"call_{number}_{count}", **call, "arguments": call.get("arguments") or {}})
    return {"text": "", **reply, "tool_calls": calls}


def _last_text(messages: Any) -> str:
    last = messages[-1] if isinstance(messages, (list, tuple)) and messages else ""
    content = (
        last.get("content", "") if isinstance(last, dict) else getattr(last, "content", getattr(last, "text", last))
    )
    return content if isinstance(content, str) else str(content)
