"""A prompt from a template, as spells hold it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Unpack

from llmspell_bridges.llm.records import CallOptions, Completion, Options, as_messages
from llmspell_bridges.llm.templates import Text
from llmspell_core.bridge import Handle, expose
from llmspell_core.values import ScriptValue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from llmspell_bridges.llm.calls import Calls
    from llmspell_bridges.llm.models import Message

__all__ = ["PromptTemplate", "TemplateTexts"]


@dataclass(frozen=True)
class TemplateTexts:
    """What a template says.

    :param system: what the model is told before the conversation
    """

    user: str
    system: str | None = None


class PromptTemplate(Handle):
    """A prompt with places for values."""

    def __init__(
        self,
        text: str | TemplateTexts,
        variables: Mapping[str, ScriptValue],
        calls: Calls,
        defaults: Callable[[Options | None], Options],
    ) -> None:
        self._plain = isinstance(text, str)
        texts = TemplateTexts(text) if isinstance(text, str) else text
        self._user, self._system = Text(texts.user), None if texts.system is None else Text(texts.system)
        self._variables, self._calls, self._defaults = variables, calls, defaults

    @expose
    def variables(self) -> list[str]:
        """Return the names of the values that it takes."""
        both = [*(self._system.variables if self._system else ()), *self._user.variables]
        return list(dict.fromkeys(both))

    @expose
    def render(self, values: dict[str, ScriptValue] | None = None, /) -> str | TemplateTexts:
        """Return the text with the values in their places: one text, or ``{system, user}`` as the template was.

        :param values: by name
        """
        texts = self._filled(values)
        return texts.user if self._plain else texts

    @expose
    async def chat(self, values: dict[str, ScriptValue] | None = None, /, **options: Unpack[CallOptions]) -> str:
        """Ask a model, and return the text of its answer.

        :param values: by name
        """
        return (await self._ask(values, Options(**options)))["text"]

    @expose
    async def complete(
        self, values: dict[str, ScriptValue] | None = None, /, **options: Unpack[CallOptions]
    ) -> Completion:
        """Ask a model, and return its answer with what it used.

        :param values: by name
        """
        return await self._ask(values, Options(**options))

    async def _ask(self, values: Mapping[str, ScriptValue] | None, given: Options) -> Completion:
        wanted = self._defaults(given)
        return await self._calls.complete(self._messages(values, wanted), wanted)

    def _messages(self, values: Mapping[str, ScriptValue] | None, wanted: Options) -> list[Message]:
        texts = self._filled(values)
        return as_messages(texts.user, wanted.system if texts.system is None else texts.system)

    def _filled(self, values: Mapping[str, ScriptValue] | None) -> TemplateTexts:
        known = {**self._variables, **(values or {})}
        return TemplateTexts(self._user.filled(known), self._system.filled(known) if self._system else None)
