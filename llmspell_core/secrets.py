"""The secrets that the host has read for a run, and how they are taken out of whatever it tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from llmspell_core.facts import Fact

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

__all__ = ["Secrets"]

_T = TypeVar("_T")
_SHORTEST = 8
"""What is shorter is no secret worth the name, and would be found in ordinary words."""
_MARK = "***"
_LONG = 64
"""Of what is longer, only so many characters are looked for at first: to look for all of a long token takes a second to
prepare, and hardly any text has one."""
_MOST_GIVEN, _LONGEST_GIVEN = 200, 8192
_GAP = r"(?:\s|\\[nrt])*"


class Secrets:
    """Knows the secrets that were read, and finds them plain, split over lines, and in the usual encodings.

    Whoever reads a key for a run adds it, before it is used. From then on the host's log records lack it too.

    :param host: those of the host, which are found as well; these are then the ones of one run, forgotten with it
    """

    def __init__(self, host: Secrets | None = None) -> None:
        self._host = host
        self._values: set[str] = set()
        self._hint: re.Pattern[str] | None = None
        self._pattern: re.Pattern[str] | None = None

    def __bool__(self) -> bool:
        return bool(self._values) or bool(self._host)

    def add(self, value: str | None) -> None:
        """Remember a secret of the host's; one of fewer than eight characters is not looked for."""
        if self._host is not None:
            self._host.add(value)
        else:
            self.add_own(value)

    def add_own(self, value: str | None) -> None:
        """Remember a secret for this run alone: what a spell or a server has chosen hides nothing of other runs."""
        if value is None or len(value) < _SHORTEST or value in self._values:
            return
        self._values.add(value)
        self._hint = self._pattern = None
        from llmspell_core.secretlogs import watch

        watch(self)

    def add_given(self, text: str) -> None:
        """Remember what a spell has passed as a secret, and its last word: a server gets that, and may send it back.

        Of very many, only the first are looked for.
        """
        if len(self._values) < _MOST_GIVEN and len(text) <= _LONGEST_GIVEN:
            self.add_own(text)
            self.add_own(text.rpartition(" ")[2])

    def redact(self, text: str) -> str:
        """Return a text with ``***`` in place of every secret, and of the beginning of one that the text breaks off."""
        if self._host is not None:
            text = self._host.redact(text)
        if not self._values:
            return text
        text = self._whole(text)
        for value in self._values:
            begin = value[:_SHORTEST]
            at = text.find(begin, max(0, len(text) - len(value) + 1))
            while at >= 0:
                if value.startswith(text[at:]):
                    return text[:at] + _MARK
                at = text.find(begin, at + 1)
        return text

    def clean(self, value: _T) -> _T:
        """Return a value with the texts in its lists, maps and errors redacted; itself when there is no secret."""
        return self._clean(value) if self else value

    def scrub(self, error: BaseException) -> None:
        """Redact an error, and what it was caused by; a cause that keeps a secret all the same is cut off."""
        if self:
            self._scrub(error, set())

    def _whole(self, text: str) -> str:
        import re

        if self._hint is None:
            self._hint = re.compile("|".join(form for value in self._values for form in _forms(value[:_LONG])))
        if not self._hint.search(text):
            return text
        if self._pattern is None:
            self._pattern = re.compile("|".join(form for value in self._values for form in _forms(value)))
        return self._pattern.sub(_MARK, text)

    def _scrub(self, error: BaseException, seen: set[int]) -> bool:
        """Return whether the error no longer shows a secret."""
        if id(error) not in seen:
            seen.add(id(error))
            error.args = self._clean(error.args)
            vars(error).update(self._clean(vars(error)))
            for name in ("__cause__", "__context__"):
                cause = getattr(error, name)
                if cause is not None and not self._scrub(cause, seen):
                    setattr(error, name, None)
        shown = f"{error!s}\n{error!r}"
        return self.redact(shown) == shown

    def _clean(self, value: Any) -> Any:
        kind = type(value)
        if kind is str:
            return self.redact(value)
        if kind is bytes:
            text = value.decode("latin-1")
            redacted = self.redact(text)
            return value if redacted == text else redacted.encode("latin-1")
        if kind is list or kind is tuple:
            return kind(self._clean(item) for item in value)
        if kind is dict:
            return {self._clean(key): self._clean(item) for key, item in value.items()}
        if isinstance(value, Fact):
            return kind(*(self._clean(getattr(value, name)) for name in kind.__match_args__))
        return value


def _forms(value: str) -> Iterator[str]:
    """Return the patterns of a secret: as it stands, escaped for URLs and JSON, in base64, in hexadecimal digits."""
    data = value.encode()
    yield _GAP.join(_character(character) for character in value)
    yield _GAP.join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in data.hex())
    yield from (_GAP.join(form) for form in _base64(data) if len(form) >= _SHORTEST)


def _character(character: str) -> str:
    import re

    ways = ["".join(f"%(?i:{byte:02x})" for byte in character.encode()), rf"\\u(?i:{ord(character):04x})"]
    return rf"(?:\\?{re.escape(character)}|{'|'.join(ways)})"


def _base64(data: bytes) -> Iterator[list[str]]:
    """Return the digits of the data in base64, for each place in a longer text that it can begin at."""
    from base64 import b64encode

    either = {"+": "[-+]", "/": "[/_]"}
    for before, begins in ((0, 0), (1, 2), (2, 3)):
        digits = b64encode(bytes(before) + data).decode()[begins : (before + len(data)) * 8 // 6]
        yield [either.get(digit, digit) for digit in digits]
