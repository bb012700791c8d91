"""What the workflows of one run share: each other, functions, templates, breakers, and what is under way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from llmspell_bridges.llm.breaker import Breaker, BreakerOptions
from llmspell_bridges.state.value import Room
from llmspell_bridges.structured.checking import aside
from llmspell_bridges.structured.schema import DoesNotFit
from llmspell_bridges.workflow.failures import UnknownWorkflow
from llmspell_bridges.workflow.reading import Bounds, Known, read_definition
from llmspell_core.errors import CallError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from llmspell_bridges.workflow.definition import Breaker as Breaking
    from llmspell_bridges.workflow.definition import Definition
    from llmspell_bridges.workflow.workflow import Workflow
    from llmspell_core.bridge import Context
    from llmspell_core.values import Function

__all__ = ["Home", "home_of"]

_MOST = 1000
_AT_ONCE = 100
_T = TypeVar("_T")


class Home:
    """Where the workflows of a run live."""

    def __init__(self, context: Context) -> None:
        self.context = context.of("workflow")
        settings = self.context.options
        names = Bounds.__match_args__
        self.bounds = Bounds(**{name: int(settings[f"max_{name}"]) for name in names if f"max_{name}" in settings})
        self.room = Room(self.bounds.bytes)
        self.workflows: dict[str, dict[str, Workflow]] = {}
        self.functions: dict[str, Function] = {}
        self.templates: dict[str, Mapping[str, Any]] = {}
        self._breakers: dict[str, Breaker] = {}
        self._jobs: set[asyncio.Task[Any]] = set()

    async def close(self) -> None:
        """Cancel what still runs."""
        import asyncio

        jobs, self._jobs = list(self._jobs), set()
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)

    def begin(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Begin work that goes on until it ends, is cancelled, or the run ends."""
        import asyncio

        if len(self._jobs) >= _AT_ONCE:
            work.close()
            raise CallError(f"{_AT_ONCE} workflows are under way; wait for some, or cancel them")
        job = asyncio.get_running_loop().create_task(work)
        self._jobs.add(job)
        self.context.background.add(job)
        job.add_done_callback(self._ended)
        return job

    async def once(self, key: str, do: Callable[[], Awaitable[_T]]) -> _T:
        """Return what came of something that is not done again when an interrupted run goes on."""
        return await self.context.once(key, do)

    def breaker(self, options: Breaking) -> Breaker:
        """Return the breaker of that name, the same for all steps that name it."""
        if options.name not in self._breakers:
            self._breakers[options.name] = Breaker(BreakerOptions(options.threshold, options.reset), self.context.clock)
        return self._breakers[options.name]

    async def read(self, name: str, given: Mapping[str, Any]) -> Definition:
        """Return the workflow that data stands for; :raises BadDefinition: naming the path of each fault."""
        known = Known(self.functions.get, self._definition, _gathered)
        return await aside(read_definition, name, given, known, self.bounds)

    async def checked(self, definition: Definition, params: Any) -> dict[str, Any]:
        """Return the parameters of a workflow with its defaults; :raises DoesNotFit: when they are wrong."""
        given = {} if params is None or params == [] else params
        form = definition.parameters
        if form is not None:
            given = form.completed(given)
            problems = await aside(form.problems, given)
            if problems:
                raise DoesNotFit(f"the map of parameters for the workflow {definition.name!r}", problems)
        if not isinstance(given, dict):
            raise CallError(f"the parameters of the workflow {definition.name!r} are a map by name")
        return given

    def settle(self, workflow: Workflow) -> None:
        """Keep a workflow under its name and version, as the one that is found by the name."""
        name, version = workflow.definition.name, workflow.definition.version
        versions = self.workflows.pop(name, {})
        if sum(map(len, self.workflows.values())) + len(versions) >= _MOST:
            self.workflows[name] = versions
            raise CallError(f"there are {_MOST} workflows; remove some")
        versions.pop(version, None)
        self.workflows[name] = {**versions, version: workflow}

    def next_version(self, name: str) -> str:
        """Return a version that no workflow of that name has: a number."""
        versions = self.workflows.get(name, {})
        return str(next(n for n in range(1, _MOST + 2) if str(n) not in versions))

    def workflow(self, name: str, version: str | None = None) -> Workflow:
        """Return a workflow, the newest of its name; :raises UnknownWorkflow: when there is none."""
        versions = self.workflows.get(name)
        if versions is None:
            raise UnknownWorkflow("workflow", name, self.workflows)
        if version is not None and version not in versions:
            raise UnknownWorkflow(f"version of the workflow {name!r}", version, versions)
        return versions[version] if version is not None else list(versions.values())[-1]

    def function(self, name: str, function: Function) -> None:
        """Keep a function of the spell that steps may name."""
        if len(self.functions) >= _MOST and name not in self.functions:
            raise CallError(f"there are {_MOST} functions; remove some")
        self.functions[name] = function

    def _ended(self, job: asyncio.Task[Any]) -> None:
        """Forget a job; its error is told to whoever asks for the result, and only there."""
        self._jobs.discard(job)
        if not job.cancelled():
            job.exception()

    def _definition(self, given: Any) -> Definition | None:
        from llmspell_bridges.workflow.workflow import Workflow

        if isinstance(given, Workflow):
            return given.definition
        known = self.workflows.get(given) if isinstance(given, str) else None
        return None if known is None else list(known.values())[-1].definition


def home_of(context: Context) -> Home:
    """Return what the workflows of the run that a context belongs to share."""
    made: Home = context.run.get(Home, lambda: Home(context))
    return made


def _gathered(given: Any) -> list[Any] | None:
    from llmspell_bridges.workflow.builder import Builder

    return given.steps if isinstance(given, Builder) else None
