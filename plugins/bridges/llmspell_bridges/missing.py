"""A library that comes with an extra, and is not there."""

from __future__ import annotations

from llmspell_core.errors import ProviderError

__all__ = ["LibraryMissing", "cure"]


class LibraryMissing(ProviderError):
    """A library that a call needs is not installed.

    :param extra: what of this distribution brings it
    """

    kind = "not_installed"

    def __init__(self, error: ModuleNotFoundError, extra: str) -> None:
        super().__init__(cure(error, extra))


def cure(error: ModuleNotFoundError, extra: str) -> str:
    """Return which library is missing, and what installs it."""
    name = (error.name or str(error)).partition(".")[0]
    return f"the library {name!r} is not installed; run: pip install 'llmspell-bridges[{extra}]'"
