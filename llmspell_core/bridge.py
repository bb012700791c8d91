"""What a bridge plugin implements: a :class:`Bridge` whose exposed methods spells call.

    class GreetBridge(Bridge):
        \"\"\"Greet people.\"\"\"
        name = "greet"

        @expose
        async def hello(self, whom: str, *, loud: bool = False) -> str:
            \"\"\"Return a greeting.

            :param whom: who is greeted
            :param loud: greet in capitals
            \"\"\"

Parameters are positional in every language; keyword-only ones are the fields of one trailing table or object.
``async def`` for whatever waits; a plain ``def`` must come back at once. Return script values, rich types that a
converter knows, a :class:`Handle`, or an async iterator.
"""

from __future__ import annotations

from _thread import RLock
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypeVar, overload

from llmspell_core.background import Background
from llmspell_core.budget import Purse, Usage
from llmspell_core.errors import UsageError
from llmspell_core.facts import Fact, Record, fact, record
from llmspell_core.guard import Guard
from llmspell_core.points import Points
from llmspell_core.policy import Decision, Policy
from llmspell_core.present import doing, in_call
from llmspell_core.secrets import Secrets
from llmspell_core.values import Handle

if TYPE_CHECKING:
    from typing import Unpack

    from llmspell_core.casts import CastOptions, Result
    from llmspell_core.deadlines import Deadline, Mark
    from llmspell_core.spells import Spell

__all__ = [
    "Bridge",
    "Context",
    "Exposed",
    "Handle",
    "Once",
    "Redo",
    "Shared",
    "Usage",
    "expose",
    "exposed_methods",
    "needs_of",
    "parameter_of",
    "redo_of",
    "secret_of",
]

_F = TypeVar("_F", bound=Callable[..., Any])
_T = TypeVar("_T")

Redo: TypeAlias = bool | Callable[[Mapping[str, Any]], bool]
"""Whether a call is made again when an interrupted run goes on: always, never, or as its arguments by name say."""
Once: TypeAlias = Callable[[str, Callable[[], Awaitable[Any]]], Awaitable[Any]]
"""Returns what the journal holds under a key, or does the thing and keeps what came of it there."""


class Shared:
    """What bridges have in common, each thing under its own key: those of one run, or of all runs of one runner."""

    def __init__(self) -> None:
        self._kept: dict[object, Any] = {}
        self._making = RLock()  # threads may share a runner

    def get(self, key: object, make: Callable[[], _T]) -> _T:
        """Return what is kept under the key, made on first use."""
        if key not in self._kept:
            with self._making:
                if key not in self._kept:
                    self._kept[key] = make()
        kept: _T = self._kept[key]
        return kept

    def remove(self, key: object) -> Any:
        """Drop what is kept under the key and return it, or None; closing it is then the caller's."""
        return self._kept.pop(key, None)

    def closing(self) -> list[Any]:
        """Return what is kept and has a ``close``, the newest first, and forget everything."""
        kept, self._kept = list(self._kept.values()), {}
        return [thing for thing in reversed(kept) if hasattr(thing, "close")]


