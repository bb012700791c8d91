"""The stores that values can be kept in, for tests: a URL each, and a namespace that nobody else uses."""

from __future__ import annotations

import contextlib
import os
import uuid
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POSTGRES = os.environ.get("LLMSPELL_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432/test")
REDIS = os.environ.get("LLMSPELL_TEST_REDIS", "redis://127.0.0.1:6379/0")
NAMES = ("memory", "sqlite", "postgresql", "redis")
SHARED = NAMES[1:]
"""Those that other processes share."""
SPACES = ("shared", "spell:test.spell", "spell:spell", "spell:a", "spell:b", "spell:counter")
"""The spaces within a namespace that tests use."""


@contextlib.contextmanager
def settings_of(name: str, folder: Path, **more: Any) -> Iterator[dict[str, Any]]:
    """Yield the settings of the bridge for a store, and clean up; what is missing is named where it is not there."""
    namespace = uuid.uuid4().hex
    url = {"memory": "memory:", "sqlite": f"sqlite:///{folder}/state.db", "postgresql": POSTGRES, "redis": REDIS}[name]
    if name in ("postgresql", "redis"):
        _need(url)
    yield {"url": url, "namespace": namespace, **more}
    if name == "postgresql":
        _clean_postgres(url, namespace)
    elif name == "redis":
        _clean_redis(url, namespace)


def _need(url: str) -> None:
    from llmspell_bridges.state.scopes import _open
    from llmspell_bridges.state.store import Bounds

    from llmspell_core.errors import LlmspellError

    try:
        _open(url, Bounds(), lambda: 0.0).close()
    except LlmspellError as missing:
        pytest.skip(f"no store answers: {missing}")


def _clean_postgres(url: str, namespace: str) -> None:
    from llmspell_core.database import open_database

    database = open_database(url)
    with database.transaction() as transaction:
        for table in ("spaces", "entries", "past", "locks"):
            transaction.change(
                f"DELETE FROM state_{table} WHERE space >= :begin AND space < :end",
                begin=namespace.encode(),
                end=namespace.encode() + b"\xff",
            )
    database.close()


def _clean_redis(url: str, namespace: str) -> None:
    import redis
    from llmspell_bridges.state.redis import _name

    client = redis.Redis.from_url(url)
    for space in (namespace, *(f"{namespace}\0{each}" for each in SPACES)):
        for key in client.scan_iter(_name(space, "*")):
            client.delete(key)
    client.close()
