"""The part of the bridge ``llm`` that asks several models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack

from llmspell_bridges.llm.attempts import AttemptFailure, NoAnswer, accepted, failure
from llmspell_bridges.llm.breaker import BreakerOptions
from llmspell_bridges.llm.members import Strategy
from llmspell_bridges.llm.pool import ModelPool
from llmspell_bridges.llm.records import CallOptions, Completion, Options, Prompt, as_messages
from llmspell_bridges.llm.selection import Selection
from llmspell_core.bridge import expose
from llmspell_core.errors import BadArgument, CallError, ProviderError
from llmspell_core.values import Function

if TYPE_CHECKING:
    from llmspell_bridges.llm.calls import Calls

__all__ = ["Several"]


class FallbackAnswer(Completion):
    """A model's whole answer, and why those before it gave none."""

    failures: list[AttemptFailure]


class Compared(Completion):
    """What one of several models answered.

    :param duration: seconds that it took
    """

    ok: Literal[True]
    duration: float


class ComparedFailure(TypedDict):
    """Why one of several models gave no answer."""

    ok: Literal[False]
    model: str
    error: AttemptFailure
    duration: float


class Several(Selection):
    """Asks several models: side by side, one after the other, or whichever suits."""

    _calls: Calls

    @expose
    async def compare_providers(
        self, prompt: Prompt, models: list[str], **options: Unpack[CallOptions]
    ) -> list[Compared | ComparedFailure]:
        """Return what each of several models answers, in their order; all are asked at once.

        :param prompt: what to ask, or a whole conversation
        :param models: which, each ``provider:model``
        """
        import asyncio
        import time

        wanted = self._options(Options(**options))

        async def ask(model: str) -> Compared | ComparedFailure:
            began = time.monotonic()
            try:
                answer = await self._ask(model, prompt, wanted)
            except (ProviderError, CallError) as error:
                told = failure(model, error)
                return ComparedFailure(ok=False, model=model, error=told, duration=time.monotonic() - began)
            return Compared(**answer, ok=True, duration=time.monotonic() - began)

        try:
            async with asyncio.TaskGroup() as group:
                asked = [group.create_task(ask(model)) for model in _some(models, "llm.compare_providers", 2)]
        except BaseExceptionGroup as failed:
            raise failed.exceptions[0] from None
        return [task.result() for task in asked]

    @expose
    async def fallback_chain(
        self, models: list[str], prompt: Prompt, *, check: Function | None = None, **options: Unpack[CallOptions]
    ) -> FallbackAnswer:
        """Return the answer of the first of several models that gives one, and why those before it gave none.

        :param models: which, in the order they are tried
        :param prompt: what to ask, or a whole conversation
        :param check: called with the text of each answer; false, or a text that says why, has the next model tried
        """
        wanted = self._options(Options(**options))
        failures: list[AttemptFailure] = []
        for model in _some(models, "llm.fallback_chain", 1):
            try:
                answer = await accepted(await self._ask(model, prompt, wanted), check)
            except (ProviderError, CallError) as error:
                failures.append(failure(model, error))
            else:
                return FallbackAnswer(**answer, failures=failures)
        raise NoAnswer(failures)

    @expose
    def pool(
        self,
        models: list[str],
        *,
        strategy: Strategy = "round_robin",
        weights: list[float] | None = None,
        breaker: BreakerOptions | None = None,
        retries: int | None = None,
    ) -> ModelPool:
        """Return several models behind one name.

        :param models: which, each ``provider:model``
        :param strategy: which of them a call uses: in turn, the first that works, the quickest so far, by weight, the
            one least in use, or all of them, of whose answers the most frequent counts
        :param weights: of ``weighted``: how often each is used beside the others
        :param breaker: when a model is left alone, and for how long
        :param retries: how many others are tried when one fails; all when left out
        """
        _some(models, "llm.pool", 1)
        if weights is not None and (len(weights) != len(models) or min(weights) <= 0):
            problem = f"must be {len(models)} numbers above 0, one for each model, not {weights!r}"
            raise BadArgument("llm.pool", None, "weights", problem)
        return ModelPool(
            self._calls,
            models,
            self._options,
            strategy=strategy,
            weights=weights or [1.0] * len(models),
            breaker=breaker or BreakerOptions(),
            retries=len(models) - 1 if retries is None else retries,
        )

    async def _ask(self, model: str, prompt: Prompt, wanted: Options) -> Completion:
        return await self._calls.complete(as_messages(prompt, wanted.system), Options(model=model).over(wanted))


def _some(models: list[str], function: str, place: int) -> list[Any]:
    if not models:
        raise BadArgument(function, place, "models", "is empty; name models, as provider:model")
    return models
