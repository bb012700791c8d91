"""What steps do that hold other steps: in order, at the same time, by choice, again and again, for each item."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from llmspell_bridges.workflow.failures import LoopSpent
from llmspell_bridges.workflow.frame import Frame, Spot
from llmspell_bridges.workflow.gathering import at_once, in_place
from llmspell_core.errors import CallError
from llmspell_core.signatures import kind_of
from llmspell_core.values import Function

if TYPE_CHECKING:
    from llmspell_bridges.workflow.course import Course
    from llmspell_bridges.workflow.definition import Cases, Each, Loop, Nested, Parallel, Sequence, Step

__all__ = ["cases", "each", "loop", "nested", "parallel", "sequence"]

_ROUNDS = 1000
"""How often a loop goes round that does not say how often it may."""


async def sequence(course: Course, step: Step, what: Sequence, given: Any, spot: Spot) -> Any:
    """Return what the last step makes of what those before it made."""
    for i, each in enumerate(what.steps):
        given = await course.step(each, given, spot.below(i))
    return given


async def parallel(course: Course, step: Step, what: Parallel, given: Any, spot: Spot) -> Any:
    """Return what the steps make of the same input, merged."""
    works = [partial(course.step, each, given, spot.below(i)) for i, each in enumerate(what.steps)]
    go_on, race = what.on_failure == "continue", what.merge == "first"
    came = await at_once(course, works, spot.key, most=what.most, go_on=go_on or race, race=race)
    if what.merge == "first":
        return came.value(came.first)
    if what.merge == "last":
        return came.value(await course.home.once(f"{spot.key} last", came.last))
    values = [in_place(each, step.name) for each in came.outcomes]
    if isinstance(what.merge, Function):
        return await what.merge(values, spot.seen(given))
    if what.merge == "collect":
        return values
    return {each.name: value for each, value in zip(what.steps, values, strict=True)}


async def cases(course: Course, step: Step, what: Cases, given: Any, spot: Spot) -> Any:
    """Return what the first step makes whose condition holds; the input where there is none."""
    for i, (condition, each) in enumerate(what.cases):
        if await course.holds(condition, given, spot, f"case {i}"):
            return await course.step(each, given, spot.below(i))
    return given if what.default is None else await course.step(what.default, given, spot.below("default"))


async def loop(course: Course, step: Step, what: Loop, given: Any, spot: Spot) -> Any:
    """Return what a step made the last time, or each time."""
    made: list[Any] = []
    allowed = what.most if what.most is not None else min(_ROUNDS, course.home.bounds.rounds)
    number = 0
    while True:
        number += 1
        at = Spot(spot.frame, f"{spot.key}/{number}", spot.item, number)
        if number > allowed:
            if what.most is None:
                raise LoopSpent(step.name, allowed)
            break
        course.count()
        if what.while_ is not None and not await course.holds(what.while_, given, at, "while"):
            break
        given = await course.step(what.step, given, at)
        if what.collect:
            made.append(given)
        if what.until is not None and await course.holds(what.until, given, at, "until"):
            break
        await asyncio.sleep(0)
    return made if what.collect else given


async def each(course: Course, step: Step, what: Each, given: Any, spot: Spot) -> Any:
    """Return what a step makes of each item of a list, in the order of the items."""
    items = given if what.over is None else await course.value(what.over, given, spot)
    if not isinstance(items, list):
        raise CallError(
            f"the step {step.name!r} goes through a list, not {kind_of(items)}; say with `over` through which"
        )
    course.count(len(items))
    spots = [Spot(spot.frame, f"{spot.key}/{n}", item, n) for n, item in enumerate(items, 1)]
    works = [partial(course.step, what.step, at.item, at) for at in spots]
    came = await at_once(course, works, spot.key, most=what.most, go_on=what.on_failure == "continue", race=False)
    return [in_place(outcome, step.name) for outcome in came.outcomes]


async def nested(course: Course, step: Step, what: Nested, given: Any, spot: Spot) -> Any:
    """Return what comes of another workflow, whose steps see only what is its own."""
    wanted = {} if what.params is None else await course.value(what.params, given, spot)
    params = await course.home.checked(what.definition, wanted)
    frame = Frame(what.definition.name, given, params, spot.key)
    course.ledger.restore(frame)
    async with course.in_time(what.definition.name, what.definition.timeout):
        return await course.step(what.definition.root, given, Spot(frame, f"{spot.key}/steps"))
