"""A zygote has at hand what its workers can no longer read."""

from __future__ import annotations

import types

from llmspell_core.isolation.warmth import put_off
from llmspell_core.runner import Runner

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
