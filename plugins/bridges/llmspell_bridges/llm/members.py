"""The models of a pool: what is known of each, and in which order a strategy tries them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from llmspell_bridges.llm.breaker import Breaker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["ORDERS", "Member", "Strategy"]

Strategy: TypeAlias = Literal["round_robin", "failover", "fastest", "weighted", "least_used", "consensus"]

_MEMORY = 0.3
"""How much the latest call counts in the average of durations."""


@dataclass
class Member:
    """A model of a pool, and what has come of its calls.

    :param latency: seconds that a call takes, a moving average; None before the first
    :param credit: what ``weighted`` owes it
    """

    model: str
    weight: float
    breaker: Breaker
    place: int
    requests: int = 0
    failures: int = 0
    in_flight: int = 0
    latency: float | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = 0.0
    credit: float = field(default=0.0, repr=False)

    def took(self, seconds: float) -> None:
        """Note how long a call took."""
        self.latency = seconds if self.latency is None else (1 - _MEMORY) * self.latency + _MEMORY * seconds


def _round_robin(members: Sequence[Member]) -> list[Member]:
    """The one after that which was used last; so each is used as often."""
    first = min(members, key=lambda member: (member.requests, member.place))
    start = first.place
    return sorted(members, key=lambda member: (member.place - start) % len(members))


def _failover(members: Sequence[Member]) -> list[Member]:
    """As they were given."""
    return list(members)


def _fastest(members: Sequence[Member]) -> list[Member]:
    """The quickest so far; those that were never tried before it."""
    return sorted(members, key=lambda member: (member.latency or 0.0, member.place))


def _weighted(members: Sequence[Member]) -> list[Member]:
    """As often as its weight says, spread evenly: each earns its weight, the richest is used and pays for all."""
    for member in members:
        member.credit += member.weight
    richest_first = sorted(members, key=lambda member: (-member.credit, member.place))
    richest_first[0].credit -= sum(member.weight for member in members)
    return richest_first


def _least_used(members: Sequence[Member]) -> list[Member]:
    """The one with the fewest calls in flight, then with the fewest in all."""
    return sorted(members, key=lambda member: (member.in_flight, member.requests, member.place))


ORDERS: Mapping[Strategy, Callable[[Sequence[Member]], list[Member]]] = {
    "round_robin": _round_robin,
    "failover": _failover,
    "fastest": _fastest,
    "weighted": _weighted,
    "least_used": _least_used,
    "consensus": _failover,
}
