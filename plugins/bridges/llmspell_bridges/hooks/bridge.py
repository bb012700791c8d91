"""The bridge ``hooks``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeAlias, TypedDict

from llmspell_bridges.guardrails.pii import KINDS as PII
from llmspell_bridges.guardrails.pii import Kind
from llmspell_bridges.hooks import script
from llmspell_bridges.hooks.ready_made import check_point
from llmspell_bridges.hooks.redact import Side
from llmspell_bridges.hooks.retry import KINDS
from llmspell_core.actions import POINTS
from llmspell_core.bridge import Bridge, expose
from llmspell_core.errors import BadArgument, CallError
from llmspell_core.standing import Standing
from llmspell_core.values import Function, ScriptValue

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_bridges.hooks.ready_made import ReadyMade
    from llmspell_core.standing import Around

__all__ = ["HookRecord", "HooksBridge"]

# The bridge has a method of the name `list`.
_Texts: TypeAlias = list[str]
_Kinds: TypeAlias = list[Kind]
_Hooks: TypeAlias = list["HookRecord"]
Sort: TypeAlias = Literal["before", "after", "around", "cache", "rate_limit", "retry", "cost_cap", "redact", "audit"]


class HookRecord(TypedDict):
    """A hook of the spell.

    :param point: where it stands
    :param calls: how often something has passed it
    :param failures: how often it failed by itself and was passed over
    :param last_error: of the last such failure
    """

    id: int
    point: str
    sort: Sort
    priority: float
    calls: int
    failures: int
    last_error: str | None


class HooksBridge(Bridge):
    """Stand around what the run does: look at it, change it, refuse it, or answer in its place.

    The points are ``spell``, ``agent``, ``agent_turn``, ``workflow_step``, ``llm``, ``tool`` and ``bridge_call``, and
    those that ``hooks.execute`` names; ``tool:web_*`` is a point and the names that it is for, ``bridge_call:fs.read``
    those of calls, of which one that no bridge has is refused. Hooks see the actions of
    their own run alone, and of them not what they do themselves. The higher its priority, the further out a hook
    stands: the sooner it sees what is asked, and the later what is answered; of equal ones the first is outermost.
    A hook that fails is passed over, and ``hooks.list`` tells of it.
    """

    name = "hooks"
    unhooked = True

    @expose(redo=True)
    def before(self, point: str, f: Function, *, priority: float = 0) -> int:
        """Have a function called before each action at a point, and return the hook's number.

        It is called with ``{run, point, name, number, parent, arguments}``. It returns nothing; ``{arguments}``, those
        that are to be others; or ``{result}``, so that the action is not done.

        :param point: where
        :param f: the function
        :param priority: the higher, the further out
        """
        return self._stand(point, script.before(f), priority, "before")

    @expose(redo=True)
    def after(self, point: str, f: Function, *, priority: float = 0) -> int:
        """Have a function called after each action at a point, and return the hook's number.

        It is called with what one before is, and ``result`` or ``error``. It returns nothing, or ``{result}``, which is
        to be the result.

        :param point: where
        :param f: the function
        :param priority: the higher, the further out
        """
        return self._stand(point, script.after(f), priority, "after")

    @expose(redo=True)
    def around(self, point: str, f: Function, *, priority: float = 0) -> int:
        """Have a function called in the place of each action at a point, and return the hook's number.

        It is called with what one before is, and with an object whose ``proceed(arguments)`` does the action and
        returns its result. What the function returns is the result.

        :param point: where
        :param f: the function
        :param priority: the higher, the further out
        """
        return self._stand(point, script.around(f), priority, "around")

    @expose(redo=True)
    def remove(self, id: int) -> bool:
        """Take a hook away, and tell whether there was one.

        :param id: its number
        """
        return self._drop(lambda standing: standing.id == id) > 0

    @expose(redo=True)
    def clear(self, point: str | None = None) -> int:
        """Take all hooks of a point away, or all there are, and return how many they were.

        :param point: where, as the hooks were given it
        """
        where = None if point is None else self._place("clear", point)
        return self._drop(lambda standing: where in (None, standing.where))

    @expose
    def list(self) -> _Hooks:
        """Return the hooks of the spell, the outermost first."""
        return [_record(standing) for standing in self.context.points.standing if not standing.answers]

    @expose
    def deny(self, reason: str) -> NoReturn:
        """Refuse the action that the hook is called for: end the hook with this call's error, as ``return`` does.

        :param reason: what whoever asked for it is told
        """
        raise script.Vetoed(reason)

    @expose
    async def execute(self, name: str, f: Function, *args: ScriptValue) -> ScriptValue:
        """Return what a function makes of arguments, past the hooks at a point of the spell's own.

        :param name: of the point
        :param f: the function
        :param args: its arguments; hooks see them as ``arguments.args``
        """
        if name in POINTS or not name.isidentifier():
            problem = f"names a point of your own, in letters, digits and _, not {name!r}"
            raise BadArgument("hooks.execute", 1, "name", problem)

        async def do(arguments: dict[str, Any]) -> Any:
            return await f(*arguments["args"])

        result: ScriptValue = await self.context.points.act(name, name, {"args": [*args]}, do)
        return result

    @expose(redo=True)
    def cache(self, point: str = "llm", *, seconds: float = 3600, most: int = 1000, priority: float = 0) -> int:
        """Answer with what came of the same action before, and return the hook's number.

        :param point: where
        :param seconds: how old an answer may be
        :param most: how many are kept
        :param priority: the higher, the further out
        """
        from llmspell_bridges.hooks.cache import Cache

        return self._ready(Cache(point, seconds=seconds, most=most), priority, "cache")

    @expose(redo=True)
    def rate_limit(
        self, point: str = "llm", *, calls: int, per: float = 60, wait: bool = False, priority: float = 0
    ) -> int:
        """Let no more than so many actions begin in so many seconds, and return the hook's number.

        :param point: where
        :param calls: how many
        :param per: in how many seconds
        :param wait: have what comes too often wait for its turn; else it is refused
        :param priority: the higher, the further out
        """
        from llmspell_bridges.hooks.rate_limit import RateLimit

        return self._ready(RateLimit(point, calls=calls, per=per, wait=wait), priority, "rate_limit")

    @expose(redo=True)
    def retry(
        self,
        point: str = "tool",
        *,
        attempts: int = 3,
        delay: float = 1,
        kinds: _Texts = KINDS,  # type: ignore[assignment]  # shown as a list
        priority: float = 0,
    ) -> int:
        """Try again what fails, after a delay that doubles each time, and return the hook's number.

        :param point: where
        :param attempts: how often it is tried altogether
        :param delay: seconds before the second attempt
        :param kinds: the kinds of errors that are worth it
        :param priority: the higher, the further out
        """
        from llmspell_bridges.hooks.retry import Retry

        return self._ready(Retry(point, attempts=attempts, delay=delay, kinds=kinds), priority, "retry")

    @expose(redo=True)
    def cost_cap(self, cost: float, *, point: str = "llm", priority: float = 0) -> int:
        """Refuse requests to models once those before have cost so much, and return the hook's number.

        :param cost: US dollars
        :param point: where
        :param priority: the higher, the further out
        """
        from llmspell_bridges.hooks.cost_cap import CostCap

        return self._ready(CostCap(cost, point), priority, "cost_cap")

    @expose(redo=True)
    def redact(
        self,
        point: str = "llm",
        *,
        kinds: _Kinds = PII,  # type: ignore[assignment]  # shown as a list
        words: _Texts = (),  # type: ignore[assignment]  # shown as a list
        on: Side = "both",
        priority: float = 0,
    ) -> int:
        """Take out of texts what tells who somebody is, and return the hook's number.

        :param point: where
        :param kinds: what is looked for
        :param words: texts that are taken out as well, whatever their case; at most 10,000 of at most 256 characters
        :param on: whether the arguments are looked at, the result, or both
        :param priority: the higher, the further out
        """
        from llmspell_bridges.hooks.redact import Redact

        return self._ready(Redact(point, kinds=kinds, words=words, on=on), priority, "redact")

    @expose(redo=True)
    def audit(self, point: str, f: Function, *, priority: float = 0) -> int:
        """Have a function told of each action when it has ended, and return the hook's number.

        It is told ``{run, number, parent, point, name, began, duration, outcome}``, the outcome ``ok`` or the kind of
        the error.

        :param point: where
        :param f: the function
        :param priority: the higher, the further out
        """
        from llmspell_bridges.hooks.audit import Audit

        return self._ready(Audit(f, point), priority, "audit")

    def _drop(self, unwanted: Callable[[Standing], bool]) -> int:
        # What a test has put in the place of something is not the spell's to take away.
        return self.context.points.drop(lambda standing: not standing.answers and unwanted(standing))

    def _ready(self, hook: ReadyMade, priority: float, sort: Sort) -> int:
        return self._stand(hook.at[0], hook.around, priority, sort)

    def _stand(self, where: str, around: Around, priority: float, sort: Sort) -> int:
        standing = Standing(self._place(sort, where), around, priority, sort)
        self.context.points.stand(standing)
        return standing.id

    def _place(self, function: str, where: str) -> str:
        """Return a point and the names that a hook is for; :raises BadArgument: when nothing ever passes there."""
        check_point(function, where)
        point, colon, names = where.partition(":")
        if point != "bridge_call" or not colon:
            return where
        try:
            return f"{point}:{self.context.passes_as(names)}"
        except CallError as error:
            raise BadArgument(f"hooks.{function}", None, "point", str(error)) from None


def _record(standing: Standing) -> HookRecord:
    sort: Any = standing.label
    return HookRecord(
        id=standing.id,
        point=standing.where,
        sort=sort,
        priority=standing.priority,
        calls=standing.calls,
        failures=standing.failures,
        last_error=standing.last_error,
    )
