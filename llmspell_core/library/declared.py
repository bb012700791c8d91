"""What the declarations of the library are made of."""

from __future__ import annotations

from typing import ClassVar

from llmspell_core.bridge import Bridge, Handle

__all__ = ["Library", "Thing"]


class Library(Bridge):
    """A module in the language itself. What is no coroutine function comes back at once, in every language."""

    at_once: ClassVar[bool] = True


class Thing(Handle):
    """An object of such a module; it never leaves the VM."""

    at_once: ClassVar[bool] = True
