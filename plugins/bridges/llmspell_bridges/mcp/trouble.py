"""Why a connection ended, told by the transport that saw it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmspell_core.errors import LlmspellError

__all__ = ["Trouble"]


class Trouble:
    """Keeps the first error of a connection, since the library tells its callers only that it is closed."""

    def __init__(self) -> None:
        self.error: LlmspellError | None = None

    def note(self, error: LlmspellError) -> None:
        """Keep an error, unless there is an earlier one."""
        self.error = self.error or error
