"""Policies of a spell's own: who may do what, by rules; what nothing allows is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.auth.records import PolicyRule, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["decide"]


def decide(rules: Sequence[PolicyRule], who: Mapping[str, Any], action: str, resource: str) -> Verdict:
    """Tell whether somebody may do something.

    :param who: claims about them; ``roles`` (or ``role``) are theirs
    """
    covering = [(number, rule) for number, rule in enumerate(rules, 1) if _covers(rule, who, action, resource)]
    for number, rule in sorted(covering, key=lambda row: (row[1].effect != "deny", row[0])):
        verb = "denies" if rule.effect == "deny" else "allows"
        return Verdict(allowed=rule.effect == "allow", rule=number, reason=f"rule {number} {verb} it")
    return Verdict(allowed=False, rule=None, reason="no rule allows it")


def _covers(rule: PolicyRule, who: Mapping[str, Any], action: str, resource: str) -> bool:
    return (
        _any(rule.actions, action)
        and _any(rule.resources, resource)
        and (rule.roles is None or bool(set(rule.roles) & _roles(who)))
        and all(_has(who.get(claim), wanted) for claim, wanted in (rule.when or {}).items())
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
    for part in others[:-1]:
        found = name.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(name) - at >= len(others[-1]) and name.endswith(others[-1])


def _roles(who: Mapping[str, Any]) -> set[str]:
    found = who.get("roles", who.get("role"))
    return {role for role in (found if isinstance(found, list) else [found]) if isinstance(role, str)}


def _has(value: Any, wanted: Any) -> bool:
    """Tell whether a claim has a value, or one of several; 1 and true are not the same."""
    allowed = wanted if isinstance(wanted, list) else [wanted]
    had = value if isinstance(value, list) else [value]
    return any(type(a) is type(b) and a == b for a in had for b in allowed)
