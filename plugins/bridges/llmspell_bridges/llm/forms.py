"""The part of the bridge ``llm`` whose answers are data: by a schema, as vectors; and prompts from templates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, TypedDict, Unpack

from llmspell_bridges.llm.prompts import PromptTemplate, TemplateTexts
from llmspell_bridges.llm.records import CallOptions, Options, Prompt, as_messages
from llmspell_bridges.llm.several import Several
from llmspell_core.bridge import expose
from llmspell_core.errors import BadArgument
from llmspell_core.values import ScriptValue

__all__ = ["Forms"]

_Schema: TypeAlias = dict[str, ScriptValue]
_BATCH = 128


class EmbedOptions(TypedDict, total=False):
    """How vectors are to be made.

    :param model: which model, ``provider:model``; the current one if left out
    :param timeout: seconds that each request may take
    """

    model: str
    timeout: float


class Forms(Several):
    """Asks models for data."""

    @expose
    async def structured(
        self, prompt: Prompt, schema: _Schema, *, retries: int = 2, **options: Unpack[CallOptions]
    ) -> ScriptValue:
        """Return data that fits a JSON Schema, its defaults filled in.

        The model is told of the schema in whichever way its provider has. An answer that is not quite JSON is mended;
        one that does not fit is asked for again, with the paths of what is wrong. When none fits, ``errors`` in the
        data of the error has ``{path, message}`` of each fault.

        :param prompt: what to ask, or a whole conversation
        :param schema: a JSON Schema (2020-12)
        :param retries: how often is asked again; each time counts as a request
        """
        from llmspell_bridges.llm.formed import formed

        if retries < 0:
            raise BadArgument("llm.structured", None, "retries", f"must be at least 0, not {retries}")
        wanted = self._options(Options(**options))
        found: ScriptValue = await formed(self._calls, as_messages(prompt, wanted.system), wanted, schema, retries)
        return found

    @expose
    async def embed(self, texts: str | list[str], **options: Unpack[EmbedOptions]) -> list[Sequence[float]]:
        """Return a vector for each text, in their order.

        :param texts: what to make vectors of; one text is a list of one
        """
        told = [texts] if isinstance(texts, str) else texts
        wanted = self._options(Options(**options))
        found: list[Sequence[float]] = []
        for start in range(0, len(told), _BATCH):
            found += (await self._calls.embed(told[start : start + _BATCH], wanted)).vectors
        return found

    @expose
    def template(self, text: str | TemplateTexts, *, variables: dict[str, ScriptValue] | None = None) -> PromptTemplate:
        """Return a prompt with places for values: ``{{name}}``, or ``{{user.name}}`` for a field of one.

        Text goes in as it is and brings no places of its own; lists and maps go in as JSON. A backslash before ``{{``
        leaves the braces as they are.

        :param text: the prompt; or what the system and the user say
        :param variables: values for what is not given later
        """
        return PromptTemplate(text, variables or {}, self._calls, self._options)
