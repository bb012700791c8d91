"""Model calls of one run: opened, paid for, timed, tried again."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from llmspell_bridges.llm.failures import NoModel, ProviderFailed
from llmspell_bridges.llm.passing import Passing, arguments_of, as_reply
from llmspell_bridges.llm.records import Completion, Options, UsageRecord
from llmspell_bridges.llm.registry import Models
from llmspell_bridges.llm.retries import pause_before_retry
from llmspell_bridges.llm.spending import ANSWER_TOKENS, Spending
from llmspell_bridges.llm.text_stream import TextStream
from llmspell_core.errors import BudgetSpent

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from llmspell_bridges.llm.models import Message, Model, Reply, ReplyStream, Settings, Tool
    from llmspell_core.bridge import Context
    from llmspell_core.budget import Reservation

__all__ = ["Calls", "calls_of"]

_RETRIES = 2
_T = TypeVar("_T")


def calls_of(context: Context) -> Calls:
    """Return the model calls of a run, the same for all its bridges; they end with the run.

    :param context: as the bridge ``llm`` has it: ``context.of("llm")``
    """
    return context.run.get(Calls, lambda: Calls(context))


class Calls:
    """Calls the models of a run. Each request is paid for from the run's purse before it is made, each attempt anew.

    A request counts when it is made, even if it fails; its tokens and cost when they are known.
    """

    def __init__(self, context: Context) -> None:
        options = context.options
        self.models = Models(options, context.model, context.require, context.secrets)
        self._secrets, self._points = context.secrets, context.points
        self._spending = Spending(context.purse, int(options.get("answer_tokens", ANSWER_TOKENS)))
        self._retries = int(options.get("retries", _RETRIES))
        self._streams: set[TextStream] = set()

    async def complete(self, messages: Sequence[Message], options: Options) -> Completion:
        """Return a model's whole answer."""
        model = await self._open(options)
        reply, requests = await self._request(model, messages, options, ())
        return self._completion(model, reply, requests)

    async def request(self, messages: Sequence[Message], options: Options, tools: Sequence[Tool]) -> Reply:
        """Return a model's whole answer as the model gave it, which may be that it wants tools called."""
        model = await self._open(options)
        return (await self._request(model, messages, options, tools))[0]

    async def stream(self, messages: Sequence[Message], options: Options) -> TextStream:
        """Return a model's answer on its way."""
        model = await self._open(options)
        passing = Passing(self._points, model, messages, options)
        if (prepared := passing.answered()) is not None:
            return self._opened(model, prepared, options, passing, None)

        async def ask(settings: Settings, reserved: Reservation) -> TextStream:
            stream = await model.stream(passing.messages, settings)
            return self._opened(model, stream, passing.options, passing, reserved)

        try:
            opened, requests = await self._ask(model, passing.messages, passing.options, (), ask, brief=False)
        except BaseException as error:
            passing.failed(error)
            raise
        opened.requests = requests
        return opened

    async def close(self) -> None:
        """Stop what is still on its way and close every connection."""
        for stream in list(self._streams):
            await stream.close()
        await self.models.close()

    async def _open(self, options: Options) -> Model:
        if options.model is None:
            raise NoModel
        return await self.models.open(options.model)

    async def _request(
        self, model: Model, messages: Sequence[Message], options: Options, tools: Sequence[Tool]
    ) -> tuple[Reply, int]:
        requests = 0

        async def do(arguments: dict[str, Any]) -> Reply:
            nonlocal requests
            told, asked = arguments["messages"], Options(**arguments["options"])

            async def ask(settings: Settings, reserved: Reservation) -> Reply:
                return self._paid(await model.request(told, settings, tools), reserved)

            reply, requests = await self._ask(model, told, asked, tools, ask, brief=True)
            return reply

        came = await self._points.act("llm", model.name, arguments_of(messages, options, tools), do)
        return as_reply(came, model), requests

    def _opened(
        self, model: Model, stream: ReplyStream, options: Options, passing: Passing, reserved: Reservation | None
    ) -> TextStream:
        def settle(reply: Reply, error: Exception | None) -> Completion:
            self._streams.discard(opened)
            paid = reply if reserved is None else self._paid(reply, reserved)
            return self._completion(model, passing.ended(paid, error), opened.requests if reserved else 0)

        opened = TextStream(stream, settle, lambda: deadline(model.name, options.timeout), self._secrets.redact)
        self._streams.add(opened)
        return opened

    async def _ask(
        self,
        model: Model,
        messages: Sequence[Message],
        options: Options,
        tools: Sequence[Tool],
        ask: Callable[[Settings, Reservation], Awaitable[_T]],
        *,
        brief: bool,
    ) -> tuple[_T, int]:
        """Return what a request comes to, and how many were made for it."""
        import asyncio

        failed: ProviderFailed | None = None
        attempts = 0
        async with deadline(model.name, options.timeout) as timer:
            while True:
                try:
                    reserved, settings = await self._spending.reserve(
                        model, messages, options.settings(), tools, brief=brief
                    )
                except BudgetSpent as spent:
                    raise spent from failed
                attempts += 1
                try:
                    return await _settled(ask(settings, reserved), reserved), attempts
                except ProviderFailed as failure:
                    pause = pause_before_retry(failure, attempts - 1) if attempts <= self._retries else None
                    ends = timer.when()
                    if pause is None or (ends is not None and asyncio.get_running_loop().time() + pause >= ends):
                        raise
                    failed = failure
                await asyncio.sleep(pause)

    def _paid(self, reply: Reply, reserved: Reservation) -> Reply:
        """Return the reply, counted, without the secrets that its server may have put in."""
        reserved.settle(reply.input_tokens, reply.output_tokens, reply.cost)
        return replace(reply, text=self._secrets.redact(reply.text))

    def _completion(self, model: Model, reply: Reply, requests: int) -> Completion:
        if not reply.text and reply.finish_reason == "content_filter":
            raise ProviderFailed(model.name, "refusal", "the provider refused to answer")
        usage = UsageRecord(
            requests=requests, input_tokens=reply.input_tokens, output_tokens=reply.output_tokens, cost=reply.cost
        )
        return Completion(
            text=reply.text,
            model=model.name,
            usage=usage,
            estimated=reply.estimated,
            finish_reason=reply.finish_reason,
        )


async def _settled(asking: Awaitable[_T], reserved: Reservation) -> _T:
    """Return what is asked for; what fails costs nothing if the provider said so, else all that was set aside."""
    try:
        return await asking
    except BaseException as error:
        if isinstance(error, ProviderFailed) and not error.charged:
            reserved.settle()
        reserved.forfeit()
        raise


@asynccontextmanager
async def deadline(model: str, seconds: float | None) -> AsyncIterator[asyncio.Timeout]:
    """Cancel what runs inside after so many seconds, and raise :class:`ProviderFailed`."""
    import asyncio

    timer = asyncio.timeout(seconds)
    try:
        async with timer:
            yield timer
    except TimeoutError:
        if not timer.expired():
            raise
        problem = f"no answer within {seconds} seconds; pass a longer timeout, or a shorter prompt"
        raise ProviderFailed(model, "timeout", problem) from None
