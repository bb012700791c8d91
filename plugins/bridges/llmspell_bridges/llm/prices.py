"""What models cost: by the caller's own prices, else by the list that comes with pydantic-ai and works offline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.llm.keys import provider_name
from llmspell_bridges.llm.models import EMBEDDED
from llmspell_core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Prices"]

_LISTED = ("openai", "anthropic", "google")
_FREE = (*EMBEDDED, "ollama")
_MILLION = 1_000_000


class Prices:
    """Looks up what tokens of a model cost.

    :param own: ``{name: {input, output}}``, dollars for a million tokens; a name is ``provider:model``, or ``provider``
    :raises UsageError: when one of them is no price
    """

    def __init__(self, own: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        self._own = {_normal(name): _checked(name, price) for name, price in (own or {}).items()}

    def own(self, name: str, input_tokens: int, output_tokens: int) -> float | None:
        """Return the cost of tokens by the caller's own prices, in dollars, or None where they lack the model."""
        name = _normal(name)
        found = self._own.get(name) or self._own.get(name.partition(":")[0])
        return None if found is None else (input_tokens * found[0] + output_tokens * found[1]) / _MILLION

    def cost(self, name: str, input_tokens: int, output_tokens: int) -> float | None:
        """Return the cost of tokens of a model, ``provider:model``, in dollars, or None where no price is known."""
        own = self.own(name, input_tokens, output_tokens)
        if own is not None:
            return own
        provider, _, model = _normal(name).partition(":")
        if provider in _FREE:
            return 0.0
        return _listed(provider, model, input_tokens, output_tokens) if provider in _LISTED else None


def _listed(provider: str, model: str, input_tokens: int, output_tokens: int) -> float | None:
    try:
        from llmspell_bridges.modelinfo.catalog import priced
    except ModuleNotFoundError:
        return None  # the data comes with the packages of the providers
    entry = priced(provider, model)
    return None if entry is None else entry.cost(input_tokens, output_tokens)


def _normal(name: str) -> str:
    provider, colon, model = name.partition(":")
    return f"{provider_name(provider)}{colon}{model}"


def _checked(name: str, price: Mapping[str, Any]) -> tuple[float, float]:
    found: tuple[Any, Any] = (price.get("input"), price.get("output"))
    if any(type(each) not in (int, float) or not 0 <= each < float("inf") for each in found):
        raise UsageError(f"llm setting 'prices': {name!r} needs input and output, in dollars for a million tokens")
    return found