@record
class Context(Record):
    """What a bridge is told of the run that it serves.

    :param run_id: the run's id
    :param spell: the spell being cast
    :param model: the model the caller chose for the run, ``provider:model``, or None
    :param options: the bridge's own settings, from the runner
    :param purse: what the run may spend on models and has spent; whoever calls one reserves there first
    :param shared: what outlives the run
    :param run: what the bridges of this run have in common, closed at its end (``async def close()``), the newest first
    :param secrets: whoever reads a key adds it here, and it is taken out of errors, records and logs
    :param clock: returns the run's time, Unix seconds
    :param guard: asks the run's policy
    :param points: where hooks stand; whoever asks a model or runs a tool passes them
    :param bridge: the name of the bridge that is told
    :param caster: casts a spell for the run
    :param settings: those of all bridges, by name
    :param memory: returns what holds the spell, ``vm`` or ``process``, and the bytes that it holds, where anybody knows
    :param background: who begins a task that calls functions of the spell, and comes back before it ends, adds it here
    :param passes_as: returns the name that calls of a bridge pass the hooks by, whatever they are called by;
        :raises CallError: when there are none
    :param recall: keeps in the journal what must not be done twice; None where the run has none
    :param mark: returns what the journal has of a deadline of that key; None where the run has none
    """

    run_id: str
    spell: Spell
    model: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    purse: Purse = field(default_factory=Purse)
    shared: Shared = field(default_factory=Shared)
    run: Shared = field(default_factory=Shared)
    secrets: Secrets = field(default_factory=Secrets)
    clock: Callable[[], float] = lambda: 0.0
    guard: Guard = field(default_factory=lambda: Guard(Policy.trusted()))
    points: Points = field(default_factory=Points)
    bridge: str = ""
    caster: Callable[..., Awaitable[Any]] | None = None
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    memory: Callable[[], tuple[str, int | None]] = lambda: ("vm", None)
    background: Background = field(default_factory=Background)
    recall: Once | None = None
    mark: Callable[[str], Mark] | None = None
    passes_as: Callable[[str], str] = str

    def of(self, bridge: str) -> Context:
        """Return what another bridge of the same run is told."""
        return replace(self, options=self.settings.get(bridge, {}), bridge=bridge)

    @property
    def usage(self) -> Usage:
        """What the run has spent on models so far."""
        return self.purse.usage

    @property
    def policy(self) -> Policy:
        """Which capabilities the run has."""
        return self.guard.policy

    def require(self, capability: str, method: str = "") -> Decision:
        """Return the decision that allows a capability only the bridge can know of; :raises Denied: when refused."""
        return self.guard.require(capability, self.bridge, method)

    async def cast(self, spell: Spell | str, **options: Unpack[CastOptions]) -> Result:
        """Return what comes of a spell that the run casts, where and how it runs itself.

        Such a spell has no more than the run: a capability only if both policies allow it, the time that is left, no
        limit above the run's own. What it spends, the run spends. Cancelling reaches it.

        :param options: as for :meth:`llmspell_core.Runner.cast`; what is left out is as the run has it
        :raises UsageError: when the cast cannot begin
        :raises LimitExceeded: when spells cast spells too deep
        """
        if self.caster is None:
            raise UsageError("this context belongs to no run, so nothing can be cast for it; get one from a runner")
        result: Result = await self.caster(spell, options)
        return result

    @property
    def idempotency_key(self) -> str:
        """What tells a server that a request is the same as before, where the run goes on after a crash.

        It is the run's id and the call's number, and within :meth:`once` what is done there.
        """
        return ":".join(filter(None, (self.run_id, str(in_call.get()), doing.get())))

    async def once(self, key: str, do: Callable[[], Awaitable[_T]]) -> _T:
        """Return what comes of doing something that must not be done again when the run goes on after a crash.

        What comes of it is kept in the run's journal before it is returned: within the same call, the same key then
        gives it back and nothing is done. A key that comes several times in one call counts by its order. Where the run
        has no journal, the thing is done. An error of llmspell's own kinds is kept too, but for those of a limit, the
        budget or a cancellation: what raises it again has its kind, message and data.

        :param key: says what is done, as ``openai:gpt-4o 3f2a``
        :param do: does it, and returns a script value without functions or handles
        :raises ConversionError: when it returns anything else
        """
        if self.recall is None:
            return await do()
        kept: _T = await self.recall(key, do)
        return kept

    def deadline(self, key: str, seconds: float | None) -> Deadline:
        """Return what stops whatever runs inside after so many seconds; it is used as ``asyncio.timeout`` is.

        For what is made again when the run goes on after a crash: what was stopped then is stopped there again, without
        waiting for it, and what was not is not stopped by how long it takes to get there.

        :param key: says what is stopped; that of several in one call counts by its order
        """
        from llmspell_core.deadlines import Deadline

        return Deadline(seconds, None if self.mark is None or seconds is None else self.mark(key))

    def confirm(self, capability: str) -> Decision:
        """Return the decision on what ``needs`` of the running method required, made anew; :raises Denied: as above."""
        return self.guard.confirm(capability, self.bridge)


