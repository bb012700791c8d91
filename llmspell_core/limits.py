"""What a spell may use, and how much of it."""

from __future__ import annotations

from typing import Any

from llmspell_core.facts import Fact, fact

__all__ = ["PROFILES", "Limits"]

_MIB, _GIB = 2**20, 2**30


@fact
class Limits(Fact):
    """Bounds of one run; None means unbounded. What is not said is as in :meth:`standard`.

    What each one counts, and how it ends a run, is in ``docs/limits.md``.

    :param wall: seconds from start to end, waiting included
    :param cpu: seconds the VM may compute in all steps together
    :param instructions: VM instructions in all (engines that count them run about half as fast)
    :param memory: bytes the VM may hold
    :param stack: bytes that nested calls may take of the VM's stack, where the VM has less no more than that
    :param output: bytes the spell may print
    :param calls: bridge calls in all
    :param concurrent_calls: bridge calls in flight at once; also how many of its functions the host calls at once
    :param tasks: what may wait inside the spell at once: calls, spawned tasks, functions that the host called
    :param message: bytes of one inbox or outbox
    """

    wall: float | None = None
    cpu: float | None = 300.0
    instructions: int | None = None
    memory: int | None = 512 * _MIB
    stack: int | None = 16 * _MIB
    output: int | None = 64 * _MIB
    calls: int | None = 1_000_000
    concurrent_calls: int | None = 10_000
    tasks: int | None = 100_000
    message: int | None = 64 * _MIB

    @classmethod
    def strict(cls) -> Limits:
        """Return bounds for a spell that nobody has read: seconds of computing, little memory, a thousand calls."""
        return cls(
            wall=60.0,
            cpu=10.0,
            memory=64 * _MIB,
            stack=_MIB,
            output=_MIB,
            calls=1000,
            concurrent_calls=100,
            tasks=1000,
            message=_MIB,
        )

    @classmethod
    def standard(cls) -> Limits:
        """Return the usual bounds: an honest spell does not meet them, also one that waits for hours."""
        return cls()

    @classmethod
    def relaxed(cls) -> Limits:
        """Return bounds for great work: an hour of computing, two gigabytes."""
        return cls(
            cpu=3600.0,
            memory=2 * _GIB,
            stack=64 * _MIB,
            output=256 * _MIB,
            calls=100_000_000,
            concurrent_calls=100_000,
            tasks=1_000_000,
            message=256 * _MIB,
        )

    @classmethod
    def unbounded(cls) -> Limits:
        """Return no bounds at all: what others lower."""
        return cls(**dict.fromkeys(cls.__match_args__))

    @classmethod
    def usual(cls, isolation: str) -> Limits:
        """Return the bounds where nobody chooses any.

        Inline these are the standard ones but for ``cpu``: watching the clock inside the VM costs Lua half its speed,
        which a spell that is trusted with the process need not pay.
        """
        return cls(cpu=None) if isolation == "inline" else cls()

    def lowered_by(self, other: Limits) -> Limits:
        """Return the tighter of both in every field."""
        tighter: dict[str, Any] = {name: _tighter(bound, vars(other)[name]) for name, bound in vars(self).items()}
        return Limits(**tighter)


PROFILES = ("strict", "standard", "relaxed")
"""The names of the profiles."""


def _tighter(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else min(one, other)
