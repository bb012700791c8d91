"""Where attacks are cast: in workers fresh or forked ahead, and inline in processes that may be thrown away."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from llmspell_core.isolation.pool import PoolSize
from llmspell_core.isolation.processes import Processes
from llmspell_core.runner import Runner
from rig.canaries import policy
from rig.corpus import HERE, Attack
from rig.probe import bridges
from rig.trial import Seen, attempt

if TYPE_CHECKING:
    from rig.canaries import Canaries

HANG = 10.0
"""Seconds after which a spell that runs inline counts as hanging."""


class Workers:
    """Casts each attack in a worker of its own.

    :param ahead: whether it was forked before the attack came, after other spells had run
    """

    def __init__(self, *, ahead: bool) -> None:
        size = PoolSize(min_spares=2) if ahead else PoolSize(min_spares=0)

        class Sized(Runner):
            processes = Processes({}, size)

        self._ahead = ahead
        self.runner = Sized(isolation="process", bridges=bridges())
        for engine in ("lua", "js"):
            self.runner.cast("return 1", engine=engine).unwrap()

    def cast(self, attack: Attack, canaries: Canaries) -> Seen:
        if self._ahead:
            self._warm(attack.engine)
        seen = attempt(self.runner, attack, canaries.params, policy(canaries.params))
        if self._ahead:
            seen.descriptors = 0  # spares come and go; what is left in the end is counted then
        return seen

    def ahead(self) -> float:
        """Return the share of workers that had been forked ahead."""
        metrics = self.runner.processes.metrics().values()
        return sum(each.ahead for each in metrics) / sum(each.taken for each in metrics)

    def close(self) -> None:
        self.runner.processes.close()
        self.runner.close()

    def _warm(self, engine: str) -> None:
        before = self._forked_ahead(engine)
        while self._forked_ahead(engine) == before:
            self.runner.cast("return 1", engine=engine).unwrap()

    def _forked_ahead(self, engine: str) -> int:
        metrics = self.runner.processes.metrics().get(engine)
        return metrics.ahead if metrics else 0


class Throwaway:
    """Casts attacks inline in another process, which is ended when it hangs and begun again when it has ended.

    :param used: whether all attacks are cast in one process, one after another; else each in a fork of a warm one
    """

    def __init__(self, *, used: bool) -> None:
        self._used = used
        self._process: subprocess.Popen[str] | None = None

    def cast(self, attack: Attack, canaries: Canaries, hang: float = HANG) -> Seen:
        process = self._process or self._start(canaries.params)
        _say(process, attack.id)
        stdout = process.stdout
        assert stdout is not None
        if not select.select([stdout], [], [], hang)[0]:
            self.close()
            return Seen("hang", "")
        line = stdout.readline()
        if not line:
            self.close()
            return Seen("crash", "")
        return Seen(**json.loads(line))

    def close(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        process.wait()

    def _start(self, params: dict[str, Any]) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "rig.inline", "used" if self._used else "fresh"]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(HERE), *filter(None, sys.path)])}
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment, start_new_session=True)
        _say(process, json.dumps(params))
        self._process = process
        return process


def _say(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(f"{line}\n")
        process.stdin.flush()
    except BrokenPipeError:
        return  # that it has ended is seen where its answer is read
