"""What a call of a model costs beside the library that makes it, over loopback, from a server that answers at once."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from benchmarks.timing import Figure, processes
from llmspell_core.runner import Runner

CHATS, AT_ONCE, ROUNDS = 100, 200, 5
MODEL = "openai-compatible:tiny"
ONE_BY_ONE = {
    "lua": "for i = 1, params.n do llm.chat('hi') end",
    "js": "for (let i = 0; i < params.n; i++) await llm.chat('hi')",
}
FIRST_CHUNK = "for i = 1, params.n do local s = llm.stream('hi') s:next() s:close() end"
SERVER = r"""
import asyncio, json
usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
head = {"id": "1", "created": 1, "model": "tiny"}
message = {"index": 0, "message": {"role": "assistant", "content": "x"}, "finish_reason": "stop"}
whole = json.dumps({**head, "object": "chat.completion", "choices": [message], "usage": usage}).encode()
piece = {"index": 0, "delta": {"content": "x"}, "finish_reason": None}
ended = {"index": 0, "delta": {}, "finish_reason": "stop"}
events = [json.dumps({**head, "object": "chat.completion.chunk", "choices": [each]}) for each in (piece, ended)]
stream = b"".join(f"data: {event}\n\n".encode() for event in (*events, "[DONE]"))
async def serve(reader, writer):
    try:
        while True:
            lines = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
            size = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
            streams = b'"stream":true' in (await reader.readexactly(size)).replace(b" ", b"")
            kind, body = (b"text/event-stream", stream) if streams else (b"application/json", whole)
            head = b"HTTP/1.1 200 OK\r\ncontent-type: %s\r\ncontent-length: %d\r\n\r\n" % (kind, len(body))
            writer.write(head + body)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""
IMPORT = "from pydantic_ai.models.openai import OpenAIChatModel; from pydantic_ai.direct import model_request"


def figures() -> Iterator[Figure]:
    server = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    os.environ["LLMSPELL_OPENAI_BASE_URL"] = url = f"http://127.0.0.1:{int(server.stdout.readline())}/v1"
    try:
        yield from asyncio.run(measured(url))
        yield cold()
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


async def measured(url: str) -> list[Figure]:
    from pydantic_ai.direct import model_request, model_request_stream
    from pydantic_ai.messages import ModelRequest
    from pydantic_ai.models import create_async_httpx2_client
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    async with create_async_httpx2_client() as client, Runner(isolation="inline", model=MODEL) as runner:
        model = OpenAIChatModel("tiny", provider=OpenAIProvider(base_url=url, api_key="x", http_client=client))
        asked: list[Any] = [ModelRequest.user_text_prompt("hi")]

        async def library(n: int) -> None:
            for _ in range(n):
                await model_request(model, asked)

        async def library_stream(n: int) -> None:
            for _ in range(n):
                async with model_request_stream(model, asked) as stream:
                    await anext(aiter(stream))
                    await stream.cancel()

        async def spells(n: int) -> None:
            source = "return llm.chat('hi')"
            results = await asyncio.gather(*(runner.acast(source, engine="lua") for _ in range(n)))
            assert all(result.value == "x" for result in results)

        async def at_once(n: int) -> None:
            await asyncio.gather(*(model_request(model, asked) for _ in range(n)))

        def cast(engine: str, source: str) -> Callable[[int], Awaitable[object]]:
            async def run(n: int) -> None:
                (await runner.acast(source, engine=engine, params={"n": n})).unwrap()

            return run

        found = []
        for engine, source in ONE_BY_ONE.items():
            wall, _ = await both(cast(engine, source), library, CHATS)
            found.append(Figure(f"{engine}: a chat, our share", wall[0] - wall[1], "ms", "under 3 ms"))
            found.append(Figure(f"{engine}: a chat, the whole", wall[0], "ms", "", wall[1]))
        wall, _ = await both(cast("lua", FIRST_CHUNK), library_stream, CHATS)
        found.append(Figure("lua: time to first chunk", wall[0], "ms", "within 10 ms of it", wall[1]))
        _, cpu = await both(spells, at_once, AT_ONCE)
        found.append(Figure(f"{AT_ONCE} chats of {AT_ONCE} spells at once, CPU each", cpu[0], "ms", "", cpu[1]))
    return found


async def both(
    ours: Callable[[int], Awaitable[object]], peer: Callable[[int], Awaitable[object]], n: int
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Wall and CPU milliseconds each, ours and the peer's: the least of interleaved rounds, what is made once made."""
    await ours(1)
    await peer(1)
    rounds = [(await timed(ours, n), await timed(peer, n)) for _ in range(ROUNDS)]
    (wall, cpu), (peer_wall, peer_cpu) = (
        [min(figure) for figure in zip(*(each[i] for each in rounds), strict=True)] for i in (0, 1)
    )
    return (wall, peer_wall), (cpu, peer_cpu)


async def timed(run: Callable[[int], Awaitable[object]], n: int) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    await run(n)
    return (time.perf_counter() - wall) / n * 1e3, (time.process_time() - cpu) / n * 1e3


def cold() -> Figure:
    """A process from nothing to its first answer, beside one that only imports what the library needs for it."""
    spell = json.dumps("return llm.chat('hi')")[1:-1]
    ours = [
        sys.executable,
        "-m",
        "llmspell_core",
        "exec",
        "-e",
        "lua",
        "--isolation",
        "inline",
        "--model",
        MODEL,
        spell,
    ]
    (_, mine), (_, theirs) = processes([ours, [sys.executable, "-c", IMPORT]], rounds=5)
    return Figure("cold start to a first answer, CPU", mine * 1e3, "ms", "within 20 % of the import", theirs * 1e3)
