"""The files that hold keys: no spell reads or writes one, whatever was granted."""

from __future__ import annotations

import re

from llmspell_bridges.llm.keys import keys_path
from llmspell_bridges.mcp.servers import servers_path
from llmspell_core import scopes
from llmspell_core.errors import Denied

__all__ = ["HoldsKeys", "check"]

_OF_PROCESSES = re.compile(r"/proc/\d+(?:/task/\d+)?/(?:environ|mem|auxv|maps|smaps|stack|syscall)")
"""What Linux tells of a process: its environment, and its memory, where the keys in use are."""


class HoldsKeys(Denied):
    """A file that holds the keys of the host was asked for."""

    def __init__(self, capability: str) -> None:
        self.data = {"capability": capability, "flag": None}
        super().__init__(f"fs needs {capability!r}, where keys are kept; no spell gets there, whatever is granted")


def check(kind: str, path: str) -> None:
    """Do nothing if a real path is anything else; :raises HoldsKeys: when keys are kept there."""
    kept = (scopes.real_path(each) for each in (keys_path(), servers_path()))
    if _OF_PROCESSES.fullmatch(path) or any(scopes.same_place(path, each) for each in kept):
        raise HoldsKeys(f"{kind}:{path}")
