"""An answer that is data: asked for by a schema, found in the text, checked, and asked for again with what is wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from llmspell_bridges.llm.failures import ProviderFailed
from llmspell_bridges.llm.models import Message
from llmspell_bridges.structured.checking import aside
from llmspell_bridges.structured.extract import fitting
from llmspell_bridges.structured.schema import DoesNotFit, Problem, Schema
from llmspell_core.errors import CallError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmspell_bridges.llm.calls import Calls
    from llmspell_bridges.llm.records import Options
    from llmspell_core.values import ScriptValue

__all__ = ["DoesNotAnswer", "formed"]

_ASKED = "Answer with JSON alone, without a word around it. It has to fit this JSON Schema:\n"
_AGAIN = (
    "That does not fit the schema. What is wrong, by its path:\n{}\nAnswer again, the whole of it, with JSON alone."
)


class DoesNotAnswer(ProviderFailed):
    """A model gave no data that fits; ``data`` has ``errors = [{path, message}]`` and ``text``, the last answer."""

    def __init__(self, model: str, problems: Sequence[Problem], text: str, attempts: int) -> None:
        self.problems = tuple(problems)
        told = "; ".join(map(str, problems[:5]))
        again = f" after {attempts} attempts" if attempts > 1 else ""
        super().__init__(model, "bad_answer", f"the answer does not fit the schema{again}: {told}")
        errors = [{"path": problem.path, "message": problem.message} for problem in problems]
        self.data = {**cast("dict[str, ScriptValue]", self.data), "errors": errors, "text": text[:500]}


async def formed(calls: Calls, messages: Sequence[Message], options: Options, schema: Any, retries: int) -> Any:
    """Return data that fits a schema.

    :raises DoesNotAnswer: when no answer fits, the last of them saying why
    """
    form: Schema = await aside(Schema, schema)
    model = await calls.open(options)
    beside = model.keeps(form.source)
    asked = list(messages) if beside else _told(messages, form)
    attempt = 0
    while True:
        try:
            text = (await calls.complete(asked, options, form.source if beside else None))["text"]
        except ProviderFailed as failure:
            # Each provider takes but a part of what schemas can say, and which part it does not tell before.
            if not beside or failure.reason != "bad_request":
                raise
            beside, asked = False, _told(asked, form)
            continue
        problems, value = await _read(text, form)
        if not problems:
            return value
        attempt += 1
        if attempt > retries:
            raise DoesNotAnswer(model.name, problems, text, attempt)
        wrong = _AGAIN.format("\n".join(f"- {problem}" for problem in problems))
        if beside and attempt == 1:
            asked = _told(asked, form)  # a server may pass over what it does not know
        asked += [Message("assistant", text), Message("user", wrong)]


async def _read(text: str, form: Schema) -> tuple[Sequence[Problem], Any]:
    try:
        return (), await aside(fitting, text, form)
    except DoesNotFit as error:
        return error.problems, None
    except CallError as error:
        return [Problem("$", str(error))], None


def _told(messages: Sequence[Message], form: Schema) -> list[Message]:
    return [Message("system", _ASKED + json.dumps(form.source, ensure_ascii=False)), *messages]
