"""What came of a request to a model, as the journal keeps it, so that no model is asked twice for one answer."""

from __future__ import annotations

from dataclasses import asdict
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from llmspell_bridges.llm.failures import ProviderFailed
from llmspell_bridges.llm.models import Reply, ToolCall, Vectors

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from llmspell_bridges.llm.passing import Asked
    from llmspell_core.bridge import Context

__all__ = ["asked_once", "key_text", "reply_from", "reply_record"]

_SHOWN = 40


def key_text(model: str, asked: Asked, what: str = "") -> str:
    """Return what a request is called: the model, how the last message begins, and what tells it from all others."""
    last = asked.messages[-1].content if asked.messages else ""
    tools = [(tool.name, tool.description, tool.schema) for tool in asked.tools]
    # An attachment's data is no part of its text.
    data = [each.data for message in asked.messages for each in message.attachments]
    digest = sha256(repr((asked.messages, data, asked.settings, tools)).encode(errors="surrogatepass")).hexdigest()
    return " ".join(filter(None, (model, what, repr(last[:_SHOWN]), digest[:16])))


async def asked_once(context: Context, key: str, ask: Callable[[], Awaitable[tuple[Reply, int]]]) -> tuple[Reply, int]:
    """Return what a model answered and how many requests that took, asked now or before the run was interrupted.

    :raises ProviderFailed: when it gave no answer, now or then
    """
    if context.recall is None:
        return await ask()
    asked = False

    async def do() -> dict[str, Any]:
        nonlocal asked
        asked = True
        try:
            reply, requests = await ask()
        except ProviderFailed as failure:
            return {"failed": _failure_record(failure)}
        return {**reply_record(reply), "requests": requests}

    kept = await context.once(key, do)
    if "failed" in kept:
        raise _failure_from(kept["failed"])
    reply = reply_from(kept)
    if not asked:
        # The run has it among what it spent; an agent's share begins anew.
        context.purse.paying().remember(kept["requests"], reply.input_tokens, reply.output_tokens, reply.cost)
    return reply, kept["requests"]


def reply_record(reply: Reply) -> dict[str, Any]:
    """Return a reply as a script value."""
    record = asdict(reply)
    record["tool_calls"] = [{**asdict(call), "arguments": dict(call.arguments)} for call in reply.tool_calls]
    if isinstance(reply, Vectors):
        record["vectors"] = [list(vector) for vector in reply.vectors]
    return record


def reply_from(record: dict[str, Any]) -> Reply:
    """Return the reply of a script value."""
    fields = {name: value for name, value in record.items() if name not in ("requests", "tool_calls", "vectors")}
    fields["tool_calls"] = tuple(ToolCall(**call) for call in record["tool_calls"])
    if "vectors" in record:
        return Vectors(**fields, vectors=tuple(record["vectors"]))
    return Reply(**fields)


def _failure_record(failure: ProviderFailed) -> dict[str, Any]:
    return {
        "model": failure.model,
        "reason": failure.reason,
        "message": str(failure).removeprefix(f"{failure.model}: "),
        "status": failure.status,
        "retry_after": failure.retry_after,
        "charged": failure.charged,
    }


def _failure_from(record: dict[str, Any]) -> ProviderFailed:
    model, reason, message = record["model"], record["reason"], record["message"]
    known = {name: record[name] for name in ("status", "retry_after", "charged")}
    return ProviderFailed(model, reason, message, **known)
