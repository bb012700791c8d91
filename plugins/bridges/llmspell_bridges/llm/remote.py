"""Real models, through pydantic-ai. Importing this module costs about a second; only a real model does."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any, cast

import httpx2
from pydantic_ai.direct import model_request, model_request_stream
from pydantic_ai.models import get_user_agent
from pydantic_ai.usage import RequestUsage

from llmspell_bridges.llm.models import (
    Attachment,
    FinishReason,
    Message,
    Model,
    Reply,
    ReplyStream,
    Settings,
    Tool,
    ToolCall,
    Vectors,
    estimate_tokens,
)
from llmspell_bridges.llm.remote_failures import translated
from llmspell_bridges.llm.remote_messages import as_requests, parameters, text_of
from llmspell_bridges.llm.vendors import connect, embedder, fetches, model_names

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence

    from pydantic_ai import messages as parts
    from pydantic_ai.embeddings import EmbeddingModel
    from pydantic_ai.models import Model as VendorModel
    from pydantic_ai.models import StreamedResponse
    from pydantic_ai.settings import ModelSettings

    from llmspell_bridges.llm.prices import Prices
    from llmspell_bridges.llm.providers import Address
    from llmspell_core.secrets import Secrets

__all__ = ["Remote", "RemoteModel"]

_FINISH: dict[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "content_filter": "content_filter",
    "tool_call": "tool_calls",
    "error": "error",
}


class Remote:
    """Connects models of one event loop, those with the same headers through one HTTP client."""

    def __init__(self, prices: Prices, secrets: Secrets) -> None:
        self._clients: dict[tuple[tuple[str, str], ...], httpx2.AsyncClient] = {}
        self._prices, self._secrets = prices, secrets

    def connect(self, address: Address, model: str) -> RemoteModel:
        """Return a model of a provider; nothing is sent yet."""
        name = f"{address.provider}:{model}"
        with translated(name, self._secrets):
            vendor = connect(address, model, self._client(address))
        self._prices.cost(name, 1, 1)  # reads the list, which takes its time, while the loop does not wait
        return RemoteModel(
            vendor, address, name, self._secrets, self._prices, partial(embedder, address, model, self._client(address))
        )

    async def model_names(self, address: Address) -> list[str]:
        """Return the names of the models that a provider offers."""
        with translated(address.provider, self._secrets):
            return await model_names(connect(address, "none", self._client(address)))

    async def close(self) -> None:
        """Close every connection."""
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.aclose()

    def _client(self, address: Address) -> httpx2.AsyncClient:
        key = tuple(sorted(address.headers.items()))
        # Models are connected in threads, several at once: one client stays, another that was made has no connection.
        return self._clients.get(key) or self._clients.setdefault(key, _client(address.headers))


class RemoteModel(Model):
    """A model of a provider."""

    def __init__(
        self,
        vendor: VendorModel[Any],
        address: Address,
        name: str,
        secrets: Secrets,
        prices: Prices,
        embedder: Callable[[], EmbeddingModel | None],
    ) -> None:
        self.name = name
        self._vendor, self._api, self._secrets, self._prices = vendor, address.api, secrets, prices
        self._embedder = embedder

    async def request(self, messages: Sequence[Message], settings: Settings, tools: Sequence[Tool] = ()) -> Reply:
        """Return the model's answer; cancelling the call closes the connection."""
        with translated(self.name, self._secrets):
            response = await model_request(
                self._vendor,
                list(as_requests(messages)),
                model_settings=self._settings(settings),
                model_request_parameters=parameters(settings, tools),
            )
            return self.reply(response, messages)

    async def stream(self, messages: Sequence[Message], settings: Settings, tools: Sequence[Tool] = ()) -> RemoteStream:
        """Return the answer as the provider sends it."""
        opened = model_request_stream(
            self._vendor,
            list(as_requests(messages)),
            model_settings=self._settings(settings),
            model_request_parameters=parameters(settings, tools),
        )
        stack = AsyncExitStack()
        with translated(self.name, self._secrets):
            response = await stack.enter_async_context(opened)
        return RemoteStream(self, response, stack, messages)

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Return a vector for each text; cancelling the call closes the connection."""
        with translated(self.name, self._secrets):
            # The packages that make vectors are imported here, which takes its time.
            model = await asyncio.to_thread(self._embedder)
            if model is None:
                return await super().embed(texts)
            result = await model.embed(list(texts), input_type="document")
        read = result.usage.input_tokens
        estimated = not read
        read = read or sum(map(estimate_tokens, texts))
        return Vectors(
            text="",
            model=result.model_name,
            input_tokens=read,
            cost=self.price(read, 0),
            estimated=estimated,
            vectors=tuple(result.embeddings),
        )

    def refusal(self, attachment: Attachment) -> str | None:
        """Return why the model takes no such attachment, by its profile, or None."""
        profile = self._vendor.profile
        if not profile.get(f"supports_{'image' if attachment.kind == 'image' else 'document'}_input", True):
            return super().refusal(attachment)
        taken = profile.get("supported_document_media_types")
        if attachment.kind == "file" and taken is not None and attachment.media_type not in taken:
            return f"the model takes no {attachment.media_type}; it takes {', '.join(sorted(taken))}"
        if attachment.url is not None and not fetches(self._api, attachment):
            return f"the provider fetches no {attachment.kind} by its address; pass what it holds as 'data'"
        return None

    def keeps(self, schema: Mapping[str, Any]) -> bool:
        """Tell whether the provider has its models answer by a schema, and takes this one."""
        return schema.get("type") == "object" and bool(self._vendor.profile.get("supports_json_schema_output"))

    def price(self, input_tokens: int, output_tokens: int) -> float | None:
        """Return what so many tokens cost."""
        return self._prices.cost(self.name, input_tokens, output_tokens)

    def reply(self, response: parts.ModelResponse, messages: Sequence[Message]) -> Reply:
        """Return a response, whole or as far as it has come, as a reply with its cost."""
        text, usage = response.text or "", response.usage
        estimated = not usage.input_tokens and not usage.output_tokens
        if estimated:
            usage = RequestUsage(
                input_tokens=sum(estimate_tokens(message.content) for message in messages),
                output_tokens=estimate_tokens(text),
            )
        calls = tuple(ToolCall(c.tool_call_id, c.tool_name, c.args_as_dict()) for c in response.tool_calls)
        reason: FinishReason = (
            "cancelled" if response.state == "interrupted" else _FINISH[response.finish_reason or "stop"]
        )
        return Reply(
            text,
            response.model_name or "",
            calls,
            usage.input_tokens,
            usage.output_tokens,
            self._cost(replace(response, usage=usage)),
            estimated,
            reason,
        )

    def _cost(self, response: parts.ModelResponse) -> float | None:
        reads, writes = response.usage.input_tokens, response.usage.output_tokens
        own = self._prices.own(self.name, reads, writes)
        if own is not None:
            return own
        try:
            return float(response.cost().total_price)
        except (LookupError, ValueError, AssertionError):
            return self.price(reads, writes)

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turn the provider's errors into llmspell's."""
        with translated(self.name, self._secrets):
            yield

    def _settings(self, settings: Settings) -> ModelSettings:
        given = {
            "temperature": settings.temperature,
            "max_tokens": settings.max_tokens,
            "stop_sequences": list(settings.stop) or None,
            "seed": settings.seed,
            # Each attempt is asked for and counted, which the provider's package knows nothing of.
            "max_retries": 0,
            "extra_headers": settings.idempotency_key and {"Idempotency-Key": settings.idempotency_key},
        }
        return cast("ModelSettings", {name: value for name, value in given.items() if value is not None})


