"""What modules cost: all that are declared, those that a spell only names, and all of the library used."""

from __future__ import annotations

import gc
import resource
import subprocess
import sys
from collections.abc import Iterator
from functools import partial

from benchmarks.timing import Figure, pair
from llmspell_core import plugins
from llmspell_core.engine import Engine, Program, Session
from llmspell_core.limits import Limits
from llmspell_core.protocol import Call, Finish, Inbox, Request, Start
from llmspell_core.spells import Spell

MODULES = ("promise", "channel", "core", "data", "errors")
SESSIONS = 300
# Named in a branch that is not taken: the parts lie in the VM, and nothing is run.
NAMED = {
    "lua": f"if params.never then return {', '.join(MODULES)}, promise.token() end sleep(1000)",
    "js": f"if (params.never) return [{', '.join(MODULES)}, promise.token()]; await sleep(1000)",
}
BARE = {"lua": "sleep(1000)", "js": "await sleep(1000)"}
USED = {
    "lua": "return promise.token, channel.new, core.trim, data.map, errors.try, promise.token():cancelled()",
    "js": "return [promise.token().cancelled(), channel.new, core.trim, data.map, errors.try].length",
}
NOTHING = {"lua": "return 1", "js": "return 1"}


def figures() -> Iterator[Figure]:
    bridges = _every_bridge()
    for engine, goal in (("lua", "under 5 ms"), ("js", "under 15 ms")):
        declared, bare = pair(partial(ready, engine, BARE, bridges), partial(ready, engine, BARE, ()), 200)
        taken = max(declared - bare, 0.0) * 1e6
        yield Figure(f"{engine}: every module declared, untouched", taken, "us", "under 50 us")
        taken = _memory(engine, "declared") - _memory(engine, "alone")
        yield Figure(f"{engine}: memory of every module declared", taken, "KB", "under 20 KB")
        named, bare = pair(partial(ready, engine, NAMED), partial(ready, engine, BARE), 200)
        yield Figure(f"{engine}: library named, untouched", max(named - bare, 0.0) * 1e6, "us", "")
        taken = _memory(engine, "named") - _memory(engine, "bare")
        yield Figure(f"{engine}: memory of a library named, untouched", taken, "KB", "")
        used, nothing = pair(partial(finished, engine, USED), partial(finished, engine, NOTHING), 60)
        yield Figure(f"{engine}: every module of it used", (used - nothing) * 1e3, "ms", goal)


_programs: dict[tuple[str, str], tuple[Engine, Program]] = {}


def ready(name: str, sources: dict[str, str], bridges: tuple[str, ...] = ("llm",)) -> Session:
    """A session that waits, its source compiled beforehand."""
    session, last = _begun(name, sources[name], bridges)
    assert isinstance(last, Call), last
    return session


def finished(name: str, sources: dict[str, str]) -> None:
    _, last = _begun(name, sources[name], ("llm",))
    assert isinstance(last, Finish), last


def _begun(name: str, source: str, bridges: tuple[str, ...]) -> tuple[Session, Request]:
    if (name, source) not in _programs:
        engine = plugins.engine_class(name)()
        _programs[name, source] = engine, engine.compile(Spell(source, f"spell.{name}"))
    engine, program = _programs[name, source]
    session = engine.open(program, Limits())
    return session, session.step(Inbox(0.0, (Start({}, 1, bridges),), plain=True)).requests[-1]


def _every_bridge() -> tuple[str, ...]:
    return tuple(name for name in plugins.bridge_names() if not name.startswith("_"))


def _memory(engine: str, how: str) -> float:
    command = [sys.executable, "-m", "benchmarks.library", engine, how]
    return int(subprocess.check_output(command)) / SESSIONS / 1024


def _resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


if __name__ == "__main__":
    sources = NAMED if sys.argv[2] == "named" else BARE
    bridges = {"declared": _every_bridge(), "alone": ()}.get(sys.argv[2], ("llm",))
    kept = [ready(sys.argv[1], sources, bridges)]
    gc.collect()
    before = _resident()
    kept += [ready(sys.argv[1], sources, bridges) for _ in range(SESSIONS)]
    print(_resident() - before)
