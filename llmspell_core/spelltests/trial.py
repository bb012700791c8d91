"""What is asked of a file of tests, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from llmspell_core.errors import LlmspellError
from llmspell_core.spelltests.measuring import Load, Measured
from llmspell_core.spelltests.snapshots import Snapshots

__all__ = ["TIMEOUT", "Found", "Outcome", "Status", "Trial", "Trials"]

TIMEOUT = 10.0
"""Seconds that a test may take where it does not say."""

Status: TypeAlias = Literal["passed", "failed", "skipped", "todo"]


@dataclass(frozen=True)
class Found:
    """A test as its file tells of it.

    :param skip: why it does not run; None where it does
    :param timeout: seconds that it may take
    :param load: how a benchmark or a load test is measured; None for a test
    """

    name: str
    file: str
    line: int
    skip: str | None = None
    timeout: float | None = None
    load: Load | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of a test.

    :param error: why it failed
    :param measured: what a benchmark or a load test came to
    """

    found: Found
    status: Status
    error: LlmspellError | None = None
    measured: Measured | None = None


@dataclass
class Trial:
    """One cast of a file of tests.

    :param wanted: the names of the tests to run; None runs all
    :param snapshots: what values looked like before; None compares nothing
    """

    wanted: Callable[[str], bool] = lambda name: True
    snapshots: Snapshots | None = None
    found: list[Found] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)


class Trials:
    """Holds the trial that the next cast belongs to."""

    def __init__(self) -> None:
        self.current: Trial | None = None
