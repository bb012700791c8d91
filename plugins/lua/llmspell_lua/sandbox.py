"""Makes Lua VMs that hold nothing of the host, and opens each for a spell: what is left is ``step(text) -> text``."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from llmspell_core.errors import LimitExceeded
from llmspell_lua.library import ALL_PARTS, parts_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

    from llmspell_core.limits import Limits

__all__ = ["Blank", "Vm", "blank_vm", "guest_text", "is_luajit", "open_vm"]

_GUEST = os.path.join(os.path.dirname(__file__), "guest")
_DUMP = b"return string.dump(assert((loadstring or load)(...)), true)"
_AT_START = ("compat", "values", "plain", "reader", "tasks", "sandbox", "bridges")
"""The parts that run at once, in this order; the others lie in the VM as bytecode until they are needed, some only
where the spell's source names them."""
_BOUND = "limits"
"""The part that runs when the limits are known."""
_COVERAGE = "coverage"
"""The part that tells which lines run; there only where that is wanted."""
_WATCHED = 60.0
"""Seconds up to which a VM in a worker watches the clock itself."""
_CALL = 128
"""Bytes that a call counts for where it is watched how deep calls nest: sixty of its own, and some of the stack."""
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
    library: Mapping[str, str | bytes]
    """Code by name, of the parts that only some spells get."""
    stripped: bool = False


_guests: dict[str, _Guest] = {}


class _Step(Protocol):
    def __call__(self, inbox: str, left: float) -> str: ...


class Blank(NamedTuple):
    """A Lua VM with all of the guest in it and nothing of a spell, and the function that opens it for one."""

    runtime: Any
    open: Callable[..., _Step]
    library: Mapping[str, str | bytes]


class Vm:
    """A Lua VM and its ``step`` function."""

    __slots__ = ("runtime", "step")

    def __init__(self, runtime: Any, step: _Step) -> None:
        self.runtime, self.step = runtime, step


def blank_vm(lua: ModuleType, *, compiles: bool = True) -> Blank:
    """Return a fresh VM of the lupa module.

    :param compiles: whether LuaJIT may make machine code
    """
    guest = _guest(lua)
    bare: dict[str, Any] = {"register_eval": False, "register_builtins": False}
    if is_luajit(lua):
        runtime = lua.LuaRuntime(**bare)
        if not compiles:
            runtime.execute("jit.off()")
    else:
        # Memory is counted from here on, and bounded once it is known by how much.
        runtime = lua.LuaRuntime(max_memory=0, **bare)
    # All of the guest is named "=?", which keeps its frames out of the spell's tracebacks.
    opener = runtime.execute(guest.prelude, *guest.parts, name="=?", mode="b" if guest.stripped else "t")
    runtime.gccollect()
    return Blank(runtime, opener, guest.library)


def open_vm(
    blank: Blank,
    entry: str,
    files: Mapping[str, str],
    limits: Limits,
    *,
    bounded: bool,
    guarded: bool,
    covered: bool = False,
    stack: int = 16_000_000,
) -> Vm:
    """Return the VM with the spell's files in it and nothing run yet.

    :param bounded: whether the VM can be held to the memory allowed
    :param guarded: whether somebody else ends what computes too long
    :param covered: whether it is told which lines run
    :param stack: bytes of the VM's stack, which it never passes
    :raises LimitExceeded: when not even an empty session fits into that
    """
    texts = [_encoded(part) for file in files.items() for part in file]
    if bounded and limits.memory is not None:
        _bound(blank.runtime, limits.memory, _EMPTY + 4 * sum(map(len, texts)))
    cpu, wall = _clock(limits, guarded and not covered)
    most, levels = _depth(limits, stack)
    bounds = (limits.instructions, cpu, wall, limits.memory, most, levels, limits.tasks)
    parts = (*parts_for(files.values()), *((_COVERAGE,) if covered else ()))
    library = [field for part in parts for field in (part, blank.library[part])]
    step = blank.open(*bounds, _encoded(entry), len(parts), *library, *texts)
    return Vm(blank.runtime, step)


def _clock(limits: Limits, guarded: bool) -> tuple[float | None, float | None]:
    """Return the CPU and the wall seconds that the VM itself holds a spell to; None for both where it does not look."""
    # The hook halves the speed. Who waits no longer than a minute wants to know the line; a long run wants the speed.
    is_long = min(bound for bound in (limits.cpu, limits.wall, math.inf) if bound is not None) > _WATCHED
    return (None, None) if guarded and is_long and limits.instructions is None else (limits.cpu, limits.wall)


def _depth(limits: Limits, stack: int) -> tuple[int, int | None]:
    """Return the bytes that calls may take, and how deep they may nest; None where the VM's own stack is the bound."""
    if limits.stack is None or limits.stack >= stack:
        return stack, None
    return limits.stack, max(limits.stack // _CALL, 1)


def guest_text(file: str) -> str:
    """Return the text of a file of the guest."""
    with open(os.path.join(_GUEST, file), encoding="utf-8") as opened:
        return opened.read()


def is_luajit(lua: ModuleType) -> bool:
    """Tell whether the lupa module is LuaJIT, whose memory lupa cannot bound: its allocator is its own."""
    return lua.__name__.endswith("luajit21")


def _bound(runtime: Any, memory: int, needed: int) -> None:
    # lupa aborts the process when what it hands to Lua does not fit.
    if memory < needed:
        message = f"limit memory of {memory} is less than an empty session takes; allow {needed} bytes or more"
        raise LimitExceeded("memory", memory, message)
    runtime.set_max_memory(memory)


def _guest(lua: ModuleType) -> _Guest:
    """Return the guest for the next VM of the lupa module."""
    known = _guests.get(lua.__name__)
    if known is None:
        known = _guests[lua.__name__] = _written(lua)
    elif not known.stripped:
        known = _guests[lua.__name__] = _stripped(known, lua)
    return known


def _written(lua: ModuleType) -> _Guest:
    first = [_function(name) for name in _AT_START if name != "compat" or is_luajit(lua)]
    prelude = f"return {_function('prelude')}({{{','.join(first)}}}, {_function(_BOUND)}, ...)"
    on_demand = (*ALL_PARTS, _COVERAGE)
    later = [name for name in _part_names() if name not in (*_AT_START, _BOUND, "prelude", *on_demand)]
    parts = [field for name in later for field in (name, guest_text(f"{name}.lua").encode())]
    library = {part: guest_text(f"{part}.lua").encode() for part in on_demand}
    return _Guest(prelude.encode(), tuple(parts), library)


def _stripped(guest: _Guest, lua: ModuleType) -> _Guest:
    dump = lua.LuaRuntime(encoding=None, register_eval=False, register_builtins=False).execute
    parts = [dump(_DUMP, part) if isinstance(part, bytes) else part for part in guest.parts]
    library = {name: dump(_DUMP, part) for name, part in guest.library.items()}
    return _Guest(dump(_DUMP, guest.prelude), tuple(parts), library, stripped=True)


def _part_names() -> list[str]:
    files = [os.path.splitext(file) for file in sorted(os.listdir(_GUEST))]
    return [name for name, ending in files if ending == ".lua" and "." not in name]


def _function(name: str) -> str:
    return f"(function(...) {guest_text(f'{name}.lua')}\nend)"


def _encoded(text: str) -> bytes:
    # A lone surrogate is refused where the file is required.
    return text.encode("utf-8", "surrogatepass")
