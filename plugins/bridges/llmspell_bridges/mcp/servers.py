"""Which servers the caller has configured: in the bridge's settings, else in ``mcp.json`` beside the keys.

{"mcpServers": {"files": {"command": "npx", "args": ["-y", "server-files", "."], "env": {"KEY": "..."}},
                "tickets": {"url": "https://mcp.example.com/mcp", "headers": {"Authorization": "Bearer ..."}}}}
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any, TypeAlias

from llmspell_bridges.llm.keys import keys_path
from llmspell_bridges.mcp.failures import BadServers
from llmspell_core.errors import closest
from llmspell_core.facts import Fact, fact

__all__ = ["HARMLESS", "Address", "Program", "Server", "configured", "servers_path"]

HARMLESS = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR", "TZ")
"""The host's variables that a program which is not configured sees: no keys."""
_MOST_BYTES = 2**20
_OF_PROGRAM, _OF_ADDRESS = ("command", "args", "env", "inherit", "cwd"), ("url", "headers")
_EITHER = ("type", "description")


@fact
class Program(Fact):
    """A server that is a program, spoken to over its standard input and output.

    :param env: all of its environment
    """

    name: str
    command: str
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str | None = None
    description: str = ""

    def secrets(self) -> Iterator[str]:
        """Yield what no spell may see of it."""
        yield from (value for name, value in self.env.items() if name not in HARMLESS)


@fact
class Address(Fact):
    """A server on the web.

    :param granted: the run was granted it as a URL; else the caller configured it
    """

    name: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    granted: bool = False

    def secrets(self) -> Iterator[str]:
        """Yield what no spell may see of it: header values, with and without their first word, and parts of the URL."""
        from urllib.parse import parse_qsl, urlsplit

        if self.granted:
            return
        for value in self.headers.values():
            yield value
            yield value.partition(" ")[2]
        parts = urlsplit(self.url)
        yield parts.password or ""
        yield from (value for _, value in parse_qsl(parts.query))


Server: TypeAlias = "Program | Address"


def servers_path() -> str:
    """Return the file that servers are configured in where the settings name none."""
    return os.path.join(os.path.dirname(keys_path()), "mcp.json")


def configured(settings: Mapping[str, Any]) -> dict[str, Server]:
    """Return the servers by name; :raises BadServers: naming what is wrong with one."""
    found = settings.get("servers")
    where = "the setting 'servers' of the bridge mcp"
    if found is None:
        where = settings.get("file") or servers_path()
        found = _read(where, needed="file" in settings)
    if not isinstance(found, Mapping):
        raise BadServers(where, "servers are a map of names, each with a 'command' or a 'url'")
    return {str(name): _server(f"{where}: {name}", str(name), fields) for name, fields in found.items()}


def _read(path: str, *, needed: bool) -> Any:
    import json

    try:
        with open(path, encoding="utf-8") as file:
            fields = json.loads(file.read(_MOST_BYTES))
    except FileNotFoundError as error:
        if needed:
            raise BadServers(path, "there is no such file") from error
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise BadServers(path, f"cannot be read: {error}") from error
    return fields.get("mcpServers", fields.get("servers")) if isinstance(fields, dict) else None


def _server(where: str, name: str, fields: Any) -> Server:
    if not isinstance(fields, Mapping) or ("command" in fields) == ("url" in fields):
        raise BadServers(where, "a server has either a 'command' or a 'url'")
    known = (*(_OF_PROGRAM if "command" in fields else _OF_ADDRESS), *_EITHER)
    for each in fields:
        if each not in known:
            raise BadServers(where, f"no field {each!r}{closest(str(each), known)}; there are {', '.join(known)}")
    description = _text(where, fields, "description") or ""
    if "url" in fields:
        return Address(name, _text(where, fields, "url") or "", _texts(where, fields, "headers"), description)
    inherited = {each: os.environ[each] for each in _words(where, fields, "inherit") if each in os.environ}
    environment = inherited | _texts(where, fields, "env")
    command, args = _text(where, fields, "command") or "", tuple(_words(where, fields, "args"))
    return Program(name, command, args, environment, _text(where, fields, "cwd"), description)


def _text(where: str, fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is not None and (not isinstance(value, str) or "\0" in value):
        raise BadServers(where, f"{name!r} is a text without NUL")
    return value


def _words(where: str, fields: Mapping[str, Any], name: str) -> list[str]:
    value = fields.get(name, [])
    if not isinstance(value, (list, tuple)) or not all(isinstance(word, str) and "\0" not in word for word in value):
        raise BadServers(where, f"{name!r} is a list of texts")
    return list(value)


def _texts(where: str, fields: Mapping[str, Any], name: str) -> dict[str, str]:
    value = fields.get(name, {})
    if not isinstance(value, Mapping) or not all(
        isinstance(word, str) and "\0" not in word for row in value.items() for word in row
    ):
        raise BadServers(where, f"{name!r} is a map of texts")
    return dict(value)
