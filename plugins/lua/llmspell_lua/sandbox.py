"""Makes a Lua VM that holds nothing of the host, and hands out its one function: ``step(text) -> text``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Protocol

from llmspell_core.errors import LimitExceeded

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from llmspell_core.limits import Limits

__all__ = ["Vm", "guest_text", "open_vm"]

_GUEST = os.path.join(os.path.dirname(__file__), "guest")
_DUMP = b"return string.dump(assert((loadstring or load)(...)), true)"
# All of the guest is named "=?", which keeps its frames out of the spell's tracebacks.
_BOOT = "local code = ... return load(code, '=?', 'b')(select(2, ...))"
_EMPTY = 256 * 1024
"""Bytes that a session takes beside its files."""
_guests: dict[str, dict[str, bytes]] = {}


class _Step(Protocol):
    def __call__(self, inbox: str) -> str: ...


class Vm:
    """A Lua VM and its ``step`` function."""

    __slots__ = ("runtime", "step")

    def __init__(self, runtime: Any, step: _Step) -> None:
        self.runtime, self.step = runtime, step


def open_vm(lua: ModuleType, entry: str, files: Mapping[str, str], limits: Limits) -> Vm:
    """Return a fresh VM of the lupa module, with the spell's files in it and nothing run yet.

    :raises LimitExceeded: when not even that fits into the memory allowed
    """
    guest = _guest_code(lua)
    cpu, cpu_name = (limits.wall, "wall") if limits.cpu is None else (limits.cpu, "cpu")
    texts = [part for file in (*guest.items(), *files.items()) for part in file]
    given = (limits.instructions, cpu, cpu_name, limits.memory, entry, len(guest), *texts)
    runtime = _runtime(lua, limits, _EMPTY + 4 * sum(map(len, texts)))
    return Vm(runtime, runtime.execute(_BOOT, guest["prelude"], *given))


def guest_text(file: str) -> str:
    """Return the text of a file of the guest."""
    with open(os.path.join(_GUEST, file), encoding="utf-8") as opened:
        return opened.read()


def _runtime(lua: ModuleType, limits: Limits, needed: int) -> Any:
    bare = {"register_eval": False, "register_builtins": False}
    # lupa cannot bound LuaJIT, whose allocator is its own.
    if limits.memory is None or lua.__name__.endswith("luajit21"):
        return lua.LuaRuntime(**bare)
    # lupa aborts the process when what it hands to Lua does not fit.
    if limits.memory < needed:
        message = f"limit memory of {limits.memory} is less than an empty session takes; allow {needed} bytes or more"
        raise LimitExceeded("memory", limits.memory, message)
    return lua.LuaRuntime(max_memory=limits.memory, **bare)


def _guest_code(lua: ModuleType) -> dict[str, bytes]:
    """Return the guest's files as stripped bytecode, made once: compiling takes longer than all else."""
    code = _guests.get(lua.__name__)
    if code is None:
        dump = lua.LuaRuntime(encoding=None, register_eval=False, register_builtins=False).execute
        code = _guests[lua.__name__] = {name: dump(_DUMP, text.encode()) for name, text in _guest_texts().items()}
    return code


def _guest_texts() -> dict[str, str]:
    files = [os.path.splitext(file) for file in sorted(os.listdir(_GUEST))]
    return {name: guest_text(name + ending) for name, ending in files if ending == ".lua" and "." not in name}
