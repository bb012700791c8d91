"""The models of one run: each opened on first use, all closed with the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.llm.keys import provider_name
from llmspell_bridges.llm.models import EMBEDDED
from llmspell_bridges.llm.prices import Prices
from llmspell_bridges.llm.records import Options
from llmspell_core.errors import Denied

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping

    from llmspell_bridges.llm.failures import ProviderFailed
    from llmspell_bridges.llm.models import Model
    from llmspell_bridges.llm.providers import Providers
    from llmspell_bridges.llm.remote import Remote
    from llmspell_core.secrets import Secrets

__all__ = ["Models"]


class Models:
    """Opens models by name, ``provider:model``.

    :param options: the bridge's settings: ``providers``, ``prices``, ``demo_pause``
    :param chosen: the model that the caller chose; a mock file is read only if it is this one
    :param require: asks the run's policy for a capability
    :param secrets: is told of the keys
    """

    def __init__(
        self, options: Mapping[str, Any], chosen: str | None, require: Callable[[str], object], secrets: Secrets
    ) -> None:
        self._options, self._chosen, self._require, self._secrets = options, chosen, require, secrets
        self.defaults = Options()
        """What the spell has set for all calls of models that do not say."""
        self.prices = Prices(options.get("prices"))
        self._providers: Providers | None = None
        self._open: dict[str, Model] = {}
        self._remote: Remote | None = None
        self._lock: asyncio.Lock | None = None

    @property
    def providers(self) -> Providers:
        """The providers that the run can use."""
        if self._providers is None:
            from llmspell_bridges.llm.providers import Providers

            self._providers = Providers(self._options.get("providers"), self._secrets)
        return self._providers

    async def open(self, name: str) -> Model:
        """Return a model, always the same one for a name.

        :raises UnknownProvider: when the name begins with no provider
        :raises Denied: when the run was not granted the model
        :raises ProviderFailed: saying what to install or to set, when something is missing
        """
        if name not in self._open:
            provider, _, model = name.partition(":")
            # A misspelt name is told as such: to grant it would help nobody.
            known = provider if provider in EMBEDDED else self.providers.known(provider)
            self._require(self._capability(provider, model))
            if provider not in EMBEDDED:
                return await self._connected(known, model, name)
            self._open[name] = self._embedded(provider, model, name)
        return self._open[name]

    def check(self, name: str) -> None:
        """Do nothing when a name is that of a provider's model, which need not be there; otherwise as :meth:`open`."""
        provider, _, model = name.partition(":")
        if provider not in EMBEDDED:
            known = self.providers.known(provider)
            if not model:
                raise _nameless(known)

    async def names(self, provider: str) -> list[str]:
        """Return the models that a provider offers, each as ``provider:model``."""
        if provider in EMBEDDED:
            return [name for name in {"demo", self._chosen or ""} if name.partition(":")[0] == provider]
        chosen, _, model = (self._chosen or "").partition(":")
        self._require(self._capability(provider, model if provider_name(chosen) == provider else "*"))
        address = self.providers.address(provider)
        remote = await self._connection()
        return [f"{provider}:{name}" for name in await remote.model_names(address)]

    async def close(self) -> None:
        """Close every connection. A second call does nothing."""
        self._open.clear()
        remote, self._remote = self._remote, None
        if remote is not None:
            await remote.close()

    def _capability(self, provider: str, model: str) -> str:
        """Return what calling a model needs; each model has one name here, the caller's choice as it was written."""
        own = provider_name(provider)
        name = f"{own}:{model}" if model else own
        chosen, _, rest = (self._chosen or "").partition(":")
        return f"llm:{self._chosen if (provider_name(chosen), rest) == (own, model) else name}"

    def _embedded(self, provider: str, model: str, name: str) -> Model:
        if provider == "demo":
            from llmspell_bridges.llm.demo import DemoModel

            return DemoModel(self._options.get("demo_pause"))
        if name != self._chosen:
            raise Denied(f"a spell may not read the file of {name!r}; run it with --model {name}")
        from llmspell_bridges.llm.mock import MockModel

        return MockModel(model)

    async def _connected(self, provider: str, model: str, name: str) -> Model:
        import asyncio

        if not model:
            raise _nameless(provider)
        address = self.providers.address(provider, name)
        remote = await self._connection()
        connected = await asyncio.to_thread(remote.connect, address, model)
        return self._open.setdefault(name, connected)

    async def _connection(self) -> Remote:
        import asyncio

        self._lock = self._lock or asyncio.Lock()
        async with self._lock:
            if self._remote is None:
                # Importing takes about a second, which the loop has better uses for.
                self._remote = await asyncio.to_thread(_remote, self.prices, self._secrets)
        return self._remote


def _nameless(provider: str) -> ProviderFailed:
    from llmspell_bridges.llm.failures import ProviderFailed

    return ProviderFailed(provider, "not_found", f"which model? name one, as {provider}:NAME")


def _remote(prices: Prices, secrets: Secrets) -> Remote:
    from llmspell_bridges.llm.remote import Remote

    return Remote(prices, secrets)
