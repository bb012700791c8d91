"""Every function that needs no session, by name; all sessions share them, and none can change them."""

from __future__ import annotations

from llmspell_lisp.arithmetic import ARITHMETIC
from llmspell_lisp.functions import FUNCTIONS
from llmspell_lisp.lists import LISTS
from llmspell_lisp.texts import JSON, TEXTS

__all__ = ["LIBRARY"]

LIBRARY: dict[str, object] = {**ARITHMETIC, **TEXTS, **LISTS, **FUNCTIONS, "json": JSON}
