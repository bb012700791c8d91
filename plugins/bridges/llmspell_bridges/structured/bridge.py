"""The bridge ``structured``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from llmspell_bridges.state.memory import MemoryStore
from llmspell_bridges.state.scopes import bounds_of, space_of
from llmspell_bridges.state.space import Space
from llmspell_bridges.structured.checking import aside
from llmspell_bridges.structured.extract import fitting
from llmspell_bridges.structured.records import ChangeRecord, ProblemRecord, Validation
from llmspell_bridges.structured.repository import Repository, differences, merged
from llmspell_bridges.structured.schema import BadSchema, DoesNotFit, Problem, Schema
from llmspell_core.bridge import Bridge, expose
from llmspell_core.errors import CallError, closest
from llmspell_core.present import spelled
from llmspell_core.values import Function, ScriptValue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmspell_core.bridge import Context

__all__ = ["SchemaLike", "Scope", "StructuredBridge"]

# The bridge has a method of the name `list`.
_Names: TypeAlias = list[str]
_Numbers: TypeAlias = list[int]
_Changes: TypeAlias = list[ChangeRecord]
_Map: TypeAlias = dict[str, ScriptValue]

SchemaLike: TypeAlias = str | bool | dict[str, ScriptValue]
"""A JSON Schema, or the name of one that is kept."""
Scope: TypeAlias = Literal["run", "spell", "shared"]


def _in_memory(arguments: Mapping[str, Any]) -> bool:
    """Tell whether what is kept is lost with the run's process."""
    return bool(arguments["scope"] == "run")


