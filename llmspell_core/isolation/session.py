"""A session that runs in a worker: the parent's side of one run."""

from __future__ import annotations

import json
import signal
import time
from typing import TYPE_CHECKING

from llmspell_core.engine import AsyncSession, Program
from llmspell_core.errors import BrokenPlugin, LimitExceeded, LlmspellError, NoProcess, NotLocked, WorkerCrashed
from llmspell_core.eventloop import running
from llmspell_core.isolation.customs import Customs, read_layers, read_program
from llmspell_core.isolation.exchange import Exchange
from llmspell_core.isolation.frames import Gone, pack
from llmspell_core.protocol import Fail, Finish
from llmspell_core.wire import encode_inbox

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from llmspell_core.isolation.cradle import Exit
    from llmspell_core.isolation.pool import Pool
    from llmspell_core.limits import Limits
    from llmspell_core.protocol import Inbox, Outbox
    from llmspell_core.spells import Spell

__all__ = ["WorkerSession"]

_SLACK = 0.2
"""How many seconds past a deadline a worker is killed. The engine's own error, which knows the line, comes first where
the engine can be interrupted: it goes by CPU time, which falls behind where others compute too."""
_MUCH = 0.25
"""A worker that crashes with such a part of the memory it may have is taken to have crashed for want of it: a VM that
runs short has asked for several times as much."""
_UNSEEN = 8 * 2**20
"""Bytes by which a worker may have grown unseen: it begins with less in memory than what it was forked from, and with a
VM that was opened there."""
_CURES = ("a class of your own needs a module that can be imported, or isolation='inline'", "see `llmspell plugins`")
_HEADROOM = 64 * 1024
_MOST = 2**31 - 1


