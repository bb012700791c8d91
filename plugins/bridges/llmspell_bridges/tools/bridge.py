"""The bridge ``tools``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, Unpack

from llmspell_bridges.guardrails.attached import Attached, attached
from llmspell_bridges.structured.checking import aside
from llmspell_bridges.structured.records import ProblemRecord, Validation
from llmspell_bridges.structured.schema import BadSchema, Schema
from llmspell_bridges.tools.composition import Case, at_once, composed, one_after_the_other, outcome
from llmspell_bridges.tools.records import (
    CallRecord,
    Choice,
    DefineOptions,
    MetricsRecord,
    Mode,
    Outcome,
    ToolCall,
    ToolRecord,
)
from llmspell_bridges.tools.registry import registry_of
from llmspell_bridges.tools.settings import ToolsSettings
from llmspell_bridges.tools.tool import Tool
from llmspell_core.bridge import Bridge, expose
from llmspell_core.errors import BadArgument
from llmspell_core.values import Function, ScriptValue

if TYPE_CHECKING:
    from llmspell_core.bridge import Context

__all__ = ["ToolsBridge"]

# The bridge has a method of the name `list`.
_Names: TypeAlias = list[str]
_Tools: TypeAlias = list[ToolRecord]
_Calls: TypeAlias = list[ToolCall]
_Outcomes: TypeAlias = list[Outcome]
_Choices: TypeAlias = list[str | Choice]
_Map: TypeAlias = dict[str, ScriptValue]
_Maps: TypeAlias = list[dict[str, ScriptValue]]
_History: TypeAlias = list[CallRecord]


class ToolsBridge(Bridge):
    """Define functions that spells, models and agents call by name, and use those that are built in.

    Arguments and results are checked by JSON Schema; what is wrong is told with its path. The tools are those of the
    run.
    """

    name = "tools"
    settings = ToolsSettings

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._tools = registry_of(context)

    @expose(aliases=("register",), redo=True)
    async def define(
        self, name: str, description: str, schema: _Map, fn: Function, **options: Unpack[DefineOptions]
    ) -> ToolRecord:
        """Keep a function as a tool.

        :param name: 1 to 64 letters, digits, _ and -
        :param description: what it does, for whoever chooses a tool
        :param schema: what its arguments have to fit
        :param fn: is called with the arguments, a map, and returns the result
        """
        timeout, output = options.get("timeout"), options.get("output_schema")
        if timeout is not None and not timeout > 0:
            raise BadArgument("tools.define", None, "timeout", f"must be more than 0 seconds, not {timeout!r}")

        async def run(args: dict[str, Any]) -> Any:
            return await fn(args)

        tool = Tool(
            name,
            description,
            await aside(Schema, _of_map(schema)),
            run,
            version=options.get("version") or "1.0.0",
            category=options.get("category") or "general",
            tags=tuple(options.get("tags") or ()),
            output=await aside(Schema, output) if output is not None else None,
            timeout=timeout,
            permissions=tuple(options.get("permissions") or ()),
            destructive=bool(options.get("destructive")),
            requires_confirmation=bool(options.get("requires_confirmation")),
            rails=attached(self.context, options.get("guardrails")),
        )
        self._tools.add(tool)
        return _record(tool)

    @expose(redo=True)
    async def execute(
        self,
        name: str,
        args: _Map | None = None,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - the name that scripts know
        guardrails: Attached | None = None,
    ) -> ScriptValue:
        """Return what a tool makes of arguments.

        :param name: of the tool
        :param args: its arguments
        :param timeout: seconds after which it is stopped
        :param guardrails: rules, or their names, that the arguments and the result have to keep
        """
        result: ScriptValue = await self._tools.call(
            name, args, timeout=timeout, rails=attached(self.context, guardrails)
        )
        return result

    @expose(redo=True)
    async def execute_safe(
        self,
        name: str,
        args: _Map | None = None,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - the name that scripts know
        guardrails: Attached | None = None,
    ) -> Outcome:
        """Return the result of a tool, or its error as data.

        :param name: of the tool
        :param args: its arguments
        :param timeout: seconds after which it is stopped
        :param guardrails: rules, or their names, that the arguments and the result have to keep
        """
        return _outcome(await outcome(self._tools, name, args, timeout, attached(self.context, guardrails)))

    @expose
    def list(self, *, category: str | None = None, tag: str | None = None) -> _Tools:
        """Return the tools there are, by name.

        :param category: only those of it
        :param tag: only those that have it
        """
        return [_record(tool) for tool in self._tools.all(category, tag)]

    @expose
    def search(self, text: str) -> _Tools:
        """Return the tools that words of a text are found in, the best first.

        :param text: what to look for in names, tags and descriptions
        """
        return [_record(tool) for tool in self._tools.search(text)]

    @expose
    def info(self, name: str) -> ToolRecord:
        """Return what is known of a tool.

        :param name: of the tool
        """
        return _record(self._tools.get(name))

    @expose
    def schema(self, name: str) -> ScriptValue:
        """Return what the arguments of a tool have to fit.

        :param name: of the tool
        """
        found: ScriptValue = self._tools.get(name).schema.source
        return found

    @expose(redo=True)
    def remove(self, name: str) -> bool:
        """Drop a tool, and tell whether there was one.

        :param name: of the tool
        """
        return self._tools.remove(name)

    @expose(redo=True)
    async def pipeline(self, names: _Names, data: ScriptValue, *, continue_on_error: bool = False) -> ScriptValue:
        """Return what the last tool makes of what those before it made of the data.

        A result that is no map is the argument of the next tool's only field, or only required one.

        :param names: of the tools, in order
        :param data: the arguments of the first
        :param continue_on_error: pass over a tool that fails, but for want of a budget
        """
        result: ScriptValue = await one_after_the_other(
            self._tools, [self._tools.get(name) for name in names], data, go_on=continue_on_error
        )
        return result

    @expose(aliases=("parallel_execute",), redo=True)
    async def parallel(self, calls: _Calls, *, max_concurrent: int = 8) -> _Outcomes:
        """Return the results of many calls, or their errors, in the order of the calls; a spent budget ends them all.

        :param calls: tools by name, with arguments
        :param max_concurrent: how many run at the same time
        """
        found = await at_once(self._tools, [(call["name"], call.get("args")) for call in calls], max_concurrent)
        return [_outcome(each) for each in found]

    @expose(redo=True)
    async def compose(
        self, names: _Choices, *, mode: Mode = "pipeline", name: str = "", description: str = ""
    ) -> ToolRecord:
        """Keep a new tool that calls others.

        :param names: of the tools; for ``conditional`` also ``{tool, when}``
        :param mode: ``pipeline``, ``parallel``, or ``conditional``: the first that suits the arguments
        :param name: of the new tool; made of the others' when left out
        :param description: of the new tool
        """
        cases = [Case(each) if isinstance(each, str) else Case(each["tool"], each.get("when")) for each in names]
        tool = composed(self._tools, cases, mode, name, description)
        self._tools.add(tool)
        return _record(tool)

    @expose
    async def validate_params(self, name: str, params: ScriptValue) -> Validation:
        """Tell whether arguments fit a tool, and what is wrong where they do not.

        :param name: of the tool
        :param params: the arguments
        """
        found = await self._tools.problems(name, params)
        errors = [ProblemRecord(path=problem.path, message=problem.message) for problem in found]
        return Validation(valid=not errors, errors=errors)

    @expose(redo=True)
    async def test_tool(self, name: str, cases: _Maps) -> _Map:
        """Return ``{passed, failed, results}`` of trying a tool.

        :param name: of the tool
        :param cases: maps of ``args`` and ``expect``, the result, or ``error``, the kind of the failure; ``name``
        """
        from llmspell_bridges.tools.trials import tried

        return await tried(self._tools, name, cases)

    @expose(redo=True)
    async def benchmark_tool(self, name: str, args: _Map | None = None, *, runs: int = 10) -> _Map:
        """Return ``{runs, min, median, mean, max}``, in seconds, of calling a tool.

        :param name: of the tool
        :param args: its arguments
        :param runs: how often to call it
        """
        from llmspell_bridges.tools.trials import benchmark

        return await benchmark(self._tools, name, args, runs)

    @expose
    def metrics(self, name: str) -> MetricsRecord:
        """Return how often a tool was called, how often that failed, and how long it took.

        :param name: of the tool
        """
        self._tools.get(name)
        found: Any = self._tools.history.figures(name).record()
        made: MetricsRecord = found
        return made

    @expose
    def history(self, limit: int = 20) -> _History:
        """Return the last calls of tools, the newest first; no more than 200 are kept.

        :param limit: how many
        """
        found: Any = self._tools.history.last(max(0, limit))
        made: _History = found
        return made

    @expose(needs="read:{path}", redo=True)
    async def load_folder(self, path: str) -> _Names:
        """Keep every spell in a folder whose manifest has a description as a tool, and return their names.

        Its parameters are the schema. Such a tool is cast as a spell of its own, with no more rights than this run has.

        :param path: the folder
        """
        from llmspell_bridges.tools.folder import tools_in

        found = await tools_in(self.context, path)
        for tool in found:
            self._tools.add(tool)
        return [tool.name for tool in found]

    @expose
    def export_mcp(self) -> _Maps:
        """Return the descriptions of the tools in the shape of the Model Context Protocol."""
        return [tool.mcp() for tool in self._tools.all()]


def _of_map(schema: dict[str, Any]) -> dict[str, Any]:
    kind = schema.get("type", "object")
    if kind != "object":
        raise BadSchema(f"the arguments of a tool are a map, so its type is 'object', not {kind!r}", "$.type")
    return {"type": "object", **schema}


def _record(tool: Tool) -> ToolRecord:
    found: Any = tool.record()
    made: ToolRecord = found
    return made


def _outcome(found: Any) -> Outcome:
    made: Outcome = found
    return made
