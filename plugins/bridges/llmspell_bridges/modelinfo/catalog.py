"""What is known of models without asking anybody: the data of genai-prices, and pydantic-ai's profiles of models."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from genai_prices import Usage, data
from genai_prices.types import ModelInfo, Provider, TieredPrices

from llmspell_bridges.modelinfo.records import Capability, ModelRecord, Prices

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Entry", "UnknownModel", "entries", "find", "priced", "provider_names"]


class UnknownModel(LookupError):
    """Nothing is known of a model of that name."""

    def __init__(self, name: str) -> None:
        near = get_close_matches(name, [entry.id for entry in entries()], 1)
        hint = f"; did you mean {near[0]!r}?" if near else "; modelinfo.list tells those that are known"
        super().__init__(f"nothing is known of a model {name!r}{hint}")


@dataclass(frozen=True)
class Entry:
    """A model in the data of its provider."""

    provider: Provider
    model: ModelInfo

    @property
    def id(self) -> str:
        """What llmspell calls the model."""
        return f"{self.provider.id}:{self.model.id}"

    @property
    def capabilities(self) -> list[Capability]:
        """What it can do, as far as is known."""
        if _is_embedding(self.model):
            return ["embedding"]
        profile = _profile(self.provider.id, self.model.id)
        listed = self.model.get_prices(datetime.now(UTC)) if self.model.prices else None
        found = {name for name, field in _FIELDS.items() if profile.get(field)}
        found |= {name for name, field in _PRICED.items() if getattr(listed, field, None) is not None}
        if _SEES.search(self.model.id):
            found.add("image_input")
        return sorted(found)

    def prices(self) -> Prices:
        """Return what it costs now."""
        listed = self.model.get_prices(datetime.now(UTC)) if self.model.prices else None
        return Prices(
            input=_dollars(getattr(listed, "input_mtok", None)),
            output=_dollars(getattr(listed, "output_mtok", None)),
            cache_read=_dollars(getattr(listed, "cache_read_mtok", None)),
            cache_write=_dollars(getattr(listed, "cache_write_mtok", None)),
        )

    def cost(self, input_tokens: int, output_tokens: int) -> float | None:
        """Return the dollars that so many tokens cost now; None where no price is known."""
        if not any(price is not None for price in self.prices().values()):
            return None
        counted = Usage(input_tokens=input_tokens, output_tokens=output_tokens)
        return float(self.model.calc_price(counted, self.provider).total_price)

    def record(self) -> ModelRecord:
        """Return all that is known of it."""
        return ModelRecord(
            id=self.id,
            provider=self.provider.id,
            name=self.model.name or self.model.id,
            description=self.model.description,
            context_window=self.model.context_window,
            prices=self.prices(),
            capabilities=self.capabilities,
            deprecated=bool(self.model.deprecated),
        )


@cache
def entries() -> tuple[Entry, ...]:
    """Return every model that is known, by provider."""
    return tuple(Entry(provider, model) for provider in data.providers for model in provider.models)


def priced(provider: str, model: str) -> Entry | None:
    """Return what a provider bills a model as, or None where that is not known."""
    from genai_prices.data_snapshot import get_snapshot

    try:
        return Entry(*get_snapshot().find_provider_model(model, None, provider, None))
    except LookupError:
        return None


def provider_names() -> list[str]:
    """Return the providers whose models are known."""
    return [provider.id for provider in data.providers]


def find(name: str) -> Entry:
    """Return a model by its id, ``provider:model``, or by the model's own name where its maker offers it.

    :raises UnknownModel: with the nearest name
    """
    provider, _, model = name.partition(":")
    # A model's own name may have a colon too.
    found = [*_named(model, provider)] if provider in provider_names() else [*_named(name)]
    wanted = model if provider in provider_names() else name
    if not found:
        raise UnknownModel(name)
    return min(found, key=lambda entry: (entry.model.id != wanted, entry.provider.id not in _MAKERS))


_MAKERS = ("anthropic", "cohere", "deepseek", "google", "mistral", "openai", "x-ai")
"""The providers that make models: of a name that many offer, theirs is meant."""
_FIELDS: dict[Capability, str] = {
    "json": "supports_json_object_output",
    "json_schema": "supports_json_schema_output",
    "thinking": "supports_thinking",
    "tools": "supports_tools",
}
_PRICED: dict[Capability, str] = {
    "audio_input": "input_audio_mtok",
    "image_input": "input_image_mtok",
    "image_output": "output_image_mtok",
    "video_input": "input_video_mtok",
}
"""What has a price of its own can be done. The profiles are no help: they have every model see and hear."""
_SEES = re.compile(
    r"gpt-4o|gpt-4\.1|gpt-5|\bo[134]\b|claude|gemini|llama-4|pixtral|gemma-3|vision|-vl\b|\dv\b", re.IGNORECASE
)
"""Models whose makers say that they take images without a price of their own for them (their model pages, 2026)."""


def _named(model: str, provider: str | None = None) -> Iterator[Entry]:
    for entry in entries():
        if provider in (None, entry.provider.id) and (entry.model.id == model or entry.model.is_match(model)):
            yield entry


def _is_embedding(model: ModelInfo) -> bool:
    return re.search(r"embed|^voyage-|rerank", model.id) is not None


@cache
def _profile(provider: str, model: str) -> dict[str, Any]:
    """Return what pydantic-ai knows of a model: its defaults, and over them what it knows of that family."""
    from pydantic_ai.profiles import DEFAULT_PROFILE

    family, _, name = model.rpartition("/")
    for known in (provider, family.rpartition("/")[2], *(word for word in _FAMILIES if word in model)):
        module = _FAMILIES.get(known, known.replace("-", "_"))
        try:
            profiles = import_module(f"pydantic_ai.profiles.{module}")
        except ModuleNotFoundError:
            continue
        read = getattr(profiles, f"{module}_model_profile", None)
        if read is not None:
            return {**DEFAULT_PROFILE, **(read(name) or {})}
    return dict(DEFAULT_PROFILE)


_FAMILIES = {
    "claude": "anthropic",
    "command": "cohere",
    "deepseek": "deepseek",
    "gemini": "google",
    "gpt": "openai",
    "grok": "grok",
    "llama": "meta",
    "mistral": "mistral",
    "qwen": "qwen",
    "x-ai": "grok",
}
"""The module of profiles for a word in a model's name."""


def _dollars(price: Any) -> float | None:
    if price is None:
        return None
    return float(price.base if isinstance(price, TieredPrices) else price)
