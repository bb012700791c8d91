"""Log records with fields, written by the standard library's ``logging``.

A record goes to the logger ``llmspell.spell.<component>``, is one line, ends in its fields as ``key=value``, and
carries them as ``record.fields``, beside ``record.spell`` and ``record.run``. What is to be found again goes to
``llmspell.audit`` instead.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from llmspell_core.errors import BadArgument, closest

__all__ = ["LEVELS", "Level", "Writer"]

Level: TypeAlias = Literal["debug", "info", "warn", "error"]

LEVELS: dict[str, int] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
}
_PARENT = "llmspell.spell"
_AUDIT = "llmspell.audit"
_COMPONENT = re.compile(r"[A-Za-z0-9_-]{1,64}(\.[A-Za-z0-9_-]{1,64}){0,3}")
_BARE = re.compile(r"[^\s\"'=,{}\[\]\x00-\x1f\x7f-\x9f]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True)
class Writer:
    """Writes the records of one component.

    :param extra: attributes of every record
    :param fields: facts that every record has
    :param least: below this level nothing is written; what the host says when it is left out
    """

    component: str
    extra: Mapping[str, str]
    fields: Mapping[str, Any] = field(default_factory=dict)
    least: int | None = None

    def of_component(self, component: str) -> Writer:
        """Return a writer for another component.

        :raises BadArgument: when the name has other characters than it may
        """
        if not _COMPONENT.fullmatch(component):
            problem = f"must be a name of letters, digits, '_', '-' and '.', not {component[:40]!r}"
            raise BadArgument("log.create_logger", 1, "component", problem)
        return replace(self, component=component)

    def with_fields(self, fields: Mapping[str, Any]) -> Writer:
        """Return a writer that adds fields to each record."""
        return replace(self, fields={**self.fields, **fields})

    def at_level(self, level: Level) -> Writer:
        """Return a writer that writes nothing below a level.

        :raises BadArgument: when there is no such level
        """
        if level not in LEVELS:
            hint = closest(level, LEVELS) or f"; there are {', '.join(LEVELS)}"
            raise BadArgument("log.set_level", 1, "level", f"is no level: {level!r}{hint}")
        return replace(self, least=LEVELS[level])

    def write(self, level: Level, message: str, fields: Mapping[str, Any] | None = None) -> None:
        """Write a record."""
        logger, number = _logger(self.component), LEVELS[level]
        if not logger.hasHandlers():
            _write_to_standard_error(_PARENT)
        if number >= (self.least or logging.NOTSET) and logger.isEnabledFor(number):
            known = {**self.fields, **(fields or {})}
            extra = {**self.extra, "fields": known, "asked_for": self.least is not None}
            logger.log(number, _line(message, known), extra=extra)

    def audit(self, event: str, fields: Mapping[str, Any] | None = None) -> None:
        """Write a record of what has to be found again, whatever the least level is."""
        logger = logging.getLogger(_AUDIT)
        if not logger.hasHandlers():
            _write_to_standard_error(_AUDIT)
        known = {**self.fields, **(fields or {})}
        extra = {**self.extra, "event": event, "component": self.component, "fields": known}
        logger.log(logging.INFO, _line(event, known), extra=extra)


def _logger(component: str) -> logging.Logger:
    """Return the logger that the host configured for a component, else one that the host need not keep.

    ``logging`` keeps every logger it hands out for good, and spells may make up any number of names.
    """
    name = f"{_PARENT}.{component}"
    kept = logging.Logger.manager.loggerDict.get(name)
    if isinstance(kept, logging.Logger):
        return kept
    logger = logging.Logger(name)
    logger.parent = logging.getLogger(_PARENT)
    return logger


def _write_to_standard_error(name: str) -> None:
    """Write to standard error: what happens where the host has configured no logging.

    That is from ``info`` up, where the spell has not said otherwise.
    """
    handler = logging.StreamHandler()
    handler.addFilter(lambda record: record.levelno >= logging.INFO or getattr(record, "asked_for", False))
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    parent = logging.getLogger(name)
    parent.addHandler(handler)
    if parent.level == logging.NOTSET:
        parent.setLevel(logging.DEBUG)


def _line(message: str, fields: Mapping[str, Any]) -> str:
    said = " ".join(f"{_escaped(name)}={_shown(value)}" for name, value in fields.items())
    return f"{_escaped(message)} {said}" if said else _escaped(message)


def _shown(value: Any) -> str:
    if isinstance(value, str) and _BARE.fullmatch(value):
        return value
    return _escaped(json.dumps(value, ensure_ascii=False, default=repr))


def _escaped(text: str) -> str:
    """Return the text in one line: a spell can neither forge a record nor steer a terminal."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
