"""The one place where a run's policy is asked, before a bridge method runs and wherever a bridge asks again."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from llmspell_core.errors import Denied
from llmspell_core.facts import Fact, fact
from llmspell_core.policy import Decision, Policy, Rule, flag

if TYPE_CHECKING:
    from llmspell_core.audit import AuditRecord

__all__ = ["Answer", "Ask", "Guard", "NotGranted", "Question", "capabilities", "parameters_of"]

Answer: TypeAlias = Literal["once", "always", "deny", "never"]
"""What a person may answer: this time, for the rest of the run, not this time, no more of that kind."""


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

    :param where: the call that needs it
    :param asked_for: whether the spell's manifest asks for it
    """

    def __init__(self, decision: Decision, where: str, *, asked_for: bool = False) -> None:
        self.capability, self.rule, self.flag = decision.capability, decision.rule, flag(decision.capability)
        self.data = {"capability": self.capability, "flag": self.flag}
        needs = f"{where} needs {self.capability!r}"
        if self.rule:
            super().__init__(f"{needs}, which is refused by {self.rule!r}; a denial wins over every grant")
        elif asked_for:
            super().__init__(f"{needs}, which was not granted; the manifest asks for it; grant it with {self.flag}")
        else:
            super().__init__(f"{needs}, which was not granted; grant it with {self.flag}")


class Guard:
    """Decides for one run, records each decision, and asks a person where there is one.

    :param run: the run's id
    :param asked_for: capabilities that the spell's manifest asks for; asking grants nothing
    :param record: called with each decision
    :param ask: called when nothing grants a capability and nothing denies it; None refuses
    :param clock: returns the time of a record, Unix seconds
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
    ) -> None:
        self.policy = policy
        self._run, self._asked_for, self._record, self._ask, self._clock = run, asked_for, record, ask, clock
        self._once: dict[str, Decision] = {}
        self._never: set[str] = set()

    def require(self, capability: str, bridge: str, method: str = "") -> Decision:
        """Return the decision that allows a capability; :raises NotGranted: when it is refused."""
        decision = self.policy.decide(capability)
        where = f"{bridge}.{method}" if bridge and method else bridge or method or "the spell"
        if not decision.allowed and not decision.rule and self._ask is not None:
            decision = self._asked(decision, where, self._ask)
        self._note(decision, bridge, method)
        if not decision.allowed:
            raise NotGranted(decision, where, asked_for=self._is_asked_for(capability))
        return decision

    def confirm(self, capability: str, bridge: str) -> Decision:
        """Return, for what was required before this call, the decision anew: where a file is by now, say.

        A bridge uses it that must act on exactly what was decided. Nothing is recorded or asked again.

        :raises NotGranted: when it is refused now
        """
        decision = self.policy.decide(capability)
        decision = self._once.pop(decision.capability, decision)
        if not decision.allowed:
            raise NotGranted(decision, bridge or "the spell", asked_for=self._is_asked_for(capability))
        return decision

    def _asked(self, decision: Decision, where: str, ask: Ask) -> Decision:
        kind = decision.capability.partition(":")[0]
        if kind in self._never:
            return decision
        answer = ask(Question(self._run, decision.capability, where, flag(decision.capability)))
        if answer == "never":
            self._never.add(kind)
        if answer not in ("once", "always"):
            return decision
        allowed = Decision(decision.capability, True, f"answer {answer}", decision.path)
        if answer == "always":
            self.policy = self.policy.allow_exactly(decision.capability)
        else:
            self._once[decision.capability] = allowed
        return allowed

    def _note(self, decision: Decision, bridge: str, method: str) -> None:
        if self._record is None:
            return
        from llmspell_core.audit import AuditRecord

        rule = decision.rule or "nothing grants it"
        self._record(AuditRecord(self._clock(), self._run, decision.capability, decision.allowed, rule, bridge, method))

    def _is_asked_for(self, capability: str) -> bool:
        wanted = Rule.exactly(capability) if self._asked_for else None
        return wanted is not None and any(Rule.read(text).covers(wanted) for text in self._asked_for)


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
        for i, part in enumerate(_PARAMETER.split(template)):
            options = _texts(arguments[part]) if i % 2 else [part]
            made = [begun + option for begun in made for option in options]
        found += made
    return found


def _texts(value: Any) -> list[str]:
    if value is None:
        return [""]
    return [str(item) for item in value] if isinstance(value, (list, tuple, dict)) else [str(value)]
