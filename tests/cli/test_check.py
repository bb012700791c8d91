"""``llmspell check`` tells what a spell asks for and uses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SPELL = """// ---
// permissions: ["read:data"]
// permission_sets: {web: ["net:x.com"]}
// ---
const words = require("./words");
await fs.read("data/a");
await http.get("https://x.com/y");
await fs.write(words.out, "x");
"""


@pytest.fixture
def spell(tmp_path: Path) -> Path:
    (tmp_path / "a.js").write_text(SPELL)
    (tmp_path / "words.js").write_text("exports.out = 'x';\nhttp.gett('https://y.com')\n")
    return tmp_path / "a.js"


def test_people_are_told_in_lines(llmspell: Any, spell: Path) -> None:
    told = llmspell("check", spell)
    assert told.exit_code == 1
    assert told.stdout.splitlines()[:3] == ["asks for: read:data", "permission sets:", "  web: net:x.com"]
    assert ["a.js:6", "fs.read", "read:data/a", "asked", "for"] in [line.split() for line in told.stdout.splitlines()]
    assert "words.js:2: unknown_method: http has no method 'gett'; did you mean 'get'?" in told.stdout
    assert "not_asked: fs.write uses 'write:*'" in told.stdout
    assert told.stdout.splitlines()[-1] == "to grant it: --allow-read=data/a --allow-net=x.com:443 --allow-write"


def test_programs_are_told_in_json(llmspell: Any, spell: Path) -> None:
    told = json.loads(llmspell("check", spell, "--output", "json").stdout)
    assert (told["ok"], told["asks"], told["sets"]) == (False, ["read:data"], {"web": ["net:x.com"]})
    assert [need["capability"] for need in told["needs"]] == ["read:data/a", "net:x.com:443", "write:*"]
    assert {finding["kind"] for finding in told["findings"]} == {"unknown_method", "not_asked"}
    lines = [json.loads(line) for line in llmspell("check", spell, "--output=ndjson").stdout.splitlines()]
    assert [line["type"] for line in lines] == ["need"] * 3 + ["finding"] * 2 + ["result"]
    assert lines[-1]["flags"] == told["flags"]


def test_a_spell_that_asks_for_what_it_uses_is_right(llmspell: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.js"
    path.write_text('// ---\n// permissions: ["env:HOME"]\n// ---\nprint(await env.get("HOME"))\n')
    assert llmspell("check", path).exit_code == 0


def test_what_a_bridge_may_ask_for_itself_is_not_told_as_granted(llmspell: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.js"
    path.write_text('// ---\n// permissions: ["mcp:x", "run:x"]\n// ---\nawait mcp.connect("x")\n')
    told = {line.split()[2]: line.split(None, 3)[3] for line in llmspell("check", path).stdout.splitlines()[2:-1]}
    rest = "; only a run can tell the scope"
    assert told == {"mcp:x": "asked for", "run:*": f"asked for{rest}", "net:*": f"may be needed{rest}"}


def test_an_engine_that_cannot_tell_is_said_to(llmspell: Any, spell: Callable[..., Path], tmp_path: Path) -> None:
    path = tmp_path / "a.fake"
    path.write_text("def main(params):\n    yield\n")
    told = llmspell("check", path)
    assert (told.exit_code, "not_inferred: what the spell uses is not known" in told.stdout) == (0, True)


def test_what_cannot_be_loaded_is_wrong_usage(llmspell: Any, tmp_path: Path) -> None:
    assert llmspell("check", tmp_path / "none.js").exit_code == 2


def test_a_manifest_cannot_draw_on_the_terminal(llmspell: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.js"
    path.write_text('// ---\n// permissions: ["read:\\e[2J\\u202e"]\n// ---\n')
    told = llmspell("check", path).stdout
    assert "asks for: read:\\x1b[2J\\u202e" in told
    assert not set("\x1b\u202e") & set(told)
