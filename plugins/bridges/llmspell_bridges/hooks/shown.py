"""Values of actions as spells' hooks see them, and back: what a hook hands on unchanged is what it was."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from llmspell_core.facts import Record
from llmspell_core.values import Handle

__all__ = ["Sealed", "as_was", "shown"]


class Sealed(Handle):
    """What a hook may hand on and not use: an object of the host on its way to whoever called."""

    unhooked = True

    def __init__(self, inside: Any) -> None:
        self.inside = inside


def shown(value: Any) -> Any:
    """Return a value in lists and maps, its records as maps of what they have, its objects sealed."""
    # A hook that let go of an object would close it; and an iterator is there for one.
    if isinstance(value, Handle | AsyncIterator):
        return value if isinstance(value, Sealed) else Sealed(value)
    if is_dataclass(value) and not isinstance(value, type | Record):
        parts = ((field.name, getattr(value, field.name)) for field in fields(value))
        return {name: shown(part) for name, part in parts if part is not None and part != ()}
    if isinstance(value, Mapping):
        return {key: shown(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [shown(part) for part in value]
    return value


def as_was(given: Any, before: Any, sight: Any = None) -> Any:
    """Return what a hook gave: what was there before, where that is what it gave; with what was sealed in it opened.

    :param sight: what the hook saw of what was there, where that is known
    """
    if given == (shown(before) if sight is None else sight):
        return before
    return _opened(given)


def _opened(value: Any) -> Any:
    if isinstance(value, Sealed):
        return value.inside
    if isinstance(value, list):
        return [_opened(part) for part in value]
    if isinstance(value, dict):
        return {key: _opened(part) for key, part in value.items()}
    return value
