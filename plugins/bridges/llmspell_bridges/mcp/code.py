"""Code mode: a client looks up what spells can call, and has spells of its own cast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.mcp.declarations import declarations
from llmspell_bridges.mcp.offers import Answer
from llmspell_core.errors import BadArgument, LlmspellError
from llmspell_core.plugins import engine_class, engine_names
from llmspell_core.router import route
from llmspell_core.spells import Spell
from llmspell_core.telling import describe, error_fields, json_line, plain, tell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmspell_bridges.mcp.casters import Caster
    from llmspell_core.policy import Policy
    from llmspell_core.runner import Result

__all__ = ["RunCode", "SearchApi"]


class SearchApi:
    """Finds what spells can call, as typed declarations.

    :param policy: what it never allows is not told of
    """

    name = "search_api"
    description = (
        "Find functions that the code given to run_code can call, as typed declarations of its language. "
        "Search by words of what you want to do; an empty query lists the modules there are."
    )

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self.schema: Mapping[str, Any] = _schema(
            {"query": {"type": "string", "description": "words"}, "language": _language()}, ["query"]
        )

    async def call(self, arguments: dict[str, Any]) -> Answer:
        """Return the declarations that words of the query are found in."""
        query = _text(self.name, arguments, "query")
        engine = _engine(self.name, arguments.get("language") or engine_names()[0])
        found = await declarations(query, engine, self._policy)
        return Answer((found,), {"declarations": found})


class RunCode:
    """Casts what a client wrote."""

    name = "run_code"

    def __init__(self, caster: Caster) -> None:
        self._caster = caster
        self.description = (
            "Run code in a sandbox and get what it returns, what it printed, and its error if it fails. `return` the "
            "value at the top level; `params` holds the parameters. Only what search_api tells of is there besides "
            "the language itself: no files, no network, no modules. Calls that are declared to give a promise have to "
            "be awaited; the others wait by themselves."
        )
        fields = {
            "language": _language(),
            "source": {"type": "string", "description": "the code"},
            "params": {"type": "object", "description": "given to the code as `params`"},
        }
        self.schema: Mapping[str, Any] = _schema(fields, ["language", "source"])

    async def call(self, arguments: dict[str, Any]) -> Answer:
        """Cast the source, and tell its value, output and error apart."""
        source, params = _text(self.name, arguments, "source"), arguments.get("params") or {}
        if not isinstance(params, dict):
            raise BadArgument(self.name, None, "params", "must be an object")
        engine = _engine(self.name, _text(self.name, arguments, "language"))
        # Its front matter, if it has any, is not asked: the client says what runs, and the caller what that may do.
        spell = Spell(source, f"code{engine_class(engine).info.extensions[0]}")
        return _told(await self._caster.cast(spell, params, engine), spell)


def _told(result: Result, spell: Spell) -> Answer:
    error = None if result.error is None else error_fields(describe(result.error))
    fields = {"ok": result.ok, "value": plain(result.value), "output": result.output, "error": error}
    texts = [f"output:\n{result.output}"] if result.output else []
    if result.error is not None:
        return Answer((f"error: {tell(result.error, spell)}", *texts), fields, True)
    return Answer((f"value: {json_line(fields['value'])}", *texts), fields)


def _schema(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _language() -> dict[str, Any]:
    names = engine_names()
    meaning = ", ".join(f"{name}: {engine_class(name).info.language}" for name in names)
    return {"type": "string", "enum": names, "description": meaning}


def _text(tool: str, arguments: dict[str, Any], name: str) -> str:
    value = arguments.get(name)
    if not isinstance(value, str):
        raise BadArgument(tool, None, name, "must be a text")
    return value


def _engine(tool: str, language: Any) -> str:
    try:
        return route(Spell(""), str(language))
    except LlmspellError as error:
        raise BadArgument(tool, None, "language", f"must be one of {', '.join(engine_names())}") from error
