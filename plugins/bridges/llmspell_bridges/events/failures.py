"""What can be wrong with what a spell asks of events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_core.errors import BadArgument, SpellFailed
from llmspell_core.subjects import HOST, MAX_BYTES, fault, is_of_host

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["NothingCame", "check_label", "check_name", "check_pattern", "check_seconds"]


class NothingCame(SpellFailed):
    """No event came in time; ``data`` is ``{timeout, missing}``.

    :param missing: the patterns that no event matched
    """

    kind = "timeout"

    def __init__(self, missing: Sequence[str], timeout: float) -> None:
        self.missing, self.timeout = tuple(missing), timeout
        self.data = {"timeout": timeout, "missing": list(missing)}
        named = ", ".join(map(repr, missing))
        super().__init__(f"no event {named} came within {timeout:g} s; wait longer, or see that it is emitted")


def check_name(method: str, name: str, position: int = 1) -> None:
    """Do nothing for a name that a spell may emit; :raises BadArgument: for any other."""
    if problem := fault(name, pattern=False):
        raise BadArgument(f"events.{method}", position, "name", problem)
    if is_of_host(name):
        problem = f"names that begin with '{HOST}.' are the host's, and {name!r} does; begin it otherwise"
        raise BadArgument(f"events.{method}", position, "name", problem)


def check_pattern(method: str, pattern: str, parameter: str = "pattern", position: int | None = 1) -> None:
    """Do nothing for a pattern; :raises BadArgument: when it is none."""
    if problem := fault(pattern, pattern=True):
        raise BadArgument(f"events.{method}", position, parameter, problem)


def check_label(method: str, parameter: str, text: str | None) -> None:
    """Do nothing for a text that events carry along; :raises BadArgument: when it is too long."""
    if text is not None and len(text.encode()) > MAX_BYTES:
        raise BadArgument(f"events.{method}", None, parameter, f"is longer than {MAX_BYTES} bytes; shorten it")


def check_seconds(method: str, seconds: float | None, parameter: str, position: int | None) -> None:
    """Do nothing for a number of seconds that can be waited; :raises BadArgument: when it cannot."""
    if seconds is not None and not 0 <= seconds < 1e9:
        problem = f"must be a number of seconds from 0 to 1e9, not {seconds!r}"
        raise BadArgument(f"events.{method}", position, parameter, problem)
