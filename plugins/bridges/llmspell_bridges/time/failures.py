"""The errors of times, as spells see them."""

from __future__ import annotations

from llmspell_core.errors import BadArgument, SpellFailed

__all__ = ["NoSuchZone", "NotATime"]


class NotATime(SpellFailed):
    """A text is no time, or no duration, of the form it is said to have; ``data`` is ``{text, format}``."""

    kind = "syntax"

    def __init__(self, text: str, form: str, problem: str) -> None:
        self.text, self.form, self.problem = text, form, problem
        self.data = {"text": text[:100], "format": form}
        super().__init__(f"{text[:100]!r} is not {form}: {problem}")


class NoSuchZone(BadArgument):
    """There is no time zone of that name."""

    def __init__(self, function: str, zone: str) -> None:
        cure = "names are those of IANA, as 'Europe/Berlin' or 'UTC'"
        missing = "; where the system has none, run: pip install 'llmspell-bridges[time]'"
        super().__init__(function, None, "zone", f"no time zone is named {zone[:60]!r}; {cure}{missing}")
