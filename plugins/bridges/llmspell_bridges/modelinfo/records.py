"""The records that spells pass to the bridge modelinfo and get from it."""

from __future__ import annotations

from typing import Literal, TypedDict

__all__ = [
    "Advice",
    "Capability",
    "Comparison",
    "ModelNames",
    "ModelRecord",
    "ModelRecords",
    "Prices",
    "Recommendation",
    "Task",
    "Wanted",
]

Capability = Literal[
    "audio_input",
    "embedding",
    "image_input",
    "image_output",
    "json",
    "json_schema",
    "thinking",
    "tools",
    "video_input",
]
Task = Literal["batch", "chat", "code", "embedding", "extraction", "long_context", "reasoning", "tools", "vision"]


class Prices(TypedDict):
    """US dollars for a million tokens; nil where no price is known.

    :param input: of a prompt
    :param output: of an answer
    :param cache_read: of a prompt that the provider still has
    :param cache_write: of a prompt that the provider is to keep
    """

    input: float | None
    output: float | None
    cache_read: float | None
    cache_write: float | None


class ModelRecord(TypedDict):
    """What is known of a model.

    :param id: what the option ``model`` takes, ``provider:model``
    :param context_window: tokens of prompt and answer together; nil where it is not known
    :param capabilities: what it can do, as far as is known
    :param deprecated: its provider is going to switch it off
    """

    id: str
    provider: str
    name: str
    description: str | None
    context_window: int | None
    prices: Prices
    capabilities: list[Capability]
    deprecated: bool


class Wanted(TypedDict, total=False):
    """Which models are wanted; what is left out does not matter.

    :param provider: whose
    :param min_context: tokens that the context window has at least
    :param supports: what they can do, all of it
    :param max_input_cost: the most dollars for a million tokens of prompts
    :param max_cost: the most dollars for a million tokens of prompts and a million of answers together
    :param deprecated: also those that are going to be switched off
    :param limit: the most models to return
    """

    provider: str
    min_context: int
    supports: list[Capability]
    max_input_cost: float
    max_cost: float
    deprecated: bool
    limit: int


class Comparison(TypedDict):
    """Models side by side.

    :param cheapest: the id of the one that costs least, nil where no price is known
    :param largest_context: the id of the one with the largest context window
    :param shared: what all of them can do
    """

    models: list[ModelRecord]
    cheapest: str | None
    largest_context: str | None
    shared: list[Capability]


class Recommendation(TypedDict):
    """A model for a task, and what speaks for it."""

    model: ModelRecord
    reason: str


# The bridge has a method called ``list``, so that its annotations need other words.
Advice = list[Recommendation]
ModelNames = list[str]
ModelRecords = list[ModelRecord]
