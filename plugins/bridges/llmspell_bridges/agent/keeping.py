"""Agents as plain values, to be kept and taken up again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.agent.messages import as_messages, as_records
from llmspell_bridges.tools.offering import Offering
from llmspell_core.errors import CallError
from llmspell_core.values import Handle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmspell_bridges.agent.agent import Agent
    from llmspell_bridges.llm.models import Message

__all__ = ["CannotKeep", "Unreadable", "kept", "read"]

_VERSION = 1


class CannotKeep(CallError):
    """An agent that is a function of the spell cannot be kept."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the agent {name!r} is a function of the spell, which cannot be kept; register it in each run"
        )


class Unreadable(CallError):
    """What is kept under a key is no agent."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(f"no agent is kept under {key!r}: {problem}")


def kept(agent: Agent, messages: list[Message]) -> tuple[dict[str, Any], list[str]]:
    """Return an agent as plain values, and what of it could not be kept."""
    if agent.profile.function is not None:
        raise CannotKeep(agent.name)
    options = {key: value for key, value in agent.profile.given.items() if value is not None}
    left_out: list[str] = []
    if "guardrails" in options:
        options["guardrails"] = [each if isinstance(each, str) else each.rail.name for each in options["guardrails"]]
    for field in ("tools", "handoffs"):
        if field in options:
            options[field] = _plain(options[field], field, left_out)
    record: dict[str, Any] = {
        "version": _VERSION,
        "name": agent.name,
        "options": options,
        "history": as_records(messages),
    }
    return record, left_out


def read(record: Any, key: str) -> tuple[str, Mapping[str, Any], list[Message]]:
    """Return name, options and history of an agent that was kept; :raises Unreadable: when it is none."""
    if record is None:
        raise Unreadable(key, "there is nothing")
    try:
        version, name, options = record["version"], record["name"], record["options"]
        history = as_messages(record["history"])
    except (KeyError, TypeError) as error:
        raise Unreadable(key, "it is something else") from error
    if version != _VERSION:
        raise Unreadable(key, f"it is of version {version!r}, and version {_VERSION} is known")
    return name, options, history


def _plain(given: list[Any], field: str, left_out: list[str]) -> list[str]:
    names = []
    for i, each in enumerate(given, 1):
        if isinstance(each, Offering) or (isinstance(each, dict) and each.get("server")):
            name = each.name if isinstance(each, Offering) else each["name"]
            left_out.append(f"{field}[{i}] {name!r}: of a server, which is connected to in each run")
        elif isinstance(each, Handle):
            names.append(each.name)  # type: ignore[attr-defined]  # of the others, an agent takes none but agents
        elif isinstance(each, str):
            names.append(each)
        elif each.get("fn") is None:
            names.append(each["name"])
        else:
            left_out.append(f"{field}[{i}] {each['name']!r}: a function of the spell")
    return names
