"""Cold `llmspell run` of a spell that calls no model, as whole processes."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.timing import Figure, processes


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        lua, js = Path(folder, "hello.lua"), Path(folder, "hello.js")
        lua.write_text('print("hello")\n')
        js.write_text('print("hello");\n')
        command = str(Path(sys.executable).with_name("llmspell"))
        runs = [
            [command, "run", str(lua)],
            [command, "run", str(js)],
            [command, "--help"],
            [sys.executable, "-c", "pass"],
        ]
        (lua_wall, lua_cpu), (js_wall, _), (help_wall, _), (pass_wall, _) = processes(runs)
    yield Figure("llmspell run hello.lua, wall / python -c pass", lua_wall * 1e3, "ms", "under 6x", pass_wall * 1e3)
    yield Figure("llmspell run hello.js, wall / python -c pass", js_wall * 1e3, "ms", "-", pass_wall * 1e3)
    yield Figure("llmspell --help, wall / python -c pass", help_wall * 1e3, "ms", "-", pass_wall * 1e3)
    yield Figure("llmspell run hello.lua, CPU", lua_cpu * 1e3, "ms", "under 79 ms: a tenth of `llm --help`")
