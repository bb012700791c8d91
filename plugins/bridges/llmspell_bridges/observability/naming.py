"""What actions are called in the words of the conventions, and what is said of them."""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Any

from llmspell_bridges.observability import conventions as names
from llmspell_core.errors import LlmspellError

if TYPE_CHECKING:
    from llmspell_core.actions import Action

__all__ = ["content", "error_type", "operation", "provider_and_model", "said_at_begin", "said_at_end", "span_name"]

_PREFIXES = {
    "spell": "invoke_workflow ",
    "agent": "invoke_agent ",
    "agent_turn": "agent_turn ",
    "workflow_step": "workflow_step ",
    "tool": "execute_tool ",
}


def span_name(action: Action) -> str:
    """Return what the span of an action is called."""
    if action.point == "llm":
        return f"{operation(action)} {provider_and_model(action.name)[1]}"
    return f"{_PREFIXES.get(action.point, '')}{action.name}"


def operation(action: Action) -> str:
    """Return what a model is asked to do."""
    return "embeddings" if action.arguments.get("embed") else "chat"


def provider_and_model(name: str) -> tuple[str, str]:
    """Return the provider of a model, as the conventions call it, and the model's own name."""
    provider, _, model = name.partition(":")
    return names.PROVIDERS.get(provider, provider), model or provider


def error_type(action: Action) -> str:
    """Return the kind of an action's error, empty where it has none."""
    error = action.error
    if error is None:
        return ""
    return error.kind if isinstance(error, LlmspellError) else type(error).__name__


def said_at_begin(action: Action) -> dict[str, Any]:
    """Return the attributes of an action that are known when it begins."""
    said = {names.RUN: action.run, **_OF_POINTS.get(action.point, _of_other)(action)}
    return {name: value for name, value in said.items() if value is not None}


def said_at_end(action: Action) -> dict[str, Any]:
    """Return the attributes of an action that are known when it has ended."""
    facts = action.facts
    said: dict[str, Any] = {names.ERROR_TYPE: error_type(action) or None}
    if action.point == "llm":
        reason = facts.get("finish_reason")
        said |= {
            names.RESPONSE_MODEL: facts.get("model"),
            names.FINISH_REASONS: None if reason is None else [reason],
            names.INPUT_TOKENS: facts.get("input_tokens"),
            names.OUTPUT_TOKENS: facts.get("output_tokens"),
            names.COST: facts.get("cost"),
            names.REQUESTS: facts.get("requests"),
            names.CACHED: facts.get("cached"),
        }
    elif action.point in ("spell", "agent"):
        usage = facts.get("usage")
        said |= {f"llmspell.usage.{name}": value for name, value in ({} if usage is None else usage.as_dict()).items()}
    elif action.point == "span":
        said |= facts.get("attributes", {})
    return {name: value for name, value in said.items() if value is not None}


def content(action: Action) -> dict[str, str]:
    """Return what was said to a model or a tool and what came back, as JSON."""
    if action.point == "llm":
        answer = getattr(action.result, "text", None)
        return {
            names.INPUT_MESSAGES: _json([_message(each) for each in action.arguments.get("messages", ())]),
            **({} if answer is None else {names.OUTPUT_MESSAGES: _json([_said("assistant", answer)])}),
        }
    if action.point == "tool":
        result = {} if action.error is not None else {names.TOOL_RESULT: _json(action.result)}
        return {names.TOOL_ARGUMENTS: _json(action.arguments), **result}
    return {}


def _message(message: Any) -> dict[str, Any]:
    return _said(message.role, message.content) if hasattr(message, "role") else _said("user", str(message))


def _said(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else f"({type(value).__name__})"


def _of_spell(action: Action) -> dict[str, Any]:
    facts = action.facts
    return {
        names.OPERATION: "invoke_workflow",
        names.WORKFLOW_NAME: action.name,
        names.ENGINE: facts.get("engine"),
        names.ISOLATION: facts.get("isolation"),
        names.REQUEST_MODEL: facts.get("model"),
    }


def _of_agent(action: Action) -> dict[str, Any]:
    facts = action.facts
    return {
        names.OPERATION: "invoke_agent",
        names.AGENT_NAME: action.name,
        names.AGENT_DESCRIPTION: facts.get("description") or None,
        names.REQUEST_MODEL: facts.get("model"),
    }


def _of_turn(action: Action) -> dict[str, Any]:
    return {names.AGENT_NAME: action.name, names.TURN: action.arguments.get("turn")}


def _of_model(action: Action) -> dict[str, Any]:
    options = action.arguments.get("options") or {}
    provider, model = provider_and_model(action.name)
    stop = options.get("stop")
    return {
        names.OPERATION: operation(action),
        names.PROVIDER: provider,
        names.REQUEST_MODEL: model,
        names.REQUEST_STREAM: action.facts.get("stream"),
        names.REQUEST_TEMPERATURE: options.get("temperature"),
        names.REQUEST_MAX_TOKENS: options.get("max_tokens"),
        names.REQUEST_SEED: options.get("seed"),
        names.REQUEST_STOP: [stop] if isinstance(stop, str) else stop,
    }


def _of_tool(action: Action) -> dict[str, Any]:
    return {names.OPERATION: "execute_tool", names.TOOL_NAME: action.name, names.TOOL_TYPE: "function"}


def _of_step(action: Action) -> dict[str, Any]:
    return {names.STEP: action.name}


def _of_call(action: Action) -> dict[str, Any]:
    return {names.CALL: action.name}


def _of_other(action: Action) -> dict[str, Any]:
    return {}


_OF_POINTS = {
    "spell": _of_spell,
    "agent": _of_agent,
    "agent_turn": _of_turn,
    "llm": _of_model,
    "tool": _of_tool,
    "workflow_step": _of_step,
    "bridge_call": _of_call,
}
