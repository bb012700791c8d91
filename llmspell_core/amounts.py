"""What limits are measured in, and how an amount is told."""

from __future__ import annotations

__all__ = ["KINDS", "amount"]

KINDS = {
    "wall": "time",
    "cpu": "time",
    "instructions": "count",
    "memory": "size",
    "stack": "size",
    "output": "size",
    "calls": "count",
    "concurrent_calls": "count",
    "tasks": "count",
    "message": "size",
}
"""What each limit is measured in."""


def amount(limit: str, value: float) -> str:
    """Return a value of a limit with its unit."""
    kind = KINDS.get(limit)
    if kind == "time":
        return f"{value:.3g} s" if value < 1000 else f"{value:.0f} s"
    for power, unit in ((30, "GiB"), (20, "MiB"), (10, "KiB")) if kind == "size" else ():
        if value >= 2**power:
            return f"{value / 2**power:.4g} {unit}"
    return f"{value:.14g} bytes" if kind == "size" else f"{value:.14g}"
