"""Model calls of one run: opened, paid for, timed, tried again."""

from __future__ import annotations

from contextlib import asynccontextmanager
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from llmspell_bridges.llm.attachments import Attachments
from llmspell_bridges.llm.cache import Answers, key_of
from llmspell_bridges.llm.failures import NoModel, ProviderFailed
from llmspell_bridges.llm.models import Message, PreparedStream, Vectors
from llmspell_bridges.llm.passing import Asked, Passing, as_conversation, as_reply, used
from llmspell_bridges.llm.rails import Guards
from llmspell_bridges.llm.records import Completion, Options, UsageRecord
from llmspell_bridges.llm.registry import Models
from llmspell_bridges.llm.retries import pause_before_retry
from llmspell_bridges.llm.spending import ANSWER_TOKENS, Spending
from llmspell_bridges.llm.text_stream import TextStream
from llmspell_core.errors import BudgetSpent

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from llmspell_bridges.llm.models import Model, Reply, ReplyStream, Settings, Tool
    from llmspell_core.bridge import Context
    from llmspell_core.budget import Purse, Reservation

__all__ = ["Calls", "calls_of"]

_RETRIES = 2
_WHOLE = ("stop", "length", "tool_calls")
"""Ends of answers that are worth keeping."""
_S = TypeVar("_S")
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
        self._context, self._attachments = context, Attachments(context)
        self.models = Models(options, context.model, context.require, context.secrets)
        self._secrets, self._points = context.secrets, context.points
        self._answer_tokens = int(options.get("answer_tokens", ANSWER_TOKENS))
        self._spending = Spending(context.purse, self._answer_tokens)
        self._retries = int(options.get("retries", _RETRIES))
        self._streams: set[TextStream] = set()

    def within(self, purse: Purse) -> Calls:
        """Return the same calls, paid for from a purse of the run's."""
        made = copy(self)
        made._spending = Spending(purse, self._answer_tokens)
        return made

    async def complete(
        self, messages: Sequence[Message], options: Options, schema: Mapping[str, Any] | None = None
    ) -> Completion:
        """Return a model's whole answer.

        :param schema: the JSON Schema that the model is told of beside the messages
        """
        model, guards = await self.open(options), Guards(self._context, options)
        messages = await self._attachments.ready(await guards.messages(messages), model)
        reply, requests = await self._request(model, Asked(messages, options, schema=schema))
        answer = self._completion(model, reply, requests)
        if guards:
            answer["text"] = await guards.text(answer["text"])
        return answer

    async def request(
        self,
        messages: Sequence[Message],
        options: Options,
        tools: Sequence[Tool],
        schema: Mapping[str, Any] | None = None,
    ) -> Reply:
        """Return a model's whole answer as the model gave it, which may be that it wants tools called.

        Guardrails are left to whoever runs the tools and asks again.
        """
        model = await self.open(options)
        messages = await self._attachments.ready(messages, model)
        return (await self._request(model, Asked(messages, options, tools, schema)))[0]

    async def stream(
        self,
        messages: Sequence[Message],
        options: Options,
        tools: Sequence[Tool] = (),
        schema: Mapping[str, Any] | None = None,
    ) -> TextStream:
        """Return a model's answer on its way; when it has ended, ``reply`` tells which tools it wants called."""
        model, guards = await self.open(options), Guards(self._context, options)
        messages = await self._attachments.ready(await guards.messages(messages), model)
        passing = await Passing.begun(self._points, model, Asked(messages, options, tools, schema))
        asked, key = passing.asked, self._key(model, passing.asked)
        prepared = passing.answered() or self._kept_stream(key, asked)
        if prepared is not None:
            return self._opened(model, prepared, passing, guards)

        async def ask(settings: Settings, reserved: Reservation) -> TextStream:
            stream = await model.stream(asked.messages, settings, asked.tools)
            return self._opened(model, stream, passing, guards, reserved, key)

        try:
            opened, requests = await self._ask(model, asked, ask, brief=False)
        except BaseException as error:
            await passing.failed(error)
            raise
        opened.requests = requests
        return opened

    async def embed(self, texts: Sequence[str], options: Options) -> Vectors:
        """Return what a model makes of texts; they pass the hooks as messages of a user."""
        model = await self.open(options)
        seen = {**Asked([Message("user", text) for text in texts], options).arguments(), "embed": True}

        async def do(arguments: dict[str, Any]) -> Vectors:
            messages = as_conversation(arguments["messages"])

            async def reserve() -> tuple[Reservation, None]:
                return await self._spending.reserve_reading(model, messages), None

            async def ask(_: None, reserved: Reservation) -> Vectors:
                made = await model.embed([message.content for message in messages])
                reserved.settle(made.input_tokens, 0, made.cost)
                return made

            made, requests = await self._attempts(model, options.timeout, reserve, ask)
            self._points.note(**used(made, requests))
            return made

        made = await self._points.act("llm", model.name, seen, do)
        if not isinstance(made, Vectors) or len(made.vectors) != len(texts):
            raise ProviderFailed(model.name, "bad_answer", f"{len(texts)} vectors were asked for, and did not come")
        return made

    async def close(self) -> None:
        """Stop what is still on its way and close every connection."""
        for stream in list(self._streams):
            await stream.close()
        await self.models.close()

    async def open(self, options: Options) -> Model:
        """Return the model that options name; :raises NoModel: when they name none."""
        if options.model is None:
            raise NoModel
        return await self.models.open(options.model)

    async def _request(self, model: Model, request: Asked) -> tuple[Reply, int]:
        requests = 0

        async def do(arguments: dict[str, Any]) -> Reply:
            nonlocal requests
            asked = request.left(arguments)
            key = self._key(model, asked)
            if key is not None and (kept := self._answers.get(key, asked.options.cached_seconds)) is not None:
                return kept

            async def ask(settings: Settings, reserved: Reservation) -> Reply:
                return self._paid(await model.request(asked.messages, settings, asked.tools), reserved)

            reply, requests = await self._ask(model, asked, ask, brief=True)
            self._points.note(**used(reply, requests))
            self._keep(key, reply)
            return reply

        came = await self._points.act("llm", model.name, request.arguments(), do)
        return as_reply(came, model.name), requests

    def _opened(
        self,
        model: Model,
        stream: ReplyStream,
        passing: Passing,
        guards: Guards,
        reserved: Reservation | None = None,
        key: Hashable | None = None,
    ) -> TextStream:
        def settle(reply: Reply, error: Exception | None) -> Awaitable[Completion]:
            paid = reply if reserved is None else self._paid(reply, reserved)
            if error is None:
                self._keep(key, paid)
            return settled(paid, error, opened.requests if reserved else 0)

        async def settled(paid: Reply, error: Exception | None, requests: int) -> Completion:
            try:
                opened.reply = await passing.ended(paid, error, requests)
            finally:
                self._streams.discard(opened)
            return self._completion(model, opened.reply, requests)

        def timed() -> AbstractAsyncContextManager[object]:
            return deadline(model.name, passing.asked.options.timeout)

        opened = TextStream(stream, settle, timed, self._secrets.redact, guards.text if guards else None)
        self._streams.add(opened)
        return opened

    async def _ask(
        self, model: Model, asked: Asked, ask: Callable[[Settings, Reservation], Awaitable[_T]], *, brief: bool
    ) -> tuple[_T, int]:
        """Return what a request comes to, and how many were made for it."""

        async def reserve() -> tuple[Reservation, Settings]:
            return await self._spending.reserve(model, asked.messages, asked.settings, asked.tools, brief=brief)

        return await self._attempts(model, asked.options.timeout, reserve, ask)

    async def _attempts(
        self,
        model: Model,
        seconds: float | None,
        reserve: Callable[[], Awaitable[tuple[Reservation, _S]]],
        ask: Callable[[_S, Reservation], Awaitable[_T]],
    ) -> tuple[_T, int]:
        """Return what the first attempt that does not fail comes to, and how many there were; each pays anew."""
        import asyncio

        failed: ProviderFailed | None = None
        attempts = 0
        async with deadline(model.name, seconds) as timer:
            while True:
                try:
                    reserved, settings = await reserve()
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

    @property
    def _answers(self) -> Answers:
        return self._context.shared.get(Answers, Answers)

    def _key(self, model: Model, asked: Asked) -> Hashable | None:
        """Return under what an answer is kept, or None where none is to be."""
        if not asked.options.cached_seconds:
            return None
        return key_of(model, asked.messages, asked.settings, asked.tools, self._context.policy)

    def _keep(self, key: Hashable | None, reply: Reply) -> None:
        if key is not None and reply.finish_reason in _WHOLE:
            kept = replace(reply, input_tokens=0, output_tokens=0, cost=0.0, estimated=False, cached=True)
            self._answers.put(key, kept)

    def _kept_stream(self, key: Hashable | None, asked: Asked) -> PreparedStream | None:
        kept = None if key is None else self._answers.get(key, asked.options.cached_seconds)
        return None if kept is None else PreparedStream(kept, [kept.text])

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
            cached=reply.cached,
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
