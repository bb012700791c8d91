from __future__ import annotations

import asyncio
from contextlib import nullcontext

import pytest
from llmspell_bridges.llm.failures import ProviderFailed
from llmspell_bridges.llm.models import Reply, ReplyStream
from llmspell_bridges.llm.text_stream import TextStream


class Waking(ReplyStream):
    """A stream whose close lets the one who reads go first."""

    def __init__(self):
        self.read_on, self.reader_left = asyncio.Event(), asyncio.Event()
        self.closed = False

    async def next(self):
        await self.read_on.wait()
        self.reader_left.set()

    def reply(self):
        return Reply("so far", "m", finish_reason="cancelled")

    async def close(self):
        if self.closed:
            return
        self.closed = True
        self.read_on.set()
        await self.reader_left.wait()
        await asyncio.sleep(0)


class Broken(ReplyStream):
    """A stream that fails, and fails to close."""

    async def next(self):
        raise ProviderFailed("p:m", "network", "gone")

    def reply(self):
        return Reply("so far", "m")

    async def close(self):
        raise ProviderFailed("p:m", "network", "cannot close")


@pytest.fixture
def opened():
    """Open a stream, and list what is counted of it."""

    def open_stream(stream):
        counted = []

        async def settle(reply, _):
            counted.append(reply)
            return {"text": reply.text}

        return TextStream(stream, settle, nullcontext), counted

    return open_stream


def test_an_answer_is_counted_once_when_reader_and_closer_both_see_its_end(opened, run):
    async def use():
        stream, counted = opened(Waking())
        reading = asyncio.ensure_future(stream.next())
        await asyncio.sleep(0)
        await stream.close()
        return await reading, await stream.result(), len(counted)

    assert run(use()) == (None, {"text": "so far"}, 1)


def test_an_answer_is_counted_though_its_stream_cannot_be_closed(opened, run):
    async def use():
        stream, counted = opened(Broken())
        with pytest.raises(ProviderFailed, match="cannot close"):
            await stream.next()
        with pytest.raises(ProviderFailed, match="gone"):
            await stream.result()
        return len(counted)

    assert run(use()) == 1
