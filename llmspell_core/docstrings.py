"""What a docstring says: the text, and the sentences on parameters and result.

    Return the value kept under ``key``.

    :param key: name the value was kept under
    :returns: the value, or the default

Code marks become Markdown's, which editors, reference pages and models read alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Docstring", "read_docstring"]

_FIELD = re.compile(
    r"^:(?P<kind>\w+)(?: +(?P<name>[^:\n]+))?:[ \t]*(?P<text>.*(?:\n(?!:\w+[^:\n]*:).*)*)", re.MULTILINE
)
_MARKS = ((re.compile(r":\w+:`[~!]?([^`]+)`"), r"`\1`"), (re.compile(r"``(.+?)``"), r"`\1`"))


@dataclass(frozen=True)
class Docstring:
    """A docstring taken apart.

    :param text: everything before the first field
    :param params: the sentence on each parameter or record field, by name
    :param returns: the sentence on the result
    """

    text: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    returns: str = ""


def read_docstring(source: str | None) -> Docstring:
    """Return the parts of a docstring; an absent one has none."""
    if not source:
        return Docstring()
    import inspect

    text = inspect.cleandoc(source)
    first = _FIELD.search(text)
    if first is None:
        return Docstring(_markdown(text))
    params: dict[str, str] = {}
    returns = ""
    for found in _FIELD.finditer(text, first.start()):
        sentence = _markdown(" ".join(found["text"].split()))
        if found["kind"] == "param" and found["name"]:
            params[found["name"].split()[-1].lstrip("*")] = sentence
        elif found["kind"] in ("return", "returns"):
            returns = sentence
    return Docstring(_markdown(text[: first.start()]), params, returns)


def _markdown(text: str) -> str:
    for mark, markdown in _MARKS:
        text = mark.sub(markdown, text)
    return text.strip()
