"""Try a tool: on cases with known results, and for how long it takes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from llmspell_bridges.tools.composition import outcome
from llmspell_core.errors import CallError
from llmspell_core.present import spelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmspell_bridges.tools.registry import Registry

__all__ = ["benchmark", "tried"]

_MOST = 1000


async def tried(registry: Registry, name: str, cases: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return how many cases came out as they should, and what came of each."""
    results = []
    for number, case in enumerate(cases, 1):
        found = await outcome(registry, name, case.get("args"))
        results.append({"name": case.get("name") or f"case {number}", "passed": _is_right(case, found), **found})
    passed = sum(result["passed"] for result in results)
    return {"passed": passed, "failed": len(results) - passed, "results": results}


async def benchmark(registry: Registry, name: str, args: Any, runs: int) -> dict[str, Any]:
    """Return how long a tool takes, in seconds."""
    if not 1 <= runs <= _MOST:
        raise CallError(f"{spelled('tools.benchmark_tool')}: runs a tool from 1 to {_MOST} times, not {runs}")
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        await registry.call(name, args)
        times.append(time.perf_counter() - began)
    times.sort()
    return {"runs": runs, "min": times[0], "median": times[runs // 2], "mean": sum(times) / runs, "max": times[-1]}


def _is_right(case: dict[str, Any], found: dict[str, Any]) -> bool:
    if case.get("error") is not None:
        return not found["ok"] and found["error"]["kind"] == case["error"]
    return bool(found["ok"]) and ("expect" not in case or found["result"] == case["expect"])
