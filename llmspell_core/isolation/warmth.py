"""Loads an engine with all that its sessions may need: the workers that are forked with it find no file any more."""

from __future__ import annotations

import sys
from importlib import import_module
from opcode import opmap
from types import CodeType, FunctionType
from typing import TYPE_CHECKING

from llmspell_core.limits import Limits
from llmspell_core.protocol import Inbox, Start
from llmspell_core.spells import Spell

if TYPE_CHECKING:
    from types import ModuleType

    from llmspell_core.engine import Engine

__all__ = ["load", "put_off", "warm"]

_IMPORT = opmap["IMPORT_NAME"]
_AGES = 60.0
_NO_SESSIONS = ("declare", "signature", "statements", "uses")
"""Methods of engines that no session calls."""


def load(engine: str) -> Engine:
    """Return an engine.

    :param engine: ``installed:NAME``, or ``MODULE:CLASS``
    """
    module, _, name = engine.partition(":")
    if module == "installed":
        from llmspell_core.plugins import engine_class

        made: Engine = engine_class(name)()
    else:
        made = getattr(import_module(module), name)()
    made.guarded = True
    return made


def warm(engine: Engine) -> None:
    """Have at hand what a session may need: a worker finds no file any more, and what is done here none has to do."""
    _import_all(type(engine).__module__.partition(".")[0])
    engine.prepare()
    for limits in (Limits(), Limits(wall=_AGES, cpu=_AGES, instructions=2**53)):
        try:
            with engine.open(engine.compile(Spell("")), limits) as session:
                session.step(Inbox(0.0, (Start({}, 0, ()),), plain=True))
        except Exception:  # noqa: BLE001 - to this engine an empty source is no spell; what it read stays read
            break
    engine.open_ahead()


def _import_all(package: str) -> None:
    """Import what functions of an engine's package import when they are called, and what theirs do."""
    if package == __name__.partition(".")[0]:
        return
    seen: set[str] = set()
    while found := {name for name in sys.modules if name.partition(".")[0] == package} - seen:
        seen |= found
        for imported in set().union(*(put_off(sys.modules[name]) for name in found)):
            _try_import(imported)


def put_off(module: ModuleType) -> set[str]:
    """Return the names of the modules that a module's functions and methods import when they are called."""
    members = list(vars(module).values())
    inside = [vars(found).items() for found in members if isinstance(found, type)]
    members += [member for items in inside for name, member in items if name not in _NO_SESSIONS]
    inner = [getattr(member, "__func__", getattr(member, "__wrapped__", member)) for member in members]
    codes = [function.__code__ for function in inner if isinstance(function, FunctionType)]
    names: set[str] = set()
    while codes:
        code = codes.pop()
        codes += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
        pairs = zip(code.co_code[::2], code.co_code[1::2], strict=True)
        names.update(code.co_names[index] for operation, index in pairs if operation == _IMPORT)
    return names


def _try_import(module: str) -> None:
    try:
        import_module(module)
    except ImportError:
        return  # it needs what is not installed, so no session needs it
