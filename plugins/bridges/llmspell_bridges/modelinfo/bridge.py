"""The bridge ``modelinfo``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from llmspell_bridges.llm.records import TokenCounts
from llmspell_bridges.modelinfo.records import (
    Advice,
    Capability,
    Comparison,
    ModelNames,
    ModelRecord,
    ModelRecords,
    Recommendation,
    Task,
    Wanted,
)
from llmspell_core.bridge import Bridge, expose
from llmspell_core.errors import BadArgument, CallError, PluginError

if TYPE_CHECKING:
    from types import ModuleType

    from llmspell_bridges.modelinfo.catalog import Entry

__all__ = ["ModelInfoBridge"]


class ModelInfoBridge(Bridge):
    """Tell what is known of models: context, prices, capabilities. It asks nobody; the data comes with a package."""

    name = "modelinfo"

    @expose
    def get(self, id: str) -> ModelRecord:
        """Return what is known of a model.

        :param id: ``provider:model``, or the model's own name
        """
        return self._find(id).record()

    @expose
    def find(self, **wanted: Unpack[Wanted]) -> ModelRecords:
        """Return the models that are as wanted, the cheapest first."""
        return self._matching("find", wanted, order="by_price")

    @expose
    def compare(self, ids: ModelNames) -> Comparison:
        """Return models side by side.

        :param ids: which, each ``provider:model`` or a model's own name
        """
        choice, found = _choice(), [self._find(name) for name in ids]
        if not found:
            raise BadArgument("modelinfo.compare", 1, "ids", "is empty; name models to compare")
        cheapest, largest = min(found, key=choice.by_price), min(found, key=choice.by_context)
        return Comparison(
            models=[entry.record() for entry in found],
            cheapest=None if choice.price(cheapest) is None else cheapest.id,
            largest_context=largest.id if largest.model.context_window else None,
            shared=sorted(set.intersection(*(set(entry.capabilities) for entry in found))),
        )

    @expose
    def cheapest(self, **wanted: Unpack[Wanted]) -> ModelRecord | None:
        """Return the cheapest model that is as wanted, or nil when there is none."""
        return next(iter(self._matching("cheapest", wanted, order="by_price", most=1)), None)

    @expose
    def largest_context(self, **wanted: Unpack[Wanted]) -> ModelRecord | None:
        """Return the model with the largest context window that is as wanted, or nil when there is none."""
        return next(iter(self._matching("largest_context", wanted, order="by_context", most=1)), None)

    @expose
    def recommend(self, task: Task) -> Advice:
        """Return up to three models for a task, of providers that can be called now where there are any.

        What a model can do, its context window and its price are all that is known; try them on your own prompts.

        :param task: what it is for
        """
        from llmspell_bridges.llm.providers import Providers

        providers = Providers(self.context.of("llm").options.get("providers"), self.context.secrets)
        ready = {name for name in providers.names if providers.needs(name) is None}
        found = _choice().recommended(task, providers.names, ready)
        return [Recommendation(model=entry.record(), reason=why) for entry, why in found]

    @expose
    def cost(self, id: str, usage: TokenCounts) -> float | None:
        """Return the dollars that a call costs, or nil where no price is known.

        :param id: the model
        :param usage: what the call used, or is going to use
        """
        return self._find(id).cost(usage.input_tokens, usage.output_tokens)

    def _find(self, id: str) -> Entry:
        catalog = _catalog()
        try:
            found: Entry = catalog.find(id)
        except catalog.UnknownModel as error:
            raise CallError(str(error)) from None
        return found

    def _matching(self, method: str, wanted: Wanted, order: str = "", most: int | None = None) -> ModelRecords:
        provider = wanted.get("provider")
        if provider is not None and provider not in _catalog().provider_names():
            known = ", ".join(_catalog().provider_names())
            raise BadArgument(f"modelinfo.{method}", None, "provider", f"{provider!r} is not known; there are {known}")
        choice = _choice()
        found = list(choice.matching(wanted))
        if order:
            found.sort(key=getattr(choice, order))
        return [entry.record() for entry in found[: most or wanted.get("limit")]]

    @expose
    def list(self, *, provider: str | None = None, capability: Capability | None = None) -> ModelRecords:
        """Return every model that is known and not going to be switched off.

        :param provider: only its models
        :param capability: only those that can do this
        """
        wanted = Wanted(supports=[capability] if capability else [])
        if provider is not None:
            wanted["provider"] = provider
        return self._matching("list", wanted)


class _NoData(PluginError):
    """The package with the data is not installed."""

    def __init__(self) -> None:
        super().__init__("modelinfo needs the package genai-prices; install llmspell-bridges[openai]")


def _catalog() -> ModuleType:
    try:
        from llmspell_bridges.modelinfo import catalog
    except ModuleNotFoundError as error:
        raise _NoData from error
    return catalog


def _choice() -> ModuleType:
    _catalog()
    from llmspell_bridges.modelinfo import choice

    return choice
