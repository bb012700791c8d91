"""What a run may spend on models, what it has spent, and the one place where a call asks before it spends."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from llmspell_core.errors import BudgetSpent, UsageError, closest
from llmspell_core.facts import Fact, Record, fact, record

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator, Mapping
    from types import TracebackType

__all__ = ["Budget", "Purse", "Reservation", "Usage"]


@fact
class Budget(Fact):
    """Bounds of what a run may spend on models; None is unbounded.

    :param requests: requests to models, each attempt counted
    :param tokens: tokens that models read and write, together
    :param cost: US dollars
    """

    requests: int | None = None
    tokens: int | None = None
    cost: float | None = None

    @classmethod
    def of(cls, fields: Mapping[Any, Any]) -> Budget:
        """Return the budget that fields by name stand for; :raises UsageError: naming the field that is wrong."""
        for name, value in fields.items():
            if name not in cls.__match_args__:
                hint = closest(name, cls.__match_args__) or f"; a budget has {', '.join(cls.__match_args__)}"
                raise UsageError(f"budget: no field {name!r}{hint}")
            kinds = (int, float) if name == "cost" else (int,)
            if value is not None and (type(value) not in kinds or not 0 <= value < float("inf")):
                raise UsageError(f"budget: {name} is a number from 0 upwards, not {value!r}; leave it out for no bound")
        return cls(**fields)

    def lowered(self, other: Budget) -> Budget:
        """Return what both allow."""
        pairs = zip(self.as_dict().values(), other.as_dict().values(), strict=True)
        return Budget(*(min((bound for bound in pair if bound is not None), default=None) for pair in pairs))

    def as_dict(self) -> dict[str, Any]:
        """Return ``{requests, tokens, cost}``."""
        return {"requests": self.requests, "tokens": self.tokens, "cost": self.cost}


@record
class Usage(Record):
    """What a run spent on models: requests, tokens, and cost in US dollars (None where no price is known)."""

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = 0.0

    def add(self, requests: int = 1, input_tokens: int = 0, output_tokens: int = 0, cost: float | None = 0.0) -> None:
        """Count one more model call, or several."""
        self.requests += requests
        self.input_tokens += input_tokens
        self.output_tokens += output_tokens
        self.cost = None if cost is None or self.cost is None else self.cost + cost

    def as_dict(self) -> dict[str, Any]:
        """Return ``{requests, input_tokens, output_tokens, cost}``."""
        return {
            "requests": self.requests,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cost": self.cost,
        }


class Purse:
    """What a run may spend and has spent. A call reserves what it may take, and settles with what it took.

    :param budget: what the run may spend
    :param caller: the purse of the run that cast this one, which pays as well
    """

    def __init__(self, budget: Budget | None = None, caller: Purse | None = None) -> None:
        self.budget, self.usage = budget or Budget(), Usage()
        self.note: Callable[[Usage], object] | None = None
        """Told of all that is spent from it, as it is spent."""
        self._caller = caller
        self._tokens, self._cost = 0, 0.0  # set aside for calls in flight
        self._brief = 0
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def is_bounded(self) -> bool:
        """True when tokens or cost are, so that a call has to say what it may take."""
        left = self.left()
        return left.tokens is not None or left.cost is not None

    def left(self) -> Budget:
        """Return what may still be spent: not spent, not set aside, and the caller has it too."""
        budget, usage = self.budget, self.usage
        tokens = usage.input_tokens + usage.output_tokens + self._tokens
        own = Budget(
            None if budget.requests is None else max(0, budget.requests - usage.requests),
            None if budget.tokens is None else max(0, budget.tokens - tokens),
            None if budget.cost is None else max(0.0, budget.cost - (usage.cost or 0.0) - self._cost),
        )
        return own if self._caller is None else own.lowered(self._caller.left())

    def reserve(
        self,
        requests: int = 1,
        input_tokens: int = 0,
        output_tokens: int = 0,
        cost: float | None = 0.0,
        *,
        brief: bool = False,
    ) -> Reservation:
        """Set aside what a call may take at most; its requests are spent with that.

        :param cost: None where no price is known
        :param brief: the call ends by itself, whatever the spell does
        :raises BudgetSpent: when that would pass the budget of this run or of one that cast it
        """
        for purse in self._payers():
            purse._check(requests, input_tokens + output_tokens, cost)
        return Reservation(list(self._payers()), requests, input_tokens, output_tokens, cost, brief=brief)

    @contextmanager
    def share(self, budget: Budget) -> Iterator[Purse]:
        """Have all that is done inside paid from a share of this purse, or of the share that it is done in itself.

        That is what this task does, what tasks that it begins do, and what functions of the spell do that they call.
        """
        made = Purse(budget, self.paying())
        token = _share.set(made)
        try:
            yield made
        finally:
            _share.reset(token)

    def paying(self) -> Purse:
        """Return the share of this purse that pays for what is done now, or the purse itself."""
        share = _share.get()
        return self if share is None or self not in share._payers() else share

    def remember(self, requests: int, input_tokens: int, output_tokens: int, cost: float | None) -> None:
        """Count what was spent before the run was interrupted in the shares of its purse, which has it counted."""
        purse: Purse | None = self
        while purse is not None and purse.note is None:
            purse.usage.add(requests, input_tokens, output_tokens, cost)
            purse = purse._caller

    def refuses(self, refusal: BudgetSpent) -> bool:
        """Tell whether it cannot pay either for what was refused, as where a share or a run below it was asked."""
        # One that came by way of the spell has no more than what it tells, which may be anything.
        told = refusal.data if isinstance(refusal.data, dict) else {}
        left = {"requests": self.left().requests, "tokens": self.left().tokens, "cost": self.left().cost}
        bound, wanted = left.get(str(told.get("what"))), told.get("wanted")
        return bound is not None and (not isinstance(wanted, int | float) or wanted > bound)

    async def freed(self) -> bool:
        """Wait until a call in flight has given back what it did not take; False when none of them ends by itself."""
        *_, last = self._payers()
        if not last._brief:
            return False
        import asyncio

        future = asyncio.get_running_loop().create_future()
        last._waiting.append(future)
        await future
        return True

    def _payers(self) -> Iterator[Purse]:
        purse: Purse | None = self
        while purse is not None:
            yield purse
            purse = purse._caller

    def _check(self, requests: int, tokens: int, cost: float | None) -> None:
        budget, usage = self.budget, self.usage
        spent = usage.input_tokens + usage.output_tokens + self._tokens
        for what, allowed, used, wanted in (
            ("requests", budget.requests, usage.requests, requests),
            ("tokens", budget.tokens, spent, tokens),
            ("cost", budget.cost, (usage.cost or 0.0) + self._cost, cost),
        ):
            if allowed is not None and (wanted is None or used + wanted > allowed):
                raise BudgetSpent(what, allowed, used, wanted)

    def _hold(self, tokens: int, cost: float, brief: int) -> None:
        self._tokens += tokens
        self._cost += cost
        self._brief += brief
        if brief < 0:
            waiting, self._waiting = self._waiting, []
            for future in waiting:
                if not future.done():
                    future.set_result(None)


_share: ContextVar[Purse | None] = ContextVar("llmspell_share", default=None)


class Reservation:
    """What is set aside for one call. As a context manager it is forfeited at the end, unless settled."""

    def __init__(
        self,
        payers: list[Purse],
        requests: int,
        input_tokens: int,
        output_tokens: int,
        cost: float | None,
        *,
        brief: bool,
    ) -> None:
        self._payers, self._brief, self._settled = payers, int(brief), False
        self._input_tokens, self._output_tokens, self._cost = input_tokens, output_tokens, cost
        for purse in payers:
            purse.usage.add(requests)
            purse._hold(input_tokens + output_tokens, cost or 0.0, self._brief)
        _tell(payers, Usage(requests))

    def settle(self, input_tokens: int = 0, output_tokens: int = 0, cost: float | None = 0.0) -> None:
        """Count what the call took, and give the rest back. A second time does nothing.

        :param cost: None where nobody knows it; then it is what was set aside, if that was more than nothing
        """
        if self._settled:
            return
        self._settled = True
        cost = cost if cost is not None else self._cost or None
        for purse in self._payers:
            purse.usage.add(0, input_tokens, output_tokens, cost)
            purse._hold(-self._input_tokens - self._output_tokens, -(self._cost or 0.0), -self._brief)
        _tell(self._payers, Usage(0, input_tokens, output_tokens, cost))

    def forfeit(self) -> None:
        """Count all that was set aside, since nobody knows what the call took; nothing if it is settled."""
        self.settle(self._input_tokens, self._output_tokens, self._cost)

    def __enter__(self) -> Reservation:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.forfeit()


def _tell(payers: list[Purse], spent: Usage) -> None:
    """Tell what was spent to the nearest that wants to know: those above can add it up."""
    note = next((purse.note for purse in payers if purse.note is not None), None)
    if note is not None:
        note(spent)