class StructuredBridge(Bridge):
    """Give data a form: check it by JSON Schema, find it in text, bring it from one schema to another.

    Schemas are of the draft 2020-12; references lead to places in the schema itself, nothing is fetched. In place of a
    schema a method takes the name of one that was saved, of the run first, then of the spell. Those of the spell
    and the shared ones are kept where state keeps its values, as ``schemas/NAME``, and all need its capabilities:
    ``state:read:spell:schemas/order``.
    """

    name = "structured"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        state = context.of("state")
        here = Space(MemoryStore(bounds_of(state), context.clock), "run")

        async def run() -> Space:
            return here

        self._kept = {
            "run": Repository(run),
            "spell": Repository(lambda: space_of(state, "spell")),
            "shared": Repository(lambda: space_of(state, "shared")),
        }
        self._checks: dict[str, Function] = {}

    @expose
    async def validate(self, data: ScriptValue, schema: SchemaLike) -> Validation:
        """Tell whether data fits a schema, and what is wrong where it does not.

        :param data: what to check
        :param schema: a JSON Schema, or the name of a saved one; its ``x-check`` names validators to ask too
        """
        made = await self._schema(schema)
        problems = await aside(made.problems, data) or await self._asked(made, data)
        errors = [ProblemRecord(path=problem.path, message=problem.message) for problem in problems]
        return Validation(valid=not errors, errors=errors)

    @expose(redo=True)
    async def validator(self, name: str, check: Function) -> None:
        """Keep a function that schemas of this run may ask by ``x-check``, once the data has the form it should.

        :param name: what ``x-check`` calls it
        :param check: is called with a value and its path; returns nil or true where all is well, else what is wrong
        """
        self._checks[name] = check

    @expose
    async def infer_schema(self, data: ScriptValue, *, many: bool = False) -> _Map:
        """Return a schema that data fits.

        :param data: an example
        :param many: the data is a list of examples, and all of them are to fit
        """
        from llmspell_bridges.structured.infer import inferred

        if many and not isinstance(data, list):
            raise CallError(
                f"{spelled('structured.infer_schema')}: with the option 'many' the data is a list of examples"
            )
        import asyncio

        return await asyncio.to_thread(inferred, data if many and isinstance(data, list) else [data])

    @expose(aliases=("extract_structured",))
    async def extract(self, text: str, schema: SchemaLike | None = None) -> ScriptValue:
        """Return the value that a model meant in the text it wrote: fenced, among prose, or not quite JSON.

        :param text: what the model wrote
        :param schema: what the value has to fit; the first that does is returned, with its defaults filled in
        """
        made = await self._schema(True if schema is None else schema)
        value: ScriptValue = await aside(fitting, text, made)
        if problems := await self._asked(made, value):
            raise DoesNotFit("what the text holds", problems)
        return value

    @expose
    async def migrate(self, data: ScriptValue, old: SchemaLike, new: SchemaLike) -> ScriptValue:
        """Return data of an old schema in the form of a new one.

        Fields are renamed as ``x-was`` in the new schema says, dropped where only the old one knows them, filled in
        with defaults, and converted to another type where that says the same.

        :param data: what fits the old schema
        :param old: the schema it fits
        :param new: the schema it is to fit
        """
        from llmspell_bridges.structured.migrate import migrated

        value: ScriptValue = await aside(migrated, data, await self._schema(old), await self._schema(new))
        return value

    @expose
    async def to_openapi(self, schemas: _Map, *, title: str = "Schemas", version: str = "1.0.0") -> _Map:
        """Return an OpenAPI 3.1 document whose components are the schemas.

        :param schemas: JSON Schemas by name
        :param title: of the document
        :param version: of the document
        """
        from llmspell_bridges.structured.openapi import document

        return document({name: (await self._schema(each)).source for name, each in schemas.items()}, title, version)

    @expose(needs="state:write:{scope}:schemas/{name}", redo=_in_memory)
    async def save(self, name: str, schema: SchemaLike, *, scope: Scope = "run") -> int:
        """Keep a schema under a name, and return which version of it that is.

        :param name: what to call it
        :param schema: the schema
        :param scope: for whom: this run, all runs of this spell, or all spells
        """
        return await self._kept[scope].save(name, (await self._schema(schema)).source)

    @expose(needs="state:read:{scope}:schemas/{name}")
    async def get(self, name: str, *, version: int | None = None, scope: Scope = "run") -> ScriptValue:
        """Return a saved schema.

        :param name: its name
        :param version: which version; the newest when left out
        :param scope: whose: this run's, this spell's, or shared by all
        """
        found: ScriptValue = await self._kept[scope].get(name, version)
        return found

    @expose(needs="state:read:{scope}:schemas/*")
    async def list(self, *, scope: Scope = "run") -> _Names:
        """Return the names of the saved schemas, sorted.

        :param scope: whose: this run's, this spell's, or shared by all
        """
        return await self._kept[scope].names()

    @expose(needs="state:read:{scope}:schemas/{name}")
    async def versions(self, name: str, *, scope: Scope = "run") -> _Numbers:
        """Return the versions of a saved schema, the oldest first.

        :param name: its name
        :param scope: whose: this run's, this spell's, or shared by all
        """
        return await self._kept[scope].versions(name)

    @expose(needs="state:write:{scope}:schemas/{name}", redo=_in_memory)
    async def delete(self, name: str, *, version: int | None = None, scope: Scope = "run") -> bool:
        """Drop a saved schema, and tell whether there was one.

        :param name: its name
        :param version: which version; all of them when left out
        :param scope: whose: this run's, this spell's, or shared by all
        """
        return await self._kept[scope].delete(name, version)

    @expose
    async def diff(self, first: SchemaLike, second: SchemaLike) -> _Changes:
        """Return where two schemas differ.

        :param first: a schema
        :param second: what became of it
        """
        found = differences((await self._schema(first)).source, (await self._schema(second)).source)
        return [ChangeRecord(path=c.path, change=c.change, before=c.before, after=c.after) for c in found]

    @expose
    async def merge(self, first: SchemaLike, second: SchemaLike) -> ScriptValue:
        """Return a schema with the fields of both; where both speak of the same, the second counts.

        :param first: a schema
        :param second: another
        """
        both = merged((await self._schema(first)).source, (await self._schema(second)).source)
        made: ScriptValue = (await self._schema(both)).source
        return made

    async def _schema(self, schema: Any) -> Schema:
        return await aside(Schema, await self._named(schema) if isinstance(schema, str) else schema)

    async def _named(self, name: str) -> Any:
        for scope in ("run", "spell"):
            self.context.require(f"state:read:{scope}:schemas/{name}")
            if (found := await self._kept[scope].find(name)) is not None:
                return found
        return await self._kept["run"].get(name)

    async def _asked(self, schema: Schema, data: Any) -> _Problems:
        problems: _Problems = []
        for name, value, path in schema.asked(data):
            if name not in self._checks:
                cure = "keep it with validator(name, function)"
                raise BadSchema(f"no validator {name!r} is kept{closest(name, self._checks)}; {cure}", path)
            problems += [Problem(path, message) for message in _said(await self._checks[name](value, path))]
        return problems


_Problems: TypeAlias = list[Problem]


def _said(answer: Any) -> _Names:
    """Return what a script's validator finds wrong."""
    if answer is None or answer is True:
        return []
    if answer is False:
        return ["is not valid"]
    return [str(item) for item in answer] if isinstance(answer, list) else [str(answer)]
