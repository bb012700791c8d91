"""What a server offers: tools, each with a description, a schema, and something that it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from llmspell_core.facts import Fact, fact
from llmspell_core.telling import describe, error_fields, json_line, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmspell_core.runner import Result

__all__ = ["Answer", "Offer", "answer_of", "failure"]


@fact
class Answer(Fact):
    """What a tool answers.

    :param texts: for a model
    :param structured: for a program, a map
    """

    texts: tuple[str, ...]
    structured: Mapping[str, Any] | None = None
    is_error: bool = False


class Offer(Protocol):
    """A tool of the server."""

    name: str
    description: str
    schema: Mapping[str, Any]

    async def call(self, arguments: dict[str, Any]) -> Answer:
        """Return what the tool makes of arguments; :raises LlmspellError: when it makes nothing of them."""
        ...


def answer_of(result: Result) -> Answer:
    """Return what came of a cast: what it printed, if anything, and its value, if it has one."""
    if result.error is not None:
        return failure(result.error, result.output)
    value = plain(result.value)
    texts = [result.output] if result.output else []
    if value is not None or not texts:
        texts.append(value if isinstance(value, str) else json_line(value))
    return Answer(tuple(texts), value if isinstance(value, dict) else {"value": value})


def failure(error: BaseException, output: str = "") -> Answer:
    """Return an error as an answer, with its text, and what was printed before it."""
    fields = error_fields(describe(error))
    where = f"{fields['file']}:{fields['line']}: " if fields["file"] and fields["line"] else ""
    text = f"{where}{fields['kind']}: {fields['message']}"
    return Answer((text, output) if output else (text,), {"error": fields}, True)
