"""Makes a Lua VM that holds nothing of the host, and hands out its one function: ``step(text) -> text``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from llmspell_core.errors import LimitExceeded

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from llmspell_core.limits import Limits

__all__ = ["Vm", "guest_text", "open_vm"]

_GUEST = os.path.join(os.path.dirname(__file__), "guest")
_DUMP = b"return string.dump(assert((loadstring or load)(...)), true)"
_AT_START = ("compat", "values", "plain", "reader", "tasks", "limits", "sandbox", "bridges")
"""The parts that run at once, in this order; the others lie in the VM as bytecode until they are needed."""
_EMPTY = 256 * 1024
"""Bytes that a session takes beside its files."""


class _Guest(NamedTuple):
    """The guest as it goes into VMs.

    Stripped bytecode is small and quickly loaded, but making it takes longer than a short cast: a process's first VM
    gets the text.
    """

    prelude: bytes
    parts: tuple[str | bytes, ...]
    """Name and code, by turns."""
    stripped: bool = False


_guests: dict[str, _Guest] = {}


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
    cpu, cpu_name = (limits.wall, "wall") if limits.cpu is None else (limits.cpu, "cpu")
    guest = _guest(lua)
    texts = [_encoded(part) for file in files.items() for part in file]
    runtime = _runtime(lua, limits, _EMPTY + 4 * sum(map(len, texts)))
    given = (limits.instructions, cpu, cpu_name, limits.memory, _encoded(entry), len(guest.parts), *guest.parts, *texts)
    # All of the guest is named "=?", which keeps its frames out of the spell's tracebacks.
    step = runtime.execute(guest.prelude, *given, name="=?", mode="b" if guest.stripped else "t")
    runtime.gccollect()
    return Vm(runtime, step)


def guest_text(file: str) -> str:
    """Return the text of a file of the guest."""
    with open(os.path.join(_GUEST, file), encoding="utf-8") as opened:
        return opened.read()


def _runtime(lua: ModuleType, limits: Limits, needed: int) -> Any:
    bare = {"register_eval": False, "register_builtins": False}
    # lupa cannot bound LuaJIT, whose allocator is its own.
    if limits.memory is None or _is_luajit(lua):
        return lua.LuaRuntime(**bare)
    # lupa aborts the process when what it hands to Lua does not fit.
    if limits.memory < needed:
        message = f"limit memory of {limits.memory} is less than an empty session takes; allow {needed} bytes or more"
        raise LimitExceeded("memory", limits.memory, message)
    return lua.LuaRuntime(max_memory=limits.memory, **bare)


def _guest(lua: ModuleType) -> _Guest:
    """Return the guest for the next VM of the lupa module."""
    known = _guests.get(lua.__name__)
    if known is None:
        known = _guests[lua.__name__] = _written(lua)
    elif not known.stripped:
        known = _guests[lua.__name__] = _stripped(known, lua)
    return known


def _written(lua: ModuleType) -> _Guest:
    first = [_function(name) for name in _AT_START if name != "compat" or _is_luajit(lua)]
    prelude = f"return {_function('prelude')}({{{','.join(first)}}}, ...)"
    later = [name for name in _part_names() if name not in (*_AT_START, "prelude")]
    parts = [field for name in later for field in (name, guest_text(f"{name}.lua").encode())]
    return _Guest(prelude.encode(), tuple(parts))


def _stripped(guest: _Guest, lua: ModuleType) -> _Guest:
    dump = lua.LuaRuntime(encoding=None, register_eval=False, register_builtins=False).execute
    parts = [dump(_DUMP, part) if isinstance(part, bytes) else part for part in guest.parts]
    return _Guest(dump(_DUMP, guest.prelude), tuple(parts), stripped=True)


def _part_names() -> list[str]:
    files = [os.path.splitext(file) for file in sorted(os.listdir(_GUEST))]
    return [name for name, ending in files if ending == ".lua" and "." not in name]


def _function(name: str) -> str:
    return f"(function(...) {guest_text(f'{name}.lua')}\nend)"


def _is_luajit(lua: ModuleType) -> bool:
    return lua.__name__.endswith("luajit21")


def _encoded(text: str) -> bytes:
    # A lone surrogate is refused where the file is required.
    return text.encode("utf-8", "surrogatepass")
