"""The config file: what it may say, where it is looked for, and what is told when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmspell_core.config import Config, ConfigError, config_path, read_config

ALL = """
model = "demo"
isolation = "process"
policy = "strict"
allow = ["net:api.example.com"]
deny = ["env:*"]
audit = "audit.jsonl"

[limits]
profile = "strict"
memory = "128MB"

[budget]
requests = 5
"""


def write(folder: Path, text: str) -> str:
    path = folder / "config.toml"
    path.write_text(text)
    return str(path)


def test_a_file_says_all_fields(tmp_path: Path) -> None:
    limits = {"profile": "strict", "memory": "128MB"}
    allow, deny = ("net:api.example.com",), ("env:*",)
    expected = Config("demo", "process", "strict", allow, deny, "audit.jsonl", limits, {"requests": 5})
    assert read_config(write(tmp_path, ALL)) == expected


def test_the_file_lies_beside_the_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from llmspell_bridges.llm.keys import keys_path

    for variable in ("LLMSPELL_HOME", "XDG_CONFIG_HOME"):
        assert Path(config_path()).parent == Path(keys_path()).parent
        monkeypatch.setenv(variable, str(tmp_path / variable))
        assert Path(config_path()).parent == Path(keys_path()).parent
        monkeypatch.delenv(variable)


def test_none_is_looked_for_in_the_current_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write(tmp_path, 'policy = "trusted"')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LLMSPELL_HOME", str(tmp_path / "home"))
    assert read_config() == Config()


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("polcy = 'strict'", 1, "polcy: unknown field; did you mean 'policy'?"),
        ("model = 5", 1, "model: 5 is no text; put it in quotes"),
        ("\nisolation = 'nowhere'", 2, "isolation: 'nowhere' is none of inline, process, strict; write one of them"),
        ("allow = 'net'", 1, "allow: 'net' is no list of capabilities"),
        ("allow = ['net:a:b:c']\n", 1, "allow: "),
        ("[limits]\ncalls = 5\nmemory = '9MX'", 3, "limits: memory: '9MX' is no size; write bytes"),
        ("[limits]\nmemry = 5", 2, "limits: there is no limit 'memry'; did you mean 'memory'"),
        ("limits = 5", 1, "limits: 5 is neither a profile nor a table"),
        ("budget = 5", 1, "budget: 5 is no table"),
        ("[budget]\nrequsts = 5", 2, "budget: no field 'requsts'; did you mean 'requests'"),
        ("model = 'a'\nmodel = ", 2, "not valid TOML: "),
    ],
)
def test_a_wrong_file_is_told_with_line_field_and_cure(tmp_path: Path, text: str, line: int, problem: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    assert f"{path}:{line}: " in str(caught.value)
    assert problem in str(caught.value)


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        read_config(str(tmp_path / "none.toml"))
