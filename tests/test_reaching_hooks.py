"""A hook that reaches stands in the runs below its own, too, as long as it stands at all."""

from __future__ import annotations

import asyncio
from typing import Any

from llmspell_core.actions import Action
from llmspell_core.points import Points
from llmspell_core.present import in_call
from llmspell_core.standing import Rest, Standing


class Far(Standing):
    """Reaches."""

    reaches = True


async def real(arguments: dict[str, Any]) -> str:
    return f"real in call {in_call.get()}"


async def answer(action: Action, rest: Rest) -> Any:
    return f"faked in call {in_call.get()}"


async def around(action: Action, rest: Rest) -> Any:
    return f"around, {await rest()}"


def below(above: Points, call: int) -> Points:
    """Return the points of a run that a call of another run casts."""
    mine = in_call.set(call)
    try:
        return Points(f"below {call}", caller=above)
    finally:
        in_call.reset(mine)


def ask(points: Points, call: int = 0) -> str:
    mine = in_call.set(call)
    try:
        answered: str = asyncio.run(points.act("llm", "demo", {}, real))
        return answered
    finally:
        in_call.reset(mine)


def test_it_answers_in_all_runs_below_as_the_call_that_cast_the_first_of_them() -> None:
    first = Points("first")
    second = below(first, 3)
    third = below(second, 8)
    first.stand(Far("llm", answer))
    assert [ask(points, 5) for points in (first, second, third)] == [
        "faked in call 5",
        "faked in call 3",
        "faked in call 3",
    ]
    assert all(points.faked and points.hooked and points.watched for points in (first, second, third))


def test_it_is_gone_below_once_it_is_taken_away() -> None:
    first = Points("first")
    second = below(first, 3)
    first.stand(Far("llm", answer))
    assert below(first, 4).faked
    first.drop(lambda standing: True)
    assert ask(second, 5) == "real in call 5"
    assert (second.faked, second.watched) == (False, False)


def test_what_it_stands_around_is_done_in_the_call_below() -> None:
    first = Points("first")
    second = below(first, 3)
    first.stand(Far("llm", around))
    assert ask(second, 5) == "around, real in call 5"


def test_one_of_the_run_itself_comes_first_and_others_do_not_reach() -> None:
    first = Points("first")
    second = below(first, 3)
    first.stand(Standing("llm", around))
    assert ask(second, 5) == "real in call 5"
    first.stand(Far("llm", answer))
    second.stand(Standing("llm", around))
    assert ask(second, 5) == "around, faked in call 3"
