"""What is being done at present: the call of a run, and within it what is done once."""

from __future__ import annotations

from contextvars import ContextVar

__all__ = ["doing", "in_call"]

in_call: ContextVar[int] = ContextVar("llmspell_call", default=0)
"""The number of the call that is being executed; 0 outside of one."""
doing: ContextVar[str] = ContextVar("llmspell_doing", default="")
"""What tells apart the things that are done once within a call; empty outside of one."""
