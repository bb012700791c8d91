"""The errors of model providers, as spells see them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, TypeAlias

from llmspell_core.errors import BudgetSpent, CallError, ProviderError, closest

if TYPE_CHECKING:
    from llmspell_core.secrets import Secrets

__all__ = ["NoModel", "NoPrice", "ProviderFailed", "Reason", "UnknownProvider", "redact"]

Reason: TypeAlias = Literal[
    "auth",
    "bad_answer",
    "bad_request",
    "context_window",
    "exhausted",
    "interrupted",
    "network",
    "not_found",
    "not_installed",
    "quota",
    "rate_limit",
    "refusal",
    "server",
    "timeout",
]

_KEY_LIKE = re.compile(r"\b(?:(?:sk|pk|gsk|xai)[-_]|AIza)[\w*-]{8,}")


class ProviderFailed(ProviderError):
    """A provider did not answer; ``data`` is ``{provider, model, reason}``, with status and retry_after where known.

    :param reason: what went wrong, in one of a few words
    :param retry_after: seconds that the provider asks to wait
    :param charged: whether the provider may charge for it all the same
    """

    def __init__(
        self,
        model: str,
        reason: Reason,
        message: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        charged: bool = False,
    ) -> None:
        self.charged = charged
        self.provider, self.model, self.reason = model.partition(":")[0], model, reason
        self.status, self.retry_after = status, retry_after
        known = {"status": status, "retry_after": retry_after}
        self.data = {
            "provider": self.provider,
            "model": model,
            "reason": reason,
            **{name: value for name, value in known.items() if value is not None},
        }
        super().__init__(f"{model}: {message}")


class NoModel(CallError):
    """A spell called a model and nobody has chosen one."""

    def __init__(self) -> None:
        super().__init__(
            "no model is chosen; run with --model provider:model, set LLMSPELL_MODEL, call llm.use_provider, "
            "or pass the option 'model' (the model 'demo' needs no key)"
        )


class NoPrice(BudgetSpent):
    """A model of which no price is known was called with a budget in dollars."""

    def __init__(self, model: str, left: float) -> None:
        self.model = model
        own = f"{{{model!r}: {{'input': 0.5, 'output': 1.5}}}}"
        cure = f"give one in the llm bridge's setting 'prices', as {own} for dollars a million tokens"
        super().__init__(
            "cost", left, 0, None, f"{model}: no price is known, so no budget in dollars can be kept; {cure}"
        )


class UnknownProvider(CallError):
    """A model's name begins with no provider that is known."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        self.name = name
        hint = closest(name, known) or f"; there are {', '.join(known)}"
        super().__init__(f"no provider is named {name!r}{hint}; a model is named provider:model, as openai:gpt-4o-mini")


def redact(text: str, secrets: Secrets) -> str:
    """Return the text without the secrets, and without whatever else looks like an API key."""
    return _KEY_LIKE.sub("***", secrets.redact(text))
