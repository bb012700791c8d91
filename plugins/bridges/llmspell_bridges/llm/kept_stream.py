"""An answer on its way whose pieces the journal keeps, so that a run that goes on has heard what it had heard."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from llmspell_bridges.llm.failures import ProviderFailed
from llmspell_bridges.llm.kept import reply_from, reply_record
from llmspell_bridges.llm.models import Reply, ReplyStream, estimate_tokens

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from llmspell_core.bridge import Context
    from llmspell_core.budget import Reservation

__all__ = ["KeptStream"]


class KeptStream(ReplyStream):
    """Hears a provider, and again only where the run was interrupted before the answer had ended.

    :param model: which is asked
    :param ask: asks it, and returns its stream, what was set aside for it, and how many requests that took
    """

    def __init__(
        self, context: Context, model: str, ask: Callable[[], Awaitable[tuple[ReplyStream, Reservation, int]]]
    ) -> None:
        self._context, self._model, self._ask = context, model, ask
        self._source: ReplyStream | None = None
        self._whole: Reply | None = None
        self._text = ""
        self.reserved: Reservation | None = None
        self.requests = 0

    async def open(self, key: str) -> None:
        """Ask the provider, unless that was done before the run was interrupted.

        :param key: what the request is called
        """

        async def do() -> int:
            await self._opened()
            return self.requests

        self.requests = await self._context.once(f"stream {key}", do)

    async def next(self) -> str | None:
        """Return the next piece of text, or None after the last."""
        kept = await self._context.once("piece", self._next)
        if "piece" in kept:
            piece: str = kept["piece"]
            self._text += piece
            return piece
        self._whole = reply_from(kept["reply"])
        return None

    def reply(self) -> Reply:
        """Return what has come so far; the whole reply once ``next`` gave None."""
        if self._whole is not None:
            return self._whole
        if self._source is not None:
            return self._source.reply()
        written = estimate_tokens(self._text)
        return Reply(self._text, self._model, output_tokens=written, estimated=True, finish_reason="cancelled")

    async def close(self) -> None:
        """Stop the provider, if it was asked and is not done."""
        if self._source is not None:
            await self._source.close()

    async def _next(self) -> dict[str, Any]:
        source = await self._opened()
        piece, redact = await source.next(), self._context.secrets.redact
        if piece is not None:
            return {"piece": redact(piece)}
        reply = source.reply()
        return {"reply": reply_record(replace(reply, text=redact(reply.text)))}

    async def _opened(self) -> ReplyStream:
        if self._source is None:
            self._source, self.reserved, self.requests = await self._ask()
            await self._catch_up(self._source)
        return self._source

    async def _catch_up(self, source: ReplyStream) -> None:
        """Pass over what was heard before; :raises ProviderFailed: when the model says something else now."""
        passed = ""
        while len(passed) < len(self._text):
            piece = await source.next()
            passed += piece or ""
            if piece is None or not self._text.startswith(passed):
                await source.close()
                problem = "its answer was cut off with the run, and now it begins another one; ask again"
                raise ProviderFailed(self._model, "interrupted", problem, charged=True)
