"""Servers on loopback that speak the providers' APIs and refuse what those would refuse, from the standard library."""

from __future__ import annotations

from .anthropic import FakeAnthropic
from .openai import FakeOpenAI, chunks, failure, text, tool_call, tool_calls, tool_chunks, vectors
from .server import Answer, FakeServer, Request, raw, stalled

__all__ = [
    "Answer",
    "FakeAnthropic",
    "FakeOpenAI",
    "FakeServer",
    "Request",
    "chunks",
    "failure",
    "raw",
    "stalled",
    "text",
    "tool_call",
    "tool_calls",
    "tool_chunks",
    "vectors",
]
