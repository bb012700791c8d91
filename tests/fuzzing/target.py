"""What is fuzzed: a function that takes any bytes, and raises only when something is wrong."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hypothesis.strategies import SearchStrategy

CORPUS = Path(__file__).parent / "corpus"
SECONDS = 2.0
"""CPU time that one input may take."""


class TooSlow(AssertionError):
    """An input took far longer than its size explains."""


@dataclass(frozen=True)
class Target:
    """One thing that is fuzzed.

    :param check: takes an input; whatever it raises is a find
    :param shapes: inputs that get further than mere noise does
    :param words: what the guided fuzzer puts into inputs whole
    """

    name: str
    check: Callable[[bytes], None]
    shapes: SearchStrategy[bytes]
    words: tuple[str, ...] = ()

    def try_on(self, data: bytes) -> None:
        """Check an input, and how long that takes."""
        began = time.process_time()
        self.check(data)
        if (used := time.process_time() - began) > SECONDS:
            raise TooSlow(f"{len(data)} bytes took {used:.1f} s")

    def seeds(self) -> list[Path]:
        """Return the kept inputs."""
        return sorted(path for path in (CORPUS / self.name).glob("*") if path.is_file())

    def keep(self, data: bytes) -> Path:
        """Save a find where the everyday tests try it again."""
        path = CORPUS / self.name / f"find-{hashlib.sha256(data).hexdigest()[:12]}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path
