"""An answer on its way whose pieces the journal keeps, so that a run that goes on has heard what it had heard."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from llmspell_bridges.llm.failures import ProviderFailed
from llmspell_bridges.llm.kept import reply_from, reply_record
from llmspell_bridges.llm.models import Reply, ReplyStream, estimate_tokens
from llmspell_core.facts import Fact, fact

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

    from llmspell_bridges.llm.passing import Passing
    from llmspell_core.bridge import Context
    from llmspell_core.budget import Reservation

__all__ = ["Begun", "KeptStream"]


@fact
class Begun(Fact):
    """What came of asking a model for a stream.

    :param passing: its way past the hooks
    :param key: under what the answer is kept
    :param reserved: what was set aside for it; None for an answer that was there already
    :param requests: how many it took
    """

    stream: ReplyStream
    passing: Passing
    key: Hashable | None = None
    reserved: Reservation | None = None
    requests: int = 0


class KeptStream(ReplyStream):
    """Hears a provider, and again only where the run was interrupted before the answer had ended.

    :param model: which is asked
    :param begin: asks it
    """

    def __init__(self, context: Context, model: str, begin: Callable[[], Awaitable[Begun]]) -> None:
        self._context, self._model, self._begin = context, model, begin
        self.begun: Begun | None = None
        """What came of asking; None while that was done before the run was interrupted, and need not be done again."""
        self._whole: Reply | None = None
        self._text = ""
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
        if self.begun is not None:
            return self.begun.stream.reply()
        written = estimate_tokens(self._text)
        return Reply(self._text, self._model, output_tokens=written, estimated=True, finish_reason="cancelled")

    async def close(self) -> None:
        """Stop the provider, if it was asked and is not done."""
        if self.begun is not None:
            await self.begun.stream.close()

    async def _next(self) -> dict[str, Any]:
        source = await self._opened()
        piece, redact = await source.next(), self._context.secrets.redact
        if piece is not None:
            return {"piece": redact(piece)}
        reply = source.reply()
        return {"reply": reply_record(replace(reply, text=redact(reply.text)))}

    async def _opened(self) -> ReplyStream:
        if self.begun is None:
            self.begun = await self._begin()
            self.requests = self.begun.requests
            await self._catch_up(self.begun.stream)
        return self.begun.stream

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
