"""The points of a run where hooks stand: what is about to happen there may be changed, refused or answered by a hook.

What passes a point is an :class:`Action`. On its way in it meets first the hooks of the spell, the highest priority
first, then those of plugins: so a plugin sees what is really going to be done. On its way out it is the other way
round. Whoever watches the run is told of each action when it begins and when it has ended.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeAlias
from weakref import WeakSet

from llmspell_core.actions import Action, Hook, Watcher, suits
from llmspell_core.errors import Denied
from llmspell_core.present import in_call
from llmspell_core.secrets import Secrets
from llmspell_core.standing import Around, Reached, Rest, Standing

__all__ = ["Passing", "Points"]

Do: TypeAlias = Callable[[dict[str, Any]], Awaitable[Any]]


class Points:
    """What stands at the points of one run.

    :param before: called with each action before it is done; ``Denied`` refuses it
    :param after: called with each action when it has ended
    :param around: awaited with each action and what does it, in the place of doing it
    :param watchers: told of each action when it begins and when it has ended
    :param secrets: are taken out of an error before anybody sees it
    :param caller: the points of the run that casts this one: its hooks see the cast, and nothing else of it but for
        those that reach so far
    """

    def __init__(
        self,
        run: str = "",
        *,
        before: Sequence[Hook] = (),
        after: Sequence[Hook] = (),
        around: Sequence[Around] = (),
        watchers: Sequence[Watcher] = (),
        secrets: Secrets | None = None,
        clock: Callable[[], float] = time.time,
        caller: Points | None = None,
    ) -> None:
        self._run, self._clock, self._caller = run, clock, caller
        self._secrets = Secrets() if secrets is None else secrets
        self._before, self._after, self._watchers = before, after, watchers
        self._around = [Standing("", each, 0) for each in around]
        self._own: list[Standing] = []
        self._above: list[Standing] = []
        self._below: WeakSet[Points] | None = None
        self._cast_by = in_call.get()
        self._last = self._stood = 0
        self._told: list[Callable[[Action], object]] = [watcher.ended for watcher in watchers]
        self._plugged = bool(before or after or around)
        self.past: Callable[[], float | None] = _no_past
        """Returns when what is done now was done first, Unix seconds, in a run that goes on; None in its present."""
        self.watched = False
        """False when nothing stands at any point, so that there is nothing to pass."""
        if caller is not None:
            caller._below = WeakSet() if caller._below is None else caller._below
            caller._below.add(self)
        self._look()

    @contextmanager
    def listening(self, told: Callable[[Action], object]) -> Iterator[None]:
        """Have somebody told of each action that ends meanwhile."""
        self._told.append(told)
        self.watched = True
        try:
            yield
        finally:
            self._told.remove(told)
            self._look()

    async def act(
        self,
        point: str,
        name: str,
        arguments: Mapping[str, Any],
        do: Do,
        facts: Mapping[str, Any] | None = None,
        *,
        secret: tuple[str, ...] = (),
        again: bool = False,
    ) -> Any:
        """Return what comes of doing something, past all that stands at its point.

        :param do: does it, with the arguments that the hooks have left
        :param facts: what is known of it besides
        :param secret: the arguments, and fields of them, that nobody is shown
        :param again: those who watch were told of it before the run was interrupted
        :raises Denied: when a hook refuses
        """
        hooks = self._standing_at(point, name)
        if not hooks and not self.watched:
            return await do(dict(arguments))
        action = self.begin(point, name, dict(arguments), dict(facts or ()), secret, told=not again)
        with Passing(self, action, told=not again):
            if hooks or self._plugged:
                result = await self._past([*hooks, *self._around], action, do)
            else:
                result = await do(action.arguments)
            action.result, action.error = result, None
            return action.result

    async def trace(self, name: str, do: Rest, facts: Mapping[str, Any] | None = None) -> Any:
        """Return what comes of something that no hook stands around; what it does is within a span of that name."""
        if not self.watched:
            return await do()
        with Passing(self, self.begin("span", name, {}, dict(facts or ()))) as action:
            action.result = await do()
            return action.result

    def begin(
        self,
        point: str,
        name: str,
        arguments: dict[str, Any],
        facts: dict[str, Any] | None = None,
        secret: tuple[str, ...] = (),
        *,
        told: bool = True,
    ) -> Action:
        """Return an action that the watchers were told of, and no hook; it ends by :meth:`end`.

        Its arguments and facts are the very ones that are given, not copies.

        :param told: false where they were told of it before the run was interrupted
        """
        number, parent, inside = 0, 0, _inside.get()
        if point != "spell":
            self._last += 1
            number = self._last
        if inside is not None and (point == "spell" or inside.run == self._run):
            parent = inside.number
        facts = {} if facts is None else facts
        what, past, clean = (self._run, point, name, arguments, number, parent), self.past(), self._secrets.clean
        when, again = self._clock() if past is None else past, past is not None
        action = Action(*what, when, within=inside, facts=facts, clean=clean, secret=secret, again=again)
        for watcher in self._watchers if told else ():
            try:
                watcher.began(action)
            except Exception:  # noqa: BLE001 - logged, with its traceback
                _passed_over(watcher.began)
        return action

    def end(self, action: Action) -> None:
        """Note that an action has ended, and tell the watchers."""
        if not action.again and (now := self._clock()) > action.began:
            action.duration = now - action.began
        if action.error is not None:
            self._secrets.scrub(action.error)
        for told in self._told:
            try:
                told(action)
            except Exception:  # noqa: BLE001 - logged, with its traceback
                _passed_over(told)

    def note(self, **facts: Any) -> None:
        """Say more of the action that is under way."""
        if (inside := _inside.get()) is not None and inside.run == self._run:
            inside.facts.update(facts)

    def tell(self, fact: object) -> None:
        """Make something known to the watchers that is no action."""
        for watcher in self._watchers:
            try:
                watcher.told(fact)
            except Exception:  # noqa: BLE001 - logged, with its traceback
                _passed_over(watcher.told)

    def stand(self, standing: Standing) -> None:
        """Have a hook of the spell's own stand at a point from now on."""
        self._stood += 1
        standing.id = self._stood
        self._own.append(standing)
        self._own.sort(key=lambda each: -each.priority)
        self._look()

    def drop(self, unwanted: Callable[[Standing], bool]) -> int:
        """Take away those of the spell's own hooks that are unwanted, and tell how many they were."""
        before = len(self._own)
        self._own = [each for each in self._own if not unwanted(each)]
        self._look()
        return before - len(self._own)

    @property
    def hooked(self) -> bool:
        """Whether anything stands at a point that may change what is done there; whoever only watches does not."""
        return self._plugged or bool(self._own or self._above)

    @property
    def faked(self) -> bool:
        """Whether something answers here in the place of what would be done, for a test."""
        return any(each.reaches for each in (*self._own, *self._above))

    @property
    def standing(self) -> tuple[Standing, ...]:
        """The spell's own hooks, the outermost first."""
        return tuple(self._own)

    def _look(self) -> None:
        """See whether anything stands or listens, here and in the runs that this one casts."""
        if (above := self._caller) is not None and (above._own or above._above):
            reaching = (*above._own, *above._above)
            self._above = [Reached(each, self._cast_by) for each in reaching if each.reaches]
        else:
            self._above = []
        self.watched = self.hooked or bool(self._told)
        for each in self._below or ():
            each._look()

    def answers(self, point: str, name: str) -> bool:
        """Tell whether a hook answers all that passes a point, so that nothing of it is going to be done."""
        return any(each.answers for each in self._standing_at(point, name))

    def _standing_at(self, point: str, name: str) -> list[Standing]:
        # The run itself is not an action of its own, but of the run that casts it.
        owner = self._caller if point == "spell" else self
        if owner is None or not (owner._own or owner._above):
            return []
        return [each for each in (*owner._own, *owner._above) if each.is_free and suits(each.where, point, name)]

    async def _past(self, hooks: Sequence[Standing], action: Action, do: Do) -> Any:
        if not hooks:
            return await self._done(action, do)
        first, *others = hooks
        rest: Rest = lambda: self._past(others, action, do)  # noqa: E731 - it is handed on, and named for its type
        return await first.run(action, rest)

    async def _done(self, action: Action, do: Do) -> Any:
        """Return what comes of an action between the plugins' hooks before and after."""
        action.result, action.error, action.answered = None, None, False
        began = self._clock()
        try:
            self._call(self._before, action)
            if not action.answered:
                action.result = await do(action.arguments)
        except BaseException as error:  # noqa: BLE001 - raised again, past the hooks
            self._secrets.scrub(error)
            action.error = error
        action.duration = max(0.0, self._clock() - began)
        try:
            self._call(self._after, action)
        except Denied as refusal:
            action.result, action.error = None, refusal
        if action.error is not None:
            raise action.error
        return action.result

    def _call(self, hooks: Sequence[Hook], action: Action) -> None:
        for hook in hooks:
            try:
                hook(action)
            except Denied:
                raise
            except Exception:  # noqa: BLE001 - logged, with its traceback
                # One plugin's fault is not the spell's, and must not be the other plugins'.
                _log(f"the hook %r failed at {action.point} {action.name} and is passed over", hook)


class Passing:
    """What an action that has begun is done in; what is done meanwhile is within it, and then it has ended."""

    __slots__ = ("_action", "_around", "_points", "_told")

    def __init__(self, points: Points, action: Action, *, told: bool = True) -> None:
        self._points, self._action, self._told = points, action, told

    def __enter__(self) -> Action:
        self._around = _inside.set(self._action)
        return self._action

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None:
            self._action.error = error
        _inside.reset(self._around)
        if self._told:
            self._points.end(self._action)


def _no_past() -> None:
    """Return no time: the run began here."""


def _passed_over(watch: object) -> None:
    _log("the watcher %r failed and is passed over", watch)


def _log(message: str, *arguments: object) -> None:
    import logging

    logging.getLogger("llmspell").exception(message, *arguments)


_inside: ContextVar[Action | None] = ContextVar("llmspell_action", default=None)
