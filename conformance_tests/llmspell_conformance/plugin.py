"""The pytest plugin: its options, and where collecting begins. Imported in every run of pytest, hence tiny."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

_HERE = os.path.dirname(os.path.abspath(__file__))
_OPTIONS = (
    (("--engine", "--spell-engine"), "NAME", "engine to check: a name, or several with commas; repeatable"),
    (("--engine-class",), "MODULE:CLASS", "engine class to check that no plugin offers; repeatable"),
    (("--spells",), "DIR", "folder with CASE/spell.EXT for a language of your own; repeatable"),
    (("--llmspell-report",), "FILE", "write the outcome of every row to FILE as JSON"),
    (("--known-failures",), "FILE", "YAML list of {case, row, engine, reason} that are known to fail"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Called by pytest to add the suite's options."""
    group = parser.getgroup("llmspell", "llmspell engine conformance")
    for names, metavar, text in _OPTIONS:
        settings = {"action": "append", "default": [], "metavar": metavar, "help": text, "dest": names[-1]}
        try:
            group.addoption(*names, **settings)
        except ValueError:
            # Another plugin has --engine already.
            group.addoption(*names[1:], **settings)


def pytest_configure(config: pytest.Config) -> None:
    """Called by pytest once the options are known."""
    if config.getoption("--spell-engine") or config.getoption("--engine-class"):
        from llmspell_conformance.summary import Summary

        config.pluginmanager.register(Summary(config), "llmspell-conformance-summary")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Called by pytest for each file it meets; the suite's own become tests."""
    if file_path.name not in ("case.yaml", "properties.py") or not str(file_path).startswith(_HERE + os.sep):
        return None
    from llmspell_conformance.items import collect

    return collect(file_path, parent)
