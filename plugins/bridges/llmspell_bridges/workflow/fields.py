"""The fields of one map of a definition: each looked for by name, checked, and told of when it is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.workflow.failures import Fault
from llmspell_core.errors import meant
from llmspell_core.present import spelled
from llmspell_core.signatures import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Fields"]


_TOLD = 100
"""Faults after which no others are looked for."""


class Fields:
    """Reads a map. A name may be written as any language writes it: ``max_concurrent``, ``maxConcurrent``, ``while_``.

    :param path: where the map stands
    :param faults: is told what is wrong
    """

    def __init__(self, given: Mapping[str, Any], path: str, faults: list[Fault]) -> None:
        self._given = {_letters(name): (name, value) for name, value in given.items() if value is not None}
        self._path, self._faults = path, faults
        self._taken: set[str] = set()

    def at(self, name: str) -> str:
        """Return the path of a field."""
        written = self._given.get(_letters(name), (spelled(name), None))[0]
        return f"{self._path}.{written}" if self._path else written

    def has(self, name: str) -> bool:
        """Tell whether a field is there."""
        return _letters(name) in self._given

    def any(self, name: str) -> Any:
        """Return a field as it is, or None."""
        key = _letters(name)
        self._taken.add(key)
        return self._given.get(key, (name, None))[1]

    def text(self, name: str, default: Any = None, *, most: int = 1000) -> Any:
        """Return a text that is not empty."""
        value = self.any(name)
        if value is None:
            return default
        if not isinstance(value, str) or not value.strip() or len(value) > most:
            told = f"{len(value)} characters" if isinstance(value, str) and value.strip() else kind_of(value)
            return self.wrong(name, f"must be text of 1 to {most} characters, not {told}", default)
        return value

    def number(self, name: str, default: Any = None, *, least: float = 0, most: float = 1e9) -> Any:
        """Return a number."""
        value = self.any(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            return self.wrong(name, f"must be a number from {least:g} to {most:g}, not {kind_of(value)}", default)
        return float(value)

    def integer(self, name: str, default: Any = None, *, least: int = 0, most: int = 10**9) -> Any:
        """Return an integer."""
        value = self.any(name)
        if value is None:
            return default
        whole = isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
        if not whole or not least <= value <= most:
            return self.wrong(name, f"must be an integer from {least} to {most}, not {kind_of(value)}", default)
        return int(value)

    def flag(self, name: str, default: bool = False) -> bool:
        """Return true or false."""
        value = self.any(name)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self.wrong(name, f"must be true or false, not {kind_of(value)}")
        return default

    def choice(self, name: str, options: Sequence[str], default: Any) -> Any:
        """Return one of several words."""
        value = self.any(name)
        if value is None or value in options:
            return default if value is None else value
        return self.wrong(name, f"must be one of {', '.join(options)}, not {kind_of(value)}", default)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        value = self.any(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.wrong(name, f"must be a list of texts, not {kind_of(value)}")
            return ()
        return tuple(value)

    def map(self, name: str) -> Mapping[str, Any]:
        """Return a map; a list of nothing is an empty one."""
        value = self.any(name)
        if value is None or value == []:
            return {}
        if not isinstance(value, dict):
            self.wrong(name, f"must be a map, not {kind_of(value)}")
            return {}
        return value

    def wrong(self, name: str, problem: str, default: Any = None) -> Any:
        """Tell that a field is wrong, and return what stands in its place until all faults are known."""
        self._faults.append(Fault(self.at(name), problem))
        return default

    def end(self, known: Iterable[str]) -> None:
        """Tell of every field that was not asked for.

        :param known: the names that there are
        """
        names = tuple(known)
        for key, (name, _) in self._given.items():
            if key not in self._taken and len(self._faults) < _TOLD:
                hint = meant(name, names) or f"; there are {', '.join(map(spelled, names))}"
                self._faults.append(Fault(self.at(name), f"is not known{hint}"))


def _letters(name: str) -> str:
    return str(name).replace("_", "").lower()
