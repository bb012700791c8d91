"""underway.py: what becomes of the casts of a runner that is closed."""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from llmspell_core import Runner
from llmspell_core.bridge import Bridge, Context, expose
from llmspell_core.errors import UsageError
from llmspell_core.testing import FakeEngine

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

ONE = "def main(params):\n    return 1\n    yield"
HANG = "def main(params):\n    yield call('slow', 'hang')\n    return 1"
WAIT = "def main(params):\n    return (yield call('slow', 'until_told'))"


class SlowBridge(Bridge):
    """Has calls that take their time."""

    name = "slow"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._ended: list[str] = context.shared.get("ended", list)
        self._begun: asyncio.Event = context.shared.get("begun", asyncio.Event)
        self._told: asyncio.Event = context.shared.get("told", asyncio.Event)

    @expose
    async def hang(self) -> None:
        """Wait until cancelled."""
        self._begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self._ended.append("hang")

    @expose
    async def until_told(self) -> str:
        """Wait until told to go on."""
        self._begun.set()
        await self._told.wait()
        return "told"


@pytest.fixture(params=["inline", *(["process"] if sys.platform == "linux" else [])])
def runner(request: pytest.FixtureRequest) -> Iterator[Runner]:
    with Runner(engines={"fake": FakeEngine}, bridges={"slow": SlowBridge}, isolation=request.param) as made:
        yield made


async def begun(runner: Runner, source: str) -> asyncio.Task[Any]:
    """A cast whose call is under way."""
    cast = asyncio.ensure_future(runner.acast(source, engine="fake"))
    await runner.shared.get("begun", asyncio.Event).wait()
    return cast


async def closed(runner: Runner) -> None:
    runner.close()


async def left(runner: Runner) -> None:
    async with runner:
        pass


async def shut_down(runner: Runner) -> None:
    await runner.shut_down(0)


@pytest.mark.parametrize("end", [closed, left, shut_down])
def test_closing_ends_a_spell_that_waits_and_the_call_that_it_waits_for(
    runner: Runner, end: Callable[[Runner], Awaitable[None]]
) -> None:
    async def main() -> Any:
        cast = await begun(runner, HANG)
        await end(runner)
        return await cast

    assert asyncio.run(main()).error.kind == "cancelled"
    assert runner.shared.get("ended", list) == ["hang"]


@pytest.mark.skipif(sys.platform != "linux", reason="processes are Linux's")
@pytest.mark.parametrize("cast", [Runner.cast, lambda *args, **named: asyncio.run(Runner.acast(*args, **named))])
def test_closing_in_another_thread_ends_a_spell_that_computes(cast: Callable[..., Any]) -> None:
    with Runner(engines={"fake": FakeEngine}, isolation="process") as runner:
        closing = threading.Timer(0.1, runner.close)
        closing.start()
        result = cast(runner, "def main(params):\n    while True:\n        pass\n    yield", engine="fake")
        closing.join()
    assert result.error.kind == "cancelled"


def test_shutting_down_gives_a_spell_that_waits_the_time_to_end(runner: Runner) -> None:
    async def main() -> Any:
        cast = await begun(runner, WAIT)
        closing = asyncio.ensure_future(runner.shut_down(60))
        await asyncio.sleep(0)
        assert not closing.done()
        runner.shared.get("told", asyncio.Event).set()
        await closing
        return await cast

    assert asyncio.run(main()).value == "told"


def test_a_closed_runner_casts_nothing(runner: Runner) -> None:
    assert runner.cast(ONE, engine="fake").value == 1
    runner.close()
    with pytest.raises(UsageError, match="this runner is closed; use another one"):
        runner.cast(ONE, engine="fake")


def test_a_run_that_is_ended_with_its_runner_is_written_down_and_goes_on_elsewhere(tmp_path: Path) -> None:
    named: dict[str, Any] = {"engines": {"fake": FakeEngine}, "bridges": {"slow": SlowBridge}, "isolation": "inline"}
    journal = f"sqlite:///{tmp_path}/runs.db"

    async def main() -> Any:
        async with Runner(journal=journal, **named) as runner:
            cast = await begun(runner, WAIT)
        return await cast

    cancelled = asyncio.run(main())
    assert cancelled.error.kind == "cancelled"
    with Runner(journal=journal, **named) as runner:
        assert runner.journal is not None
        assert runner.journal.run(cancelled.run_id).status == "interrupted"
        runner.shared.get("told", asyncio.Event).set()
        assert runner.resume(cancelled.run_id).value == "told"
