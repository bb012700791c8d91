"""A span as spells hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from llmspell_core.bridge import expose
from llmspell_core.errors import BadArgument, SpellFailed
from llmspell_core.values import ErrorValue, Handle

if TYPE_CHECKING:
    from llmspell_core.bridge import Context

__all__ = ["Attributes", "Span", "attributes_of"]

Attributes: TypeAlias = dict[str, str | int | float | bool]
_MOST_EVENTS = 100
_MOST_ATTRIBUTES = 64
_LONGEST_NAME, _LONGEST = 200, 4096
_RESERVED = ("gen_ai.", "llmspell.", "error.")


class Span(Handle):
    """Something that takes time, marked by the spell. It ends with the run at the latest."""

    unhooked = True

    def __init__(self, context: Context, name: str, attributes: Attributes) -> None:
        self._context = context
        facts = {"attributes": attributes, "events": []}
        self._action = context.points.begin("span", context.secrets.redact(name)[:_LONGEST_NAME], {}, facts)
        self._is_over = False

    @expose
    def event(self, name: str, attributes: Attributes | None = None) -> None:
        """Note that something has happened; of a hundred and more only the first are kept.

        :param name: what
        :param attributes: facts that belong to it, by name
        """
        events = self._action.facts["events"]
        if not self._is_over and len(events) < _MOST_EVENTS:
            events.append((self._now(), name[:_LONGEST_NAME], attributes_of("event", attributes)))

    @expose
    def set(self, name: str, value: str | int | float | bool) -> None:
        """Add a fact.

        :param name: of it
        :param value: of it
        """
        if not self._is_over:
            more = attributes_of("set", {**self._action.facts["attributes"], name: value})
            self._action.facts["attributes"] = more

    @expose
    def error(self, error: str | ErrorValue) -> None:
        """Note that it has failed.

        :param error: why
        """
        if not self._is_over:
            self._action.error = SpellFailed((error if isinstance(error, str) else error.message)[:_LONGEST])
            if isinstance(error, ErrorValue):
                self._action.error.kind = error.kind[:_LONGEST_NAME]

    @expose
    def finish(self) -> None:
        """End it. A second call does nothing."""
        if not self._is_over:
            self._is_over = True
            self._context.points.end(self._action)

    async def close(self) -> None:
        """End it, if it has not ended."""
        self.finish()

    def _now(self) -> float:
        import time

        return time.time()


def attributes_of(where: str, given: Attributes | None) -> Attributes:
    """Return attributes, of long texts the beginning.

    :raises BadArgument: when they are too many, or have names that only the host may give, or that are too long
    """
    made = dict(given or {})
    if len(made) > _MOST_ATTRIBUTES:
        raise BadArgument(where, None, "attributes", f"are at most {_MOST_ATTRIBUTES}, not {len(made)}")
    for name in made:
        if name.startswith(_RESERVED):
            raise BadArgument(where, None, name, f"may not begin with {' or '.join(_RESERVED)}; take another name")
        if len(name) > _LONGEST_NAME:
            raise BadArgument(where, None, f"{name[:40]}...", f"is longer than {_LONGEST_NAME} characters; shorten it")
    return {name: value[:_LONGEST] if isinstance(value, str) else value for name, value in made.items()}
