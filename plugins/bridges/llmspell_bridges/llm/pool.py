"""Several models behind one name: each call goes to one of them, and to the next when it fails."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from llmspell_bridges.llm.attempts import AttemptFailure, NoAnswer, accepted, failure
from llmspell_bridges.llm.breaker import Breaker, BreakerOptions, State
from llmspell_bridges.llm.members import ORDERS, Member, Strategy
from llmspell_bridges.llm.records import CallOptions, Completion, Options, Prompt, as_messages
from llmspell_bridges.llm.text_stream import TextStream
from llmspell_core.bridge import Handle, expose
from llmspell_core.errors import CallError, ProviderError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from llmspell_bridges.llm.calls import Calls

__all__ = ["ModelPool", "PoolAnswer"]


class PoolAnswer(Completion):
    """A model's whole answer, and what was tried before.

    :param failures: of the models that were tried before the one that answered
    :param agreement: of ``consensus``: which part of the answers was the same as this one, up to 1
    """

    failures: list[AttemptFailure]
    agreement: float


class MemberMetrics(TypedDict):
    """What has come of the calls of a model.

    :param latency: seconds that a call takes, the last ones counting most; nil before the first
    """

    model: str
    requests: int
    failures: int
    in_flight: int
    latency: float | None
    input_tokens: int
    output_tokens: int
    cost: float | None


class MemberHealth(TypedDict):
    """Whether a model is used.

    :param state: of its breaker: ``closed`` when it is, ``open`` when it is left alone, ``half_open`` when it is tried
    :param failures: in a row, up to now
    """

    model: str
    state: State
    failures: int


class ModelPool(Handle):
    """Several models, of which each call uses one, or by ``consensus`` all."""

    def __init__(
        self,
        calls: Calls,
        models: Sequence[str],
        defaults: Callable[[Options | None], Options],
        *,
        strategy: Strategy,
        weights: Sequence[float],
        breaker: BreakerOptions,
        retries: int,
    ) -> None:
        self._calls, self._defaults, self._strategy, self._retries = calls, defaults, strategy, retries
        self._members = [
            Member(model, weight, Breaker(breaker), place)
            for place, (model, weight) in enumerate(zip(models, weights, strict=True))
        ]

    @expose
    async def generate(self, prompt: Prompt, **options: Unpack[CallOptions]) -> PoolAnswer:
        """Return the answer of one of the models, or by ``consensus`` the one that most of them give.

        :param prompt: what to ask, or a whole conversation
        """
        wanted = self._defaults(Options(**options))
        if self._strategy == "consensus":
            return await self._agreed(prompt, wanted)
        failures: list[AttemptFailure] = []
        for member in self._candidates(failures):
            try:
                answer = await self._ask(member, prompt, wanted)
            except (ProviderError, CallError) as error:
                failures.append(failure(member.model, error))
            else:
                return PoolAnswer(**answer, failures=failures, agreement=1.0)
        raise NoAnswer(failures)

    @expose
    async def stream(self, prompt: Prompt, **options: Unpack[CallOptions]) -> TextStream:
        """Return the answer of one of the models piece by piece; once it has begun, no other is tried.

        :param prompt: what to ask, or a whole conversation
        """
        wanted = self._defaults(Options(**options))
        opened: TextStream | None = None

        async def choose() -> dict[str, Any]:
            nonlocal opened
            failures: list[AttemptFailure] = []
            for member in self._candidates(failures):
                try:
                    with self._counted(member):
                        opened = await self._stream_of(member.model, prompt, wanted)
                        return {"model": member.model, "requests": opened.requests}
                except (ProviderError, CallError) as error:
                    failures.append(failure(member.model, error))
            raise NoAnswer(failures)

        # A run that goes on hears the model that it has begun to hear.
        chosen = await self._calls.context.once("pool stream", choose)
        return opened or await self._stream_of(chosen["model"], prompt, wanted, chosen["requests"])

    async def _stream_of(self, model: str, prompt: Prompt, wanted: Options, asked: int | None = None) -> TextStream:
        options = Options(model=model).over(wanted)
        return await self._calls.stream(as_messages(prompt, wanted.system), options, asked=asked)

    @expose
    def metrics(self) -> list[MemberMetrics]:
        """Return what has come of the calls of each model."""
        return [
            MemberMetrics(
                model=member.model,
                requests=member.requests,
                failures=member.failures,
                in_flight=member.in_flight,
                latency=member.latency,
                input_tokens=member.input_tokens,
                output_tokens=member.output_tokens,
                cost=member.cost,
            )
            for member in self._members
        ]

    @expose
    def health(self) -> list[MemberHealth]:
        """Return whether each model is used."""
        return [
            MemberHealth(model=member.model, state=member.breaker.state, failures=member.breaker.failures)
            for member in self._members
        ]

    def _candidates(self, failures: list[AttemptFailure]) -> Iterator[Member]:
        """Yield the models to be tried, as many as there may be tries; those that are left alone are told of."""
        tried = 0
        for member in ORDERS[self._strategy](self._members):
            if tried > self._retries:
                return
            if not member.breaker.lets_through():
                message = f"{member.model}: left alone after {member.breaker.failures} failures in a row"
                failures.append(AttemptFailure(model=member.model, kind="breaker_open", message=message))
                continue
            tried += 1
            yield member

    async def _ask(self, member: Member, prompt: Prompt, wanted: Options) -> Completion:
        with self._counted(member):
            asked = Options(model=member.model).over(wanted)
            answer = await accepted(await self._calls.complete(as_messages(prompt, wanted.system), asked), None)
        used = answer["usage"]
        member.input_tokens += used["input_tokens"]
        member.output_tokens += used["output_tokens"]
        known = member.cost is not None and used["cost"] is not None
        member.cost = (member.cost or 0.0) + (used["cost"] or 0.0) if known else None
        return answer

    @contextmanager
    def _counted(self, member: Member) -> Iterator[None]:
        member.breaker.enter()
        member.requests += 1
        member.in_flight += 1
        began = time.monotonic()
        try:
            yield
        except ProviderError:
            member.failures += 1
            member.breaker.failed()
            raise
        except BaseException:
            member.breaker.left()
            raise
        else:
            member.took(time.monotonic() - began)
            member.breaker.succeeded()
        finally:
            member.in_flight -= 1

    async def _agreed(self, prompt: Prompt, wanted: Options) -> PoolAnswer:
        """Ask all at once, and return the first of the answers that most of them give."""
        import asyncio

        failures: list[AttemptFailure] = []
        answers: list[Completion | None] = [None] * len(self._members)

        async def ask(place: int, member: Member) -> None:
            try:
                answers[place] = await self._ask(member, prompt, wanted)
            except (ProviderError, CallError) as error:
                failures.append(failure(member.model, error))

        asked = [member for member in self._members if member.breaker.lets_through()]
        try:
            async with asyncio.TaskGroup() as group:
                for member in asked:
                    group.create_task(ask(member.place, member))
        except BaseExceptionGroup as failed:
            raise failed.exceptions[0] from None
        given = [answer for answer in answers if answer is not None]
        if not given:
            raise NoAnswer(failures)
        same = [_gist(answer["text"]) for answer in given]
        most = max(same, key=same.count)
        return PoolAnswer(**given[same.index(most)], failures=failures, agreement=same.count(most) / len(given))


def _gist(text: str) -> str:
    """Return what is compared of an answer: its words, whatever their case, spacing and last full stop."""
    return " ".join(text.casefold().split()).rstrip(".!")
