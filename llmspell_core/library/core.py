"""The module ``core``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llmspell_core.bridge import expose
from llmspell_core.library.declared import Library


class CoreLibrary(Library):
    """Small things that most spells need. In Lua those for text and tables are in `string` and `table`, too."""

    name = "core"

    @expose
    def template(self, text: str, values: dict[str, Any]) -> str:
        """Put values into ``{{places}}``, fields into ``{{a.b}}``; what is no text goes in as JSON."""

    @expose
    def slugify(self, text: str, dash: str = "-") -> str:
        """Return text for addresses and file names: small letters, digits, and dashes between."""

    @expose
    def truncate(self, text: str, size: int, mark: str = "...") -> str:
        """Return the text in at most so many characters, the mark at its end where something was cut off."""

    @expose
    def split(self, text: str, separator: str | None = None, limit: int | None = None) -> list[str]:
        """Return the parts between separators, the words without one, the characters with an empty one."""

    @expose
    def trim(self, text: str) -> str:
        """Return the text without white space at its ends."""

    @expose
    def capitalize(self, text: str) -> str:
        """Return the text with a capital first letter."""

    @expose
    def camelcase(self, text: str) -> str:
        """Return the words of a text as ``camelCase``."""

    @expose
    def snakecase(self, text: str) -> str:
        """Return the words of a text as ``snake_case``."""

    @expose
    def starts_with(self, text: str, start: str) -> bool:
        """Tell whether a text starts with another."""

    @expose
    def ends_with(self, text: str, ending: str) -> bool:
        """Tell whether a text ends with another."""

    @expose
    def keys(self, table: Any) -> list[Any]:
        """Return the keys of a map, in its order."""

    @expose
    def values(self, table: Any) -> list[Any]:
        """Return the values of a map or list, in its order."""

    @expose
    def merge(self, *tables: Any) -> dict[str, Any]:
        """Return a new map with the fields of all; those of later ones count."""

    @expose
    def deep_copy(self, value: Any) -> Any:
        """Return a copy of all that is in a value, cycles and shared parts as they are there."""

    @expose
    def slice(self, items: list[Any], start: int | None = None, end: int | None = None) -> list[Any]:
        """Return the items between two places, as the language counts them; negative ones count from the end."""

    @expose
    def reverse(self, items: list[Any]) -> list[Any]:
        """Return the items in reverse order."""

    @expose
    def shuffle(self, items: list[Any]) -> list[Any]:
        """Return the items in a random order, by the run's seed."""

    @expose
    def contains(self, table: Any, value: Any) -> bool:
        """Tell whether a value is in a list or map."""

    @expose
    def is_empty(self, value: Any) -> bool:
        """Tell whether nothing is there: nil, an empty text, list or map."""

    @expose
    def is_callable(self, value: Any) -> bool:
        """Tell whether a value can be called."""

    @expose
    def is_array(self, value: Any) -> bool:
        """Tell whether a value is a list."""

    @expose
    def is_object(self, value: Any) -> bool:
        """Tell whether a value is a map."""

    @expose
    def debounce(self, f: Callable[..., Any], seconds: float) -> Callable[..., Any]:
        """Return a function that calls ``f`` once no call has come for so long; it answers a promise of the result."""

    @expose
    def throttle(self, f: Callable[..., Any], seconds: float) -> Callable[..., Any]:
        """Return a function that calls ``f`` at most once in so long, and answers its last result in between."""

    @expose
    def memoize(self, f: Callable[..., Any], key: Callable[..., Any] | None = None) -> Callable[..., Any]:
        """Return a function that calls ``f`` once for each set of arguments; what fails is tried again.

        :param key: returns what tells calls apart
        """
