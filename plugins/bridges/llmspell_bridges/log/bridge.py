"""The bridge ``log``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.log.records import LEVELS, Level, Writer
from llmspell_core.bridge import Bridge, Handle, expose

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_core.bridge import Context

__all__ = ["LogBridge", "LogTimer", "Logger"]

Fields = dict[str, Any]

_COMPONENTS = 1000


class _Levels:
    """What can be done with a writer of log records."""

    _writer: Writer
    _clock: Callable[[], float]

    @expose
    def debug(self, message: str, fields: Fields | None = None) -> None:
        """Log what helps to find a fault.

        :param message: what happened
        :param fields: facts that belong to it, by name
        """
        self._writer.write("debug", message, fields)

    @expose
    def info(self, message: str, fields: Fields | None = None) -> None:
        """Log what happens as it is meant to.

        :param message: what happened
        :param fields: facts that belong to it, by name
        """
        self._writer.write("info", message, fields)

    @expose
    def warn(self, message: str, fields: Fields | None = None) -> None:
        """Log what may be a fault.

        :param message: what happened
        :param fields: facts that belong to it, by name
        """
        self._writer.write("warn", message, fields)

    @expose
    def error(self, message: str, fields: Fields | None = None) -> None:
        """Log a failure.

        :param message: what happened
        :param fields: facts that belong to it, by name
        """
        self._writer.write("error", message, fields)

    @expose(aliases=("with",))
    def with_context(self, fields: Fields) -> Logger:
        """Return a logger that adds the same fields to each record.

        :param fields: facts that belong to each record, by name
        """
        return Logger(self._writer.with_fields(fields), self._clock)

    @expose
    def timer(self, name: str, fields: Fields | None = None) -> LogTimer:
        """Return a timer that begins now, and logs at ``info`` how long it took when it is stopped.

        :param name: what is timed; the message of the record
        :param fields: facts that belong to it, by name
        """
        return LogTimer(self._writer, self._clock, name, fields or {})

    @expose(redo=True)
    def set_level(self, level: Level) -> None:
        """Log nothing below a level from now on; loggers made before keep theirs.

        :param level: the least level that is logged
        """
        self._writer = self._writer.at_level(level)


class Logger(_Levels, Handle):
    """Writes log records under a component's name, with fields of its own."""

    def __init__(self, writer: Writer, clock: Callable[[], float]) -> None:
        self._writer, self._clock = writer, clock


class LogTimer(Handle):
    """Measures by the run's clock how long something takes."""

    def __init__(self, writer: Writer, clock: Callable[[], float], name: str, fields: Fields) -> None:
        self._writer, self._clock, self._name, self._fields = writer, clock, name, fields
        self._began = clock()

    @expose
    def elapsed(self) -> float:
        """Return the seconds since it began."""
        return max(0.0, self._clock() - self._began)

    @expose
    def stop(self, fields: Fields | None = None) -> float:
        """Log how long it took, in the field ``seconds``, and return that.

        :param fields: facts that belong to it, by name
        """
        seconds = self.elapsed()
        self._writer.write("info", self._name, {**self._fields, **(fields or {}), "seconds": round(seconds, 6)})
        return seconds


class LogBridge(_Levels, Bridge):
    """Write log records, with fields."""

    name = "log"
    aliases = ("logging",)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        spell = context.spell.manifest.name or context.spell.file
        self._writer = Writer("main", {"spell": spell, "run": context.run_id})
        self._clock = context.clock
        self._components = {"main"}

    @expose
    def create_logger(self, component: str, level: Level | None = None) -> Logger:
        """Return a logger for one part of the spell.

        :param component: the part's name; letters, digits and ``_ . -``
        :param level: the least level that is logged, the bridge's if left out
        """
        writer = self._writer.of_component(component)
        if len(self._components) < _COMPONENTS:
            self._components.add(component)
        return Logger(writer if level is None else writer.at_level(level), self._clock)

    @expose
    def audit(self, event: str, fields: Fields | None = None) -> None:
        """Log what has to be found again later: whatever the spell's levels are, in a log of its own.

        :param event: what was done, as ``order.cancelled``
        :param fields: facts that belong to it, by name: by whom, to what
        """
        self._writer.audit(event, fields)

    @expose
    def levels(self) -> list[str]:
        """Return the levels, the least first."""
        return list(LEVELS)

    @expose
    def components(self) -> list[str]:
        """Return the names of the components that this run has loggers of, sorted; the first 1,000 of them."""
        return sorted(self._components)
