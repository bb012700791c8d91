"""Values over the border and back, beside json.dumps and json.loads of the same data."""

from __future__ import annotations

import json
from collections.abc import Iterator

from benchmarks.timing import Figure, pair
from llmspell_core.runner import Runner

RECORDS = [
    {"id": i, "name": f"name {i}", "score": i * 0.5, "active": i % 2 == 0, "note": "some text here"}
    for i in range(10_000)
]


def figures() -> Iterator[Figure]:
    for engine, goal in (("js", "under 3x"), ("lua", "under 6x")):
        with Runner(bridges={}, isolation="inline") as runner:

            def there_and_back(runner: Runner = runner, engine: str = engine) -> None:
                result = runner.cast("return params.x", engine=engine, params={"x": RECORDS})
                assert len(result.unwrap()) == len(RECORDS)

            ours, peer = pair(there_and_back, lambda: json.loads(json.dumps(RECORDS)), 15)
        yield Figure(f"{engine}: 10,000 records there and back", ours * 1e3, "ms", goal, peer * 1e3)
