"""The API keys of providers: from the environment, a file that only its owner can read, or the system's keyring."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any

from llmspell_core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "KeyFileError",
    "KeyStore",
    "configured_variables",
    "find_key",
    "key_variables",
    "keys_path",
    "provider_name",
]

_VARIABLES = {
    "openai": ("OPENAI_API_KEY",),
    "openai-compatible": ("LLMSPELL_OPENAI_API_KEY",),
    "anthropic": ("ANTHROPIC_API_KEY",),
    "google": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    "ollama": ("OLLAMA_API_KEY",),
}
_OTHER_NAMES = {"gemini": "google", "claude": "anthropic"}


class KeyFileError(UsageError):
    """The key file cannot be used; the message names the file and the cure."""

    def __init__(self, path: str, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(f"key file {path!r} {problem}")


def keys_path() -> str:
    """Return where keys are kept: in ``$LLMSPELL_HOME``, else in the user's config folder."""
    home = os.environ.get("LLMSPELL_HOME")
    if not home:
        config = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
        home = os.path.join(config, "llmspell")
    return os.path.join(home, "keys.json")


def provider_name(name: str) -> str:
    """Return a provider's own name for one of the names that people call it."""
    return _OTHER_NAMES.get(name, name)


def key_variables(provider: str) -> tuple[str, ...]:
    """Return the environment variables that a provider's key is looked for in."""
    return _VARIABLES.get(provider, ())


def configured_variables(options: Mapping[str, Any]) -> set[str]:
    """Return the environment variables that hold keys of the providers in the llm bridge's settings."""
    return {setting["api_key_env"] for setting in (options.get("providers") or {}).values() if "api_key_env" in setting}


def find_key(provider: str) -> str | None:
    """Return the key of a provider, from the environment, else from where ``llmspell keys`` put it, or None.

    :raises KeyFileError: when the file has to be read and others can read it too
    :raises KeyringFailed: when the key is in the keyring, and cannot be had from there
    """
    for variable in key_variables(provider):
        if os.environ.get(variable):
            return os.environ[variable]
    return KeyStore().get(provider)


class KeyStore:
    """Keys by name in a JSON file with mode 0600; of a key in the system's keyring it has the name only."""

    def __init__(self, path: str | None = None) -> None:
        self.path = path or keys_path()

    def names(self) -> dict[str, bool]:
        """Return the names that keys are kept under, sorted, and whether each key is in the keyring."""
        return {name: key is None for name, key in sorted(self._read().items())}

    def get(self, name: str) -> str | None:
        """Return the key kept under a name, or None."""
        keys = self._read()
        if name in keys and keys[name] is None:
            from llmspell_bridges.llm import keyring

            return keyring.get(name)
        return keys.get(name)

    def set(self, name: str, key: str, *, in_keyring: bool = False) -> None:
        """Keep a key.

        :param in_keyring: in the system's keyring, not in the file
        """
        keys = self._read()
        if in_keyring:
            from llmspell_bridges.llm import keyring

            keyring.keep(name, key)
        else:
            self.remove(name)
        self._write({**keys, name: None if in_keyring else key})

    def remove(self, name: str) -> bool:
        """Drop a key; return whether there was one."""
        keys = self._read()
        if name not in keys:
            return False
        if keys.pop(name) is None:
            from llmspell_bridges.llm import keyring

            keyring.remove(name)
        self._write(keys)
        return True

    def _read(self) -> dict[str, str | None]:
        import json

        try:
            with open(self.path, encoding="utf-8") as file:
                self._check_mode(file.fileno())
                keys = json.load(file)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise KeyFileError(self.path, f"cannot be read: {error}; correct or remove it") from None
        if not isinstance(keys, dict) or not all(key is None or isinstance(key, str) for key in keys.values()):
            raise KeyFileError(self.path, "is not a map of names to keys; correct or remove it")
        return keys

    def _check_mode(self, file: int) -> None:
        if os.name == "posix" and stat.S_IMODE(os.fstat(file).st_mode) & 0o077:
            raise KeyFileError(self.path, f"can be read by others; run: chmod 600 {self.path}")

    def _write(self, keys: Mapping[str, str | None]) -> None:
        import json

        os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
        made = f"{self.path}.{os.getpid()}"
        try:
            with open(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                json.dump(keys, file, indent=2, sort_keys=True)
                file.flush()
                os.fsync(file.fileno())
            os.replace(made, self.path)
        except BaseException:
            _unlink(made)
            raise


def _unlink(path: str) -> None:
    from contextlib import suppress

    with suppress(FileNotFoundError):
        os.unlink(path)
