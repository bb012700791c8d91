"""What an engine plugin implements: :class:`Engine` opens sessions, a :class:`Session` steps.

Read this, ``protocol.py`` and ``docs/protocol.md`` to write an engine; ``pytest --pyargs llmspell_conformance
--engine NAME`` tells whether it is one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from llmspell_core.errors import PluginError, ProtocolError
from llmspell_core.facts import Fact, fact
from llmspell_core.protocol import Outbox

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType
    from typing import Self

    from llmspell_core.limits import Limits
    from llmspell_core.protocol import Inbox
    from llmspell_core.spells import Spell
    from llmspell_core.stubs import Api, Method
    from llmspell_core.uses import Uses

__all__ = ["AsyncSession", "Engine", "EngineInfo", "Feature", "Program", "Session", "TextSession", "opened", "stepped"]


class Feature(StrEnum):
    """What an engine may or may not have; everything else is required of all."""

    INT64 = "int64"
    """Integers of 64 bits are kept exactly."""
    MEMORY_LIMIT = "memory_limit"
    """``Limits.memory`` holds, and the spell cannot catch it."""
    CPU_LIMIT = "cpu_limit"
    """``Limits.cpu`` interrupts code that never waits."""
    LIBRARY = "library"
    """Spells have the modules ``channel``, ``core``, ``data``, ``errors`` and ``testing``, and all of ``promise``."""
    COVERAGE = "coverage"
    """Sessions can tell which lines run: the engine has :meth:`Engine.cover` and :meth:`Engine.statements`."""


@fact
class EngineInfo(Fact):
    """What an engine says of itself.

    :param name: what ``--engine`` takes
    :param language: the language it runs; engines of one language run the same spells
    :param version: of the VM
    :param extensions: of its files, with the dot, the usual one first
    :param comment: what begins a comment line, for front matter
    :param features: the optional ones it has
    """

    name: str
    language: str
    version: str
    extensions: tuple[str, ...]
    comment: str
    features: frozenset[Feature] = frozenset()


@fact
class Program(Fact):
    """Checked source, ready to be opened. Plain text only, so that it can travel to a worker.

    :param entry: the name of the file that is run
    :param files: source by file name, the entry among them
    :param covered: whether its sessions tell which lines run, by :class:`~llmspell_core.protocol.Ran`
    """

    entry: str
    files: Mapping[str, str] = field(default_factory=dict)
    covered: bool = False


class Engine(ABC):
    """Runs one language. It binds any bridge and names none."""

    info: ClassVar[EngineInfo]
    listing_globals: ClassVar[str | None] = None
    """A spell that returns the names of the globals that every spell has; for :meth:`uses`."""
    guarded: bool = False
    """True in a worker, which is killed when it computes too long: an engine whose own clock makes it slow may leave it
    off where the time is long."""

    @abstractmethod
    def compile(self, spell: Spell) -> Program:
        """Return the program of a spell, checked and not run.

        :raises SpellSyntaxError: with file and line, when the source is wrong
        :raises IncompleteSource: when it is right so far and ends too early
        """

    @abstractmethod
    def open(self, program: Program, limits: Limits) -> Session:
        """Return a fresh session; its first inbox begins with ``Start``."""

    def cover(self, spell: Spell) -> Program:
        """Return the program of a spell as :meth:`compile` does, whose sessions tell which lines run.

        Called only where the engine has the feature ``coverage``.
        """
        raise PluginError(f"{type(self).__name__} has the feature coverage and no method `cover`")

    @classmethod
    def statements(cls, source: str) -> Mapping[int, int]:
        """Return where each statement of a file ends that can run, by the line that it begins in.

        A statement has run when one of its lines has.
        """
        raise PluginError(f"{cls.__name__} has the feature coverage and no method `statements`")

    def prepare(self) -> None:  # noqa: B027 - most engines have all at hand
        """Have in memory whatever a session may need: those that are opened from now on find no file any more.

        Called once, in the process that workers are forked from. What importing every module that the package's
        functions name and running an empty spell brings about need not be done here.
        """

    def open_ahead(self) -> None:  # noqa: B027 - an engine that opens quickly need not
        """Do what the next :meth:`open` has to do for any spell whatever its limits: it finds that done, once.

        Called once, after :meth:`prepare`, in the process that workers are forked from. Each worker has a copy of what
        is there and opens one session with it; an ``open`` that finds nothing opened ahead does all by itself. Limits
        hold as they do without: none is known yet, and each is set when the session is opened.
        """

    def close(self) -> None:  # noqa: B027 - most engines hold nothing
        """Let go of what the engine itself holds."""

    @staticmethod
    @abstractmethod
    def binding_name(name: str) -> str:
        """Return what a method, option or module is called in this language."""

    def uses(self, spell: Spell, bridges: Sequence[str], known: Sequence[str]) -> Uses | None:
        """Return what the source of a spell uses of its bridges, all its files read; None when this cannot be told.

        :param bridges: the names of the bridges there are
        :param known: the globals that a spell of this language has
        """
        return None

    @classmethod
    @abstractmethod
    def declare(cls, api: Api) -> dict[str, str]:
        """Return editor declarations of the bridges and of the engine's own globals: text by file name.

        The first file is that of the declarations themselves.
        """

    @classmethod
    def signature(cls, owner: str, method: Method, *, on_handle: bool) -> str | None:
        """Return how a call of a method looks in this language, for reference pages; None has it as on the host.

        :param owner: the module or the class of handles that has it
        :param on_handle: whether the owner is a class of handles
        """
        return None


class Session(ABC):
    """One live VM running one spell. It does no I/O and never calls the host."""

    began: float | None = None
    """When the run began, by ``time.monotonic()``, where the host says so before the first step; else that begins it.
    What is left of ``Limits.wall`` bounds how long a step computes."""

    @abstractmethod
    def step(self, inbox: Inbox) -> Outbox:
        """Feed events and run until every task of the spell waits, or the spell has ended."""

    @abstractmethod
    def close(self) -> None:
        """Drop the VM. A second call does nothing."""

    def memory(self) -> int | None:
        """Return the bytes that the VM holds, or None when nobody knows."""
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class TextSession(Session):
    """A session whose VM reads and writes messages as text by itself (``docs/protocol.md``): less work for a worker."""

    @abstractmethod
    def step_text(self, text: str) -> tuple[str, bool]:
        """As :meth:`step`, with the inbox and the outbox as text; tell too whether the session has ended."""


class AsyncSession(ABC):
    """A session somewhere else: as :class:`Session`, and the host goes on while it steps."""

    layers: Mapping[str, str] = MappingProxyType({})
    """What each layer of the lock around it came to, ``held`` or why not; empty until its first answer."""

    @abstractmethod
    async def astep(self, inbox: Inbox) -> Outbox:
        """Feed events and wait until every task of the spell waits, or the spell has ended."""

    @abstractmethod
    def close(self) -> None:
        """End the session, whatever it does. A second call does nothing."""

    def memory(self) -> int | None:
        """Return the bytes of memory that the session's process holds, or None when nobody knows."""
        return None


def opened(session: Session) -> Session:
    """Return what :meth:`Engine.open` has returned; :raises ProtocolError: when that is no session."""
    if not isinstance(session, Session):
        raise ProtocolError(f"the engine's `open` has returned no Session, but {session!r:.100}")
    return session


def stepped(outbox: Outbox) -> Outbox:
    """Return what :meth:`Session.step` has returned; :raises ProtocolError: when that is no outbox."""
    if type(outbox) is not Outbox:
        raise ProtocolError(f"the session's `step` has returned no Outbox, but {outbox!r:.100}")
    return outbox
