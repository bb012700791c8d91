"""Which capabilities a run was granted.

A capability is text: a kind, and what of it: ``net:api.example.com:443``, ``read:./data``, ``write:./out``,
``env:HOME``, ``llm:openai:gpt-4o``, ``state:read:run:total``, ``run:``, ``mcp:server``. A rule looks the same and
covers one or many; a kind alone covers all of that kind, ``*`` everything. What nothing grants is refused; a denial
wins over any grant.
"""

from __future__ import annotations

from dataclasses import replace

from llmspell_core import scopes
from llmspell_core.errors import CallError, UsageError
from llmspell_core.facts import Fact, fact

__all__ = ["KINDS", "PROFILES", "Decision", "Policy", "Rate", "Rule", "flag"]

KINDS = ("net", "read", "write", "env", "run", "llm", "state", "events", "mcp", "tool")
"""The kinds that have a flag of their own; a plugin may have others."""
PROFILES = ("strict", "standard", "trusted")
"""The names of the profiles."""


@fact
class Decision(Fact):
    """What a policy says to one capability.

    :param rule: the rule that decided, empty when none speaks of it
    :param path: of a file, where it really is
    """

    capability: str
    allowed: bool
    rule: str = ""
    path: str | None = None


@fact
class Rule(Fact):
    """A grant, a denial, or what a call wants, read once; files by where they really are.

    :param literal: a ``*`` in it stands for itself
    """

    text: str
    kind: str
    scope: str
    path: str | None = None
    literal: bool = False

    @classmethod
    def read(cls, text: str) -> Rule:
        """Return the rule that a text stands for; :raises UsageError: when it is none."""
        kind, _, scope = text.partition(":")
        if kind != "*" and not kind.isidentifier():
            raise UsageError(f"{text!r} is no capability; write kind:scope, as read:./data or net:api.example.com")
        if kind not in scopes.FILES or scopes.is_everything(scope):
            return cls(text, kind, scopes.normal(kind, scope))
        if "*" in scope:
            raise UsageError(f"{text!r}: a folder is granted with all in it, so no * is needed; write the folder")
        return cls(text, kind, scope, scopes.real_path(scope, home=True))

    @classmethod
    def exactly(cls, capability: str) -> Rule:
        """Return what a call wants, every character of it meant; :raises CallError: when it can be no capability."""
        kind, _, scope = capability.partition(":")
        try:
            if kind in scopes.FILES and scope:
                return cls(capability, kind, scope, scopes.real_path(scope), True)
            scope = scopes.normal(kind, scope)
        except UsageError as error:
            raise CallError(str(error)) from error
        return cls(f"{kind}:{scope}", kind, scope, None, True)

    @property
    def everything(self) -> bool:
        """True when it leaves out nothing of its kind."""
        return self.kind == "*" or not (self.literal or not scopes.is_everything(self.scope))

    @property
    def exact(self) -> bool:
        """True when it names what it covers, or covers everything there is."""
        return self.kind == "*" or self.literal or not (self.everything or "*" in self.scope)

    def covers(self, wanted: Rule) -> bool:
        """Tell whether it covers all that is wanted."""
        if self.kind not in ("*", wanted.kind):
            return False
        if self.everything:
            return True
        if not wanted.scope:
            return False
        if self.path is not None:
            return scopes.within(wanted.path or "", self.path)
        if self.literal:
            return self.scope == wanted.scope
        if self.kind == "net":
            return scopes.host_covers(self.scope, wanted.scope)
        return scopes.name_covers(self.kind, self.scope, wanted.scope)

    def forbids(self, wanted: Rule) -> bool:
        """Tell whether, as a denial, it stands against what is wanted, under whatever name that goes."""
        if self.kind not in ("*", wanted.kind):
            return False
        if self.covers(wanted) or not wanted.scope or scopes.name_touches(self.kind, self.scope, wanted.scope):
            return True
        return self.path is not None and wanted.path is not None and scopes.same_place(wanted.path, self.path)


@fact
class Rate(Fact):
    """How often something that is granted may be used: so many times in any so many seconds."""

    rule: Rule
    calls: int
    seconds: float

    @property
    def text(self) -> str:
        """As ``--rate`` takes it: ``net:api.example.com=10/60s``."""
        return f"{self.rule.text}={self.calls}/{self.seconds:g}s"


