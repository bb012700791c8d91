"""Policies of a spell's own: who may do what, by rules; what nothing allows is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.auth.records import PolicyRule, Verdict
from llmspell_bridges.state.compare import mark
from llmspell_bridges.state.memory import size_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["MAX_BYTES", "MAX_NAME", "decide", "size"]

MAX_BYTES, MAX_NAME = 2**20, 4096
"""Of a policy, and characters of what it decides on: each pattern is looked for in the whole name."""


def decide(rules: Sequence[PolicyRule], who: Mapping[str, Any], action: str, resource: str) -> Verdict:
    """Tell whether somebody may do something.

    :param who: claims about them; ``roles`` (or ``role``) are theirs
    """
    claims = _Claims(who)
    covering = [(number, rule) for number, rule in enumerate(rules, 1) if _covers(rule, claims, action, resource)]
    for number, rule in sorted(covering, key=lambda row: (row[1].effect != "deny", row[0])):
        verb = "denies" if rule.effect == "deny" else "allows"
        return Verdict(allowed=rule.effect == "allow", rule=number, reason=f"rule {number} {verb} it")
    return Verdict(allowed=False, rule=None, reason="no rule allows it")


def size(rules: Sequence[PolicyRule]) -> int:
    """Return about how many bytes rules take."""
    return sum(size_of([rule.actions, rule.resources, rule.roles, rule.when]) for rule in rules)


class _Claims:
    """What is claimed of somebody. Each claim is looked through once: it may be a list of any length."""

    def __init__(self, who: Mapping[str, Any]) -> None:
        self._who = who
        self._marks: dict[str, set[Any]] = {}
        self.roles = "roles" if "roles" in who else "role"
        """The claim that has them."""

    def has_any(self, claim: str, wanted: Any) -> bool:
        """Tell whether a claim has a value, or one of several; 1 and true are not the same."""
        if claim not in self._marks:
            self._marks[claim] = set(map(mark, _listed(self._who.get(claim))))
        return not self._marks[claim].isdisjoint(map(mark, _listed(wanted)))


def _covers(rule: PolicyRule, claims: _Claims, action: str, resource: str) -> bool:
    return (
        _any(rule.actions, action)
        and _any(rule.resources, resource)
        and (rule.roles is None or claims.has_any(claims.roles, rule.roles))
        and all(claims.has_any(claim, wanted) for claim, wanted in (rule.when or {}).items())
    )


def _any(patterns: Sequence[str] | None, name: str) -> bool:
    return patterns is None or any(_fits(pattern, name) for pattern in patterns)


def _fits(pattern: str, name: str) -> bool:
    """Tell whether a name is of a pattern; each part is looked for once, so no pattern takes long."""
    first, *others = pattern.split("*")
    if not others:
        return pattern == name
    if not name.startswith(first):
        return False
    at = len(first)
    for part in filter(None, others[:-1]):
        found = name.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(name) - at >= len(others[-1]) and name.endswith(others[-1])


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
