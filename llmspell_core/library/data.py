"""The library's part of the module ``data``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llmspell_core.bridge import expose
from llmspell_core.library.declared import Library


class DataLibrary(Library):
    """Lists worked on by functions, and values as wholes.

    The functions given may call bridges. In JavaScript what takes one answers a promise where that does.
    """

    name = "data"

    @expose
    def map(self, items: list[Any], f: Callable[[Any, int], Any]) -> Any:
        """Return the list of ``f(item, index)``."""

    @expose
    def filter(self, items: list[Any], by: str | Callable[[Any, int], Any]) -> Any:
        """Return the items that a function, or a place in each, says yes to: all but nothing and false."""

    @expose
    def reduce(self, items: list[Any], f: Callable[[Any, Any, int], Any], *initial: Any) -> Any:
        """Return what is left of ``so_far = f(so_far, item, index)``.

        :param initial: what to begin with; the first item when it is left out
        """

    @expose
    def group_by(self, items: list[Any], by: str | Callable[[Any, int], Any]) -> Any:
        """Return the items in lists, by what a function or a place in each says."""

    @expose
    def sort_by(self, items: list[Any], by: str | Callable[[Any, int], Any], *, descending: bool = False) -> Any:
        """Return the items in order, equal ones as they are.

        Numbers come first, then text, then booleans, and what has no key comes last.
        """

    @expose
    def pluck(self, items: list[Any], path: str | list[Any]) -> list[Any]:
        """Return what each item has at a place, null where it has nothing."""

    @expose
    def chunk(self, items: list[Any], size: int) -> list[list[Any]]:
        """Return lists of so many items."""

    @expose
    def zip(self, *lists: list[Any]) -> list[list[Any]]:
        """Return lists of the first items, the second ones and so on, as far as the shortest list goes."""

    @expose
    def flatten(self, items: list[Any], depth: int = 1) -> list[Any]:
        """Return the items of the lists in a list."""

    @expose
    def clone(self, value: Any) -> Any:
        """Return a copy of all that is in a value."""

    @expose
    def merge(self, *maps: dict[str, Any]) -> dict[str, Any]:
        """Return a new map of several: maps in them are merged too, of anything else the last one counts."""

    @expose
    def equals(self, a: Any, b: Any) -> bool:
        """Tell whether two values have the same content."""

    @expose
    def diff(self, a: Any, b: Any) -> list[dict[str, Any]]:
        """Return where the second differs from the first: ``{path, change, before, after}``.

        The change is `added`, `removed` or `changed`.
        """

    @expose
    def get_path(self, value: Any, path: str | list[Any], default: Any = None) -> Any:
        """Return what is at a place.

        :param path: ``users[0].name``, positions counted from 0 and odd names as ``["a b"]``; or a list of keys
        :param default: what to return where nothing is
        """

    @expose
    def set_path(self, value: Any, path: str | list[Any], new: Any) -> Any:
        """Put something at a place of a value, with the lists and maps that lead there, and return the value."""
