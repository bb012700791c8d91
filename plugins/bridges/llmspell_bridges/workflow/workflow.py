"""A workflow as spells hold it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeAlias

from llmspell_bridges.state.scopes import refuse_objects
from llmspell_bridges.workflow.definition import Approval, every
from llmspell_bridges.workflow.failures import NoApproval
from llmspell_bridges.workflow.life import Life
from llmspell_bridges.workflow.outcomes import error_of
from llmspell_bridges.workflow.records import (
    Checkpoint,
    Event,
    EventName,
    Question,
    StateRecord,
    StatusRecord,
    WorkflowRecord,
)
from llmspell_bridges.workflow.texts import Format, as_text, exported
from llmspell_core.bridge import Handle, expose
from llmspell_core.values import Function, ScriptValue

if TYPE_CHECKING:
    from llmspell_bridges.workflow.definition import Definition
    from llmspell_bridges.workflow.home import Home
    from llmspell_bridges.workflow.ledger import Entry

__all__ = ["Workflow"]

_Map: TypeAlias = dict[str, ScriptValue]


class Workflow(Handle):
    """A workflow, which is run once at a time, in the foreground or in the background.

    What still runs when the spell ends is stopped, and not compensated.
    """

    def __init__(self, home: Home, definition: Definition, params: _Map | None = None) -> None:
        self.home, self.definition = home, definition
        self._params = params or {}
        self._listeners: dict[int, tuple[str, Function]] = {}
        self._last = 0
        self.life = Life(home, definition, self._told)

    @expose(redo=True)
    async def run(self, input: ScriptValue = None, *, params: _Map | None = None, wait: float = 0.0) -> ScriptValue:
        """Return what the last step makes.

        Where the workflow is paused or waits for an approval that nobody there can give, that is an error of kind
        ``waiting``; the workflow is left as it is, and can be resumed or approved.

        :param input: what the first step gets
        :param params: the parameters, by name
        :param wait: seconds to wait for an approval or ``resume`` before that error
        """
        await self._begin(input, params)
        found: ScriptValue = await self.life.outcome(wait)
        return found

    @expose(redo=True)
    async def run_async(self, input: ScriptValue = None, *, params: _Map | None = None) -> Workflow:
        """Begin in the background, and return the workflow.

        :param input: what the first step gets
        :param params: the parameters, by name
        """
        await self._begin(input, params)
        return self

    @expose
    async def result(self, *, wait: float = 0.0) -> ScriptValue:
        """Return what the last step makes, once it has; the error of a workflow that fails is raised here.

        :param wait: seconds to wait for an approval or ``resume``, as in ``run``
        """
        found: ScriptValue = await self.life.outcome(wait)
        return found

    @expose
    def status(self) -> StatusRecord:
        """Return how far it has come."""
        course, error = self.life.course, self.life.error
        told = None if error is None else error_of(error, self.definition.name)
        questions: Any = [] if course is None else course.approvals.records()
        asked: list[Question] = questions
        return StatusRecord(
            name=self.definition.name,
            version=self.definition.version,
            state=self.life.state,
            current=[] if course is None else list(course.current.values()),
            approvals=asked,
            steps=0 if course is None else course.taken,
            checkpoints=0 if course is None else len(course.ledger.checkpoints()),
            error=None if told is None else {"kind": told.kind, "message": told.message, "data": told.data},
        )

    @expose(redo=True)
    async def pause(self) -> StatusRecord:
        """Let no step begin from now on; those that are being taken come to their end."""
        await self.life.pause()
        return self.status()

    @expose(redo=True)
    async def resume(self) -> StatusRecord:
        """Go on, in the background: where it was paused, failed, was cancelled, or was rolled back to."""
        await self.life.resume()
        return self.status()

    @expose(redo=True)
    async def cancel(self) -> StatusRecord:
        """Stop it, with the calls of its steps, and compensate what was done."""
        await self.life.cancel()
        return self.status()

    @expose(redo=True)
    def state(self, changes: _Map | None = None) -> StateRecord:
        """Return what the run has made so far.

        :param changes: is written into its values first
        """
        course = self.life.some("look at")
        if changes:
            refuse_objects(changes)
            course.frame.state |= changes
            course.ledger.write(dict(changes))
        frame = course.frame
        return StateRecord(
            input=frame.start, params=dict(frame.params), values=dict(frame.state), outputs=dict(frame.outputs)
        )

    @expose
    def checkpoints(self) -> list[Checkpoint]:
        """Return the steps that have ended, in the order in which they did."""
        entries = [] if self.life.course is None else self.life.course.ledger.checkpoints()
        return [_checkpoint(number, entry) for number, entry in enumerate(entries, 1)]

    @expose(redo=True)
    async def rollback(self, number: int, *, compensate: bool = True) -> StatusRecord:
        """Go back to where a step had just ended; ``resume`` goes on from there.

        :param number: of the checkpoint; 0 for the beginning
        :param compensate: undo what was done after it, the newest first, where steps say how
        """
        await self.life.roll_back(number, compensate=compensate)
        return self.status()

    @expose
    def history(self) -> list[Event]:
        """Return what has happened in the run, the oldest first; no more than 1,000 events are kept."""
        found: Any = [] if self.life.course is None else list(self.life.course.trail)
        events: list[Event] = found
        return events

    @expose(redo=True)
    async def approve(self, step: str, yes: bool = True, *, note: str = "") -> bool:
        """Answer an approval that a step waits for, and tell whether it does; if not yet, the answer is kept for it.

        :param step: its name
        :param yes: or no
        :param note: is told with a refusal
        """
        course = self.life.running("approve")
        known = {each.name for each in every(self.definition.root) if isinstance(each.what, Approval)}
        if step not in known:
            raise NoApproval(self.definition.name, step, known)

        async def which() -> str | None:
            return course.approvals.key_of(step)

        key: str | None = await self.home.once("answers", which)
        course.approvals.answer(step, key, yes, note)
        return key is not None

    @expose(redo=True)
    def on(self, event: EventName, callback: Function) -> int:
        """Have a function told of what happens, and return a number for ``off``.

        It gets ``{event, workflow, step, path}`` and, as it applies, ``attempt``, ``output``, ``error``, ``question``,
        ``input``. The step goes on when it has returned. When it returns true or false to an ``approval``, that is the
        answer.

        :param event: its name; ``*`` for all
        :param callback: the function
        """
        self._last += 1
        self._listeners[self._last] = (event, callback)
        return self._last

    @expose(redo=True)
    def off(self, number: int) -> bool:
        """Have a function told nothing any more, and tell whether it was.

        :param number: what ``on`` returned
        """
        return self._listeners.pop(number, None) is not None

    @expose
    async def export(self, format: Format = "data") -> ScriptValue:
        """Return the definition, which ``load`` takes; functions of the spell cannot be exported but by name.

        :param format: ``data``, or text that is ``json`` or ``yaml``
        """
        found: ScriptValue = await asyncio.to_thread(as_text, exported(self.definition), format)
        return found

    @expose
    def graph(self) -> str:
        """Return a drawing of the steps as Mermaid text."""
        from llmspell_bridges.workflow.graph import mermaid

        return mermaid(self.definition)

    def record(self) -> WorkflowRecord:
        """Return what is known of it."""
        form = self.definition.parameters
        return WorkflowRecord(
            name=self.definition.name,
            version=self.definition.version,
            description=self.definition.description,
            steps=self.definition.size,
            state=self.life.state,
            parameters=None if form is None else form.source,
        )

    async def _begin(self, input: ScriptValue, params: _Map | None) -> None:
        await self.life.at_rest()
        self.life.check_idle("be run")
        refuse_objects(input)
        known = await self.home.checked(self.definition, {**self._params, **(params or {})})
        self.life.begin(input, known)

    def _told(self, event: str) -> list[Function]:
        return [function for name, function in self._listeners.values() if name in (event, "*")]


def _checkpoint(number: int, entry: Entry) -> Checkpoint:
    assert entry.step is not None
    return Checkpoint(number=number, step=entry.step.name, path=entry.step.path, key=entry.key, output=entry.output)
