"""The records that spells pass to the tools bridge and get from it."""

from __future__ import annotations

from typing import Literal, NotRequired

# What spells pass is checked by pydantic, which wants this one on Python 3.11.
from typing_extensions import TypedDict

from llmspell_bridges.guardrails.attached import Attached  # noqa: TC001 - read where calls are checked
from llmspell_core.values import Function, ScriptValue  # noqa: TC001 - read where calls are checked

__all__ = ["CallRecord", "Choice", "DefineOptions", "MetricsRecord", "Mode", "Outcome", "ToolCall", "ToolRecord"]


class DefineOptions(TypedDict, total=False):
    """What else may be said of a tool.

    :param version: of the tool
    :param category: what to list it under
    :param tags: more words to find it by
    :param output_schema: what its result has to fit
    :param timeout: seconds after which a call is stopped
    :param permissions: capabilities that a call needs, arguments in braces: ``read:{path}``
    :param destructive: it changes what cannot be changed back: each call needs the capability ``tool:NAME``
    :param requires_confirmation: each call needs the capability ``tool:NAME``
    :param guardrails: rules, or their names, that the arguments and the result of each call have to keep
    """

    version: str
    category: str
    tags: list[str]
    output_schema: dict[str, ScriptValue]
    timeout: float
    permissions: list[str]
    destructive: bool
    requires_confirmation: bool
    guardrails: Attached


class ToolRecord(TypedDict):
    """What is known of a tool.

    :param schema: what its arguments have to fit
    :param output_schema: what its result has to fit
    """

    name: str
    description: str
    version: str
    category: str
    tags: list[str]
    schema: dict[str, ScriptValue]
    output_schema: dict[str, ScriptValue] | None
    timeout: float | None
    permissions: list[str]
    destructive: bool
    requires_confirmation: bool
    built_in: bool


class ToolCall(TypedDict):
    """A tool, and what to call it with."""

    name: str
    args: NotRequired[dict[str, ScriptValue] | None]


class Choice(TypedDict):
    """A tool, and when it is the one to be called: when a function of the arguments says so."""

    tool: str
    when: NotRequired[Function | None]


class Outcome(TypedDict):
    """What came of a call.

    :param result: what it returned
    :param error: why it failed: ``{kind, message, data}``
    """

    ok: bool
    result: NotRequired[ScriptValue]
    error: NotRequired[dict[str, ScriptValue]]


class MetricsRecord(TypedDict):
    """How often a tool was called, how often that failed, and how long it took, in seconds."""

    calls: int
    failures: int
    total_time: float
    max_time: float
    mean_time: float
    last_error: str | None


class CallRecord(TypedDict):
    """A call that was made; of arguments and result no more than a glimpse.

    :param time: when, Unix seconds
    :param duration: how long, in seconds
    """

    tool: str
    args: ScriptValue
    time: float
    duration: float
    ok: bool
    result: NotRequired[ScriptValue]
    error: NotRequired[dict[str, ScriptValue]]


Mode = Literal["pipeline", "parallel", "conditional"]
