"""A fresh realm: a VM whose builtins are read-only and whose only door is one function that takes text."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

# The package `quickjs` around it imports thread pools that a session never uses.
import _quickjs  # type: ignore[import-not-found]  # it has no type information

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "BASE",
    "Blank",
    "Enter",
    "Realm",
    "blank_realm",
    "by_name",
    "guest_text",
    "in_one_function",
    "open_realm",
    "stripped",
]

PRELUDE = 2000
"""The line that all guest code begins at; what code made by ``eval`` has lies below."""
BASE = 4000
"""The line that the program begins at, below all guest code."""

CORE = ("captured", "codec", "errors", "scopes", "tasks", "bridges", "clock", "globals", "sandbox")
# fmt: off
LAZY = (
    "abort", "called", "clone", "console", "describe", "fetch", "inspect", "json", "lower", "missing", "modules",
    "promise", "spell", "stopping", "tags", "text", "time", "url", "urlparser", "waits", "walking",
)
# fmt: on

_OUTERMOST = re.compile(r"^(?:const|let) ", re.MULTILINE)

Realm = Any
"""A QuickJS context."""
Enter = Callable[..., Any]
"""The door: ``enter(verb, ...)``."""


class Blank(NamedTuple):
    """A context with all of the guest in it and nothing of a spell, and its door."""

    context: Realm
    enter: Enter


def blank_realm() -> Blank:
    """Return a fresh context, bounded by nothing yet."""
    context = _quickjs.Context()
    return Blank(context, open_realm(context))


def open_realm(context: Realm) -> Enter:
    """Make the context's globals and return its door."""
    enter: Enter = context.eval(_core())(_lazy())
    return enter


def guest_text(name: str) -> str:
    """Return a file of the guest code."""
    with open(os.path.join(os.path.dirname(__file__), "guest", name), encoding="utf-8") as file:
        return file.read()


def stripped(source: str) -> str:
    """Return guest code without what only people read: it is parsed for every session."""
    lines = (line.strip() for line in source.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"


def in_one_function(source: str) -> str:
    """Return guest code whose outermost names are variables of the function that all of it lies in.

    That is a tenth of the time that a session takes to open: QuickJS looks through constants one by one, and again at
    each use for one that is not set yet.
    """
    return _OUTERMOST.sub("var ", source)


@cache
def _core() -> str:
    body = "".join(stripped(in_one_function(guest_text(f"{name}.js"))) for name in CORE)
    above = "\n" * (PRELUDE - 1)
    return f'{above}(function (texts) {{"use strict";var PRELUDE = {PRELUDE}, BASE = {BASE};{body}\n}})'


@cache
def _lazy() -> str:
    return by_name({name: stripped(guest_text(f"{name}.js")) for name in LAZY})


def by_name(texts: Mapping[str, str]) -> str:
    """Return guest code as the guest takes it: names and texts by turns, NUL between them."""
    # A character beyond Latin-1 would double the text in the VM.
    text = "\0".join(field for pair in texts.items() for field in pair)
    return text.encode("ascii", "backslashreplace").decode()
