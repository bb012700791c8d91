"""A test's engine whose zygote is refused every other fork."""

from __future__ import annotations

import errno
import os
from itertools import count

from breakout import BreakoutEngine  # type: ignore[import-not-found]  # it lies beside this one

_fork, _tries = os.fork, count(1)


def refused_now_and_then() -> int:
    if next(_tries) % 2 == 0:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    return _fork()


class FaultyEngine(BreakoutEngine):  # type: ignore[misc]  # as above
    """Runs Python where forks are refused."""

    def prepare(self) -> None:
        super().prepare()
        os.fork = refused_now_and_then
