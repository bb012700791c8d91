"""Many casts, some hostile: each ends as it must, and nothing grows or stays."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.fuzzing import soak
from tests.fuzzing.soak import Report

MB = 2**20


@pytest.mark.slow
def test_a_thousand_casts_lose_nothing_and_leave_nothing() -> None:
    report = asyncio.run(soak.soak(1000))
    assert report.faults() == []
    assert report.casts == report.ends.total() == 1000
    assert {"ok", "limit"} <= set(report.ends)


@pytest.mark.parametrize("which", [0, 1])
def test_memory_that_grows_after_the_warm_up_is_a_fault(which: int) -> None:
    grows = [50 * MB + MB * step for step in range(40)]
    flat = [90 * MB if step < 10 else 100 * MB for step in range(40)]
    both = zip(grows, flat, strict=True) if which == 0 else zip(flat, grows, strict=True)
    (fault,) = Report(memory=list(both)).faults()
    assert "grew by 20.0 MB" in fault


def test_a_cast_that_ends_otherwise_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def other(spells: tuple[str, ...]) -> Iterator[str]:
        yield from (f"{spell.replace('params.n', 'params.m')}" for spell in spells)

    monkeypatch.setattr(soak, "GOOD", {engine: tuple(other(spells)) for engine, spells in soak.GOOD.items()})
    report = asyncio.run(soak.soak(20))
    assert report.casts == 20
    assert len(report.faults()) >= 15
