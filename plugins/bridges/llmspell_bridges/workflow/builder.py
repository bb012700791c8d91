"""A workflow that is put together step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from llmspell_bridges.workflow.records import CreateOptions, MapOptions, NamedOptions, ParallelOptions, StepOptions
from llmspell_bridges.workflow.shapes import a_choice, a_loop, a_map, a_parallel, a_step
from llmspell_bridges.workflow.workflow import Workflow
from llmspell_core.bridge import Handle, expose
from llmspell_core.errors import CallError
from llmspell_core.values import ScriptValue

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

__all__ = ["Builder"]

_MOST = 1000


class Builder(Handle):
    """Gathers steps; wherever steps are wanted, a builder may stand for those that it has gathered."""

    def __init__(
        self, name: str, options: Mapping[str, Any], make: Callable[[str, Any, Mapping[str, Any]], Awaitable[Workflow]]
    ) -> None:
        self._name, self._options, self._make = name, options, make
        self.steps: list[Any] = []

    @expose
    def step(self, name: str, step: ScriptValue, **options: Unpack[NamedOptions]) -> Builder:
        """Add a step, and return the builder.

        :param name: by which other steps find its output
        :param step: a function, a workflow, an agent, or a map as ``{tool = "calculator"}``
        """
        return self._add(a_step(step, {**options, "name": name}))

    @expose
    def parallel(self, steps: ScriptValue, **options: Unpack[ParallelOptions]) -> Builder:
        """Add steps that are taken at the same time, and return the builder.

        :param steps: a list, or a builder
        """
        return self._add(a_parallel(steps, options))

    @expose
    def branch(self, cases: list[ScriptValue], default: ScriptValue = None, **options: Unpack[StepOptions]) -> Builder:
        """Add a choice of steps, and return the builder.

        :param cases: steps with ``when``, or ``{when, then}``; the first whose ``when`` holds is taken
        :param default: is taken when none holds
        """
        return self._add(a_choice(cases, default, options))

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
    ) -> Builder:
        """Add a step that is taken again and again, and return the builder.

        :param step: one, or a list of them
        :param while_: it goes on while this holds: a function, or a JMESPath query
        :param until_: it ends when this holds
        :param max: how often at the most
        :param collect: make a list of what it makes each time
        """
        return self._add(a_loop(step, while_, until_, max, collect, options))

    @expose
    def map(self, step: ScriptValue, **options: Unpack[MapOptions]) -> Builder:
        """Add a step that is taken for each item of a list, and return the builder.

        :param step: one, or a list of them
        """
        return self._add(a_map(step, options))

    @expose
    def wait(self, seconds: float) -> Builder:
        """Add a wait, and return the builder.

        :param seconds: how long
        """
        return self._add({"wait": seconds})

    @expose
    def approval(self, name: str, question: str, **options: Unpack[NamedOptions]) -> Builder:
        """Add a question that somebody has to say yes to, and return the builder.

        :param name: of the step, to approve it by
        :param question: what is asked
        """
        return self._add(a_step({"approval": question}, {**options, "name": name}))

    @expose
    async def build(self, **options: Unpack[CreateOptions]) -> Workflow:
        """Return the workflow of the steps gathered so far."""
        return await self._make(self._name, list(self.steps), {**self._options, **options})

    def _add(self, step: dict[str, Any]) -> Builder:
        if len(self.steps) >= _MOST:
            raise CallError(f"a workflow has at most {_MOST} steps; put some into another")
        self.steps.append(step)
        return self
