"""Replay a run and do nothing: the session is fed what the journal holds, and must ask for what it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_core.crossing import end_of, mark
from llmspell_core.errors import LlmspellError
from llmspell_core.mismatch import check
from llmspell_core.protocol import Call, Fail, Finish, Reject, Tell

if TYPE_CHECKING:
    from llmspell_core.drive import Output
    from llmspell_core.engine import AsyncSession, Session
    from llmspell_core.journal import Past

__all__ = ["JournalEnds", "rehearse"]


class JournalEnds(LlmspellError):
    """The run was interrupted: its journal ends before the spell does; ``data`` is ``{run, entry}``."""

    kind = "journal"

    def __init__(self, run: str, entry: int) -> None:
        self.data = {"run": run, "entry": entry}
        super().__init__(f"the journal of the run {run} ends with entry {entry}; `llmspell runs resume {run}` goes on")


async def rehearse(session: Session | AsyncSession, run: str, past: Past, print: Output) -> Any:
    """Return the value of a run, made by its spell anew.

    :param print: called with each printed text and its level
    :raises LlmspellError: what the run ended with
    :raises ReplayMismatch: when the spell asks for something else than before
    :raises JournalEnds: when it was interrupted
    """
    delivered: set[int] = set()
    while not past.is_over:
        step = past.next()
        delivered |= {mark(event.error) for event in step.inbox.events if isinstance(event, Reject)}
        outbox = await _fed(session, step.inbox)
        for request in outbox.requests:
            if isinstance(request, Tell) and (request.target, request.method) == ("host", "print"):
                print(request.args[0], str(request.args[1]) if len(request.args) > 1 else "info")
            elif isinstance(request, Finish):
                return request.value
            elif isinstance(request, Fail):
                raise end_of(request, delivered)
        if step.calls is not None:
            check(step, [request for request in outbox.requests if isinstance(request, Call)])
    raise JournalEnds(run, past.last)


async def _fed(session: Any, inbox: Any) -> Any:
    from llmspell_core.engine import AsyncSession

    return await session.astep(inbox) if isinstance(session, AsyncSession) else session.step(inbox)
