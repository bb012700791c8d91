"""The points of a run where hooks stand: what is about to happen there may be changed, refused or answered by a hook.

bridge_call     a spell calls a bridge; named ``fs.read``
llm             a model is asked; named ``openai:gpt-4o``
tool            a tool runs; named after the tool
agent_turn      an agent asks its model once more; named after the agent
workflow_step   a step of a workflow runs; named after the step

What passes a point is an :class:`Action`. Whoever traces the run is told of each when it has ended.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeAlias

from llmspell_core.errors import Denied
from llmspell_core.facts import Record, record

__all__ = ["POINTS", "Action", "Hook", "Points"]

POINTS = ("bridge_call", "llm", "tool", "agent_turn", "workflow_step")


@record
class Action(Record):
    """Something that a run is about to do, or has done.

    :param run: the run's id
    :param point: one of :data:`POINTS`
    :param name: what exactly is done
    :param arguments: by name; what is done is done with them, so a hook may change them
    :param number: counts the actions of the run from 1
    :param parent: the number of the action that this one is a part of; 0 for what the spell itself does
    :param result: what came of it, which a hook may change; None before its end and when it failed
    :param error: why it failed
    :param began: Unix seconds
    :param duration: seconds; 0 before its end
    """

    run: str
    point: str
    name: str
    arguments: dict[str, Any]
    number: int
    parent: int
    began: float
    duration: float = 0.0
    result: Any = None
    error: BaseException | None = None
    answered: bool = False

    def answer(self, result: Any) -> None:
        """Have this as the result, and the thing itself not done."""
        self.result, self.answered = result, True


Hook: TypeAlias = Callable[[Action], object]


class Points:
    """What stands at the points of one run.

    :param before: called with each action before it is done; ``Denied`` refuses it
    :param after: called with each action when it has ended
    :param trace: told of each action after that
    :param scrub: takes the secrets out of an error before anybody sees it
    """

    def __init__(
        self,
        run: str = "",
        *,
        before: Sequence[Hook] = (),
        after: Sequence[Hook] = (),
        trace: Callable[[Action], object] | None = None,
        scrub: Callable[[BaseException], None] = lambda error: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._scrub = scrub
        self._run, self._before, self._after, self._clock = run, before, after, clock
        self._last = 0
        self._listening: list[Callable[[Action], object]] = [] if trace is None else [trace]
        self.watched = bool(before or after or trace)
        """False when nothing stands at any point, so that there is nothing to pass."""

    @contextmanager
    def listening(self, told: Callable[[Action], object]) -> Iterator[None]:
        """Have somebody told of each action that ends meanwhile."""
        self._listening.append(told)
        self.watched = True
        try:
            yield
        finally:
            self._listening.remove(told)
            self.watched = bool(self._before or self._after or self._listening)

    async def act(
        self, point: str, name: str, arguments: Mapping[str, Any], do: Callable[[dict[str, Any]], Awaitable[Any]]
    ) -> Any:
        """Return what comes of doing something, past all that stands at its point.

        :param do: does it, with the arguments that the hooks have left
        :raises Denied: when a hook refuses
        """
        if not self.watched:
            return await do(dict(arguments))
        action = self.begin(point, name, arguments)
        parent = _inside.set(action.number)
        try:
            if not action.answered and action.error is None:
                action.result = await do(action.arguments)
        except BaseException as error:  # noqa: BLE001 - raised again by end(), past the hooks
            action.error = error
        finally:
            _inside.reset(parent)
        return self.end(action)

    def begin(self, point: str, name: str, arguments: Mapping[str, Any]) -> Action:
        """Return an action that the hooks have seen: with an answer, with the error of a refusal, or to be done now."""
        self._last += 1
        action = Action(self._run, point, name, dict(arguments), self._last, _inside.get(), self._clock())
        try:
            self._call(self._before, action)
        except Denied as refusal:
            action.error = refusal
        return action

    def end(self, action: Action) -> Any:
        """Note that an action has ended, and return its result or raise its error, whatever the hooks make of them."""
        action.duration = max(0.0, self._clock() - action.began)
        if action.error is not None:
            self._scrub(action.error)
        try:
            self._call(self._after, action)
        except Denied as refusal:
            action.result, action.error = None, refusal
        for told in self._listening:
            told(action)
        if action.error is not None:
            raise action.error
        return action.result

    def _call(self, hooks: Sequence[Hook], action: Action) -> None:
        for hook in hooks:
            try:
                hook(action)
            except Denied:
                raise
            except Exception:
                import logging

                # One plugin's fault is not the spell's, and must not be the other plugins'.
                where = f"{action.point} {action.name}"
                logging.getLogger("llmspell").exception("the hook %r failed at %s and is passed over", hook, where)


_inside: ContextVar[int] = ContextVar("llmspell_action", default=0)
