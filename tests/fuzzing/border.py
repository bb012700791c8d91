"""What crosses the pipe: messages, frames, what a zygote says, and a whole run fed by a worker that lies."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Sequence
from typing import Any
from unittest import mock

from hypothesis import strategies as st

from llmspell_core import wire
from llmspell_core.bridge import Bridge, expose
from llmspell_core.engine import AsyncSession, Engine, EngineInfo, Program, Session
from llmspell_core.errors import LlmspellError, ProtocolError
from llmspell_core.isolation import frames
from llmspell_core.isolation.cradle import Cradle
from llmspell_core.isolation.customs import Customs, read_layers
from llmspell_core.isolation.exchange import Exchange
from llmspell_core.limits import Limits
from llmspell_core.protocol import Fail, Finish, Inbox, Invoke, Outbox
from llmspell_core.runner import Runner
from llmspell_core.values import Function, Handle
from tests.fuzzing import shapes
from tests.fuzzing.target import Target


def messages(data: bytes) -> None:
    """Whatever text there is: it is an inbox, or a protocol error; what was read is written and read again the same."""
    text = data.decode("utf-8", "replace")
    for decode, encode in ((wire.decode_inbox, wire.encode_inbox), (wire.decode_outbox, wire.encode_outbox)):
        try:
            read: Any = decode(text)  # type: ignore[operator]  # a pair each
        except ProtocolError:
            continue
        if decode is wire.decode_outbox:
            with contextlib.suppress(LlmspellError):
                checked = Customs().outbox(text)
                written = encode(checked)  # type: ignore[operator]
                assert encode(decode(written)) == written, "read, written and read again is not the same"  # type: ignore[operator]
        assert read is not None


def customs(data: bytes) -> None:
    """Whatever a worker says: outboxes of script values, or an error of llmspell's own."""
    desk = Customs()
    desk.sent(Inbox(0.0, tuple(Invoke(number, 1, []) for number in range(3))))
    for line in data.decode("utf-8", "replace").split("\n"):
        try:
            outbox = desk.outbox(line)
        except LlmspellError as error:
            assert len(str(error)) < 2000 + len(line), "an error longer than what caused it"
            break
        wire.encode_outbox(outbox)


def layers(data: bytes) -> None:
    """Whatever a worker says of its lock: layers, or a protocol error."""
    with contextlib.suppress(ProtocolError):
        assert all(type(value) is str for value in read_layers(data.decode("utf-8", "replace")).values())


def pieces(data: bytes) -> None:
    """Whatever bytes a worker sends, in whatever pieces: frames of text, its end, or a protocol error."""
    if not data:
        return
    step, body = data[0] % 7 + 1, data[1:4000]
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        exchange = Exchange(ours, 1000, lambda: 0.0)
        got: list[str] = []
        try:
            for start in range(0, len(body), step):
                theirs.send(body[start : start + step])
                if (text := exchange._receive()) is not None:
                    got.append(text)
            theirs.close()
            while True:
                got.append(exchange.get())
        except (frames.Gone, ProtocolError) as error:
            ending: type[Exception] = type(error)
    _same_from_a_file(body, got, ending)


def _same_from_a_file(body: bytes, got: list[str], ending: type[Exception]) -> None:
    """The worker's own reader makes the same of it."""
    reader, writer = os.pipe()
    with open(reader, "rb"), open(writer, "wb", buffering=0) as file:
        file.write(body)
        file.close()
        read: list[str] = []
        try:
            incoming = frames.Incoming(1000)
            while True:
                read.append(frames.read(reader, incoming))
        except (frames.Gone, ProtocolError) as error:
            assert (read, type(error)) == (got, ending)


def control(data: bytes) -> None:
    """Whatever a zygote says: it is understood, or the zygote counts as gone."""
    zygotes: list[socket.socket] = []

    def spawn(engine: str, without: Sequence[str], descriptor: int) -> int:
        zygotes.append(socket.socket(fileno=os.dup(descriptor)))
        return 0

    with mock.patch("llmspell_core.isolation.cradle.spawn_zygote", spawn):
        cradle = Cradle("none")
    cradle._dropped.detach()  # there is no process to end
    with zygotes[0] as zygote, cradle._control:
        workers = [cradle.fork(number) for number in (1, 2)]
        for message in data.split(b"\n")[:20]:
            zygote.send(message[:4096])
            cradle.hear()
            cradle.cpu(1)
        zygote.close()
        cradle.exit_of(1)
        assert cradle.gone
        for worker in workers:
            worker.close()


class Liar(Engine):
    """An engine whose sessions say the lines of their spell, one for each step, as a worker would."""

    info = EngineInfo("liar", "lies", "1", (".lie",), "#")

    def compile(self, spell: Any) -> Program:
        return Program(spell.file, {spell.file: spell.source})

    def open(self, program: Program, limits: Any) -> Session:
        return _Lies(program.files[program.entry])  # type: ignore[return-value]  # the runner takes either

    @staticmethod
    def binding_name(name: str) -> str:
        return name

    @classmethod
    def declare(cls, api: Any) -> dict[str, str]:
        return {}


