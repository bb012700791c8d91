"""How tests and their failures are shown: the spell's line, what was expected and what there was."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmspell_core.errors import LlmspellError
    from llmspell_core.spelltests.trial import Outcome

__all__ = ["failure", "summary"]

_MARKS = {"passed": "ok", "failed": "FAILED", "skipped": "skipped", "todo": "todo"}


def failure(error: LlmspellError, sources: dict[str, str] | None = None) -> str:
    """Return why a test failed: message, place, line and the difference.

    :param sources: the text of the spell's files by name
    """
    value = error.value
    kind = value.kind if value is not None else error.kind
    lines = [f"{kind}: {error}" if kind != "assertion" else str(error)]
    file, line = (value.file, value.line) if value is not None else (None, None)
    if file is not None and line is not None:
        lines += ["", f"{file}:{line}"]
        text = (sources or {}).get(file, "").split("\n")
        lines += [
            f"{'>' if number == line else ' '} {number:4} {text[number - 1]}"
            for number in range(max(1, line - 2), line + 1)
            if number <= len(text)
        ]
    lines += _difference(value.data if value is not None else None)
    if value is not None and value.traceback and kind != "assertion":
        lines += ["", value.traceback]
    return "\n".join(lines)


def summary(outcomes: Sequence[Outcome]) -> str:
    """Return what came of tests that run without pytest, a line for each."""
    lines = []
    for outcome in outcomes:
        more = "" if outcome.measured is None else f" ({outcome.measured})"
        lines.append(f"{_MARKS[outcome.status]} {outcome.found.name}{more}")
        if outcome.error is not None:
            lines += [f"    {line}" for line in failure(outcome.error).splitlines()]
    return "".join(f"{line}\n" for line in lines)


def _difference(data: Any) -> list[str]:
    if not isinstance(data, dict) or not all(isinstance(data.get(name), str) for name in ("expected", "got")):
        return []
    expected, got = data["expected"].splitlines(), data["got"].splitlines()
    if len(expected) < 2 and len(got) < 2:
        return ["", f"expected: {data['expected']}", f"     got: {data['got']}"]
    return ["", *difflib.unified_diff(expected, got, "expected", "got", lineterm="", n=3)]
