"""Who has given no sign of life is dead, by the database's own clock."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from llmspell_core.database import DatabaseError
from llmspell_core.queue.heartbeats import DEAD, Heartbeats, Pulse


@pytest.fixture
def heartbeats(any_url: str) -> Iterator[Heartbeats]:
    made = Heartbeats(any_url)
    yield made
    made.close()


def silence(heartbeats: Heartbeats, worker: str) -> None:
    with heartbeats.database.transaction() as transaction:
        transaction.change(f"UPDATE queue_workers SET beat = beat - {DEAD + 1} WHERE id = :id", id=worker)


def test_who_beats_lives(heartbeats: Heartbeats) -> None:
    heartbeats.arrive("a", "q")
    heartbeats.arrive("b", "other")
    assert heartbeats.bury() == []
    assert heartbeats.beat("a")
    assert heartbeats.living("q") == 1


def test_who_is_silent_is_buried_once(heartbeats: Heartbeats) -> None:
    heartbeats.arrive("a", "q")
    heartbeats.arrive("b", "q")
    silence(heartbeats, "a")
    assert heartbeats.bury() == ["a"]
    assert heartbeats.bury() == []
    assert not heartbeats.beat("a")
    assert heartbeats.beat("b")


def test_a_beat_in_time_saves_a_life(heartbeats: Heartbeats) -> None:
    heartbeats.arrive("a", "q")
    silence(heartbeats, "a")
    assert heartbeats.beat("a")
    assert heartbeats.bury() == []


def test_who_leaves_is_not_dead(heartbeats: Heartbeats) -> None:
    heartbeats.arrive("a", "q")
    heartbeats.leave("a")
    assert heartbeats.bury() == []
    assert heartbeats.living("q") == 0


def test_a_pulse_tells_when_it_was_declared_dead(heartbeats: Heartbeats) -> None:
    heartbeats.arrive("a", "q")
    lost = threading.Event()
    pulse = Pulse(heartbeats, "a", lost.set)
    pulse.start()
    assert not pulse.is_steady
    heartbeats.leave("a")
    assert lost.wait(30)
    pulse.stop()


def test_a_pulse_tells_once_that_the_database_is_away_and_once_that_it_is_back(
    heartbeats: Heartbeats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llmspell_core.queue.heartbeats.BEAT", 0.001)
    heartbeats.arrive("a", "q")
    answers = iter([True, *[DatabaseError("sqlite:///x", "gone")] * 3, True, True, False])

    def beat(id: str) -> bool:
        answer = next(answers)
        if isinstance(answer, DatabaseError):
            raise answer
        return answer

    monkeypatch.setattr(heartbeats, "beat", beat)
    told: list[str] = []
    lost = threading.Event()
    pulse = Pulse(heartbeats, "a", lost.set, told.append)
    pulse.start()
    assert lost.wait(30)
    pulse.stop()
    assert [line.split(":")[0] for line in told] == ["waits for the database", "the database answers again"]
