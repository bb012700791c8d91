"""Questions to which somebody says yes or no: the spell, a person at the terminal, or a grant given beforehand."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from llmspell_bridges.workflow.failures import Refused
from llmspell_core.errors import CallError, Denied, RateLimited
from llmspell_core.facts import Record, record

if TYPE_CHECKING:
    from llmspell_bridges.workflow.control import Waiting
    from llmspell_bridges.workflow.course import Course
    from llmspell_bridges.workflow.definition import Step
    from llmspell_bridges.workflow.frame import Spot

__all__ = ["Approvals"]


@record
class _Question(Record):
    """A step that waits for an answer."""

    step: Step
    text: str
    answer: asyncio.Future[dict[str, Any]]
    waiting: Waiting | None = None


class Approvals:
    """The questions of one run, and what was answered."""

    def __init__(self) -> None:
        self._open: dict[str, _Question] = {}
        self._given: dict[str, dict[str, Any]] = {}
        self._early: dict[str, dict[str, Any]] = {}

    @property
    def names(self) -> list[str]:
        """The steps that wait for an answer."""
        return [question.step.name for question in self._open.values()]

    def records(self) -> list[dict[str, Any]]:
        """Return the questions that wait, as spells see them."""
        return [{"step": each.step.name, "question": each.text} for each in self._open.values()]

    def key_of(self, name: str) -> str | None:
        """Return which question an answer for a step is one to; None when there is none yet."""
        found = [(key, each) for key, each in self._open.items() if each.step.name == name]
        if found and found[0][1].step.what.by == "person":  # type: ignore[union-attr]
            raise CallError(f"{name!r} wants the approval of a person, so the spell cannot give it")
        return found[0][0] if found else None

    def answer(self, name: str, key: str | None, yes: bool, note: str) -> None:
        """Take an answer: to a question by its key, or to the next one that the step asks."""
        given = {"yes": yes, "by": "spell", "note": note}
        if key is None:
            self._early[name] = given
            return
        self._given[key] = given
        question = self._open.get(key)
        if question is not None and not question.answer.done():
            question.answer.set_result(given)
            if question.waiting is not None:
                question.waiting.over()

    async def ask(self, course: Course, step: Step, text: str, given: Any, spot: Spot) -> None:
        """Wait for a yes; :raises Refused: when it is a no."""
        by, found = step.what.by, None  # type: ignore[union-attr]
        if by != "person":
            found = self._answered(step, spot) or await self._told(course, step, text, given)

        async def answered() -> dict[str, Any]:
            # It may have been answered while the listeners were told.
            before = None if by == "person" else self._answered(step, spot)
            person = None if before or by == "script" else _of_person(course, step, text)
            return before or person or await self._waited(course, step, text, spot)

        if found is None:
            found = await course.home.once(f"{spot.key} answer", answered)
        if not found["yes"]:
            raise Refused(step.name, found["by"], found["note"])

    def _answered(self, step: Step, spot: Spot) -> dict[str, Any] | None:
        return self._given.get(spot.key) or self._early.pop(step.name, None)

    async def _told(self, course: Course, step: Step, text: str, given: Any) -> dict[str, Any] | None:
        for said in await course.tell("approval", step, question=text, input=given):
            if isinstance(said, bool):
                return {"yes": said, "by": "spell", "note": ""}
        return None

    async def _waited(self, course: Course, step: Step, text: str, spot: Spot) -> dict[str, Any]:
        question = _Question(step, text, asyncio.get_running_loop().create_future())
        self._open[spot.key] = question
        try:
            # One that has a timeout comes to an end by itself.
            with course.control.waiting() if step.timeout is None else nullcontext() as question.waiting:
                return await question.answer
        finally:
            del self._open[spot.key]


def _of_person(course: Course, step: Step, text: str) -> dict[str, Any] | None:
    """Return the answer of a person, or of a grant that names the step; None where there is neither."""
    context, capability = course.home.context, f"approval:{step.name}"
    try:
        decision = context.require(capability, f"approval ({text})")
    except RateLimited:
        raise
    except Denied as refusal:
        rule = getattr(refusal, "rule", "")
        return {"yes": False, "by": "person", "note": rule} if rule else None
    # Whoever grants everything has not said yes to this.
    if decision.rule.startswith("answer ") or decision.rule == f"allow {decision.capability}":
        return {"yes": True, "by": "person", "note": decision.rule}
    return None
