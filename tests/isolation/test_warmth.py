"""A zygote has at hand what its workers can no longer read."""

from __future__ import annotations

import subprocess
import sys
import types

import pytest

from llmspell_core import plugins
from llmspell_core.engine import Engine, Session
from llmspell_core.isolation.warmth import put_off, warm
from llmspell_core.limits import Limits
from llmspell_core.protocol import Fail, Finish, Inbox, Outbox, Start, Tell
from llmspell_core.runner import Runner
from llmspell_core.spells import Spell
from llmspell_core.testing import FakeEngine

SOURCE = """
import json
def f():
    import one
    def g():
        from two.three import x
    return g
class C:
    def m(self):
        import four as five
    @staticmethod
    def s():
        from . import six
"""


def test_imports_that_functions_put_off_are_found() -> None:
    module = types.ModuleType("made")
    exec(SOURCE, vars(module))
    assert put_off(module) >= {"one", "two.three", "four"}
    assert "json" not in put_off(module)


def test_an_engine_can_read_its_files_before_they_are_out_of_reach(runner: Runner) -> None:
    assert "test's engine" in runner.cast("return engine.at_hand", engine="breakout").unwrap()


HOARD = {
    "lua": "local t = {} for i = 1, 10000 do t[i] = string.rep('x', 10000) .. i print(i) end",
    "js": "const t = []; for (let i = 1; i <= 10000; i++) { t.push('x'.repeat(10000) + i); print(i); }",
}


def begun(session: Session) -> Outbox:
    return session.step(Inbox(0.0, (Start({}, 1, ()),), plain=True))


def opened(engine: Engine, source: str, limits: Limits) -> Session:
    return engine.open(engine.compile(Spell(source)), limits)


def test_a_session_is_opened_ahead_once_all_is_prepared() -> None:
    done: list[str] = []

    class Watched(FakeEngine):
        def prepare(self) -> None:
            done.append("prepare")

        def open_ahead(self) -> None:
            done.append("open ahead")

    warm(Watched())
    assert done == ["prepare", "open ahead"]


@pytest.mark.parametrize("name", HOARD)
def test_a_session_opened_ahead_holds_as_much_as_any(name: str) -> None:
    engine, limits = plugins.engine_class(name)(), Limits(memory=16 * 2**20)
    begun(opened(engine, "return 1", limits))  # a process's first VM of Lua has more text in it than the next
    without = begun(opened(engine, HOARD[name], limits))
    engine.open_ahead()
    ahead = begun(opened(engine, HOARD[name], limits))
    for outbox in (without, ahead):
        failed = outbox.requests[-1]
        assert type(failed) is Fail
        assert failed.error.data == {"limit": "memory", "allowed": limits.memory}
    kept = [sum(type(request) is Tell for request in outbox.requests) for outbox in (without, ahead)]
    assert kept[0] == pytest.approx(kept[1], rel=0.1)
    assert kept[0] > 100


@pytest.mark.parametrize("name", HOARD)
def test_what_is_opened_ahead_is_used_once(name: str) -> None:
    engine = plugins.engine_class(name)()
    engine.open_ahead()
    assert begun(opened(engine, "left = 1" if name == "lua" else "globalThis.left = 1", Limits())).requests
    source = "return left == nil" if name == "lua" else "return globalThis.left === undefined"
    assert begun(opened(engine, source, Limits())).requests == (Finish(True),)


@pytest.mark.parametrize("name", ["lua", "js"])
def test_what_no_session_needs_is_not_imported_ahead(name: str) -> None:
    """Each module that a zygote imports in vain holds up the first cast."""
    code = (
        "import sys; from llmspell_core.isolation.warmth import load, warm; "
        f"warm(load('installed:{name}')); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    imported = {module.partition(".")[2] or module for module in done.stdout.split()}
    assert "session" in imported
    assert imported.isdisjoint({"declare", "uses", "stubs", "declarations", "reference"})
