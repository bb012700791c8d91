"""Front matter: a manifest in the comments at the very top of a spell.

    -- ---
    -- description: Greet somebody.
    -- parameters: {name: {type: string, default: world}}
    -- ---

The comment mark is the language's own, one to three signs (``--``, ``//``, ``#``, ``;;``); a shebang may come first.
The lines stay comments, so the source runs as it is.
"""

from __future__ import annotations

from llmspell_core.errors import ManifestError

__all__ = ["find"]

_FENCE = "---"


def find(source: str, file: str) -> tuple[str, int] | None:
    """Return the front matter's YAML and the line of the file it begins in, or None when there is none.

    :raises ManifestError: when it is opened and never closed
    """
    first = 2 if source.startswith("#!") else 1
    head = source.split("\n", first)[first - 1 : first]
    mark = _opens(head[0]) if head else None
    if mark is None:
        return None
    lines: list[str] = []
    for line in source.split("\n")[first:]:
        text = line.strip()
        if text and not text.startswith(mark):
            break
        content = text.removeprefix(mark)
        if content.strip() == _FENCE:
            return "\n".join(lines), first + 1
        lines.append(content.removeprefix(" "))
    raise ManifestError(f"{file}:{first}: front matter is opened here and never closed; end it with a line {mark} ---")


def _opens(line: str) -> str | None:
    mark, _, rest = line.strip().partition(" ")
    is_mark = 0 < len(mark) <= 3 and not any(sign.isalnum() or sign in "\"'_" for sign in mark)
    return mark if is_mark and rest.strip() == _FENCE else None
