"""Model calls of one run: opened, paid for, timed, tried again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from llmspell_bridges.llm.answered import Answered
from llmspell_bridges.llm.attachments import Attachments
from llmspell_bridges.llm.cache import Answers, key_of
from llmspell_bridges.llm.failures import NoModel, ProviderFailed
from llmspell_bridges.llm.held import held_of
from llmspell_bridges.llm.kept import asked_once, key_text
from llmspell_bridges.llm.kept_stream import Begun, KeptStream
from llmspell_bridges.llm.models import Message, PreparedStream, Vectors
from llmspell_bridges.llm.passing import Asked, Passing, as_conversation, as_reply, used
from llmspell_bridges.llm.rails import Guards
from llmspell_bridges.llm.records import Completion, Options, UsageRecord
from llmspell_bridges.llm.registry import Models
from llmspell_bridges.llm.spending import ANSWER_TOKENS, Spending
from llmspell_bridges.llm.text_stream import TextStream
from llmspell_bridges.llm.trying import deadline, tried

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from llmspell_bridges.llm.models import Model, Reply, ReplyStream, Settings, Tool
    from llmspell_core.bridge import Context
    from llmspell_core.budget import Reservation

__all__ = ["Calls", "calls_of"]

_RETRIES = 2
_WHOLE = ("stop", "length", "tool_calls")
"""Ends of answers that are worth keeping."""
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
        self.context, self._attachments = context, Attachments(context)
        self.held = held_of(context)
        self.models = Models(options, context.model, context.require, context.secrets)
        self._secrets, self._points = context.secrets, context.points
        self._spending = Spending(context.purse, int(options.get("answer_tokens", ANSWER_TOKENS)))
        self._retries = int(options.get("retries", _RETRIES))
        self._timeout = options.get("timeout")
        self._streams: set[TextStream] = set()

    async def complete(
        self, messages: Sequence[Message], options: Options, schema: Mapping[str, Any] | None = None
    ) -> Completion:
        """Return a model's whole answer.

        :param schema: the JSON Schema that the model is told of beside the messages
        """
        model, guards = await self.open(options), Guards(self.context, options)
        messages = await self._attachments.ready(await guards.messages(messages), model)
        reply, requests = await self._asked_once(model, Asked(messages, options, schema=schema))
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
        return (await self._asked_once(model, Asked(messages, options, tools, schema)))[0]

    async def stream(
        self,
        messages: Sequence[Message],
        options: Options,
        tools: Sequence[Tool] = (),
        schema: Mapping[str, Any] | None = None,
        *,
        asked: int | None = None,
    ) -> TextStream:
        """Return a model's answer on its way; when it has ended, ``reply`` tells which tools it wants called.

        :param asked: how many requests it took, where the model was asked before the run was interrupted
        """
        model, guards = await self.open(options), Guards(self.context, options)
        messages = await self._attachments.ready(await guards.messages(messages), model)
        request = Asked(messages, options, tools, schema)
        stream = KeptStream(self.context, model.name, lambda: self._begun(model, request))
        if asked is None:
            await stream.open(key_text(model.name, request))
        else:
            stream.requests = asked
        return self._opened(model, stream, request, guards)

    async def embed(self, texts: Sequence[str], options: Options) -> Vectors:
        """Return what a model makes of texts; they pass the hooks as messages of a user."""
        model = await self.open(options)
        asked = Asked([Message("user", text) for text in texts], options)
        seen = {**asked.arguments(), "embed": True}

        async def do(arguments: dict[str, Any]) -> Reply:
            messages = as_conversation(arguments["messages"])

            async def reserve() -> tuple[Reservation, None]:
                return await self._spending.reserve_reading(model, messages), None

            async def ask(_: None, reserved: Reservation) -> Vectors:
                made = await model.embed([message.content for message in messages])
                reserved.settle(made.input_tokens, 0, made.cost)
                return made

            async def answer() -> tuple[Reply, int]:
                return await tried(model, self._seconds(options), self._retries, reserve, ask)

            left = Asked(messages, options)
            made, requests = await self._within_hooks(key_text(model.name, left, "vectors"), answer)
            self._points.note(**used(made, requests))
            return made

        async def made_now() -> tuple[Reply, int]:
            return await self._points.act("llm", model.name, seen, do), 1

        made, _ = await asked_once(self.context, key_text(model.name, asked, "embed"), made_now)
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
        if self._points.answers("llm", options.model):
            self.models.check(options.model)
            return Answered(options.model)
        return await self.models.open(options.model)

    def _seconds(self, options: Options) -> float | None:
        return self._timeout if options.timeout is None else options.timeout

    async def _asked_once(self, model: Model, request: Asked) -> tuple[Reply, int]:
        key = key_text(model.name, request)
        return await asked_once(self.context, key, lambda: self._request(model, request))

    async def _within_hooks(self, key: str, ask: Callable[[], Awaitable[tuple[Reply, int]]]) -> tuple[Reply, int]:
        """Return an answer that hooks of the spell are about to see, kept already: a run may be killed in them."""
        return await (asked_once(self.context, key, ask) if self._points.standing else ask())

    async def _request(self, model: Model, request: Asked) -> tuple[Reply, int]:
        requests = 0

        async def do(arguments: dict[str, Any]) -> Reply:
            nonlocal requests
            asked = request.left(arguments)
            key = self._key(model, asked)
            if key is not None and (kept := self._answers.get(key, asked.options.cached_seconds)) is not None:
                return kept

            async def ask(settings: Settings, reserved: Reservation) -> Reply:
                reply = await model.request(asked.messages, self._marked(settings), asked.tools)
                return self._paid(reply, reserved)

            async def answer() -> tuple[Reply, int]:
                return await self._ask(model, asked, ask, brief=True)

            reply, requests = await self._within_hooks(key_text(model.name, asked, "answer"), answer)
            self._points.note(**used(reply, requests))
            self._keep(key, reply)
            return reply

        came = await self._points.act("llm", model.name, request.arguments(), do)
        return as_reply(came, model.name), requests

    async def _begun(self, model: Model, request: Asked) -> Begun:
        """Ask a model for a stream, past the hooks; one of them may answer, or an answer that was kept."""
        passing = await Passing.begun(self._points, model, request)
        asked, key = passing.asked, self._key(model, passing.asked)
        prepared = passing.answered() or self._kept_stream(key, asked)
        if prepared is not None:
            return Begun(prepared, passing, key)

        async def ask(settings: Settings, reserved: Reservation) -> tuple[ReplyStream, Reservation]:
            return await model.stream(asked.messages, self._marked(settings), asked.tools), reserved

        try:
            (stream, reserved), requests = await self._ask(model, asked, ask, brief=False)
        except BaseException as error:
            await passing.failed(error)
            raise
        return Begun(stream, passing, key, reserved, requests)

    def _opened(self, model: Model, stream: KeptStream, request: Asked, guards: Guards) -> TextStream:
        def settle(reply: Reply, error: Exception | None) -> Awaitable[Completion]:
            paid = self._paid_stream(reply, stream)
            if error is None and stream.begun is not None:
                self._keep(stream.begun.key, paid)
            return settled(paid, error)

        async def settled(paid: Reply, error: Exception | None) -> Completion:
            try:
                opened.reply = paid
                if stream.begun is not None:
                    opened.reply = await stream.begun.passing.ended(paid, error, stream.requests)
            finally:
                self._streams.discard(opened)
            return self._completion(model, opened.reply, stream.requests)

        def timed() -> AbstractAsyncContextManager[object]:
            return deadline(model.name, self._seconds(request.options))

        opened = TextStream(stream, settle, timed, self._secrets.redact, guards.text if guards else None)
        opened.requests = stream.requests
        self._streams.add(opened)
        return opened

    async def _ask(
        self, model: Model, asked: Asked, ask: Callable[[Settings, Reservation], Awaitable[_T]], *, brief: bool
    ) -> tuple[_T, int]:
        """Return what a request comes to, and how many were made for it."""

        async def reserve() -> tuple[Reservation, Settings]:
            return await self._spending.reserve(model, asked.messages, asked.settings, asked.tools, brief=brief)

        return await tried(model, self._seconds(asked.options), self._retries, reserve, ask)

    @property
    def _answers(self) -> Answers:
        return self.context.shared.get(Answers, Answers)

    def _key(self, model: Model, asked: Asked) -> Hashable | None:
        """Return under what an answer is kept, or None where none is to be."""
        if not asked.options.cached_seconds:
            return None
        return key_of(model, asked.messages, asked.settings, asked.tools, self.context.policy)

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

    def _paid_stream(self, reply: Reply, stream: KeptStream) -> Reply:
        if stream.begun is not None:
            reserved = stream.begun.reserved
            return reply if reserved is None else self._paid(reply, reserved)
        # It was heard before the run was interrupted, and is among what the run has spent.
        paying = self.context.purse.paying()
        paying.remember(stream.requests, reply.input_tokens, reply.output_tokens, reply.cost)
        return reply

    def _marked(self, settings: Settings) -> Settings:
        """Return the settings, in a run that can go on, with what tells the provider that a request is the same."""
        if self.context.recall is None:
            return settings
        return replace(settings, idempotency_key=self.context.idempotency_key)

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
