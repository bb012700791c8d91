"""A test's engine whose spells are Python with nothing withheld: what a spell could do that has taken over its VM."""

from __future__ import annotations

import ctypes
import encodings.idna  # noqa: F401 - sockets want it, and a worker imports nothing
import json
import os
import signal
import socket
import sys
import time
from typing import Any

from llmspell_core.engine import Engine, EngineInfo, Program, Session
from llmspell_core.isolation.frames import write
from llmspell_core.protocol import Cancel, Finish, Inbox, Outbox

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.syscall.restype = ctypes.c_long


def syscall(number: int, *args: Any) -> list[int]:
    """Make a system call; return its result and the error number."""
    ctypes.set_errno(0)
    words = [ctypes.c_long(arg) if isinstance(arg, int) else arg for arg in args]
    return [LIBC.syscall(ctypes.c_long(number), *words), ctypes.get_errno()]


class BreakoutEngine(Engine):
    """Runs a spell that is the body of a Python function."""

    info = EngineInfo("breakout", "python", "1", (".py",), "#")
    at_hand = ""

    def prepare(self) -> None:
        with open(__file__, encoding="utf-8") as file:
            type(self).at_hand = file.readline()

    def compile(self, spell: Any) -> Program:
        return Program(spell.file, {spell.file: spell.source})

    def open(self, program: Program, limits: Any) -> Session:
        return BreakoutSession(program.files[program.entry])

    @staticmethod
    def binding_name(name: str) -> str:
        return name

    @classmethod
    def declare(cls, api: Any) -> dict[str, str]:
        return {}


class BreakoutSession(Session):
    """Runs the whole spell in its first step."""

    def __init__(self, source: str) -> None:
        self._source = "def spell(inbox):\n" + "\n".join(f"    {line}" for line in (source or "pass").splitlines())

    def step(self, inbox: Inbox) -> Outbox:
        if any(isinstance(event, Cancel) for event in inbox.events):
            raise AssertionError("a worker is killed, not asked")
        tools: dict[str, Any] = {
            "ctypes": ctypes, "json": json, "os": os, "signal": signal, "socket": socket, "sys": sys, "time": time,
            "syscall": syscall, "engine": BreakoutEngine, "say": lambda text: write(3, text),
        }  # fmt: skip
        exec(self._source, tools)
        return Outbox((Finish(tools["spell"](inbox)),))

    def close(self) -> None:
        pass
