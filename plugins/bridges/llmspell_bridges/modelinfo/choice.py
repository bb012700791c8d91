"""Models chosen by what is wanted of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_bridges.modelinfo.catalog import Entry, entries

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from llmspell_bridges.modelinfo.records import Task, Wanted

__all__ = ["TASKS", "by_context", "by_price", "matching", "price", "recommended"]

TASKS: Mapping[Task, tuple[Wanted, str]] = {
    "batch": ({"min_context": 32_000}, "cheap"),
    "chat": ({"min_context": 32_000}, "cheap"),
    "code": ({"min_context": 128_000, "supports": ["tools"]}, "strong"),
    "embedding": ({"supports": ["embedding"]}, "cheap"),
    "extraction": ({"min_context": 32_000, "supports": ["json_schema"]}, "cheap"),
    "long_context": ({"min_context": 500_000}, "cheap"),
    "reasoning": ({"min_context": 128_000, "supports": ["thinking"]}, "strong"),
    "tools": ({"min_context": 64_000, "supports": ["tools"]}, "cheap"),
    "vision": ({"min_context": 32_000, "supports": ["image_input"]}, "cheap"),
}
"""What each task wants, and whether the cheap or the strong among those is meant."""

_FEW = 3
_STRONG = 36.0
"""Dollars for a million tokens each way: what is dearer is seldom better, it is older or a special service."""


def matching(wanted: Wanted) -> Iterator[Entry]:
    """Yield the models that are as wanted, in the order of the data."""
    needed = set(wanted.get("supports", ()))
    for entry in entries():
        if wanted.get("provider") not in (None, entry.provider.id):
            continue
        if entry.model.deprecated and not wanted.get("deprecated"):
            continue
        if (entry.model.context_window or 0) < wanted.get("min_context", 0):
            continue
        if _is_affordable(entry, wanted) and (not needed or needed <= set(entry.capabilities)):
            yield entry


def price(entry: Entry) -> float | None:
    """Return the dollars for a million tokens in and a million out; None where no price is known."""
    prices = entry.prices()
    if prices["input"] is None and prices["output"] is None:
        return None
    return (prices["input"] or 0.0) + (prices["output"] or 0.0)


def by_price(entry: Entry) -> tuple[bool, float, str]:
    """Return what to sort by so that the cheapest comes first, and those without a price last."""
    known = price(entry)
    return known is None, known or 0.0, entry.id


def by_context(entry: Entry) -> tuple[int, tuple[bool, float, str]]:
    """Return what to sort by so that the largest context window comes first, the cheaper of equals before."""
    return -(entry.model.context_window or 0), by_price(entry)


def recommended(task: Task, known: Container[str], ready: Container[str]) -> list[tuple[Entry, str]]:
    """Return models for a task and why: of the known providers, and of the ready ones where these have any.

    Price is all that is known of how good a model is, so ``strong`` means the dearer of the usual ones.
    """
    wanted, meant = TASKS[task]
    offered = (entry for entry in matching(wanted) if entry.provider.id in known)
    paid = [entry for entry in offered if 0 < (price(entry) or 0) <= _STRONG]
    paid.sort(key=by_price, reverse=meant == "strong")
    callable_now = [entry for entry in paid if entry.provider.id in ready]
    return [(entry, _reason(entry, wanted, meant)) for entry in (callable_now or paid)[:_FEW]]


def _is_affordable(entry: Entry, wanted: Wanted) -> bool:
    if "max_cost" not in wanted and "max_input_cost" not in wanted:
        return True
    both, prompts = price(entry), entry.prices()["input"]
    if both is None or prompts is None:
        return False
    return both <= wanted.get("max_cost", both) and prompts <= wanted.get("max_input_cost", prompts)


def _reason(entry: Entry, wanted: Wanted, meant: str) -> str:
    parts = [f"can do {', '.join(wanted['supports'])}"] if wanted.get("supports") else []
    if entry.model.context_window:
        parts.append(f"has room for {entry.model.context_window:,} tokens")
    parts.append(f"costs ${price(entry):.2f} for a million tokens each way, {_AMONG[meant]}")
    return "; ".join(parts)


_AMONG = {"cheap": "among the least of those", "strong": "among the most of those, as strong models do"}
