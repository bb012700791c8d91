"""What the annotations of a function or class stand for, names imported for type checkers included."""

from __future__ import annotations

import sys
import typing
from functools import cache
from typing import TYPE_CHECKING, Any

from llmspell_core.errors import BrokenPlugin

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterator

__all__ = ["resolved"]


def resolved(owner: Callable[..., Any] | type) -> dict[str, Any]:
    """Return the annotations of a function or class as objects.

    :raises BrokenPlugin: when one names something that its module does not have
    """
    try:
        return typing.get_type_hints(owner, include_extras=True)
    except NameError:
        names: dict[str, Any] = {}
    for part in reversed(owner.__mro__ if isinstance(owner, type) else (owner,)):
        names |= _checker_names(part.__module__)
    try:
        return typing.get_type_hints(owner, localns=names, include_extras=True)
    except NameError as error:
        where = f"{owner.__module__}.{owner.__qualname__}"
        raise BrokenPlugin("annotation of", where, str(error), "import or define what it names") from error


@cache
def _checker_names(module: str) -> dict[str, Any]:
    """Return what a module imports under ``if TYPE_CHECKING:``."""
    import ast
    import inspect

    try:
        source = inspect.getsource(sys.modules[module])
    except (OSError, TypeError):
        return {}
    names: dict[str, Any] = {}
    for branch in ast.parse(source).body:
        if isinstance(branch, ast.If) and ast.unparse(branch.test).endswith("TYPE_CHECKING"):
            for statement in branch.body:
                names.update(_imported(statement, sys.modules[module].__package__))
    return names


def _imported(statement: ast.stmt, package: str | None) -> Iterator[tuple[str, Any]]:
    """Yield the names that an import statement binds, without those that exist for type checkers only."""
    import ast
    from importlib import import_module

    if isinstance(statement, ast.Import):
        for name in statement.names:
            whole = import_module(name.name)
            root = name.name.partition(".")[0]
            yield (name.asname, whole) if name.asname else (root, sys.modules[root])
    elif isinstance(statement, ast.ImportFrom):
        try:
            source = import_module("." * statement.level + (statement.module or ""), package)
        except ModuleNotFoundError:
            return
        for name in statement.names:
            if hasattr(source, name.name):
                yield name.asname or name.name, getattr(source, name.name)