class WorkerSession(AsyncSession):
    """Runs one spell in a worker of the pool.

    :param spell: what is run, or what an engine has made of it before
    :param required: layers of the lock without which the worker does not begin
    :param on_crash: called when the worker ends by a crash
    :param covered: whether it tells which lines run
    :param on_compiled: called with what the engine has made of the spell and the seconds it took, where these were many
    """

    def __init__(
        self,
        pool: Pool,
        spell: Spell | Program,
        limits: Limits,
        required: Sequence[str],
        *,
        on_crash: Callable[[], None],
        covered: bool = False,
        on_compiled: Callable[[Program, float], None] | None = None,
    ) -> None:
        self._pool, self._limits, self._required, self._on_crash = pool, limits, required, on_crash
        self._began = time.monotonic()
        self._cpu = limits.wall if limits.cpu is None else limits.cpu
        self._worker = pool.take()
        allowed = _MOST if limits.message is None else limits.message + _HEADROOM
        self._exchange = Exchange(self._worker.socket, allowed, self._look)
        self._customs = Customs(_lengths(spell) if covered else None)
        self._on_compiled = on_compiled
        self._crashed = self._killed = self._closed = self._ended = False
        seconds = None if self._cpu is None else self._cpu + _SLACK
        order = {
            "limits": vars(limits),
            "required": list(required),
            "seconds": seconds,
            "began": self._began,
            "program": isinstance(spell, Program),
            "tell_program": on_compiled is not None,
            "covered": covered,
        }
        self._exchange.put(pack(json.dumps(order)))
        files = [spell.entry, dict(spell.files)] if isinstance(spell, Program) else _files(spell)
        self._exchange.put(pack(json.dumps(files)))

    async def astep(self, inbox: Inbox) -> Outbox:
        """Feed events and wait until every task of the spell waits, or the spell has ended."""
        self._put(inbox)
        loop, began = running(), time.monotonic()
        try:
            if not self.layers:
                self.layers = read_layers(self._exchange.get() if loop is None else await self._exchange.aget(loop))
                self._check_layers()
            text = self._exchange.get() if loop is None else await self._exchange.aget(loop)
            if self._on_compiled is not None and (told := read_program(text)) is not None:
                self._on_compiled(*told)
                text = self._exchange.get() if loop is None else await self._exchange.aget(loop)
            self._on_compiled = None
        except Gone:
            cradle, number = self._worker.cradle, self._worker.number
            ended = cradle.exit_of(number) if loop is None else await cradle.aexit_of(number)
            raise self._error_of(ended) from None
        self._pool.stepped(time.monotonic() - began)
        outbox = self._customs.outbox(text)
        self._ended = bool(outbox.requests) and type(outbox.requests[-1]) in (Finish, Fail)
        return outbox

    def close(self) -> None:
        """End the worker, whatever it does."""
        if self._closed:
            return
        self._closed = True
        self._exchange.close()
        self._pool.give_back(self._worker, crashed=self._crashed, killed=not (self._ended or self._crashed))

    def memory(self) -> int | None:
        """Return the bytes of memory that the worker holds."""
        return self._worker.cradle.memory(self._worker.number)

    def _put(self, inbox: Inbox) -> None:
        frame = pack(encode_inbox(inbox))
        if self._limits.message is not None and len(frame) > self._limits.message:
            raise LimitExceeded("message", self._limits.message, used=len(frame))
        self._customs.sent(inbox)
        self._exchange.put(frame)

    def _check_layers(self) -> None:
        """:raises NotLocked: when a layer that is required does not hold; the worker has not read the spell."""
        missing = {name: self.layers.get(name, "missing") for name in self._required}
        if missing := {name: state for name, state in missing.items() if state != "held"}:
            raise NotLocked(missing)

    def _look(self) -> float | None:
        """Return when to look again; :raises LimitExceeded: when the worker has had its time."""
        limits, left = self._limits, []
        if limits.wall is not None:
            left.append(self._began + limits.wall + _SLACK - time.monotonic())
            if left[0] <= 0:
                self._killed = True
                raise LimitExceeded("wall", limits.wall, used=round(time.monotonic() - self._began, 3))
        if limits.cpu is not None:
            used = self._worker.cradle.cpu(self._worker.number)
            left.append(limits.cpu + _SLACK - used)
            if left[-1] <= 0:
                self._killed = True
                raise LimitExceeded("cpu", limits.cpu, used=round(used, 3))
        return min(left) if left else None

    def _error_of(self, ended: Exit | None) -> LlmspellError:
        """Return the error that a worker's unasked end amounts to."""
        broken = self._worker.cradle.broken
        if broken is not None:
            name = self._pool.engine.removeprefix("installed:")
            return BrokenPlugin("engine", name, broken, _CURES[name != self._pool.engine])
        if ended is not None and ended.unforked:
            return NoProcess(ended.unforked)
        if ended is not None and self._cpu is not None and ended.cpu >= self._cpu:
            self._killed = True
            return LimitExceeded("wall" if self._limits.cpu is None else "cpu", self._cpu, used=ended.cpu)
        self._crashed = not self._pool.closed
        if not self._worker.cradle.gone:
            self._on_crash()  # else the zygote has ended, and no spell can have brought that about
        memory = self._limits.memory
        if ended is not None and memory is not None and ended.grown + _UNSEEN >= _MUCH * memory:
            # Not every VM survives that there is no more; it counts as a crash all the same.
            return LimitExceeded("memory", memory)
        if ended is None:
            return WorkerCrashed(None, None)
        number = ended.status & 0x7F
        return WorkerCrashed(_name_of(number), None) if number else WorkerCrashed(None, ended.status >> 8)


def _name_of(number: int) -> str:
    """Return the name of a signal; those between the first and the last real-time one have none."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _lengths(spell: Spell | Program) -> dict[str, int]:
    """Return how many lines each file of a spell has at the most: languages differ in what ends one."""
    texts = spell.files if isinstance(spell, Program) else {**spell.modules, spell.file: spell.source}
    return {name: text.count("\n") + text.count("\r") + 1 for name, text in texts.items()}


def _files(spell: Spell) -> list[object]:
    return [spell.file, spell.source, dict(spell.modules)]
