"""Every guide works when it is followed: its files are written, its commands run, and they print what it says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from llmspell_core import plugins

GUIDES = sorted((Path(__file__).parent.parent / "docs" / "guides").glob("*.md"))
BLOCK = re.compile(r'^```(?P<kind>\w+)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^```$', re.MULTILINE | re.DOTALL)
LONG = ("agents", "bridge", "first-spell")
"""Those that take more than a few seconds."""
KEPT = ("LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE")


@dataclass(frozen=True)
class Command:
    words: str
    shown: str


class Reader:
    """Somebody who follows a guide in an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.installed = folder / ".site"
        self.installed.mkdir()
        self.paths = [str(self.installed)]

    def follow(self, guide: Path) -> int:
        done = 0
        for block in BLOCK.finditer(guide.read_text()):
            if block["title"]:
                path = self.folder / block["title"]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block["text"])
            elif block["kind"] == "console":
                for command in commands(block["text"]):
                    self.run(command)
                    done += 1
        return done

    def run(self, command: Command) -> None:
        if command.words.startswith("pip install -e "):
            return self.install(self.folder / command.words.split()[-1])
        env = {name: value for name, value in os.environ.items() if name in KEPT}
        env |= {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}", "HOME": str(self.folder)}
        env |= {"PYTHONPATH": os.pathsep.join(self.paths), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            ["sh", "-c", command.words],
            cwd=self.folder,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
        )
        shown = r".*".join(re.escape(part) for part in command.shown.rstrip().split("..."))
        assert re.fullmatch(shown, done.stdout.rstrip(), re.DOTALL), (
            f"$ {command.words}\n--- printed:\n{done.stdout}--- the guide says:\n{command.shown}"
        )
        return None

    def install(self, folder: Path) -> None:
        """Do what `pip install -e` does for a package of Python alone, without asking for its dependencies."""
        project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
        info = self.installed / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
        )
        groups = project.get("entry-points", {})
        lines = [f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in named.items()) for group, named in groups.items()]
        (info / "entry_points.txt").write_text("\n".join(lines))
        self.paths.append(str(folder))


def commands(text: str) -> list[Command]:
    found = re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
    parts = (part.partition("\n") for part in found)
    return [Command(words.split("  # ")[0].strip(), shown) for words, _, shown in parts]


@pytest.mark.parametrize(
    "guide", [pytest.param(g, id=g.stem, marks=[pytest.mark.slow] if g.stem in LONG else []) for g in GUIDES]
)
def test_a_guide_can_be_followed(guide: Path, tmp_path: Path) -> None:
    done = Reader(tmp_path).follow(guide)
    assert done or "console" not in guide.read_text()


def test_a_command_that_prints_something_else_fails(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="the guide says"):
        Reader(tmp_path).run(Command("echo hello", "good-bye\n"))


def test_every_guide_has_something_to_try() -> None:
    for guide in GUIDES:
        kinds = {block["kind"] for block in BLOCK.finditer(guide.read_text())}
        assert kinds & {"console", "lua", "js", "python"}, guide.name


def test_commands_are_read_as_a_shell_reads_them() -> None:
    (command,) = commands("$ llmspell exec -e lua 'return 1'  # one\n1\n")
    assert shlex.split(command.words)[-1] == "return 1"
    assert command.shown == "1\n"


def test_what_old_names_are_called_here_exists() -> None:
    from llmspell_core.apidoc import read_api
    from llmspell_core.library import LIBRARY

    bridges = [plugins.bridge_class(name) for name in plugins.bridge_names()]
    modules = read_api([*bridges, *LIBRARY]).modules
    known = {f"{m.name}.{name}" for m in modules for method in m.methods for name in (method.name, *method.aliases)}
    known |= {"time.now", "json.encode", "json.decode"}
    page = next(guide for guide in GUIDES if guide.stem == "migrating").read_text()
    words = "|".join(module.name for module in modules)
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| `")]
    named = {
        name
        for old, new in rows
        for cell in ([new, old] if new.startswith("the same") and ".`" not in old else [new])
        for name in re.findall(rf"`((?:{words})\.\w+)", cell)
    }
    named.discard("spell.yaml")
    assert len(named) > 100
    assert named <= known, sorted(named - known)
