"""What one model made of a request, where several are tried: its answer, or why it gave none."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, cast

from llmspell_bridges.llm.failures import ProviderFailed
from llmspell_core.errors import CallError, ProviderError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from llmspell_bridges.llm.records import Completion
    from llmspell_core.values import ScriptValue

__all__ = ["AttemptFailure", "NoAnswer", "accepted", "failure"]


class AttemptFailure(TypedDict):
    """Why a model gave no answer.

    :param kind: in one word: ``refusal``, ``timeout``, ``rate_limit``, ``bad_answer``, ``network``, ``auth``, ...
    """

    model: str
    kind: str
    message: str


class NoAnswer(ProviderError):
    """None of several models gave an answer; ``data`` is ``{failures}``."""

    def __init__(self, failures: list[AttemptFailure]) -> None:
        self.failures = failures
        self.data = {"reason": "no_answer", "failures": cast("list[ScriptValue]", failures)}
        told = "; ".join(f"{failure['message']}" for failure in failures)
        super().__init__(f"none of {len(failures)} models answered: {told}")


async def accepted(completion: Completion, check: Callable[[str], Awaitable[object]] | None) -> Completion:
    """Return an answer that is one; :raises ProviderFailed: when it is empty, or the check says that it is bad.

    :param check: says false, or in a text why, when an answer will not do
    """
    if not completion["text"].strip():
        raise ProviderFailed(completion["model"], "bad_answer", "the answer is empty")
    said = True if check is None else await check(completion["text"])
    if said is False or isinstance(said, str):
        raise ProviderFailed(completion["model"], "bad_answer", said or "the answer was not accepted")
    return completion


def failure(model: str, error: ProviderError | CallError) -> AttemptFailure:
    """Return why a model gave no answer."""
    reason = error.reason if isinstance(error, ProviderFailed) else error.kind
    return AttemptFailure(model=model, kind=reason, message=str(error))
