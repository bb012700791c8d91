"""What pydantic-ai raises, as llmspell's own errors, without keys."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx2
from pydantic_ai import exceptions

from llmspell_bridges.llm.failures import ProviderFailed, Reason, redact
from llmspell_bridges.llm.keys import key_variables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_core.secrets import Secrets

__all__ = ["translated"]

_SHOWN = 500
# The first that fits counts, so subclasses come before their bases.
_REASONS: tuple[tuple[type[Exception], Reason], ...] = (
    (exceptions.ModelRequestTimeout, "timeout"),
    (exceptions.ModelTimeoutError, "timeout"),
    (exceptions.ModelConnectionError, "network"),
    (exceptions.ModelAuthenticationError, "auth"),
    (exceptions.ModelRateLimitError, "rate_limit"),
    (exceptions.ModelQuotaExceededError, "quota"),
    (exceptions.ModelNotFoundError, "not_found"),
    (exceptions.ModelContextWindowExceededError, "context_window"),
    (exceptions.ModelRequestRejectedError, "bad_request"),
    (exceptions.ModelUnavailableError, "server"),
    (exceptions.ModelServerError, "server"),
    (exceptions.ModelHTTPError, "server"),
    (exceptions.ContentFilterError, "refusal"),
    (exceptions.UserError, "bad_request"),
    (exceptions.AgentRunError, "bad_answer"),
    (httpx2.TimeoutException, "timeout"),
    (httpx2.HTTPError, "network"),
    (httpx2.StreamError, "network"),
)
_SAID: dict[Reason, str] = {
    "auth": "the provider refused the key",
    "bad_answer": "the provider's answer cannot be understood",
    "bad_request": "the provider rejected the request",
    "context_window": "the conversation is longer than the model can read",
    "network": "the provider cannot be reached",
    "not_found": "the provider has no such model",
    "quota": "the account's credit is used up",
    "rate_limit": "too many requests for now",
    "refusal": "the provider refused to answer",
    "server": "the provider failed",
    "timeout": "the provider did not answer in time",
}


@contextmanager
def translated(model: str, secrets: Secrets) -> Iterator[None]:
    """Raise what goes wrong with a model as :class:`ProviderFailed`.

    :param secrets: what no message may show
    """
    try:
        yield
    except tuple(kind for kind, _ in _REASONS) as error:
        # The provider's own error can hold the key, so it is not kept as the cause.
        raise _failure(error, model, secrets) from None


def _failure(error: Exception, model: str, secrets: Secrets) -> ProviderFailed:
    reason = next(reason for kind, reason in _REASONS if isinstance(error, kind))
    status = getattr(error, "status_code", None)
    message = _SAID[reason] + (f" (HTTP {status})" if status else "")
    detail = _shortened(" ".join(redact(_detail(error), secrets).split()))
    message += f": {detail}" if detail else ""
    if reason == "auth":
        message += _cure(model.partition(":")[0])
    return ProviderFailed(
        model,
        reason,
        message,
        status=status,
        retry_after=getattr(error, "retry_after", None),
        charged=status is None and not _was_never_sent(error),
    )


def _was_never_sent(error: BaseException | None) -> bool:
    """Tell whether a request never reached the provider, which charges for no such thing."""
    while error is not None:
        if isinstance(error, (httpx2.ConnectError, httpx2.ConnectTimeout, exceptions.UserError)):
            return True
        error = error.__cause__ or error.__context__
    return False


def _detail(error: Exception) -> str:
    body = getattr(error, "body", None)
    if isinstance(body, dict):
        inner = body.get("error", body)
        body = inner.get("message", inner) if isinstance(inner, dict) else inner
    return str(body) if body else str(getattr(error, "message", "") or error)


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _cure(provider: str) -> str:
    variables = key_variables(provider)
    return f"; set {variables[0]}, or run: llmspell keys set {provider}" if variables else ""
