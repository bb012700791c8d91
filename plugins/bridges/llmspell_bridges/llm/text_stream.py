"""A model's answer on its way, as spells see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_bridges.llm.records import Completion
from llmspell_core.bridge import Handle, expose
from llmspell_core.errors import LlmspellError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable
    from contextlib import AbstractAsyncContextManager

    from llmspell_bridges.llm.models import Reply, ReplyStream
    from llmspell_core.values import Function

__all__ = ["TextStream"]


class TextStream(Handle):
    """A model's answer on its way: iterate over it for the pieces of text."""

    iterable = True

    def __init__(
        self,
        stream: ReplyStream,
        settle: Callable[[Reply, Exception | None], Awaitable[Completion]],
        deadline: Callable[[], AbstractAsyncContextManager[object]],
        redact: Callable[[str], str] = lambda text: text,
        check: Callable[[str], Awaitable[str]] | None = None,
    ) -> None:
        self._stream, self._settle, self._deadline, self._redact = stream, settle, deadline, redact
        self._check = check
        self.reply: Reply | None = None
        """The answer as the model gave it, once it has ended."""
        self.requests = 0
        """How many it took until the answer began."""
        self._result: Completion | None = None
        self._error: Exception | None = None
        self._ending: asyncio.Future[None] | None = None
        self._turn: asyncio.Lock | None = None

    @expose(redo=True)
    async def next(self) -> list[str] | None:
        """Return the next piece of text in a list, or nil after the last."""
        async with self._turns():
            return None if self._is_over else await self._next()

    @expose(redo=True)
    async def result(self) -> Completion:
        """Return the whole answer, once it has ended or was closed; what is still to come is waited for."""
        while await self.next() is not None:
            continue
        async with self._turns():
            return await self._finished()

    @expose(redo=True)
    async def close(self) -> None:
        """Stop the answer where it is; the provider is told to stop."""
        if self._is_over:
            return
        try:
            await self._stream.close()
        finally:
            await self._end()

    async def drive(self, callback: Function) -> Completion:
        """Call a script's function with each piece, until it returns false; return the answer so far."""
        try:
            while (found := await self.next()) is not None:
                if await callback(found[0]) is False:
                    break
        finally:
            await self.close()
        async with self._turns():
            return await self._finished()

    @property
    def _is_over(self) -> bool:
        return self._result is not None or self._error is not None

    async def _next(self) -> list[str] | None:
        try:
            async with self._deadline():
                piece = await self._stream.next()
        except BaseException as error:
            # A cancelled wait leaves the provider's stream at no known place, so it ends here too.
            try:
                await self._stream.close()
            finally:
                await self._end(error if isinstance(error, Exception) else None)
            raise
        if piece is not None:
            return [self._redact(piece)]
        await self.close()
        await self._finished()
        return None

    async def _end(self, error: Exception | None = None) -> None:
        """Count the answer, whatever came of it; once, though the one who reads and the one who closes both end it."""
        import asyncio

        if self._ending is None:
            # Whoever waits for the end may be cancelled; the end may not.
            settling = self._settle(self._stream.reply(), error)
            self._ending = asyncio.ensure_future(self._settled(settling, error))
        await asyncio.shield(self._ending)

    async def _settled(self, settling: Awaitable[Completion], error: Exception | None) -> None:
        try:
            result = await settling
        except LlmspellError as refusal:
            self._error = error or refusal
        else:
            self._result, self._error = result, error

    async def _finished(self) -> Completion:
        """Return the answer that has ended, looked at once by the rules of the call; whoever asks holds the turn."""
        check, self._check = self._check, None
        if check is not None and self._result is not None:
            try:
                self._result["text"] = await check(self._result["text"])
            except Exception as error:
                self._error = error
                raise
        if self._error is not None:
            raise self._error
        assert self._result is not None
        return self._result

    def _turns(self) -> asyncio.Lock:
        import asyncio

        self._turn = self._turn or asyncio.Lock()
        return self._turn
