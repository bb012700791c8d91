"""Many model calls at once, a few at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_bridges.guardrails.rails import GuardrailViolated
from llmspell_bridges.llm.records import BatchFailure, BatchSuccess, FailureRecord
from llmspell_core.errors import CallError, ProviderError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from llmspell_bridges.llm.records import Completion, Prompt

__all__ = ["complete_all"]


async def complete_all(
    prompts: Sequence[Prompt],
    complete: Callable[[Prompt], Awaitable[Completion]],
    max_concurrent: int,
    progress: Callable[[int, int], Awaitable[object]] | None,
) -> list[BatchSuccess | BatchFailure]:
    """Return the answers in the order of the prompts, a failure in the place of each that failed.

    A spent budget, a reached limit and an error of ``progress`` end the whole batch.
    """
    import asyncio

    results: list[BatchSuccess | BatchFailure | None] = [None] * len(prompts)
    waiting = iter(enumerate(prompts))
    done = 0

    async def work() -> None:
        nonlocal done
        for i, prompt in waiting:
            results[i] = await _outcome(complete(prompt))
            done += 1
            if progress is not None:
                await progress(done, len(prompts))

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(max_concurrent, len(prompts))):
                group.create_task(work())
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [result for result in results if result is not None]


async def _outcome(call: Awaitable[Completion]) -> BatchSuccess | BatchFailure:
    try:
        return BatchSuccess(ok=True, **await call)
    except (ProviderError, CallError, GuardrailViolated) as error:
        return BatchFailure(ok=False, error=FailureRecord(kind=error.kind, message=str(error), data=error.data))
