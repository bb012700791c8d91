"""The bridge ``log``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.log.records import Level, Writer
from llmspell_core.bridge import Bridge, Handle, expose

if TYPE_CHECKING:
    from llmspell_core.bridge import Context

__all__ = ["LogBridge", "Logger"]

Fields = dict[str, Any]


class _Levels:
    """What can be done with a writer of log records."""

    _writer: Writer

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
        return Logger(self._writer.with_fields(fields))

    @expose
    def set_level(self, level: Level) -> None:
        """Log nothing below a level from now on; loggers made before keep theirs.

        :param level: the least level that is logged
        """
        self._writer = self._writer.at_level(level)


class Logger(_Levels, Handle):
    """Writes log records under a component's name, with fields of its own."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer


class LogBridge(_Levels, Bridge):
    """Write log records, with fields."""

    name = "log"
    aliases = ("logging",)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        spell = context.spell.manifest.name or context.spell.file
        self._writer = Writer("main", {"spell": spell, "run": context.run_id})

    @expose
    def create_logger(self, component: str, level: Level | None = None) -> Logger:
        """Return a logger for one part of the spell.

        :param component: the part's name; letters, digits and ``_ . -``
        :param level: the least level that is logged, the bridge's if left out
        """
        writer = self._writer.of_component(component)
        return Logger(writer if level is None else writer.at_level(level))
