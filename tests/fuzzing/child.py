"""A process that plays cases in an engine, one line each, so that a crash of a VM takes nothing else along.

python -m tests.fuzzing.child ENGINE
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import select
import subprocess
import sys
import traceback

from llmspell_core.plugins import engine_class
from tests.fuzzing.play import limits_of, play, spell_of

_PATIENCE = 4.0
"""Seconds after which a case counts as one that cannot be interrupted."""
_CASES = 1000
"""After so many a process is replaced."""
_MEMORY = 3 * 2**30


class VmCrashed(Exception):
    """The VM took its process along."""


class Child:
    """Plays cases in a process; :raises VmCrashed: when a case ends it."""

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._process: subprocess.Popen[bytes] | None = None
        self._played = 0
        self.hangs = 0
        """Cases that the VM could not be interrupted in: inside the process only a kill ends them."""

    def play(self, data: bytes) -> str:
        """Return what a case came to, or ``hang``; :raises AssertionError: what is wrong with the engine."""
        if self._played >= _CASES:
            self.close()
        process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        self._played += 1
        process.stdin.write(data.replace(b"\n", b" ") + b"\n")
        process.stdin.flush()
        if not select.select([process.stdout], [], [], _PATIENCE)[0]:
            self.hangs += 1
            self.close()
            return "hang"
        said = process.stdout.readline().decode()
        if not said:
            process.wait()
            status = process.returncode
            self.close()
            raise VmCrashed(f"the VM ended its process: {status}")
        verdict, _, what = said.strip().partition(" ")
        assert verdict == "ok", json.loads(what)
        return what

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
        self._process, self._played = None, 0

    def _start(self) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-m", "tests.fuzzing.child", self._engine]
        self._process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
        )
        return self._process


def main() -> None:
    """Play what comes in, until nothing does."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    engine = engine_class(sys.argv[1])()
    out = os.fdopen(os.dup(1), "w")
    for line in sys.stdin.buffer:
        case = json.loads(line)
        limits = limits_of(case)
        try:
            said = "ok " + asyncio.run(play(case, lambda: engine.open(engine.compile(spell_of(case)), limits)))  # noqa: B023 - it is over before the next
        except Exception:  # noqa: BLE001 - told to who asked
            said = "bad " + json.dumps(traceback.format_exc()[-3000:])
        print(said, file=out, flush=True)


if __name__ == "__main__":
    main()
