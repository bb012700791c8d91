"""What goes wrong with a store itself."""

from __future__ import annotations

from llmspell_core.errors import LlmspellError

__all__ = ["StoreFailed"]


class StoreFailed(LlmspellError):
    """A store cannot be reached, or refuses; nothing of the change at hand was made, as far as anybody knows.

    :param url: of the store, without a password
    """

    kind = "database"

    def __init__(self, url: str, problem: object) -> None:
        self.url = url
        super().__init__(f"the store {url}: {problem}; check that it is there, has room and may be used")
