"""Whether what a bridge or a handle exposes can be called, in every language."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

from llmspell_core.arguments import letters
from llmspell_core.bridge import parameter_of
from llmspell_core.errors import BrokenPlugin

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["check_methods"]


def check_methods(owner: type, label: str) -> None:
    """:raises BrokenPlugin: when a class of bridges or handles exposes what no language can call.

    :param label: the name of the bridge, or of the class of handles
    """
    bridge = label.partition(".")[0]
    for name, method in _exposed(owner):
        if fault := _fault(method):
            raise BrokenPlugin("bridge", bridge, f"{label}.{name} {fault[0]}", fault[1])
        if not _SNAKE.fullmatch(name):
            cause = f"{label}.{name} is not in snake_case, and so has no name in some languages"
            raise BrokenPlugin("bridge", bridge, cause, "rename it; each language has a spelling of its own for it")
    owners: dict[str, str] = {}
    for name, method in _exposed(owner):
        for spelled in (name, *method.__exposed__.aliases):
            other = owners.setdefault(letters(spelled), name)
            if other != name:
                cause = f"{label} has two methods that some language calls {spelled}: {other} and {name}"
                raise BrokenPlugin("bridge", bridge, cause, "rename one of them, or take away the alias")


_SNAKE = re.compile("[a-z][a-z0-9_]*")


def _exposed(owner: type) -> Iterator[tuple[str, Any]]:
    """Yield what is marked, and what something else was made of after it was marked."""
    for cls in reversed(owner.__mro__):
        yield from ((name, each) for name, each in vars(cls).items() if hasattr(_marked(each), "__exposed__"))


def _marked(member: Any) -> Any:
    return getattr(member, "__func__", None) or getattr(member, "fget", None) or member


def _fault(method: Any) -> tuple[str, str] | None:
    """Return what is wrong with how an exposed method is defined, and how it is put right."""
    if isinstance(method, staticmethod | classmethod | property):
        return f"is a {type(method).__name__}", "make it a method of the object, with `self`"
    parameters = list(inspect.signature(method).parameters.values())
    first, others = next(iter(parameters), None), parameters[1:]
    if first is None or first.kind is first.KEYWORD_ONLY or (first.name != "self" and first.annotation != first.empty):
        return "takes no `self`", "have `self` as its first parameter"
    if inspect.isgeneratorfunction(method):
        return "yields and is no `async def`", "make it one, or return a list"
    unknown = {parameter_of(path) for path in method.__exposed__.secret} - {each.name for each in others}
    if unknown and not any(each.kind is each.VAR_KEYWORD for each in others):
        return f"has no parameter {', '.join(sorted(unknown))}, which is said to be secret", "name one that it has"
    return None
