"""Prompts with places for values.

``{{name}}`` is where a value goes, ``{{user.name}}`` a field of one; ``\\{{`` stands for ``{{`` itself. Text goes in as
it is and is not looked at again, so that no value can bring places of its own; anything else goes in as JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from llmspell_core.errors import CallError, LimitExceeded, closest

__all__ = ["MissingVariable", "Text"]

# Blanks around a name are taken away afterwards: to look for them here takes the cube of their number.
_PLACE = re.compile(r"\\\{\{|\{\{([^{}]*)\}\}")
_MOST = 64 * 2**20
_NAME = re.compile(r"[^\W\d][\w-]*(?:\.[\w-]+)*")


class MissingVariable(CallError):
    """A template was filled without one of its values; ``data`` is ``{variable}``."""

    kind = "template"

    def __init__(self, name: str, given: Mapping[str, Any]) -> None:
        self.name = name
        self.data = {"variable": name}
        hint = closest(name, list(given)) or (f"; given are {', '.join(map(repr, given))}" if given else "")
        super().__init__(f"the template needs a value for {name!r}{hint}")


class BadTemplate(CallError):
    """A template has a place that names nothing."""

    kind = "template"

    def __init__(self, place: str) -> None:
        super().__init__(
            f"the template has {place!r}, which names no variable; write {{{{name}}}}, or \\{{{{ for the text"
        )


class Text:
    """A text with places for values; :raises BadTemplate: when one of the places names nothing."""

    def __init__(self, source: str) -> None:
        self._source = source
        for place in _PLACE.finditer(source):
            if place[1] is not None and not _NAME.fullmatch(place[1].strip()):
                raise BadTemplate(place[0])

    @property
    def variables(self) -> list[str]:
        """The names of the values that it needs, in the order in which they first stand in it."""
        return list(dict.fromkeys(place[1].strip() for place in _PLACE.finditer(self._source) if place[1] is not None))

    def filled(self, values: Mapping[str, Any]) -> str:
        """Return the text with the values in their places.

        :raises MissingVariable: when there is none for one
        :raises LimitExceeded: when the values take too much: a place takes a few letters, and a value any number
        """
        used = 0

        def value_in(place: re.Match[str]) -> str:
            nonlocal used
            if place[1] is None:
                return "{{"
            text = _text(_value(place[1].strip(), values))
            used += len(text)
            if used > _MOST:
                raise LimitExceeded("template", _MOST, f"the prompt would have more than {_MOST} characters; say less")
            return text

        return _PLACE.sub(value_in, self._source)


def _value(name: str, values: Mapping[str, Any]) -> Any:
    found: Any = values
    for part in name.split("."):
        if not isinstance(found, Mapping) or found.get(part) is None:
            raise MissingVariable(name, values)
        found = found[part]
    return found


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise CallError(f"a template takes text, numbers, booleans, lists and maps: {error}") from error
