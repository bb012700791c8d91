"""The plugin of pytest that tells which lines of spells its tests run; registered where that is asked for."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import pytest

from llmspell_core.errors import LlmspellError
from llmspell_core.spelltests.lines import Lines

__all__ = ["Covering", "lines_of"]

_SENT = "llmspell_lines"


class Covering:
    """Notes lines, in the processes of xdist too, and tells of them at the end.

    :param wanted: kinds of reports, and where each goes
    :param least: the percentage below which the tests fail
    :raises pytest.UsageError: when nothing could be told
    """

    def __init__(self, config: pytest.Config, wanted: list[tuple[str, str]], least: float | None) -> None:
        if find_spec("coverage") is None:
            raise pytest.UsageError(
                "coverage of spells is told by coverage.py, which is not installed; pip install 'llmspell-core[test]'"
            )
        self._config, self._wanted, self._least = config, wanted, least
        self._text: list[str] = []
        config.stash[_KEY] = self.lines = Lines()

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Send what was noted to the process that began this one, or write the reports."""
        sent: dict[str, Any] | None = getattr(self._config, "workeroutput", None)
        if sent is not None:
            sent[_SENT] = self.lines.dump()
        elif not self._config.option.collectonly:
            self._write(session)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what a process of xdist has noted; one that crashed has nothing to say any more."""
        noted = getattr(node, "workeroutput", {}).get(_SENT)
        if noted is not None:
            self.lines.add(noted)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Show the table."""
        if self._text:
            terminalreporter.section("coverage of spells")
            for text in self._text:
                terminalreporter.write_line(text.rstrip("\n"))

    def _write(self, session: pytest.Session) -> None:
        for engine in sorted(self.lines.silent):
            self._text.append(f"the engine {engine!r} does not tell which lines run; its spells are left out")
        try:
            total = self._report()
        except (LlmspellError, OSError) as error:
            self._fail(session, str(error))
            return
        if self._least is not None and total < self._least:
            self._fail(session, f"{total:.2f} % of the statements ran, and {self._least:g} % have to")

    def _report(self) -> float:
        """Write the reports; return how much ran, in percent."""
        ran = self.lines.within((self._config.rootpath, self._config.invocation_params.dir))
        if not ran:
            self._text.append("no file of this folder was cast or required, but those of the tests")
            return 0.0
        from llmspell_core.spelltests.reports import write

        told, total = write(ran, self.lines.engines, self._wanted)
        self._text.append(told)
        return total

    def _fail(self, session: pytest.Session, why: str) -> None:
        self._text.append(f"FAILED: {why}")
        if session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


_KEY = pytest.StashKey[Lines]()


def lines_of(config: pytest.Config) -> Lines | None:
    """Return what notes the lines that run in a session of pytest; None where nobody asks for them."""
    return config.stash.get(_KEY, None)
