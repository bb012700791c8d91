"""Tests in the languages of spells as items of pytest, each with the spell's own file and line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from llmspell_core.errors import LlmspellError
from llmspell_core.spelltests.casting import casting_for
from llmspell_core.spelltests.showing import failure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from llmspell_core.spelltests.trial import Found

__all__ = ["SpellFile", "SpellItem"]


class SpellTestFailed(Exception):
    """A test in a language of spells has failed, or its file could not be run; the message says it all."""


class SpellFile(pytest.File):
    """A file of tests."""

    def collect(self) -> Iterator[SpellItem]:
        """Return its tests."""
        try:
            trial, result = casting_for(self.config).collect(self.path)
            error = result.error
        except LlmspellError as problem:
            raise self.CollectError(failure(problem, _sources(self.path))) from None
        if error is not None:
            raise self.CollectError(failure(error, _sources(self.path)))
        for found in trial.found:
            yield SpellItem.from_parent(self, name=found.name, found=found)


class SpellItem(pytest.Item):
    """One test, in a session of its own."""

    def __init__(self, *, found: Found, **more: Any) -> None:
        super().__init__(**more)
        self.found = found
        if found.skip is not None:
            self.add_marker(pytest.mark.skip(reason=found.skip))

    def runtest(self) -> None:
        """Run it; :raises SpellTestFailed: saying why it failed."""
        try:
            trial, result = casting_for(self.config).run(self.path, self.found)
        except LlmspellError as problem:
            raise SpellTestFailed(failure(problem, _sources(self.path))) from None
        if result.output:
            self.add_report_section("call", "spell", result.output)
        error = result.error
        for outcome in trial.outcomes:
            error = outcome.error or error
            if outcome.measured is not None:
                self.user_properties.append(("benchmark", str(outcome.measured)))
        if error is not None:
            raise SpellTestFailed(failure(error, _sources(self.path)))
        if not trial.outcomes:
            raise SpellTestFailed(
                f"{self.found.name!r} is not among the tests of the file any more; give tests names that stay"
            )

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return what is shown of a failure: the spell's own line, and nothing of Python's."""
        if isinstance(excinfo.value, SpellTestFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the test is."""
        # Where this is the end of the item's id, pytest puts colons in the place of the dots in it.
        return self.path, max(self.found.line - 1, 0), f"{self.found.name} "


def _sources(path: Path) -> dict[str, str]:
    """Return the texts that lines may be shown of: the file itself."""
    try:
        return {path.name: path.read_text(encoding="utf-8", errors="replace")}
    except OSError:
        return {}
