"""Every example in the README and the docs runs, and prints what it is said to print."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from llmspell_core.runner import Runner
from llmspell_core.spells import Spell
from llmspell_core.spelltests.clock import TestClock

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "examples/README.md")]
PAGES += sorted([*(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "guides").glob("*.md")])


@dataclass(frozen=True)
class Example:
    page: str
    line: int
    language: str
    source: str
    output: str | None

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def examples(page: Path) -> list[Example]:
    found: list[Example] = []
    text = page.read_text()
    for match in re.finditer(r"^```(\w+)\n(.*?)^```$(?:\n```output\n(.*?)^```$)?", text, re.MULTILINE | re.DOTALL):
        line = text.count("\n", 0, match.start()) + 1
        found.append(Example(page.name, line, match[1], match[2], match[3]))
    return found


ALL = [example for page in PAGES for example in examples(page)]


@pytest.mark.parametrize("example", [e for e in ALL if e.language in ("lua", "js")], ids=str)
def test_a_spell_in_the_docs_runs(example: Example) -> None:
    with Runner(model="demo", options={"llm": {"demo_pause": 0}}, clock=TestClock()) as runner:
        result = runner.cast(Spell.text(example.source, file=f"spell.{example.language}"), engine=example.language)
    assert result.error is None, f"{example}: {result.error}"
    if example.output is not None:
        assert result.output == example.output


@pytest.mark.parametrize("example", [e for e in ALL if e.language == "python"], ids=str)
def test_python_in_the_docs_runs(example: Example) -> None:
    source = "\n" * example.line + example.source
    exec(compile(source, example.page, "exec"), {"__name__": f"docs_{example.line}"})


def test_the_docs_have_examples_in_every_language() -> None:
    counts = {language: sum(e.language == language for e in ALL) for language in ("lua", "js", "python")}
    assert min(counts.values()) >= 3, counts


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def in_nav(nav: Any) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    else:
        for item in nav.values() if isinstance(nav, dict) else nav:
            yield from in_nav(item)


def test_every_page_is_in_the_navigation_once() -> None:
    nav = list(in_nav(tomllib.loads((ROOT / "zensical.toml").read_text())["project"]["nav"]))
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert not pages - set(nav), f"add {sorted(pages - set(nav))} to the navigation in zensical.toml"
    assert sorted(nav) == sorted(pages)


def test_every_command_in_the_docs_exists() -> None:
    from llmspell_core.cli import main

    names = {name for example in ALL for name in re.findall(r"^\$ llmspell (\w+)", example.source, re.MULTILINE)}
    from click import Context

    known = set(main.list_commands(Context(main)))
    assert names <= known, names - known
