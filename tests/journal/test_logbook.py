"""What is written while nobody waits for it any more."""

from __future__ import annotations

import asyncio
import gc
from types import SimpleNamespace
from typing import Any

from llmspell_core.journal import Fenced
from llmspell_core.journal.logbook import Logbook


class Far:
    """A journal on a server that answers late, and then that the run is another process's."""

    def __init__(self) -> None:
        self.database = SimpleNamespace(is_local=False)
        self.asked, self.answer = asyncio.Event(), asyncio.Event()

    async def work(self, do: Any) -> None:
        self.asked.set()
        await self.answer.wait()
        raise Fenced("run")


def test_a_cancelled_writer_leaves_no_complaint() -> None:
    complaints: list[Any] = []

    async def story() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, about: complaints.append(about))
        journal: Any = Far()
        run, past = SimpleNamespace(id="run", epoch=1), SimpleNamespace(last=0)
        log = Logbook(journal, run, past, lambda: 0, lambda value: value)  # type: ignore[arg-type]
        log.granted("net")
        writer = asyncio.create_task(log.flush())
        await journal.asked.wait()
        writer.cancel()
        await asyncio.wait({writer})
        journal.answer.set()
        await asyncio.sleep(0.01)
        gc.collect()

    asyncio.run(story())
    assert complaints == []
