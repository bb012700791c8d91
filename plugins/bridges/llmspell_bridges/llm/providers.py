"""The providers there are, and what each needs: a package, a key, an address."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from llmspell_bridges.llm.failures import ProviderFailed, Reason, UnknownProvider
from llmspell_bridges.llm.keys import find_key, key_variables, provider_name
from llmspell_bridges.llm.models import EMBEDDED
from llmspell_core.errors import Denied, UsageError

if TYPE_CHECKING:
    from llmspell_core.secrets import Secrets

__all__ = ["Address", "Api", "Providers"]

Api: TypeAlias = Literal["openai", "openai-compatible", "ollama", "anthropic", "google"]


@dataclass(frozen=True)
class Provider:
    """What a provider needs before one of its models can be called.

    :param module: what has to be installed
    :param extra: of llmspell-bridges, which installs it
    :param url_variables: environment variables that give its address
    :param url: its address, None for the one that its package knows
    :param key_variable: the environment variable that has its key, where a caller named one
    """

    name: str
    api: Api
    module: str = "openai"
    extra: str = "openai"
    needs_key: bool = False
    url_variables: tuple[str, ...] = ()
    url: str | None = None
    key_variable: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Address:
    """Where and how a provider is reached."""

    provider: str
    api: Api
    url: str | None
    key: str | None = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


_BUILT_IN = (
    Provider("openai", "openai", needs_key=True, url_variables=("OPENAI_BASE_URL",)),
    Provider("anthropic", "anthropic", "anthropic", "anthropic", True, ("ANTHROPIC_BASE_URL",)),
    Provider("google", "google", "google.genai", "google", True),
    Provider("ollama", "ollama", url_variables=("OLLAMA_BASE_URL",), url="http://127.0.0.1:11434/v1"),
    Provider("openai-compatible", "openai-compatible", url_variables=("LLMSPELL_OPENAI_BASE_URL", "OPENAI_BASE_URL")),
)


class Providers:
    """The providers that a run can use: the built-in ones, and those its caller has set up.

    Addresses and keys are the caller's. A spell picks among them; it can neither name a new address, to which a key
    would be sent, nor say which variable of the environment is a key.

    :param configured: as in ``ProviderSetting``, by name
    :param secrets: is told of every key that is read
    """

    def __init__(self, configured: Mapping[str, Mapping[str, Any]] | None, secrets: Secrets) -> None:
        self._secrets = secrets
        self._providers = {provider.name: provider for provider in _BUILT_IN}
        for name, setting in (configured or {}).items():
            self._providers[name] = _configured(name, setting, self._providers.get(name))

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that a model's name may begin with."""
        return (*EMBEDDED, *self._providers)

    def known(self, name: str) -> str:
        """Return a provider's own name.

        :raises UnknownProvider: when there is none of that name
        """
        name = provider_name(name)
        if name not in self.names:
            raise UnknownProvider(name, self.names)
        return name

    def address(self, name: str, model: str | None = None) -> Address:
        """Return how a provider is reached.

        :param model: what it is reached for, as the error names it

        :raises ProviderFailed: saying what to install or to set, when something is missing
        """
        provider = self._providers[self.known(name)]
        needs = self.needs(provider.name)
        if needs is not None:
            reason: Reason = "auth" if _is_installed(provider) else "not_installed"
            raise ProviderFailed(model or provider.name, reason, f"the provider {needs}")
        for value in provider.headers.values():
            self._secrets.add(value)
            self._secrets.add(value.partition(" ")[2])
        return Address(provider.name, provider.api, self._url(provider), self._key(provider), provider.headers)

    def needs(self, name: str) -> str | None:
        """Return what a provider lacks and the cure, or None when its models can be called."""
        if name in EMBEDDED:
            return None
        provider = self._providers[name]
        if not _is_installed(provider):
            return f"is not installed; run: pip install 'llmspell-bridges[{provider.extra}]'"
        if provider.api == "openai-compatible" and self._url(provider) is None:
            return "has no address; set LLMSPELL_OPENAI_BASE_URL"
        if provider.needs_key and self._key(provider) is None:
            if provider.key_variable:
                return f"has no key; set {provider.key_variable}"
            return f"has no key; set {key_variables(name)[0]}, or run: llmspell keys set {name}"
        return None

    def check_url(self, name: str, url: str) -> None:
        """Do nothing if the address is the one that the caller has set up for the provider.

        :raises Denied: when it is another
        """
        own = None if name in EMBEDDED else self._url(self._providers[self.known(name)])
        if own is None or _bare(own) != _bare(url):
            raise Denied(
                f"a spell may not send requests of {name!r} to {url!r}; the caller sets addresses, by "
                "LLMSPELL_OPENAI_BASE_URL or the llm bridge's setting 'providers'"
            )

    def _key(self, provider: Provider) -> str | None:
        key = self._find_key(provider)
        self._secrets.add(key)
        return key

    def _find_key(self, provider: Provider) -> str | None:
        if provider.key_variable:
            return os.environ.get(provider.key_variable) or None
        if provider.name == "openai-compatible" and not os.environ.get("LLMSPELL_OPENAI_BASE_URL"):
            # The address is OPENAI_BASE_URL's then, and so is the key.
            return find_key("openai")
        return find_key(provider.name)

    def _url(self, provider: Provider) -> str | None:
        found = (os.environ[variable] for variable in provider.url_variables if os.environ.get(variable))
        return next(found, provider.url)


def _configured(name: str, setting: Mapping[str, Any], known: Provider | None) -> Provider:
    """Return a provider as its caller has set it up.

    :param known: the one that llmspell knows by that name
    """
    url, variable = setting.get("base_url"), setting.get("api_key_env")
    where = f"llm setting 'providers': {name!r}"
    if not (known and url is None) and not (isinstance(url, str) and url.startswith(("http://", "https://"))):
        raise UsageError(f"{where} needs a base_url that begins with http:// or https://")
    if name in EMBEDDED or ":" in name:
        raise UsageError(f"{where} cannot be a provider's name; choose another")
    headers = dict(setting.get("headers") or {})
    if known is not None:
        return replace(known, url=url or known.url, key_variable=variable or known.key_variable, headers=headers)
    compatible = Provider(name, "openai-compatible", needs_key=variable is not None, url=url, key_variable=variable)
    return replace(compatible, headers=headers)


def _is_installed(provider: Provider) -> bool:
    from importlib.util import find_spec

    try:
        return all(find_spec(module) is not None for module in ("pydantic_ai", provider.module))
    except ModuleNotFoundError:
        return False


def _bare(url: str) -> str:
    return url.rstrip("/")
