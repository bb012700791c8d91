"""A session that tells which lines run."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import _quickjs  # type: ignore[import-not-found]  # it has no type information

from llmspell_core.protocol import Outbox
from llmspell_core.wire import decode_outbox
from llmspell_js.sandbox import PRELUDE, guest_text, stripped
from llmspell_js.session import LAST_WORDS, JsSession

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_core.engine import Program
    from llmspell_core.protocol import Request
    from llmspell_js.sandbox import Enter

__all__ = ["CoveredSession", "reader"]


class CoveredSession(JsSession):
    """Runs a program whose statements tell that they run, see ``statements.py``."""

    _tell: Callable[[], str] | None = None
    _ran = ""

    def close(self) -> None:
        """Drop the VM. A second call does nothing."""
        self._tell = None
        super().close()

    def _table(self, program: Program) -> Any:
        table = super()._table(program)
        self._tell = self._context.eval(reader())(table, json.dumps(list(program.files)))
        return table

    def _run(self, enter: Enter, text: str) -> str | Outbox:
        answer = super()._run(enter, text)
        if not isinstance(answer, str):
            return answer
        self._ran = self._told_lines()
        return answer if not self._ran else f"[{','.join(filter(None, (self._ran, answer[1:-1])))}]"

    def _said(self, enter: Enter) -> tuple[Request, ...]:
        ran = decode_outbox(f"[{self._told_lines()}]").requests
        return (*ran, *super()._said(enter))

    def _told_again(self, fed: list[str]) -> Outbox | None:
        again = super()._told_again(fed)
        return again and Outbox((*decode_outbox(f"[{self._ran}]").requests, *again.requests), again.plain)

    def _told_lines(self) -> str:
        """Return as requests which lines have run for the first time; empty where there is no memory to tell it."""
        if self._tell is None:
            return ""
        self._context.set_time_limit(LAST_WORDS)
        try:
            return self._tell()
        except (_quickjs.JSException, MemoryError):
            return ""


@cache
def reader() -> str:
    """Return the code that reads what has run; a locked process finds no file any more."""
    return "\n" * (PRELUDE - 1) + f"({stripped(guest_text('coverage.js')).strip().removesuffix(';')})"
