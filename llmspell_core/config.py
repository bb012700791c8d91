"""The user's own config file: what casts on the command line are told where no flag and no variable says it.

It is ``config.toml`` in ``$LLMSPELL_HOME``, else in the user's config folder, or the file that ``--config`` or
``$LLMSPELL_CONFIG`` names. None is ever looked for in the current folder: what somebody else put there must not grant
anything.
"""

from __future__ import annotations

import os
import re
from dataclasses import field
from typing import TYPE_CHECKING, Any

from llmspell_core.errors import UsageError, closest
from llmspell_core.facts import Fact, fact
from llmspell_core.policy import PROFILES, Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Config", "ConfigError", "config_path", "data_path", "read_config", "settings_error"]


class ConfigError(UsageError):
    """The config file is wrong; the message names the file, the line where that is known, the field and the cure."""

    def __init__(self, file: str, line: int | None, problem: str) -> None:
        self.file, self.line = file, line
        super().__init__(f"config file {file}{f':{line}' if line else ''}: {problem}")


@fact
class Config(Fact):
    """What a config file says; None and empty are what it does not say.

    :param model: as ``--model``
    :param isolation: as ``--isolation``
    :param policy: as ``--policy``
    :param allow: capabilities that are granted, as ``net:api.example.com``
    :param deny: capabilities that are denied
    :param audit: as ``--audit``
    :param limits: a profile's name, or limits by name (``profile`` among them)
    :param budget: the most to spend on models: ``requests``, ``tokens``, ``cost``
    :param bridges: settings by the names of bridges, which are still to be checked
    """

    model: str | None = None
    isolation: str | None = None
    policy: str | None = None
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    audit: str | None = None
    limits: Mapping[str, Any] | str | None = None
    budget: Mapping[str, Any] | None = None
    bridges: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def config_path() -> str:
    """Return where the config file is when no other is named: beside the keys."""
    home = os.environ.get("LLMSPELL_HOME")
    if not home:
        config = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
        home = os.path.join(config, "llmspell")
    return os.path.join(home, "config.toml")


def data_path(name: str) -> str:
    """Return where a file of the user's data is: in ``$LLMSPELL_HOME``, else in the user's data folder."""
    home = os.environ.get("LLMSPELL_HOME")
    if not home:
        data = os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
        home = os.path.join(data, "llmspell")
    return os.path.join(home, name)


def read_config(path: str | None = None) -> Config:
    """Return what the config file says; the usual one need not exist, one that is named must.

    :raises ConfigError: when it is not there, no TOML, or says what it may not
    """
    file = path or config_path()
    try:
        with open(file, encoding="utf-8") as opened:
            text = opened.read()
    except FileNotFoundError:
        if path is None:
            return Config()
        raise ConfigError(file, None, "there is no such file; write it, or leave out --config") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(file, None, f"cannot be read: {error}; correct or remove it") from error
    return _checked(_parsed(text, file), text, file)


def settings_error(file: str, bridge: str, problem: str) -> ConfigError:
    """Return the error of a config file in which a bridge's settings are wrong."""
    return ConfigError(file, _line_of_settings(bridge, problem, file), f"bridges.{bridge}: {problem}")


def _parsed(text: str, file: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+)", str(error))
        raise ConfigError(
            file, int(found[1]) if found else len(text.splitlines()), f"not valid TOML: {error}; correct it"
        ) from error


def _checked(said: dict[str, Any], text: str, file: str) -> Config:
    made: dict[str, Any] = {}
    for name, value in said.items():
        try:
            if name not in _READERS:
                raise UsageError(f"unknown field{closest(name, _READERS) or '; there are ' + ', '.join(_READERS)}")
            made[name] = _READERS[name](value)
        except UsageError as error:
            raise ConfigError(file, _line_of(name, str(error), text), f"{name}: {error}") from None
    return Config(**made)


def _line_of(name: str, problem: str, text: str) -> int | None:
    """Return the line that a field is on: of a table, that of the field in it which the problem names."""
    lines = text.splitlines()
    form = re.compile(rf"\s*(?:\[\s*)?[\"']?{re.escape(name)}\b")
    start = next((number for number, line in enumerate(lines, 1) if form.match(line)), None)
    if start is None or not lines[start - 1].lstrip().startswith("["):
        return start
    for number, line in enumerate(lines[start:], start + 1):
        field = re.match(r"\s*([\w-]+)\s*=", line)
        if line.lstrip().startswith("["):
            return start
        if field and re.search(rf"(?<![\w-]){re.escape(field[1])}(?![\w-])", problem):
            return number
    return start


def _line_of_settings(bridge: str, problem: str, file: str) -> int | None:
    """Return the line of the table of a bridge's settings, or of the line below it that a problem names."""
    with open(file, encoding="utf-8") as opened:
        lines = opened.read().splitlines()
    table = re.compile(rf"\s*\[\s*bridges\s*\.\s*[\"']?{re.escape(bridge)}[\"']?\s*[\].]")
    starts = [number for number, line in enumerate(lines, 1) if table.match(line)]
    for start in starts:
        for number, line in enumerate(lines[start:], start + 1):
            found = re.match(r"\s*[\"']?([\w:.-]+)[\"']?\s*=", line)
            if line.lstrip().startswith("["):
                break
            if found and re.search(rf"(?<![\w-]){re.escape(found[1])}(?![\w-])", problem):
                return number
    return starts[0] if starts else None


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise UsageError(f"{value!r} is no text; put it in quotes")
    return value


def _one_of(*options: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in options:
            raise UsageError(f"{value!r} is none of {', '.join(options)}; write one of them")
        return str(value)

    return read


def _capabilities(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise UsageError(f'{value!r} is no list of capabilities; write ["net:api.example.com", ...]')
    Policy.standard().allow(*value)
    return tuple(value)


def _limits(value: Any) -> Mapping[str, Any] | str:
    from llmspell_core.limits import Limits
    from llmspell_core.measures import limits_of

    if not isinstance(value, str | dict):
        raise UsageError(f"{value!r} is neither a profile nor a table; write [limits] and a line for each")
    limits_of(value, Limits.standard())
    return value


def _budget(value: Any) -> Mapping[str, Any]:
    from llmspell_core.budget import Budget

    if not isinstance(value, dict):
        raise UsageError(f"{value!r} is no table; write [budget] and a line for each")
    Budget.of(value)
    return value


def _bridges(value: Any) -> Mapping[str, Mapping[str, Any]]:
    if not isinstance(value, dict) or not all(isinstance(each, dict) for each in value.values()):
        raise UsageError("write a table for each bridge, as [bridges.llm], and a line for each setting")
    return value


_READERS: dict[str, Callable[[Any], Any]] = {
    "model": _text,
    "isolation": _one_of("inline", "process", "strict"),
    "policy": _one_of(*PROFILES),
    "allow": _capabilities,
    "deny": _capabilities,
    "audit": _text,
    "limits": _limits,
    "budget": _budget,
    "bridges": _bridges,
}
"""How each field is read and checked."""
