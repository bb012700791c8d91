"""How each kind of provider is connected to through pydantic-ai."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from httpx2 import AsyncClient
    from pydantic_ai.embeddings import EmbeddingModel
    from pydantic_ai.models import Model as VendorModel

    from llmspell_bridges.llm.models import Attachment
    from llmspell_bridges.llm.providers import Address, Api

__all__ = ["connect", "embedder", "fetches", "model_names"]


def connect(address: Address, model: str, client: AsyncClient) -> VendorModel[Any]:
    """Return pydantic-ai's model for an address; the packages of the provider are imported here."""
    return _CONNECT[address.api](address, model, client)


async def model_names(model: VendorModel[Any]) -> list[str]:
    """Return the names that the provider of a model lists."""
    client = cast("Any", model).client
    models = client.aio.models if hasattr(client, "aio") else client.models
    listed = models.list()
    if hasattr(listed, "__await__") and not hasattr(listed, "__aiter__"):
        listed = await listed
    return sorted([str(getattr(found, "id", None) or found.name).removeprefix("models/") async for found in listed])


def embedder(address: Address, model: str, client: AsyncClient) -> EmbeddingModel | None:
    """Return what makes vectors of texts for an address, or None where the provider has no such models."""
    vendor = cast("Any", connect(address, model, client))
    if address.api == "anthropic":
        return None
    if address.api == "google":
        from pydantic_ai.embeddings.google import GoogleEmbeddingModel

        return GoogleEmbeddingModel(model, provider=vendor._provider)
    from pydantic_ai.embeddings.openai import OpenAIEmbeddingModel

    provider = vendor._provider
    # Each attempt is asked for and counted, which the provider's package knows nothing of.
    provider.client.max_retries = 0
    return OpenAIEmbeddingModel(model, provider=provider)


def fetches(api: Api, attachment: Attachment) -> bool:
    """Tell whether a provider fetches an attachment itself; otherwise pydantic-ai would, past the run's policy."""
    if attachment.kind == "image":
        return api != "google"
    return api == "anthropic" and attachment.media_type == "application/pdf"


def _openai(address: Address, model: str, client: AsyncClient) -> VendorModel[Any]:
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    return OpenAIChatModel(
        model, provider=OpenAIProvider(base_url=address.url, api_key=address.key, http_client=client)
    )


def _openai_compatible(address: Address, model: str, client: AsyncClient) -> VendorModel[Any]:
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.profiles.openai import OpenAIModelProfile
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    provider = OpenAICompatibleProvider(
        address.provider,
        base_url=address.url or "",
        api_key=address.key,
        http_client=client,
        # Every compatible server knows max_tokens; few know what OpenAI put in its place.
        # Most have their models answer by a schema; those that reject or ignore it are told in the conversation.
        profile=OpenAIModelProfile(openai_chat_supports_max_completion_tokens=False, supports_json_schema_output=True),
    )
    return OpenAIChatModel(model, provider=provider)


def _ollama(address: Address, model: str, client: AsyncClient) -> VendorModel[Any]:
    from pydantic_ai.models.ollama import OllamaModel
    from pydantic_ai.providers.ollama import OllamaProvider

    return OllamaModel(model, provider=OllamaProvider(base_url=address.url, api_key=address.key, http_client=client))


def _anthropic(address: Address, model: str, client: AsyncClient) -> VendorModel[Any]:
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    return AnthropicModel(
        model, provider=AnthropicProvider(base_url=address.url, api_key=address.key, http_client=client)
    )


def _google(address: Address, model: str, client: AsyncClient) -> VendorModel[Any]:
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google import GoogleProvider

    return GoogleModel(model, provider=GoogleProvider(api_key=address.key, base_url=address.url, http_client=client))


_CONNECT: dict[Api, Callable[[Address, str, AsyncClient], VendorModel[Any]]] = {
    "openai": _openai,
    "openai-compatible": _openai_compatible,
    "ollama": _ollama,
    "anthropic": _anthropic,
    "google": _google,
}
