"""The process that casts attacks inline: all of them itself, or each in a fork of itself.

It reads what the spells are told, then the attacks' ids, a line each, and answers each with a line.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import Any

from llmspell_core.runner import Runner
from rig.canaries import policy
from rig.corpus import named
from rig.probe import bridges
from rig.trial import Seen, attempt

_WARM = {"lua": "return 1", "js": "return 1"}


def main(kind: str) -> None:
    """Answer until the input ends."""
    params = json.loads(sys.stdin.readline())
    with Runner(isolation="inline", bridges=bridges()) as runner:
        for engine, source in _WARM.items():
            runner.cast(source, engine=engine).unwrap()
        for line in sys.stdin:
            answer = _answer if kind == "used" else _fork
            answer(runner, line.strip(), params)


def _answer(runner: Runner, id: str, params: dict[str, Any]) -> None:
    _say(attempt(runner, named(id), params, policy(params)))


def _fork(runner: Runner, id: str, params: dict[str, Any]) -> None:
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            _answer(runner, id, params)
            status = 0
        finally:
            os._exit(status)
    _, ended = os.waitpid(pid, 0)
    if ended != 0:
        _say(Seen("crash", f"ended with {ended}"))


def _say(seen: Seen) -> None:
    text = json.dumps(asdict(seen) | {"said": seen.said[:100_000]}) + "\n"
    while text:
        text = text[os.write(1, text.encode()) :]


if __name__ == "__main__":
    main(sys.argv[1])
