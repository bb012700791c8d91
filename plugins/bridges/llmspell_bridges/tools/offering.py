"""Handles that have tools of their own, as servers have: agents that get one can use them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmspell_bridges.tools.tool import Tool
    from llmspell_core.bridge import Context

__all__ = ["Offering", "offerings_of"]


class Offering(ABC):
    """What a handle is besides that has tools of its own."""

    name: str
    """By which records of its tools name it."""

    def __init__(self) -> None:
        self.is_needed = False
        """True once others use its tools, so that it must not end when the spell drops it."""

    @abstractmethod
    async def offered(self) -> dict[str, Tool]:
        """Return its tools, by the names that it has for them."""


def offerings_of(context: Context) -> dict[str, Offering]:
    """Return those of the run that a context belongs to, by name; of one name, the newest."""
    made: dict[str, Offering] = context.run.get(Offering, dict)
    return made
