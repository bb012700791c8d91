"""The documentation as a whole: its generated pages are fresh, and the site builds."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from docs.handbook.pages import pages
from llmspell_core.cli import main

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


def test_the_committed_pages_of_commands_and_of_the_python_api_are_fresh() -> None:
    stale = [name for name, text in pages().items() if (DOCS / "reference" / name).read_text() != text]
    assert not stale, f"stale: {stale}; run `make stubs`"


def test_every_command_and_option_is_on_the_page_of_commands() -> None:
    page = pages()["commands.md"]

    def look(command: click.Command, ctx: click.Context) -> None:
        assert f" {ctx.command_path}\n" in page
        section = page.split(f" {ctx.command_path}\n")[1].split("\n#")[0]
        for option in command.get_params(ctx):
            assert not isinstance(option, click.Option) or option.hidden or f"`{option.opts[0]}`" in section
        if isinstance(command, click.Group):
            for name in command.list_commands(ctx):
                inner = command.get_command(ctx, name)
                assert inner is not None
                look(inner, click.Context(inner, info_name=name, parent=ctx))

    root = click.Context(main, info_name="llmspell")
    for name in main.list_commands(root):
        command = main.get_command(root, name)
        assert command is not None
        look(command, click.Context(command, info_name=name, parent=root))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "zensical.toml", tmp_path)
    shutil.copytree(DOCS, tmp_path / "docs")
    return tmp_path


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    zensical = Path(sys.executable).with_name("zensical")
    return subprocess.run([zensical, "build", "--strict"], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_site_builds_without_a_warning(copy: Path) -> None:
    done = build(copy)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No issues found" in done.stdout + done.stderr
    assert (copy / "site" / "guides" / "first-spell.html").exists()


@pytest.mark.slow
def test_a_link_that_leads_nowhere_fails_the_site(copy: Path) -> None:
    (copy / "docs" / "index.md").write_text("[gone](gone.md)")
    assert build(copy).returncode != 0
