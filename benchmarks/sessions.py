"""What a session costs: time and memory until it is ready, with all globals in place."""

from __future__ import annotations

import gc
import resource
import subprocess
import sys
from collections.abc import Iterator
from functools import partial

from benchmarks.timing import Figure, best
from llmspell_core import plugins
from llmspell_core.limits import Limits
from llmspell_core.protocol import Inbox, Start
from llmspell_core.spells import Spell

WAITING = {"lua": "sleep(1000)", "js": "await sleep(1000)"}
NAMES = ("llm", "state", "log", "tools", "agent", "workflow", "events", "http", "fs", "env", "hooks", "spell")


def figures() -> Iterator[Figure]:
    for engine, time_goal, memory_goal in (("lua", "under 1 ms", "under 200 KB"), ("js", "under 3 ms", "under 1 MB")):
        yield Figure(f"{engine}: session ready", best(partial(ready, engine), 60) * 1e3, "ms", time_goal)
        used = int(subprocess.check_output([sys.executable, "-m", "benchmarks.sessions", engine, "300"]))
        yield Figure(f"{engine}: memory of an idle session", used / 300 / 1024, "KB", memory_goal)
    used = int(subprocess.check_output([sys.executable, "-m", "benchmarks.sessions", "lua", "10000"]))
    yield Figure("lua: 10,000 idle sessions, one process", used / 2**30, "GB", "under 1.5 GB")


_engines = {}


def ready(name: str):  # type: ignore[no-untyped-def]
    engine = _engines.get(name) or _engines.setdefault(name, plugins.engine_class(name)())
    session = engine.open(engine.compile(Spell(WAITING[name], f"spell.{name}")), Limits())
    session.step(Inbox(0.0, (Start({}, 1, NAMES),), plain=True))
    return session


def _resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


if __name__ == "__main__":
    kept = [ready(sys.argv[1])]
    gc.collect()
    before = _resident()
    kept += [ready(sys.argv[1]) for _ in range(int(sys.argv[2]))]
    print(_resident() - before)
