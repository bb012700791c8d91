"""Fuzzing with hypothesis: inputs of a target's shapes, made smaller when one is a find."""

from __future__ import annotations

import time

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzzing.target import Target

_ROUND = 500


def run(target: Target, seconds: float, chance: int) -> tuple[int, bytes | None]:
    """Try inputs for so long; return how many, and the smallest that is a find.

    :param chance: what the first round begins with
    """
    until, tried = time.monotonic() + seconds, 0
    last: list[bytes] = []

    def check(data: bytes) -> None:
        nonlocal tried
        tried += 1
        try:
            target.try_on(data)
        except Exception:
            last[:] = [data]
            raise

    while time.monotonic() < until:
        chance += 1
        try:
            _round(check, target, chance)
        except Exception:  # noqa: BLE001 - whatever it is, it is a find
            import traceback

            traceback.print_exc()
            return tried, last[0] if last else None
    return tried, None


def _round(check: object, target: Target, chance: int) -> None:
    phases = (Phase.generate, Phase.shrink)
    quiet = settings(
        max_examples=_ROUND, deadline=None, database=None, phases=phases, suppress_health_check=list(HealthCheck)
    )
    seed(chance)(quiet(given(target.shapes)(check)))()  # type: ignore[operator, arg-type]
