"""The bridge ``workflow``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeAlias, Unpack

from llmspell_bridges.workflow.builder import Builder
from llmspell_bridges.workflow.failures import BadDefinition, UnknownWorkflow
from llmspell_bridges.workflow.home import home_of
from llmspell_bridges.workflow.places import bound
from llmspell_bridges.workflow.records import (
    CreateOptions,
    MapOptions,
    ParallelOptions,
    StepOptions,
    Validation,
    VersionRecord,
    WorkflowRecord,
)
from llmspell_bridges.workflow.records import Fault as FaultRecord
from llmspell_bridges.workflow.settings import WorkflowSettings
from llmspell_bridges.workflow.shapes import a_choice, a_loop, a_map, a_parallel, a_sequence
from llmspell_bridges.workflow.texts import read_text
from llmspell_bridges.workflow.workflow import Workflow
from llmspell_core.bridge import Bridge, expose
from llmspell_core.errors import BadArgument, CallError
from llmspell_core.values import Function, ScriptValue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmspell_core.bridge import Context

__all__ = ["WorkflowBridge"]

_MOST = 1000

# The bridge has methods of the names `list` and `map`.
_Map: TypeAlias = dict[str, ScriptValue]
_List: TypeAlias = list[ScriptValue]
_Records: TypeAlias = list[WorkflowRecord]
_Versions: TypeAlias = list[VersionRecord]
_Names: TypeAlias = list[str]


class WorkflowBridge(Bridge):
    """Take steps in order, at the same time, by choice and again: with retries, approvals, and a way back.

    A step is a function of the spell, a model asked, a tool, an agent, a spell of any language, another workflow, a
    wait, or an approval. Workflows are those of the run.
    """

    name = "workflow"
    asks = ("llm", "tool", "read", "approval")
    settings = WorkflowSettings

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._home = home_of(context)

    @expose
    async def create(self, name: str, steps: ScriptValue, **options: Unpack[CreateOptions]) -> Workflow:
        """Return a new workflow, which is found by its name from now on.

        :param name: 1 to 100 characters
        :param steps: a list of steps, one step, a builder, or a whole definition
        """
        return await self._create(name, steps, options)

    @expose
    def builder(self, name: str, **options: Unpack[CreateOptions]) -> Builder:
        """Return a builder, to put a workflow together step by step.

        :param name: of the workflow
        """
        return Builder(name, options, self._create)

    @expose
    def sequential(self, steps: ScriptValue, **options: Unpack[StepOptions]) -> _Map:
        """Return a step: steps in order, each given what the one before it made.

        :param steps: a list, or a builder
        """
        return a_sequence(steps, options)

    @expose
    def parallel(self, steps: ScriptValue, **options: Unpack[ParallelOptions]) -> _Map:
        """Return a step: steps at the same time, all given the same.

        :param steps: a list, or a builder
        """
        return a_parallel(steps, options)

    @expose
    def conditional(self, cases: _List, default: ScriptValue = None, **options: Unpack[StepOptions]) -> _Map:
        """Return a step: the first of several whose condition holds.

        :param cases: steps with ``when``, or ``{when, then}``
        :param default: is taken when none holds; without it the input is passed on
        """
        return a_choice(cases, default, options)

    @expose
    def loop(
        self,
        step: ScriptValue,
        *,
        while_: ScriptValue = None,
        until_: ScriptValue = None,
        max: int | None = None,
        collect: bool = False,
        **options: Unpack[StepOptions],
    ) -> _Map:
        """Return a step: another one again and again, each time given what it made the last time.

        :param step: one, or a list of them
        :param while_: it goes on while this holds: a function, or a JMESPath query
        :param until_: it ends when this holds
        :param max: how often at the most
        :param collect: make a list of what it makes each time
        """
        return a_loop(step, while_, until_, max, collect, options)

    @expose
    def map(self, step: ScriptValue, **options: Unpack[MapOptions]) -> _Map:
        """Return a step: another one for each item of a list.

        :param step: one, or a list of them
        """
        return a_map(step, options)

    @expose
    def list(self) -> _Records:
        """Return the workflows there are, by name, the current version of each."""
        return [self._home.workflow(name).record() for name in sorted(self._home.workflows)]

    @expose
    def get(self, name: str, *, version: str | None = None) -> Workflow:
        """Return a workflow.

        :param name: of the workflow
        :param version: the current one when left out
        """
        return self._home.workflow(name, version)

    @expose
    def versions(self, name: str) -> _Versions:
        """Return the versions of a workflow, the oldest first.

        :param name: of the workflow
        """
        current = self._home.workflow(name)
        found = self._home.workflows[name].values()
        return [
            VersionRecord(version=each.definition.version, current=each is current, steps=each.definition.size)
            for each in found
        ]

    @expose(redo=True)
    def remove(self, name: str) -> bool:
        """Forget a workflow with all its versions, and tell whether there was one; what runs of it goes on.

        :param name: of the workflow
        """
        return self._home.workflows.pop(name, None) is not None

    @expose(redo=True)
    def register(self, name: str, function: Function) -> None:
        """Keep a function by name, so that steps may name it and workflows with it can be exported.

        :param name: what steps call it
        :param function: the function
        """
        self._home.function(name, function)

    @expose(redo=True)
    def template(self, name: str, definition: _Map) -> None:
        """Keep a definition with ``parameters``, of which ``from_template`` makes workflows.

        :param name: of the template
        :param definition: a whole definition; ``{{params.NAME}}`` is where a parameter goes
        """
        if not isinstance(definition.get("parameters"), dict):
            raise BadArgument("workflow.template", 2, "definition", "must have `parameters`: a JSON Schema by name")
        if len(self._home.templates) >= _MOST and name not in self._home.templates:
            raise CallError(f"there are {_MOST} templates; keep fewer")
        self._home.templates[name] = definition

    @expose
    def templates(self) -> _Names:
        """Return the names of the templates."""
        return sorted(self._home.templates)

    @expose
    async def from_template(self, template: str, params: _Map | None = None, *, name: str | None = None) -> Workflow:
        """Return a new workflow made of a template.

        :param template: its name
        :param params: by name; they are checked
        :param name: of the workflow; the template's when left out
        """
        kept = self._home.templates.get(template)
        if kept is None:
            raise UnknownWorkflow("template", template, self._home.templates)
        draft = await self._home.read(template, {"steps": [{"wait": 0}], "parameters": kept["parameters"]})
        given = await self._home.checked(draft, params)
        return await self._create(name or template, bound(kept, given), {}, given)

    @expose
    async def load(self, definition: str | _Map, *, name: str | None = None) -> Workflow:
        """Return the workflow that a definition stands for.

        :param definition: what ``export`` returned: data, or text that is JSON or YAML
        :param name: of the workflow; that in the definition when left out
        """
        data = await _data(definition)
        given = name or data.get("name")
        if not isinstance(given, str):
            raise BadArgument("workflow.load", None, "name", "is missing, and the definition has none")
        return await self._create(given, data, {})

    @expose
    async def validate(self, definition: str | _Map) -> Validation:
        """Tell whether a definition is one, and what is wrong where it is not.

        :param definition: data, or text that is JSON or YAML
        """
        try:
            await self._home.read("definition", await _data(definition))
        except BadDefinition as error:
            faults = [FaultRecord(path=fault.path, message=fault.problem) for fault in error.faults]
            return Validation(valid=False, errors=faults)
        return Validation(valid=True, errors=[])

    async def _create(
        self, name: str, steps: Any, options: Mapping[str, Any], params: dict[str, Any] | None = None
    ) -> Workflow:
        if not name.strip() or len(name) > 100 or not name.isprintable():
            raise BadArgument("workflow.create", 1, "name", f"is 1 to 100 characters that can be printed, not {name!r}")
        given = dict(steps) if isinstance(steps, dict) and "steps" in steps else {"steps": steps}
        given |= {key: value for key, value in options.items() if value is not None}
        if not given.get("version"):
            given["version"] = self._home.next_version(name)
        made = Workflow(self._home, await self._home.read(name, given), params)
        self._home.settle(made)
        return made


async def _data(definition: str | dict[str, Any]) -> dict[str, Any]:
    return await asyncio.to_thread(read_text, definition) if isinstance(definition, str) else definition
