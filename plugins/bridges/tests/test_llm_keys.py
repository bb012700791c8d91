from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
import pytest
from click.testing import CliRunner
from llmspell_bridges.commands import llmspell_commands
from llmspell_bridges.llm.keys import KeyFileError, KeyStore, find_key, keys_path

posix = pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")


@pytest.fixture
def cli():
    (command,) = llmspell_commands()
    return lambda *args, stdin=None: CliRunner().invoke(command, args, input=stdin)


def test_keys_lie_in_the_users_config_folder(monkeypatch, tmp_path):
    assert keys_path() == str(tmp_path / "home" / "keys.json")
    monkeypatch.delenv("LLMSPELL_HOME")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/config")
    assert keys_path() == "/config/llmspell/keys.json"
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("HOME", "/home/ann")
    assert keys_path() == "/home/ann/.config/llmspell/keys.json"


def test_a_key_is_kept_found_and_removed():
    store = KeyStore()
    assert store.names() == {}
    store.set("openai", "one")
    store.set("anthropic", "two")
    assert list(store.names()) == ["anthropic", "openai"]
    assert store.get("openai") == "one"
    assert store.remove("openai")
    assert not store.remove("openai")
    assert store.get("openai") is None


@posix
def test_only_the_owner_can_read_the_file():
    store = KeyStore()
    store.set("openai", "one")
    assert stat.S_IMODE(os.stat(store.path).st_mode) == 0o600
    assert os.listdir(os.path.dirname(store.path)) == ["keys.json"]


@posix
def test_a_file_that_others_can_read_is_refused_with_the_cure():
    store = KeyStore()
    store.set("openai", "one")
    os.chmod(store.path, 0o644)
    with pytest.raises(KeyFileError, match="chmod 600"):
        store.get("openai")
    with pytest.raises(KeyFileError):
        store.set("openai", "two")
    os.chmod(store.path, 0o600)
    assert store.get("openai") == "one"


@pytest.mark.parametrize("content", ["{", "[]", '{"openai": 1}'])
def test_a_broken_file_is_named_and_not_shown(content):
    store = KeyStore()
    store.set("openai", "one")
    with open(store.path, "w", encoding="utf-8") as file:
        file.write(content)
    with pytest.raises(KeyFileError, match="correct or remove it"):
        store.names()


def test_the_environment_comes_before_the_file(monkeypatch):
    assert find_key("google") is None
    KeyStore().set("google", "filed")
    assert find_key("google") == "filed"
    monkeypatch.setenv("GEMINI_API_KEY", "set")
    assert find_key("google") == "set"


def test_keys_are_set_from_standard_input_and_listed_by_name(cli):
    assert cli("set", "openai", stdin="sk-123\n").exit_code == 0
    assert cli("set", "gemini", stdin="g-456\n").exit_code == 0
    listed = cli("list")
    assert listed.output == "google\nopenai\n"
    assert json.loads(Path(keys_path()).read_text(encoding="utf-8")) == {"openai": "sk-123", "google": "g-456"}
    assert cli("remove", "openai").exit_code == 0
    assert cli("list").output == "google\n"


def test_a_key_is_never_shown(cli):
    assert "sk-123" not in cli("set", "openai", stdin="sk-123\n").output
    assert "sk-123" not in cli("list").output
    assert "sk-123" not in cli("remove", "openai").output


@pytest.mark.parametrize(
    ("args", "stdin", "problem"),
    [
        (("set", "openai"), "", "one line of printable"),
        (("set", "openai"), "a\x07b\n", "one line of printable"),
        (("set", "nobody"), "x\n", "no provider named 'nobody'"),
        (("remove", "openai"), None, "no key is kept under 'openai'"),
    ],
)
def test_a_command_that_cannot_be_done_says_why(cli, args, stdin, problem):
    result = cli(*args, stdin=stdin)
    assert result.exit_code == 1
    assert problem in result.output


@pytest.fixture
def system(monkeypatch):
    """A keyring of the system's: what it keeps, by service and name."""
    kept = {}

    class Ring(keyring.backend.KeyringBackend):
        priority = 1

        def get_password(self, service, username):
            return kept.get((service, username))

        def set_password(self, service, username, password):
            kept[service, username] = password

        def delete_password(self, service, username):
            del kept[service, username]

    before = keyring.get_keyring()
    keyring.set_keyring(Ring())
    yield kept
    keyring.set_keyring(before)


def test_a_key_in_the_keyring_is_found_and_not_in_the_file(cli, system):
    assert (
        cli("set", "openai", "--keyring", stdin="sk-in-the-ring\n").output == "kept the key for openai in the keyring\n"
    )
    cli("set", "google", stdin="g-filed\n")
    assert system == {("llmspell", "openai"): "sk-in-the-ring"}
    assert "sk-in-the-ring" not in Path(keys_path()).read_text(encoding="utf-8")
    assert find_key("openai") == "sk-in-the-ring"
    assert cli("list").output == "google\nopenai\tkeyring\n"


def test_a_key_is_in_one_place_only(cli, system):
    cli("set", "openai", "--keyring", stdin="sk-in-the-ring\n")
    cli("set", "openai", stdin="sk-filed\n")
    assert system == {}
    assert find_key("openai") == "sk-filed"
    cli("set", "openai", "--keyring", stdin="sk-again\n")
    assert cli("remove", "openai").exit_code == 0
    assert system == {}
    assert find_key("openai") is None


def test_a_key_that_somebody_took_out_of_the_keyring_is_none(cli, system):
    cli("set", "openai", "--keyring", stdin="sk-in-the-ring\n")
    system.clear()
    assert find_key("openai") is None
    assert cli("remove", "openai").exit_code == 0


@pytest.mark.parametrize(
    ("raised", "cure"),
    [
        (keyring.errors.NoKeyringError("none"), "leave out --keyring"),
        (keyring.errors.KeyringLocked("shut"), "unlock it"),
    ],
)
def test_a_keyring_that_cannot_be_used_says_what_to_do(cli, system, monkeypatch, raised, cure):
    def fail(*_):
        raise raised

    monkeypatch.setattr(keyring, "set_password", fail)
    result = cli("set", "openai", "--keyring", stdin="sk-in-the-ring\n")
    assert result.exit_code == 1
    assert cure in result.output
    assert KeyStore().names() == {}


def test_without_the_package_the_error_names_the_extra(cli, monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    result = cli("set", "openai", "--keyring", stdin="sk-in-the-ring\n")
    assert "pip install 'llmspell-bridges[keyring]'" in result.output


def test_the_keyring_is_not_imported_for_a_key_that_is_elsewhere():
    source = (
        "import sys; from llmspell_bridges.llm.keys import KeyStore, find_key; KeyStore().set('openai', 'sk-filed');"
        "assert find_key('openai') == 'sk-filed'; assert find_key('google') is None;"
        "assert 'keyring' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", source], check=True)
