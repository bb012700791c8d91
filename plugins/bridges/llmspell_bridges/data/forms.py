"""The forms of data, each with how it is read and written."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from llmspell_bridges.data.bounds import check_size, check_value

__all__ = ["FORMS", "read", "write"]

FORMS = ("json", "yaml", "toml", "csv", "xml")


def read(form: str, text: str) -> Any:
    """Return the value that a text is in one of the forms."""
    check_size(form, text)
    value = _module(form).read(text)
    check_value(value)
    return value


def write(form: str, value: Any, *, pretty: bool = False) -> str:
    """Return the text of a value in one of the forms."""
    check_value(value)
    text: str = _module(form).write(value, pretty=pretty)
    return text


def _module(form: str) -> Any:
    return import_module(f"llmspell_bridges.data.{form}_form")
