"""Keys in the system's keyring, through the package ``keyring``; imported only where a key is kept there."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from llmspell_core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

__all__ = ["KeyringFailed", "get", "keep", "remove"]

_SERVICE = "llmspell"


class KeyringFailed(UsageError):
    """The system's keyring cannot be used; the message says what to install or to do."""

    def __init__(self, name: str, problem: str) -> None:
        self.name, self.problem = name, problem
        super().__init__(f"the key for {name!r} in the system's keyring: {problem}")


def get(name: str) -> str | None:
    """Return the key that is kept under a name, or None."""
    with _keyring(name) as keyring:
        key: str | None = keyring.get_password(_SERVICE, name)
    return key


def keep(name: str, key: str) -> None:
    """Keep a key."""
    with _keyring(name) as keyring:
        keyring.set_password(_SERVICE, name, key)


def remove(name: str) -> None:
    """Drop a key; nothing when somebody else has."""
    with _keyring(name) as keyring:
        if keyring.get_password(_SERVICE, name) is not None:
            keyring.delete_password(_SERVICE, name)


@contextmanager
def _keyring(name: str) -> Iterator[ModuleType]:
    try:
        import keyring
        from keyring.errors import KeyringError, NoKeyringError
    except ModuleNotFoundError:
        raise KeyringFailed(name, "it needs a package; run: pip install 'llmspell-bridges[keyring]'") from None
    try:
        yield keyring
    except NoKeyringError:
        raise KeyringFailed(name, "this system has none; leave out --keyring, or set an environment variable") from None
    except KeyringError as error:
        raise KeyringFailed(name, f"{type(error).__name__}: {error}; unlock it and try again") from None
