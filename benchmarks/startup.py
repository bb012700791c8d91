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
        places = [["--isolation", "inline"], ["--isolation", "process"]]
        runs = [[command, "run", *place, str(spell)] for spell in (lua, js) for place in places]
        runs += [[command, "--help"], [sys.executable, "-c", "pass"]]
        (lua_here, lua_cpu), (lua_away, _), (js_here, _), (js_away, _), (help_, _), (pass_, _) = processes(runs)
    for name, here, away, target in (("lua", lua_here, lua_away, "under 6x"), ("js", js_here, js_away, "-")):
        yield Figure(f"llmspell run hello.{name}, inline, wall / python -c pass", here * 1e3, "ms", target, pass_ * 1e3)
        over = f"llmspell run hello.{name}, in a process: wall over inline"
        yield Figure(over, (away - here) * 1e3, "ms", "at most 25 ms, on two idle cores")
    yield Figure("llmspell --help, wall / python -c pass", help_ * 1e3, "ms", "-", pass_ * 1e3)
    yield Figure("llmspell run hello.lua, inline, CPU", lua_cpu * 1e3, "ms", "under 79 ms: a tenth of `llm --help`")
