"""Settings of bridges in the config file: they reach the bridge, and what is wrong is told with file, line and cure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from llmspell_core.bridge import Bridge
from llmspell_core.errors import UsageError
from llmspell_core.settings import check_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Llmspell = Callable[..., Any]

pytest.importorskip("llmspell_bridges")


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    monkeypatch.setenv("LLMSPELL_HOME", str(tmp_path))

    def write(text: str) -> None:
        (tmp_path / "config.toml").write_text(text)

    return write


def test_settings_reach_the_bridge(llmspell: Llmspell, configure: Callable[[str], None]) -> None:
    configure(
        """
        [bridges.llm]
        answer_tokens = 100
        [bridges.llm.prices."corp:m"]
        input = 1
        output = 2.5
        [bridges.llm.providers.corp]
        base_url = "http://127.0.0.1:9/v1"
        [bridges.fs]
        max_bytes = 3
        """
    )
    source = "return llm.cost_estimate({input_tokens = 1000000, output_tokens = 1000000}, 'corp:m')"
    assert json.loads(llmspell("exec", "-e", "lua", "--output", "json", source).stdout)["value"] == 3.5
    refused = llmspell("exec", "-e", "lua", "--allow-write=.", "fs.write('x', 'four')")
    assert "a file may have 3 bytes" in refused.stderr


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("[bridges.llm]\nretires = 3\n", 2, "bridges.llm: retires: is unknown; did you mean 'retries'"),
        ("[bridges.llm]\n\nretries = 'x'\n", 3, "bridges.llm: retries: must be an integer, not text 'x'"),
        ("[bridges.llm.prices.m]\ninput = 1\n", 1, "bridges.llm: prices.m.output: is missing"),
        ("[bridges.llm.providers.a]\nurl = 'x'\n", 2, "providers.a.url: is unknown"),
        ("[bridges.lm]\nx = 1\n", 1, "no bridge named 'lm'"),
        ("[bridges.log]\nx = 1\n", 1, "the bridge 'log' has no settings"),
        ("[bridges]\nllm = 3\n", 2, "bridges: write a table for each bridge, as [bridges.llm]"),
    ],
)
def test_what_is_wrong_is_told(
    llmspell: Llmspell, configure: Callable[[str], None], text: str, line: int, problem: str
) -> None:
    configure(text)
    result = llmspell("exec", "-e", "lua", "return 1")
    assert (result.exit_code, f"config.toml:{line}: " in result.stderr) == (2, True), result.stderr
    assert problem in result.stderr


def test_a_bridge_without_settings_says_so() -> None:
    with pytest.raises(UsageError, match="has no settings"):
        check_settings(type("B", (Bridge,), {"name": "b"}), {"x": 1})
