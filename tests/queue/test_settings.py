"""What DBOS says in its log while a worker works is told as far as it is news."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from llmspell_core.errors import CallError
from llmspell_core.queue.settings import CastFailed, News


def record(message: str, line: int = 1, error: BaseException | None = None) -> logging.LogRecord:
    info: Any = None
    if error is not None:
        try:
            raise error
        except BaseException:  # noqa: BLE001 - only its traceback is wanted
            info = sys.exc_info()
    return logging.LogRecord("dbos", logging.WARNING, "_queue.py", line, message, (), info)


@pytest.fixture
def now() -> list[float]:
    return [0.0]


@pytest.fixture
def news(now: list[float]) -> News:
    return News(lambda: now[0])


def test_what_is_said_again_and_again_is_told_once_in_a_while(news: News, now: list[float]) -> None:
    assert [news.filter(record("away")) for _ in range(3)] == [True, False, False]
    assert news.filter(record("something else", line=2))
    now[0] = 31.0
    assert news.filter(record("away"))


def test_that_the_database_is_away_is_told_in_a_line(news: News) -> None:
    said = record("it is away", error=OperationalError("SELECT 1", {}, Exception("refused")))
    assert news.filter(said)
    assert said.exc_info is None


def test_a_traceback_in_what_is_said_of_a_database_is_left_out(news: News) -> None:
    try:
        raise OperationalError("SELECT 1", {}, Exception("refused\nIs it there?"))
    except OperationalError:
        said = record(f"Exception polling schedules: {traceback.format_exc()}")
    assert news.filter(said)
    assert said.getMessage() == "Exception polling schedules: OperationalError: (builtins.Exception) refused"
    said = record("Exception polling schedules: Traceback (most recent call last):\nKeyError: 'x'", line=2)
    assert news.filter(said)
    assert "KeyError" in said.getMessage()


def test_what_the_outcome_of_a_job_says_is_no_news(news: News) -> None:
    assert not news.filter(record("failed", error=CastFailed(CallError("no luck"))))
    assert not news.filter(record("Asyncio task cancelled for workflow or step <function>"))


def test_other_errors_have_their_traceback(news: News) -> None:
    said = record("a mistake", error=KeyError("x"))
    assert news.filter(said)
    assert said.exc_info is not None
