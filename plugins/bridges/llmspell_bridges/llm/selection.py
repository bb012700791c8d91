"""The part of the bridge ``llm`` that chooses models and options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack, cast

from llmspell_bridges.llm.failures import NoModel
from llmspell_bridges.llm.models import estimate_tokens
from llmspell_bridges.llm.records import (
    CallOptions,
    CurrentProvider,
    Left,
    ModelRecord,
    Options,
    Prompt,
    ProviderRecord,
    RunUsage,
    TokenCounts,
    as_messages,
)
from llmspell_core.bridge import Bridge, expose
from llmspell_core.errors import BadArgument

if TYPE_CHECKING:
    from llmspell_bridges.llm.registry import Models
    from llmspell_core.bridge import Context

__all__ = ["Selection"]


class Selection(Bridge):
    """Which model a run calls, and how, when a call does not say."""

    def __init__(self, context: Context, models: Models) -> None:
        super().__init__(context)
        self.models = models

    @expose(redo=True)
    def use_provider(self, name: str, *, model: str | None = None, base_url: str | None = None) -> CurrentProvider:
        """Make a provider's model the one that calls use when they name none.

        Keys and addresses are set up by whoever runs the spell, not by the spell.

        :param name: the provider, or ``provider:model``
        :param model: the provider's name of the model
        :param base_url: the provider's address; refused unless it is the one that was set up
        """
        name, _, rest = name.partition(":")
        provider, model = self.models.providers.known(name), model or rest
        if base_url is not None:
            self.models.providers.check_url(provider, base_url)
        if not model and provider != "demo":
            raise BadArgument("llm.use_provider", None, "model", f"is missing; which model of {provider!r}?")
        self.models.defaults = Options(model=f"{provider}:{model}" if model else provider).over(self.models.defaults)
        return self.current_provider()

    @expose
    def current_provider(self) -> CurrentProvider:
        """Return the model that calls use when they name none."""
        model = self._options().model
        if model is None:
            raise NoModel
        return CurrentProvider(provider=model.partition(":")[0], model=model)

    @expose
    def list_providers(self) -> list[ProviderRecord]:
        """Return the providers that are known, and what each still needs."""
        providers = self.models.providers
        return [
            ProviderRecord(name=name, ready=needs is None, needs=needs)
            for name in providers.names
            for needs in (providers.needs(name),)
        ]

    @expose
    async def list_models(self, *, provider: str | None = None) -> list[ModelRecord]:
        """Return the models that a provider offers; the provider is asked.

        :param provider: whose models, the current provider's if left out
        """
        asked = self.models.providers.known(provider or self.current_provider()["provider"])
        return [ModelRecord(id=name, provider=asked) for name in await self.models.names(asked)]

    @expose
    def count_tokens(self, text: str, *, model: str | None = None) -> int:
        """Return about how many tokens a text is: an estimate, since only the provider can count.

        :param text: what to count
        :param model: for which model; the estimate is the same for all as yet
        """
        if model is not None:
            self.models.providers.known(model.partition(":")[0])
        return estimate_tokens(text)

    @expose
    async def cost_estimate(
        self, what: Prompt | TokenCounts, model: str | None = None, *, max_tokens: int = 0
    ) -> float | None:
        """Return about what a prompt, or a number of tokens, costs in dollars; nil where no price is known.

        :param what: a prompt, a conversation, or ``{input_tokens, output_tokens}`` as ``usage`` has it
        :param model: which model, ``provider:model``; the current one if left out
        :param max_tokens: how many tokens the answer to a prompt is to have
        """
        name = model or self.current_provider()["model"]
        self.models.providers.known(name.partition(":")[0])
        if isinstance(what, TokenCounts):
            reads, writes = what.input_tokens, what.output_tokens
        else:
            reads, writes = sum(estimate_tokens(each.content) for each in as_messages(what, None)), max_tokens
        import asyncio

        return await asyncio.to_thread(self.models.prices.cost, name, reads, writes)

    @expose
    def usage(self) -> RunUsage:
        """Return what the run has used so far, and what is left of its budget."""
        used, left = self.context.usage, self.context.purse.left().as_dict()
        return RunUsage(
            requests=used.requests,
            input_tokens=used.input_tokens,
            output_tokens=used.output_tokens,
            cost=used.cost,
            left=cast("Left", {name: bound for name, bound in left.items() if bound is not None}),
        )

    @expose(redo=True)
    def set_defaults(self, **options: Unpack[CallOptions]) -> None:
        """Set options for all calls that do not give them; those left out stay as they are."""
        self.models.defaults = Options(**options).over(self.models.defaults)

    @expose
    def get_defaults(self) -> Options:
        """Return the options that calls have when they give none."""
        return self._options()

    @expose(redo=True)
    def reset_defaults(self) -> None:
        """Forget what ``set_defaults`` and ``use_provider`` set; the model chosen for the run stays."""
        self.models.defaults = Options()

    def _options(self, given: Options | None = None) -> Options:
        """Return the options of a call: its own, else the spell's defaults, else the run's model."""
        base = self.models.defaults.over(Options(model=self.context.model))
        return given.over(base) if given is not None else base
