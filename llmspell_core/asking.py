"""Whether what a caller asks for can be: a bound that is misspelt, or of another kind, would bound nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from llmspell_core.budget import Budget, Purse
from llmspell_core.errors import UsageError, closest
from llmspell_core.limits import Limits
from llmspell_core.policy import Policy

__all__ = ["check_kinds", "check_names"]

_SEED_BITS = 53
_KINDS: dict[str, tuple[type, str]] = {
    "limits": (Limits, "a Limits, as Limits(cpu=5) or Limits.strict()"),
    "budget": (Budget, "a Budget, as Budget(requests=10)"),
    "purse": (Purse, "a Purse, as Purse(Budget(requests=10))"),
    "policy": (Policy, "a Policy, as Policy.strict() or Policy.standard().allow('net:example.com')"),
    "params": (Mapping, "a map, as {'name': 'Ada'}"),
    "seed": (int, "an integer, as 7"),
    "run_id": (str, "a text, as 'nightly-7'"),
}


def check_names(asked: Mapping[str, Any], known: Collection[str]) -> None:
    """:raises UsageError: when a cast has no option of such a name."""
    for name in asked:
        if name not in known:
            hint = closest(name, known) or f"; there are {', '.join(sorted(known))}"
            raise UsageError(f"a cast has no option {name!r}{hint}")


def check_kinds(asked: Mapping[str, Any]) -> None:
    """:raises UsageError: when an option is not of its kind; None is as if it were left out."""
    for name, (kind, meant) in _KINDS.items():
        value = asked.get(name)
        if value is not None and not isinstance(value, kind):
            raise UsageError(f"{name} is {meant}, not {value!r:.100}")
    for name in ("limits", "budget"):
        if (bounds := asked.get(name)) is not None:
            _check_bounds(name, bounds)
    if abs(seed := asked.get("seed") or 0) >= 2**_SEED_BITS:
        raise UsageError(f"seed has at most {_SEED_BITS} bits, and {seed!r:.100} has more")


def _check_bounds(what: str, bounds: Limits | Budget) -> None:
    for name, bound in vars(bounds).items():
        if bound is not None and not (type(bound) in (int, float) and 0 <= bound < float("inf")):
            raise UsageError(f"{what}: {name} is a number, 0 or more, or None for no bound, not {bound!r:.100}")