class RemoteStream(ReplyStream):
    """An answer on its way from a provider."""

    def __init__(
        self, model: RemoteModel, response: StreamedResponse, stack: AsyncExitStack, messages: Sequence[Message]
    ) -> None:
        self._model, self._response, self._stack, self._messages = model, response, stack, messages
        self._events = cast("AsyncGenerator[object, None]", aiter(response))
        self._closed = self._done = False

    async def next(self) -> str | None:
        """Return the next piece of text, or None after the last."""
        try:
            with self._model.translated():
                while not self._closed and not self._done:
                    event = await anext(self._events, None)
                    if event is None:
                        self._done = True
                    elif text := text_of(event):
                        return text
        except BaseException:
            # Closing breaks the connection under whoever reads from it.
            if not self._closed:
                raise
        return None

    def reply(self) -> Reply:
        """Return what has come so far."""
        return self._model.reply(self._response.get(), self._messages)

    async def close(self) -> None:
        """Close the connection, if the provider is not done."""
        if self._closed:
            return
        self._closed = True
        with self._model.translated():
            try:
                await self._response.cancel()
            finally:
                await self._stack.aclose()


def _client(headers: Mapping[str, str]) -> httpx2.AsyncClient:
    """Return a client as pydantic-ai makes it, but for what is read only once.

    :param headers: go with each request
    """
    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(600, connect=5),
        limits=httpx2.Limits(max_connections=1000, max_keepalive_connections=100),
        headers={"User-Agent": get_user_agent(), **headers},
        verify=_tls(),
    )


@cache
def _tls() -> ssl.SSLContext:
    # Reading the certificates takes 20 ms, which each run would spend anew.
    return httpx2.create_ssl_context()
