"""The records that spells pass to the agent bridge and get from it."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias

# What spells pass is checked by pydantic, which wants this one on Python 3.11.
from typing_extensions import TypedDict

from llmspell_bridges.guardrails.attached import Attached  # noqa: TC001 - read where calls are checked
from llmspell_bridges.llm.records import Content, UsageRecord  # noqa: TC001 - read where calls are checked
from llmspell_bridges.mcp.records import McpTool
from llmspell_bridges.tools.records import ToolRecord
from llmspell_core.values import Function, Handle, ScriptValue

__all__ = [
    "AgentOptions",
    "AgentRecord",
    "Answer",
    "CallRecord",
    "Given",
    "JobStatus",
    "Kind",
    "LimitsGiven",
    "MemoryGiven",
    "MessageRecord",
    "RunOptions",
    "Saved",
    "StatusRecord",
    "ToolGiven",
    "Written",
]

Kind: TypeAlias = Literal["full", "window", "summary"]


class ToolGiven(TypedDict):
    """A tool given in place; without ``fn``, one that is known by its name, or one of a server.

    :param schema: what its arguments have to fit
    :param fn: is called with the arguments, a map, and returns the result
    :param timeout: seconds after which a call is stopped
    :param guardrails: rules, or their names, that the arguments and the result of each call have to keep
    :param server: of which server it is, as in what the server's ``tools()`` returns
    """

    name: str
    server: NotRequired[str | None]
    description: NotRequired[str | None]
    schema: NotRequired[dict[str, ScriptValue] | None]
    fn: NotRequired[Function | None]
    timeout: NotRequired[float | None]
    guardrails: NotRequired[Attached | None]


Given: TypeAlias = str | Handle | ToolGiven | McpTool | ToolRecord
"""What stands for a tool: a name, an agent or a server, one given in place, or what is told of one."""


class MemoryGiven(TypedDict):
    """What an agent keeps of what was said.

    :param kind: ``full``, ``window`` for the last exchanges alone, ``summary`` for these and the rest in short
    :param size: how many exchanges; 10 when left out
    """

    kind: Kind
    size: NotRequired[int]


class LimitsGiven(TypedDict, total=False):
    """What each run of an agent may use, with all that it has others do.

    :param turns: how often its model is asked; 10 when left out
    :param tool_calls: how many tools it calls
    :param handoffs: how often the conversation is handed over; 8 when left out
    :param timeout: seconds
    :param requests: requests to models, of the budget of the spell's run
    :param tokens: tokens that models read and write
    :param cost: US dollars
    """

    turns: int
    tool_calls: int
    handoffs: int
    timeout: float
    requests: int
    tokens: int
    cost: float


class AgentOptions(TypedDict, total=False):
    """What an agent is; everything may be left out.

    :param name: by which other agents and the spell find it
    :param description: what it is good for, for whoever chooses among agents
    :param system: what its model is told before each conversation
    :param model: ``provider:model``; that of the run when left out
    :param temperature: from 0, the same answer each time, upwards
    :param max_tokens: the most tokens of each answer
    :param seed: for the same answer each time, where the provider can
    :param tools: names of tools or agents, agents, servers or their tools, or tools given in place
    :param output_schema: the answer is data that fits it
    :param output_retries: how often is asked again when it does not; 2 when left out
    :param memory: what it remembers from run to run; nothing when left out
    :param max_turns: the same as ``limits.turns``
    :param handoffs: agents, or names of agents, that it may hand the conversation to
    :param limits: what each run may use
    :param guardrails: rules, or their names, that what it is asked and what it answers have to keep
    """

    name: str
    description: str
    system: str
    model: str
    temperature: float
    max_tokens: int
    seed: int
    tools: list[Given]
    output_schema: dict[str, ScriptValue]
    output_retries: int
    memory: Kind | MemoryGiven
    max_turns: int
    handoffs: list[str | Handle]
    limits: LimitsGiven
    guardrails: Attached


class Written(AgentOptions, total=False):
    """An agent that is written in the spell, or set up as by ``create``.

    :param run: is called with the task and ``{agent, history, context}``, and returns the answer
    """

    run: Function


class CallRecord(TypedDict):
    """A tool that a model wanted called."""

    id: str
    name: str
    arguments: dict[str, ScriptValue]


class MessageRecord(TypedDict):
    """One message of an agent's conversation.

    :param content: a text, or a list of parts: texts, images, files
    :param tool_calls: of an assistant's message: what it wants called
    :param tool_call: of a tool's message: the call that it answers
    """

    role: Literal["system", "user", "assistant", "tool"]
    content: Content
    tool_calls: NotRequired[list[CallRecord]]
    tool_call: NotRequired[CallRecord]


class RunOptions(TypedDict, total=False):
    """What holds for one run of an agent alone.

    :param model: another than the agent's
    :param temperature: another than the agent's
    :param max_tokens: another than the agent's
    :param max_turns: another than the agent's
    :param timeout: seconds that the run may take
    :param context: data that the model is told of beside its system text
    :param history: what was said before, in the place of what the agent remembers
    """

    model: str
    temperature: float
    max_tokens: int
    max_turns: int
    timeout: float
    context: ScriptValue
    history: list[MessageRecord]


class Answer(TypedDict):
    """What came of a run of an agent.

    :param text: what it answered
    :param output: the answer as data, where it has an ``output_schema``
    :param messages: what was said in this run, from the input on
    :param turns: how often a model was asked
    :param agent: who gave the answer: another one after a handoff
    :param stopped: the callback of a stream wanted no more
    """

    text: str
    output: ScriptValue
    usage: UsageRecord
    messages: list[MessageRecord]
    turns: int
    agent: str
    stopped: bool


class AgentRecord(TypedDict):
    """What is known of an agent.

    :param kind: ``model``, or ``script`` for a function of the spell
    :param model: nil when it is that of the run
    :param tools: names
    :param handoffs: names
    """

    name: str
    description: str
    kind: Literal["model", "script"]
    model: str | None
    tools: list[str]
    handoffs: list[str]
    memory: str | None


class Saved(TypedDict):
    """What came of keeping an agent.

    :param left_out: what could not be kept
    """

    key: str
    left_out: list[str]


class StatusRecord(AgentRecord):
    """What an agent is and does.

    :param running: how many of its runs are under way
    :param runs: how many have ended, well or not
    :param remembers: messages
    """

    running: int
    runs: int
    failures: int
    turns: int
    tool_calls: int
    usage: UsageRecord
    remembers: int
    last_error: str | None


class JobStatus(TypedDict):
    """How far an agent's run in the background has come.

    :param error: why it failed: ``{kind, message, data}``
    """

    state: Literal["running", "done", "failed", "cancelled"]
    agent: str
    error: Any