class _Lies(AsyncSession):
    def __init__(self, source: str) -> None:
        self._lines, self._customs = source.split("\n"), Customs()
        self._lines.reverse()

    async def astep(self, inbox: Inbox) -> Outbox:
        wire.decode_inbox(wire.encode_inbox(inbox))
        self._customs.sent(inbox)
        if not self._lines:
            return Outbox((Finish(None),))
        outbox = self._customs.outbox(self._lines.pop())
        if outbox.requests and type(outbox.requests[-1]) in (Finish, Fail):
            self._lines.clear()
        return outbox

    def close(self) -> None:
        pass


class Counter(Handle):
    """Counts."""

    count = 0

    @expose
    def incr(self, by: int = 1) -> int:
        """Return the count after adding."""
        self.count += by
        return self.count


class Probe(Bridge):
    """Gives back, calls, hands out and fails."""

    name = "probe"

    @expose
    async def echo(self, x: Any = None, *, loud: bool = False) -> Any:
        """Return the argument."""
        return x

    @expose
    async def each(self, f: Function, items: list[Any]) -> list[Any]:
        """Return what the function makes of each item."""
        return [await f(item) for item in items[:3]]

    @expose
    async def fail(self) -> None:
        """Raise an error of llmspell's."""
        raise LlmspellError("it failed")

    @expose
    def counter(self) -> Counter:
        """Return a new counter."""
        return Counter()

    @expose
    async def numbers(self) -> AsyncIterator[int]:
        """Return an iterator of numbers."""

        async def count() -> AsyncIterator[int]:
            for number in range(3):
                yield number

        return count()


def parent(data: bytes) -> None:
    """Whatever a worker says in a whole run: a result with a value, or with an error of llmspell's own."""
    source = data.decode("utf-8", "replace")
    limits = Limits(wall=0.2, calls=50, concurrent_calls=20, output=10_000, message=100_000)
    with Runner(engines={"liar": Liar}, bridges={"probe": Probe}, limits=limits, isolation="inline") as runner:
        result = asyncio.run(runner.acast(source, engine="liar"))
    if result.error is not None:
        assert isinstance(str(result.error), str)
        assert result.error.kind != "internal" or "internal" in source, result.error


_TAGS = ('{"$":["int","1"]}', '{"$":["float","nan"]}', '{"$":["bytes","AA=="]}', '{"$":["map",[["$",1]]]}',
         '{"$":["function",1]}', '{"$":["handle",1]}', '{"$":["error",{"kind":"k","message":"m"}]}')  # fmt: skip
_REQUESTS = ('["call",1,"probe","echo",[]]', '["tell","host","print",["x"]]', '["return",1,null]', '["finish",null]',
             '["throw",1,{"kind":"k","message":"m"}]', '["fail",{"kind":"k","message":"m"}]',
             '["fail",{"kind":"limit","message":"m"},true]', '["release",[1]]')  # fmt: skip
_EVENTS = ('["start",{},1,["probe"]]', '["resolve",1,null]', '["reject",1,{"kind":"k","message":"m"}]',
           '["invoke",1,1,[]]', '["forget",[1]]', '["cancel","why"]')  # fmt: skip
_WORDS = (
    *_TAGS,
    *_REQUESTS,
    *_EVENTS,
    '"cause":',
    '"data":',
    '"line":',
    '"file":',
    '"\\ud800"',
    "9007199254740993",
    "1e999",
)

_frames = st.lists(
    st.binary(max_size=30).map(lambda body: len(body).to_bytes(4, "big") + body) | st.binary(max_size=6), max_size=5
).map(b"".join)
_told = st.sampled_from(["ready", "broken", "forked", "exited", "?"]) | st.text(max_size=5)
_number = st.integers(-3, 3).map(str) | st.integers().map(str) | st.text(max_size=4)
_control = st.lists(st.lists(_told | _number, max_size=4).map(" ".join), max_size=5).map("\n".join).map(shapes.text)

TARGETS = (
    Target("wire", messages, (shapes.outboxes | shapes.inboxes | shapes.junk).map(shapes.as_json), _WORDS),
    Target("customs", customs, st.lists(shapes.outboxes | shapes.failures, max_size=3).map(shapes.lines), _WORDS),
    Target("layers", layers, shapes.junk.map(shapes.as_json), ('"held"', '{"seccomp":"held"}')),
    Target("frames", pieces, st.tuples(st.binary(min_size=1, max_size=1), _frames).map(b"".join)),
    Target("zygote", control, _control, ("ready", "broken ", "forked 1 ", "exited 1 0 5")),
    Target("parent", parent, st.lists(shapes.outboxes, max_size=4).map(shapes.lines), _WORDS),
)
