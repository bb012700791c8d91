"""Whatever the tests of the bridges cast goes on wherever it was cut off."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
BRIDGES = HERE.parents[1] / "plugins/bridges/tests"
FILES = (
    "agent_spells",
    "bridges_contract",
    "budget_of_lists",
    "children",
    "guardrails",
    "hooks",
    "llm_budget",
    "llm_forms",
    "llm_hooks",
    "llm_rails",
    "llm_wire",
    "structured",
    "tools_rails",
    "workflow_spells",
)


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_whatever_a_test_of_a_bridge_casts_goes_on_from_anywhere(tmp_path: Path, name: str) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "cut_off", "-p", "no:cacheprovider", "-m", "not slow"]
    environment = {**os.environ, "PYTHONPATH": str(HERE), "CUT_OFF_IN": str(tmp_path)}
    ended = subprocess.run(
        [*command, str(BRIDGES / f"test_{name}.py")], env=environment, capture_output=True, text=True, timeout=600
    )
    # Tests that count what is done fail, for it is done more often.
    assert ended.returncode in (0, 1), ended.stdout[-2000:] + ended.stderr[-2000:]
    found = [json.loads(line) for line in (tmp_path / "found.jsonl").read_text().splitlines()]
    assert [each for each in found if each["problem"]] == []
    assert found
