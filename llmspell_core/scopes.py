"""What the scope of a capability covers: hosts, files, and names.

``net:`` a host, ``*.example.com`` or an address, each with or without a port. ``read:`` and ``write:`` a file, or a
folder and all in it, by where it really is. ``events:`` a pattern of names, as ``orders.>``. Everything else a name, in
which ``*`` stands for anything.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache

from llmspell_core.errors import UsageError

__all__ = [
    "FILES",
    "host_and_port",
    "host_covers",
    "is_everything",
    "name_covers",
    "name_touches",
    "normal",
    "real_path",
    "same_place",
    "within",
]

FILES = ("read", "write")
"""The kinds whose scopes are files."""
_VERBS = ("read:", "write:")
"""What may come before the scope and the key of a value that is kept; without, both are meant."""
_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443"}


def is_everything(scope: str) -> bool:
    """Tell whether a rule's scope leaves nothing out."""
    return scope in ("", "*")


def normal(kind: str, scope: str) -> str:
    """Return a scope in the one spelling that is compared."""
    if kind == "net":
        host, port = host_and_port(scope)
        host = f"[{host}]" if ":" in host else host
        return f"{host}:{port}" if port else host
    if kind == "llm":
        provider, slash, model = scope.partition("/")
        return f"{provider}:{model}" if slash and ":" not in provider else scope
    if kind == "env" and os.name == "nt":
        return scope.upper()
    if kind == "events" and not is_everything(scope):
        from llmspell_core.subjects import fault

        if problem := fault(scope, pattern=True):
            raise UsageError(problem)
    return scope


def host_and_port(scope: str) -> tuple[str, str]:
    """Return the host and the port of ``host``, ``host:port``, ``[address]:port`` or a URL.

    :raises UsageError: when it is none of them
    """
    if "://" in scope:
        return _of_url(scope)
    found = re.fullmatch(r"\[([^\]]*)\](?::(\d+))?|([^:\[\]]*)(?::(\d+))?|([0-9A-Fa-f:.%]+)", scope)
    if found is None or not scope.isascii() or re.search(r"[\s/@?#\\]", scope):
        raise UsageError(
            f"{scope!r} is no host; write example.com, *.example.com:443 or [::1]:8080, xn--... beyond ASCII"
        )
    return _host(found[1] or found[3] or found[5] or ""), found[2] or found[4] or ""


def host_covers(rule: str, wanted: str) -> bool:
    """Tell whether a rule's host covers a host; one without a port covers all of them."""
    (host, port), (asked, asked_port) = host_and_port(rule), host_and_port(wanted)
    if port and port != asked_port:
        return False
    if host.startswith("*."):
        return asked.endswith(host[1:]) and len(asked) > len(host) - 1
    return host in ("*", asked)


def name_covers(kind: str, rule: str, wanted: str) -> bool:
    """Tell whether a rule's name, in which ``*`` stands for anything, covers a name."""
    if kind == "llm" and ":" not in rule and wanted.startswith(f"{rule}:"):
        return True
    if kind == "state" and not rule.startswith(_VERBS):
        wanted = _without_verb(wanted)
    if kind == "events":
        from llmspell_core.subjects import covers

        return covers(rule, wanted)
    if "*" not in rule:
        return rule == wanted
    return _named_by(rule).fullmatch(wanted) is not None


def name_touches(kind: str, rule: str, wanted: str) -> bool:
    """Tell whether a rule's name covers a part of what is wanted: reading alone, where that and writing are."""
    return kind == "state" and not wanted.startswith(_VERBS) and name_covers(kind, _without_verb(rule), wanted)


def real_path(scope: str, *, home: bool = False) -> str:
    """Return where a file really is, every link followed; what is not there yet is taken as written.

    :param home: a ``~`` at its beginning is somebody's home folder
    """
    if "\0" in scope:
        raise UsageError("a path has no NUL in it")
    return os.path.realpath(os.path.expanduser(scope) if home else scope)


def within(path: str, root: str) -> bool:
    """Tell whether a path is a folder or lies in it, by name."""
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def same_place(path: str, root: str) -> bool:
    """Tell whether a path is a file or lies in a folder, by what the file system says they are.

    So another case, another spelling in Unicode, a hard link or a second mount is seen through.
    """
    try:
        known = os.stat(root)
    except OSError:
        return False
    while True:
        try:
            if os.path.samestat(os.lstat(path), known):
                return True
        except OSError:
            pass  # what is not there is no other name of the root
        parent = os.path.dirname(path)
        if parent == path:
            return False
        path = parent


@lru_cache
def _named_by(rule: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, rule.split("*"))), re.DOTALL)


def _without_verb(name: str) -> str:
    return name.partition(":")[2] if name.startswith(_VERBS) else name


def _of_url(url: str) -> tuple[str, str]:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        host = host if host.isascii() else host.encode("idna").decode()
        return _host(host), str(parts.port or _PORTS.get(parts.scheme, ""))
    except ValueError as error:
        raise UsageError(f"{url!r} is no URL: {error}") from error


def _host(host: str) -> str:
    host = host.lower().rstrip(".")
    if ":" not in host:
        return host
    from ipaddress import IPv6Address

    try:
        return str(IPv6Address(host))
    except ValueError as error:
        raise UsageError(f"{host!r} is no address") from error
