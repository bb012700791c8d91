from __future__ import annotations

import json
import os
import stat
from pathlib import Path

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
    assert store.names() == []
    store.set("openai", "one")
    store.set("anthropic", "two")
    assert store.names() == ["anthropic", "openai"]
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