@fact
class Policy(Fact):
    """Grants and denials, made from a profile with :meth:`allow` and :meth:`deny`.

    :param rates: how often what is granted may be used
    :param bounds: policies that have to allow it too

    >>> Policy.standard().allow("net:api.example.com").decide("net:api.example.com:443").allowed
    True
    """

    grants: tuple[Rule, ...] = ()
    denials: tuple[Rule, ...] = ()
    rates: tuple[Rate, ...] = ()
    bounds: tuple[Policy, ...] = ()

    @classmethod
    def strict(cls) -> Policy:
        """Return the policy that grants nothing."""
        return cls()

    @classmethod
    def standard(cls) -> Policy:
        """Return the policy that grants what a first spell needs: the run's model, state of run and spell, events."""
        return _STANDARD

    @classmethod
    def trusted(cls) -> Policy:
        """Return the policy that grants everything."""
        return _TRUSTED

    @classmethod
    def profile(cls, name: str) -> Policy:
        """Return the profile of that name; :raises UsageError: when there is none."""
        if name not in PROFILES:
            raise UsageError(f"no policy {name!r}; there are {', '.join(PROFILES)}")
        return {"strict": cls(), "standard": _STANDARD, "trusted": _TRUSTED}[name]

    def allow(self, *rules: str) -> Policy:
        """Return the policy with more grants; relative paths are read from the present folder, now."""
        return replace(self, grants=(*self.grants, *map(Rule.read, rules)))

    def deny(self, *rules: str) -> Policy:
        """Return the policy with more denials, which win over every grant."""
        return replace(self, denials=(*self.denials, *map(Rule.read, rules)))

    def rate(self, rule: str, calls: int, *, per: float) -> Policy:
        """Return the policy in which what a rule covers may be used so often in any so many seconds, in each run."""
        if calls < 0 or not 0 < per < float("inf"):
            raise UsageError(f"a rate is a count and the seconds it is for, as 10 per 60; not {calls} per {per:g}")
        return replace(self, rates=(*self.rates, Rate(Rule.read(rule), calls, per)))

    def within(self, other: Policy) -> Policy:
        """Return the policy that allows what both allow; denials and rates of both hold."""
        return self if other is self else replace(self, bounds=(*self.bounds, other))

    @property
    def every_rate(self) -> tuple[Rate, ...]:
        """Its own rates and those of its bounds."""
        return self.rates + tuple(rate for bound in self.bounds for rate in bound.every_rate)

    def allow_exactly(self, capability: str) -> Policy:
        """Return the policy with a grant of one capability, every character of it meant."""
        return replace(self, grants=(*self.grants, Rule.exactly(capability)))

    def of_run(self, model: str | None) -> Policy:
        """Return the policy of a run whose caller chose that model."""
        bounds = tuple(bound.of_run(model) for bound in self.bounds)
        if _MODEL not in self.grants:
            return replace(self, bounds=bounds) if bounds else self
        own = replace(self, grants=tuple(rule for rule in self.grants if rule != _MODEL), bounds=bounds)
        return own.allow_exactly(f"llm:{model}") if model else own

    def decide(self, capability: str) -> Decision:
        """Tell whether a capability is granted, and by which rule.

        :raises CallError: when it can be none, as a URL without sense
        """
        wanted = Rule.exactly(capability)
        for rule in self.denials:
            if rule.forbids(wanted):
                return Decision(wanted.text, False, f"deny {rule.text}", wanted.path)
        for rule in self.grants:
            if rule.covers(wanted):
                return self._bounded(Decision(wanted.text, True, f"allow {rule.text}", wanted.path), capability)
        return Decision(wanted.text, False, "", wanted.path)

    def names(self, capability: str) -> bool:
        """Tell whether a capability is granted by its name, and not by a rule for many."""
        wanted = Rule.exactly(capability)
        named = any(rule.exact and rule.covers(wanted) for rule in self.grants)
        return named and self.decide(capability).allowed and all(bound.names(capability) for bound in self.bounds)

    def denies_below(self, kind: str, path: str) -> bool:
        """Tell whether anything in a folder is denied."""
        return any(
            rule.kind in ("*", kind) and (rule.path is None or scopes.within(rule.path, path)) for rule in self.denials
        ) or any(bound.denies_below(kind, path) for bound in self.bounds)

    def _bounded(self, decision: Decision, capability: str) -> Decision:
        for bound in self.bounds:
            # What the bound says is told: it is nearer to the person who grants.
            decision = bound.decide(capability)
            if not decision.allowed:
                break
        return decision


def flag(capability: str) -> str:
    """Return the word of the command line that grants a capability, ready for a shell."""
    kind, _, scope = capability.partition(":")
    word = f"--allow-{kind}" if kind in KINDS else "--allow"
    value = (scope if kind in KINDS else capability).replace(",", ",,")
    if not value:
        return word
    import shlex

    return shlex.quote(f"{word}={value}")


_MODEL = Rule.read("llm:{model}")
_STANDARD = Policy((_MODEL, *map(Rule.read, ("llm:demo", "state:run:*", "state:spell:*", "events:*"))))
_TRUSTED = Policy((Rule.read("*"),))
