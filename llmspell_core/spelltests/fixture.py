"""The fixture that casts spells in tests written in Python."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from llmspell_core.journal.cassette import Cassette
from llmspell_core.runner import Runner
from llmspell_core.spells import Spell
from llmspell_core.spelltests.clock import TestClock
from llmspell_core.spelltests.covering import lines_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest

    from llmspell_core.runner import Result

__all__ = ["casting_of"]


@contextmanager
def casting_of(request: pytest.FixtureRequest) -> Iterator[Callable[..., Result]]:
    """Return what casts a spell for one test."""
    config, folder = request.config, request.path.parent
    isolation = config.getoption("--cast-isolation")
    lines = lines_of(config)
    model, coverage = config.getoption("--cast-model"), None if lines is None else lines.note
    with Runner(model=model, isolation=isolation, clock=TestClock(), coverage=coverage) as runner:

        def cast(path: str, *, cassette: str | None = None, **options: Any) -> Result:
            spell = Spell.load(str(folder / path))
            if cassette is None:
                return runner.cast(spell, **options)
            file = str(folder / cassette)
            is_kept = os.path.exists(file)
            tape = Cassette.read(file) if is_kept else Cassette()
            result = runner.cast(spell, cassette=tape, **options)
            if not is_kept:
                tape.write(file, runner.secrets)
            return result

        yield cast
