"""Where the credentials of providers come from, and to which servers they are sent."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from llmspell_bridges.auth.credential import Credential, Proof
from llmspell_bridges.auth.failures import NoCredential, UnknownProvider
from llmspell_core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Provider", "credential", "find", "known", "proof_of", "read"]

Scheme: TypeAlias = Literal["bearer", "basic", "api_key"]


@dataclass(frozen=True)
class Provider:
    """A provider that spells prove themselves to.

    :param variables: of the environment, the first that is set counts
    :param hosts: the servers that the credential is sent to
    :param header: of an ``api_key``, the header that it goes into
    :param key: the name that ``llmspell keys`` keeps it under, where it does
    """

    name: str
    variables: tuple[str, ...]
    hosts: tuple[str, ...]
    scheme: Scheme = "bearer"
    header: str = "X-API-Key"
    key: str = ""


_BUILT_IN = (
    Provider("openai", ("OPENAI_API_KEY",), ("api.openai.com",), key="openai"),
    Provider("anthropic", ("ANTHROPIC_API_KEY",), ("api.anthropic.com",), "api_key", "x-api-key", "anthropic"),
    Provider(
        "google",
        ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        ("generativelanguage.googleapis.com",),
        "api_key",
        "x-goog-api-key",
        "google",
    ),
    Provider("github", ("GITHUB_TOKEN", "GH_TOKEN"), ("api.github.com", "uploads.github.com")),
    Provider("gitlab", ("GITLAB_TOKEN",), ("gitlab.com",)),
    Provider("huggingface", ("HF_TOKEN",), ("huggingface.co", "*.huggingface.co")),
)


def known(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the providers, sorted."""
    return tuple(sorted({provider.name for provider in _BUILT_IN} | set(settings)))


def find(name: str, settings: Mapping[str, Any]) -> Provider:
    """Return a provider, as the caller's settings have it or as it is known; :raises UnknownProvider: if by neither."""
    if name in settings:
        return _configured(name, settings[name])
    for provider in _BUILT_IN:
        if provider.name == name:
            return provider
    raise UnknownProvider(name, known(settings))


def read(provider: Provider) -> str:
    """Return a provider's secret; :raises NoCredential: when there is none, or none that can be sent."""
    for variable in provider.variables:
        if value := os.environ.get(variable):
            if provider.scheme != "basic" and not (value.isascii() and value.isprintable()):
                raise NoCredential(provider.name, f"{variable} has characters that no header can hold; set it anew")
            return value
    if provider.key:
        from llmspell_bridges.llm.keys import KeyStore

        if value := KeyStore().get(provider.key):
            return value
    if not provider.variables:
        raise NoCredential(provider.name, "its setting 'env' names the variable that has one")
    more = f", or run: llmspell keys set {provider.key}" if provider.key else ""
    raise NoCredential(provider.name, f"set {' or '.join(provider.variables)} in the environment{more}")


def credential(provider: Provider, secret: str) -> Credential:
    """Return what sends a provider's secret to its servers."""
    return Credential(
        provider.scheme, provider.name, proof_of(provider.scheme, secret, provider.header), provider.hosts
    )


def proof_of(scheme: Scheme, secret: str, header: str = "X-API-Key") -> Proof:
    """Return how a secret is sent.

    :param secret: of ``basic``, name and password with a colon between them
    """
    if scheme == "api_key":
        return Proof(((header, secret),))
    if scheme == "bearer":
        return Proof((("Authorization", f"Bearer {secret}"),))
    from llmspell_bridges.http.messages import basic

    name, _, password = secret.partition(":")
    return Proof((("Authorization", basic(name, password)),))


def _configured(name: str, said: Mapping[str, Any]) -> Provider:
    scheme = said.get("scheme", "bearer")
    if scheme not in ("bearer", "basic", "api_key"):
        raise UsageError(f"auth provider {name!r}: 'scheme' is bearer, basic or api_key, not {scheme!r}")
    hosts = tuple(said.get("hosts") or ())
    if not hosts:
        raise UsageError(f"auth provider {name!r}: 'hosts' names the servers that its credential may be sent to")
    variable = said.get("env", "")
    return Provider(name, (variable,) if variable else (), hosts, scheme, said.get("header", "X-API-Key"))
