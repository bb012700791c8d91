"""What a spell may use, and how much of it."""

from __future__ import annotations

from llmspell_core.facts import Fact, fact

__all__ = ["Limits"]


@fact
class Limits(Fact):
    """Bounds of one run; None means unbounded.

    :param wall: seconds from start to end, waiting included
    :param cpu: seconds the VM may compute in all steps together
    :param instructions: VM instructions in all (engines that count them run about half as fast)
    :param memory: bytes the VM may hold
    :param output: bytes the spell may print
    :param calls: bridge calls in all
    :param concurrent_calls: bridge calls in flight at once; also how many of its functions the host calls at once
    :param message: bytes of one inbox or outbox
    """

    wall: float | None = None
    cpu: float | None = None
    instructions: int | None = None
    memory: int | None = 512 * 2**20
    output: int | None = 64 * 2**20
    calls: int | None = None
    concurrent_calls: int | None = 10_000
    message: int | None = 64 * 2**20
