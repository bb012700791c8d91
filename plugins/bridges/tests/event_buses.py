"""The buses that tests run on, each in a space of its own."""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

DRIVERS = ("sqlite", "postgresql", "nats", "redis")
_URLS = {
    "postgresql": os.environ.get("LLMSPELL_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432/test"),
    "nats": os.environ.get("LLMSPELL_TEST_NATS", "nats://127.0.0.1:4222"),
    "redis": os.environ.get("LLMSPELL_TEST_REDIS", "redis://127.0.0.1:6379/0"),
}
_LIBRARIES = {"postgresql": "psycopg", "nats": "nats", "redis": "redis"}


async def forget(url: str, space: str) -> None:
    """Have a server keep nothing of a test."""
    if url.startswith("nats:"):
        import nats

        async with await nats.connect(url) as client:
            with contextlib.suppress(nats.js.errors.NotFoundError):
                await client.jetstream().delete_stream(f"llmspell_events_{space}")
    elif url.startswith("redis:"):
        from redis.asyncio import Redis

        async with Redis.from_url(url) as client:
            keys = [key async for key in client.scan_iter(f"llmspell:{{events:{space}}}:*")]
            if keys:
                await client.delete(*keys)
    elif url.startswith("postgresql:"):
        from psycopg import AsyncConnection

        async with await AsyncConnection.connect(url, autocommit=True) as connection:
            for table in ("llmspell_events", "llmspell_event_spaces"):
                await connection.execute(f"DELETE FROM {table} WHERE space = %s", (space,))


def bus_url(driver: str, folder: Path) -> str:
    """Return the URL of a bus; what is missing is named where there is none."""
    if driver == "memory":
        return "memory:"
    if driver == "sqlite":
        return f"sqlite:///{folder}/events.db"
    pytest.importorskip(_LIBRARIES[driver])
    url = _URLS[driver]
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 0), 5).close()
    except OSError as missing:
        pytest.skip(f"no {driver} answers at {parts.hostname}:{parts.port}: {missing}")
    return url
