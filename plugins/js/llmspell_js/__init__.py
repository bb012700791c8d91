"""JavaScript for llmspell, on QuickJS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_core.hookspecs import hookimpl

if TYPE_CHECKING:
    from llmspell_core.engine import Engine


@hookimpl
def llmspell_engines() -> list[type[Engine]]:
    """Return the JavaScript engine."""
    from llmspell_js.engine import JsEngine

    return [JsEngine]
