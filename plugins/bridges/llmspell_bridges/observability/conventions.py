"""The names that OpenTelemetry gives to what models, tools and agents do, and llmspell's own beside them.

They follow the semantic conventions for generative AI of OpenTelemetry, version 1.41.0, where all of them have the
status "development": a later version may rename them, and this module is where llmspell follows. Attributes:
``gen_ai.operation.name`` (``chat``, ``embeddings``, ``execute_tool``, ``invoke_agent``, ``invoke_workflow``),
``gen_ai.provider.name``, ``gen_ai.request.*``, ``gen_ai.response.*``, ``gen_ai.usage.*``, ``gen_ai.tool.*``,
``gen_ai.agent.*``, ``gen_ai.workflow.name``, ``gen_ai.token.type``, and the content, only where it is asked for, as
``gen_ai.input.messages`` and ``gen_ai.output.messages``. Metrics: ``gen_ai.client.operation.duration`` and
``gen_ai.client.token.usage``. What the conventions have no name for begins with ``llmspell.``.
"""

from __future__ import annotations

from typing import Final

__all__ = ["BUCKETS", "PROVIDERS", "SCHEMA", "SCOPE", "TOKEN_BUCKETS"]  # and the names of attributes

SCHEMA: Final = "https://opentelemetry.io/schemas/1.41.0"
SCOPE: Final = "llmspell"

OPERATION: Final = "gen_ai.operation.name"
PROVIDER: Final = "gen_ai.provider.name"
REQUEST_MODEL: Final = "gen_ai.request.model"
REQUEST_STREAM: Final = "gen_ai.request.stream"
REQUEST_TEMPERATURE: Final = "gen_ai.request.temperature"
REQUEST_MAX_TOKENS: Final = "gen_ai.request.max_tokens"
REQUEST_SEED: Final = "gen_ai.request.seed"
REQUEST_STOP: Final = "gen_ai.request.stop_sequences"
RESPONSE_MODEL: Final = "gen_ai.response.model"
FINISH_REASONS: Final = "gen_ai.response.finish_reasons"
INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
TOKEN_TYPE: Final = "gen_ai.token.type"
INPUT_MESSAGES: Final = "gen_ai.input.messages"
OUTPUT_MESSAGES: Final = "gen_ai.output.messages"
TOOL_NAME: Final = "gen_ai.tool.name"
TOOL_TYPE: Final = "gen_ai.tool.type"
TOOL_ARGUMENTS: Final = "gen_ai.tool.call.arguments"
TOOL_RESULT: Final = "gen_ai.tool.call.result"
AGENT_NAME: Final = "gen_ai.agent.name"
AGENT_DESCRIPTION: Final = "gen_ai.agent.description"
WORKFLOW_NAME: Final = "gen_ai.workflow.name"
ERROR_TYPE: Final = "error.type"

RUN: Final = "llmspell.run.id"
ENGINE: Final = "llmspell.engine"
ISOLATION: Final = "llmspell.isolation"
CALL: Final = "llmspell.call"
STEP: Final = "llmspell.workflow.step"
TURN: Final = "llmspell.agent.turn"
COST: Final = "llmspell.cost"
REQUESTS: Final = "llmspell.requests"
CACHED: Final = "llmspell.cached"
SHORT_CALLS: Final = "llmspell.short_calls"
SHORT_SECONDS: Final = "llmspell.short_calls.duration"

PROVIDERS: Final = {"google": "gcp.gemini", "mistral": "mistral_ai"}
"""Where the conventions call a provider otherwise."""

BUCKETS: Final = (0.001, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
"""Of durations in seconds: those of the conventions, and two below for what is no model."""
TOKEN_BUCKETS: Final = tuple(float(4**power) for power in range(14))