class Bridge:
    """Host functions offered to spells under one name. One object serves one run."""

    name: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()
    """Other names that spells may use for it; each needs an entry point of its own, of the same module."""
    settings: ClassVar[Any] = None
    """A TypedDict of what callers may set for it, by ``Runner(options=...)`` or in the config file."""
    roles: ClassVar[tuple[str, ...]] = ()
    """What it does for languages that need it of the host, each with an entry point of its own: as ``_fetch``."""
    unhooked: ClassVar[bool] = False
    """True where calls pass no point: of what is about the points itself."""
    asks: ClassVar[tuple[str, ...]] = ()
    """The kinds of capabilities that its methods require by themselves, beside what ``needs`` says."""

    def __init__(self, context: Context) -> None:
        self.context = context

    async def close(self) -> None:
        """Let go of what the bridge holds; called once, when the run has ended."""


@fact
class Exposed(Fact):
    """What ``@expose`` says of a method.

    :param aliases: other names that spells may use for it
    :param needs: the capabilities that a call needs, with parameters in braces: ``read:{path}``
    :param redo: whether a call is made again when an interrupted run goes on, always or by its arguments
    :param secret: the parameters whose values nobody is shown, and the fields of maps: ``headers.authorization``
    """

    aliases: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    redo: Redo = False
    secret: tuple[str, ...] = ()


@overload
def expose(method: _F, /) -> _F: ...
@overload
def expose(
    *,
    aliases: str | tuple[str, ...] = (),
    needs: str | tuple[str, ...] = (),
    redo: Redo = False,
    secret: str | tuple[str, ...] = (),
) -> Callable[[_F], _F]: ...
def expose(
    method: Any = None,
    /,
    *,
    aliases: str | tuple[str, ...] = (),
    needs: str | tuple[str, ...] = (),
    redo: Redo = False,
    secret: str | tuple[str, ...] = (),
) -> Any:
    """Mark a method of a bridge or a handle as one that spells may call.

    When an interrupted run goes on, a call that has ended is answered from the run's journal. A method that builds
    what later calls need, in memory, has to be called once more: say ``redo``. One that returns a handle is called
    once more in any case. What such a method does to the world belongs into :meth:`Context.once`.

    :param aliases: other names that spells may use for it
    :param needs: the capabilities that a call needs, parameters in braces: ``read:{path}``; a list needs each item
    :param redo: True, or a function that tells it from the arguments by name
    :param secret: the parameters that hold secrets, or fields of a map in lower case, as ``headers.authorization``:
        cassettes, traces and whatever else is told of calls have ``***`` there
    """

    def mark(function: _F) -> _F:
        if isinstance(function, staticmethod | classmethod | property):
            name = type(function).__name__
            raise UsageError(f"@expose marks methods of an object, and {name} makes something else; leave {name} away")
        marks = Exposed(_texts(aliases, "aliases"), _texts(needs, "needs"), redo, _texts(secret, "secret"))
        function.__exposed__ = marks  # type: ignore[attr-defined]
        return function

    return mark if method is None else mark(method)


def _texts(given: str | Sequence[str], what: str) -> tuple[str, ...]:
    texts = (given,) if isinstance(given, str) else given
    if not isinstance(texts, tuple | list) or not all(isinstance(each, str) for each in texts):
        raise UsageError(f"@expose({what}=...) takes a text, or several in a tuple, not {given!r}")
    return tuple(texts)


def exposed_methods(owner: type) -> dict[str, Callable[..., Any]]:
    """Return the exposed functions of a bridge or handle class by every name they may be called by."""
    found: dict[str, Callable[..., Any]] = {}
    for cls in reversed(owner.__mro__):
        for name, member in vars(cls).items():
            marks = getattr(member, "__exposed__", None)
            if isinstance(marks, Exposed):
                found.update(dict.fromkeys((name, *marks.aliases), member))
    return found


def redo_of(function: Callable[..., Any]) -> Redo:
    """Return whether calls of an exposed function are made again when an interrupted run goes on."""
    marks = getattr(function, "__exposed__", None)
    return marks.redo if isinstance(marks, Exposed) else False


def secret_of(function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the parameters of an exposed function, and the fields of them, that hold secrets."""
    marks = getattr(function, "__exposed__", None)
    return marks.secret if isinstance(marks, Exposed) else ()


def parameter_of(path: str) -> str:
    """Return the name of the parameter that a secret is, or is a part of."""
    return path.removesuffix("?").partition(".")[0]


def needs_of(function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the capabilities that an exposed function needs, with parameters in braces."""
    marks = getattr(function, "__exposed__", None)
    return marks.needs if isinstance(marks, Exposed) else ()
