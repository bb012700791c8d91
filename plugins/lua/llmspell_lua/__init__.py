"""Lua for llmspell: the engines ``lua`` (5.4), ``lua55`` and ``luajit``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_core.hookspecs import hookimpl

if TYPE_CHECKING:
    from llmspell_core.engine import Engine


@hookimpl
def llmspell_engines() -> list[type[Engine]]:
    """Return the three engines, the usual one first."""
    from llmspell_lua.engine import Lua55Engine, LuaEngine, LuaJitEngine

    return [LuaEngine, Lua55Engine, LuaJitEngine]
