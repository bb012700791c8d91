"""The mistakes that the spell bridge tells of."""

from __future__ import annotations

from llmspell_core.errors import CallError

__all__ = ["NoFolder", "NotHere"]


class NoFolder(CallError):
    """A spell that is no folder asks for a file that it did not come with."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path!r} is no file of this spell, which is no folder; make it one, with a spell.yaml")


class NotHere(CallError):
    """A function that the language itself has to bring."""

    def __init__(self, name: str) -> None:
        super().__init__(f"spell.{name} is a part of the language, and the engine of this spell does not have it")
