"""The one place where a run's policy is asked, before a bridge method runs and wherever a bridge asks again."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from llmspell_core.errors import Denied, RateLimited
from llmspell_core.facts import Fact, fact
from llmspell_core.policy import Decision, Policy, Rule, flag
from llmspell_core.present import spelled

if TYPE_CHECKING:
    from llmspell_core.audit import AuditRecord
    from llmspell_core.rates import Meter

__all__ = ["Answer", "Ask", "Guard", "NotGranted", "Question", "capabilities", "parameters_of"]

Answer: TypeAlias = Literal["once", "always", "save", "deny", "never"]
"""What a person may answer: this time, for the rest of the run, that and it was saved in the spell's manifest, not this
time, no more of that kind."""


@fact
class Question(Fact):
    """What a person is asked when nothing grants a capability and nothing denies it."""

    run: str
    capability: str
    where: str
    flag: str


Ask: TypeAlias = Callable[[Question], Answer]


class NotGranted(Denied):
    """A call needs a capability that the run does not have; ``data`` is ``{capability, flag}``.

    Where no flag would help ``data`` has none: a denial decides, its ``rule``, or a spell granted this one less.

    :param where: the call that needs it
    :param asked_for: whether the spell's manifest asks for it
    :param kept_back: whether it is a spell that did not grant it to one that it cast
    """

    def __init__(self, decision: Decision, where: str, *, asked_for: bool = False, kept_back: bool = False) -> None:
        self.capability, self.rule, self.flag = decision.capability, decision.rule, flag(decision.capability)
        self.data = {"capability": self.capability, "flag": self.flag}
        needs = f"{spelled(where)} needs {self.capability!r}"
        if self.rule.startswith("answer "):
            super().__init__(f"{needs}, which was refused when asked; grant it with {self.flag}")
        elif self.rule:
            self.data = {"capability": self.capability, "rule": self.rule}
            cure = "a denial wins over every grant, so take that one back"
            super().__init__(f"{needs}, which is refused by {self.rule!r}; {cure}")
        elif kept_back:
            self.data = {"capability": self.capability}
            super().__init__(f"{needs}, which was not granted by the spell that cast this one; let that one allow it")
        elif asked_for:
            cure = f"grant it with {self.flag}, or all that it asks for with -P asked"
            super().__init__(f"{needs}, which was not granted; the manifest asks for it; {cure}")
        else:
            super().__init__(f"{needs}, which was not granted; grant it with {self.flag}")


class Guard:
    """Decides for one run, records each decision, and asks a person where there is one.

    :param run: the run's id
    :param asked_for: capabilities that the spell's manifest asks for; asking grants nothing
    :param record: called with each decision
    :param ask: called when nothing grants a capability and nothing denies it; None refuses
    :param clock: returns the run's time, Unix seconds
    :param caller: decides for the run that cast this one, which never has more
    """

    def __init__(
        self,
        policy: Policy,
        run: str = "",
        *,
        asked_for: tuple[str, ...] = (),
        record: Callable[[AuditRecord], None] | None = None,
        ask: Ask | None = None,
        clock: Callable[[], float] = time.time,
        caller: Guard | None = None,
    ) -> None:
        self._own, self._caller = policy, caller
        self._run, self._asked_for, self._record, self._ask, self._clock = run, asked_for, record, ask, clock
        self._once: dict[str, Decision] = {}
        self._never: set[str] = set()
        self._meters: list[Meter] = _meters(policy)

    @property
    def policy(self) -> Policy:
        """Which capabilities the run has by now."""
        return self._own if self._caller is None else self._own.within(self._caller.policy)

    def child(self, policy: Policy, run: str, asked_for: tuple[str, ...]) -> Guard:
        """Return the guard of a run that this one casts: what this one may not, that one may not either.

        Nobody is asked for what ``policy`` keeps from it; what this run lacks may be asked for here.
        """
        return Guard(policy, run, asked_for=asked_for, record=self._record, clock=self._clock, caller=self)

    def require(self, capability: str, bridge: str, method: str = "") -> Decision:
        """Return the decision that allows a capability.

        :raises NotGranted: when it is refused
        :raises RateLimited: when it was used too often for now
        """
        decision = self.policy.decide(capability)
        where = f"{bridge}.{method}" if bridge and method else bridge or method or "the spell"
        self._check_rates(decision, where, bridge, method)
        if not decision.allowed:
            decision = self._asked(decision, where)
        self._note(decision, bridge, method)
        if not decision.allowed:
            raise self._refusal(decision, where)
        self._count(decision.capability)
        return decision

    def confirm(self, capability: str, bridge: str) -> Decision:
        """Return, for what was required before this call, the decision anew: where a file is by now, say.

        A bridge uses it that must act on exactly what was decided. Nothing is asked or counted again, and only a
        refusal is recorded.

        :raises NotGranted: when it is refused now
        """
        decision = self._confirmed(capability)
        if not decision.allowed:
            self._note(decision, bridge, "")
            raise self._refusal(decision, bridge or "the spell")
        return decision

    def refused(self, capability: str, reason: str, bridge: str) -> None:
        """Record that a bridge refuses by itself what was granted."""
        self._note(Decision(capability, False, reason), bridge, "")

    def _confirmed(self, capability: str) -> Decision:
        decision = self._own.decide(capability)
        if self._caller is None:
            return self._once.pop(decision.capability, decision)
        return self._caller._confirmed(capability) if decision.allowed else decision

    def _asked(self, decision: Decision, where: str) -> Decision:
        """Return a refusal, or what the person says who started the first of the runs that cast one another."""
        if decision.rule:
            return decision
        if self._caller is not None:
            own = self._own.decide(decision.capability)
            return self._caller._asked(decision, where) if own.allowed else decision
        if self._ask is None:
            return decision
        kind = decision.capability.partition(":")[0]
        if kind in self._never:
            return replace(decision, rule="answer never")
        answer = self._ask(Question(self._run, decision.capability, where, flag(decision.capability)))
        allowed = answer in ("once", "always", "save")
        decision = replace(decision, allowed=allowed, rule=f"answer {answer}")
        if answer == "never":
            self._never.add(kind)
        elif answer == "once":
            self._once[decision.capability] = decision
        elif allowed:
            self._own = self._own.allow_exactly(decision.capability)
        return decision

    def _check_rates(self, decision: Decision, where: str, bridge: str, method: str) -> None:
        """:raises RateLimited: when a capability was used too often for now; what was not granted is not counted."""
        for meter in self._metering(decision.capability) if decision.allowed or not decision.rule else ():
            if wait := meter.wait(self._clock()):
                rate = meter.rate.text
                self._note(replace(decision, allowed=False, rule=f"rate {rate}"), bridge, method)
                raise RateLimited(where, decision.capability, rate, wait)

    def _count(self, capability: str) -> None:
        for meter in self._metering(capability):
            meter.count(self._clock())

    def _metering(self, capability: str) -> list[Meter]:
        """Return what counts a capability, here and in the runs above."""
        outer = self._caller._metering(capability) if self._caller is not None else []
        if not self._meters:
            return outer
        wanted = Rule.exactly(capability)
        return [meter for meter in self._meters if meter.rate.rule.forbids(wanted)] + outer

    def _note(self, decision: Decision, bridge: str, method: str) -> None:
        if self._record is None:
            return
        from llmspell_core.audit import AuditRecord

        rule, caller = decision.rule or "nothing grants it", self._caller._run if self._caller is not None else ""
        now, capability, allowed = self._clock(), decision.capability, decision.allowed
        self._record(AuditRecord(now, self._run, capability, allowed, rule, bridge, method, caller))

    def _refusal(self, decision: Decision, where: str) -> NotGranted:
        capability = decision.capability
        asked_for, kept_back = self._is_asked_for(capability), self._is_kept_back(capability)
        return NotGranted(decision, where, asked_for=asked_for, kept_back=kept_back)

    def _is_kept_back(self, capability: str) -> bool:
        """Tell whether a run did not grant it to one that it cast, to this one or one above."""
        if self._caller is None:
            return False
        return not self._own.decide(capability).allowed or self._caller._is_kept_back(capability)

    def _is_asked_for(self, capability: str) -> bool:
        wanted = Rule.exactly(capability) if self._asked_for else None
        return wanted is not None and any(Rule.read(text).covers(wanted) for text in self._asked_for)


def _meters(policy: Policy) -> list[Meter]:
    if not policy.rates and not policy.bounds:
        return []
    from llmspell_core.rates import Meter

    return [Meter(rate) for rate in policy.every_rate]


_PARAMETER = re.compile(r"\{(\w+)\}")


def parameters_of(needs: tuple[str, ...]) -> set[str]:
    """Return the parameters that ``needs`` of an exposed method speak of."""
    return {name for template in needs for name in _PARAMETER.findall(template)}


def capabilities(needs: tuple[str, ...], arguments: Mapping[str, Any]) -> list[str]:
    """Return the capabilities that a call needs: the templates filled with its arguments.

    Of a list each item, of a map each key is a capability of its own; what is left out stands for everything.
    """
    found: list[str] = []
    for template in needs:
        made = [""]
        for i, part in enumerate(_parts(template)):
            options = _texts(arguments[part]) if i % 2 else (part,)
            made = [begun + option for begun in made for option in options]
        found += made
    return found


@lru_cache
def _parts(template: str) -> list[str]:
    """Return what stands in a template: in turn text as it is and the name of a parameter."""
    return _PARAMETER.split(template)


def _texts(value: Any) -> list[str]:
    if value is None:
        return [""]
    return [str(item) for item in value] if isinstance(value, (list, tuple, dict)) else [str(value)]
