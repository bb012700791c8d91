"""Files of tests, cast: once to learn what there is, and anew for each test."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from llmspell_core.journal.cassette import Cassette
from llmspell_core.limits import Limits
from llmspell_core.policy import Policy
from llmspell_core.runner import Runner
from llmspell_core.spelltests.clock import TestClock
from llmspell_core.spelltests.covering import lines_of
from llmspell_core.spelltests.files import load
from llmspell_core.spelltests.snapshots import Snapshots
from llmspell_core.spelltests.trial import TIMEOUT, Trial, Trials

if TYPE_CHECKING:
    from pathlib import Path

    from llmspell_core.runner import Result
    from llmspell_core.spelltests.trial import Found

__all__ = ["Casting", "casting_for", "let_go"]


class Casting:
    """Casts files of tests as the options of pytest say, one runner for all of them."""

    def __init__(self, config: pytest.Config) -> None:
        self._option: Any = config.getoption
        self._clock, self._trials = TestClock(), Trials()
        lines = lines_of(config)
        policy = Policy.profile(self._option("--cast-policy"))
        self._policy = policy.allow(*self._option("--cast-allow")).deny(*self._option("--cast-deny"))
        self._runner = Runner(
            model=self._option("--cast-model"),
            isolation=self._option("--cast-isolation"),
            policy=self._policy,
            options={"testing": {"trials": self._trials}},
            clock=self._clock,
            coverage=None if lines is None else lines.note,
        )

    def collect(self, path: Path) -> tuple[Trial, Result]:
        """Return the tests of a file; none of them runs."""
        trial = Trial(wanted=lambda name: False)
        return trial, self._cast(path, trial, TIMEOUT)

    def run(self, path: Path, found: Found) -> tuple[Trial, Result]:
        """Run one test of a file, in a session of its own."""
        name = found.name
        # What waits is stopped by the test's own timeout, what computes by this.
        cpu = max(TIMEOUT, found.timeout or 0.0) if found.load is None else None
        kept = path.parent / "__snapshots__" / f"{path.name}.snap"
        update, fixed = self._option("--update-snapshots"), self._option("--fixed-snapshots")
        trial = Trial(lambda each: each == name, Snapshots(str(kept), update=update, fixed=fixed))
        tape = str(path.parent / "__cassettes__" / path.name / _file_name(name))
        if self._option("--cast-replay"):
            return trial, self._cast(path, trial, cpu, Cassette.read(tape))
        if not self._option("--cast-record"):
            return trial, self._cast(path, trial, cpu)
        cassette = Cassette()
        result = self._cast(path, trial, cpu, cassette)
        os.makedirs(os.path.dirname(tape), exist_ok=True)
        cassette.write(tape, self._runner.secrets)
        return trial, result

    def close(self) -> None:
        """Let go of the runner."""
        self._runner.close()

    def _cast(self, path: Path, trial: Trial, cpu: float | None, cassette: Cassette | None = None) -> Result:
        limits = self._runner.limits.lowered_by(replace(Limits.unbounded(), cpu=cpu))
        self._trials.current = trial
        try:
            spell = load(str(path))
            policy = self._policy.allow(
                *(
                    each
                    for name in self._option("--cast-permission-set")
                    for each in spell.manifest.permission_set(name)
                )
            )
            engine = self._option("--cast-engine")
            return self._runner.cast(spell, engine=engine, policy=policy, limits=limits, cassette=cassette)
        finally:
            self._trials.current = None
            self._clock.give_back()


def _file_name(test: str) -> str:
    """Return what the cassette of a test is called: words of its name, and what tells it from others like it."""
    words = re.sub(r"[^\w.-]+", "_", test)[:60]
    return f"{words}.{sha256(test.encode()).hexdigest()[:8]}.jsonl"


_KEY = pytest.StashKey[Casting]()


def casting_for(config: pytest.Config) -> Casting:
    """Return what casts for a session of pytest, made on first use."""
    if _KEY not in config.stash:
        config.stash[_KEY] = Casting(config)
    return config.stash[_KEY]


def let_go(config: pytest.Config) -> None:
    """Close what casts for a session of pytest, if anything does."""
    casting = config.stash.get(_KEY, None)
    if casting is not None:
        casting.close()
