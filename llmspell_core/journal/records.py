"""What a journal holds of a run: what was cast and what came of it, and entry by entry what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import orjson

from llmspell_core.facts import Fact, Record, fact, record
from llmspell_core.policy import Policy, Rate, Rule
from llmspell_core.spells import Manifest, Spell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmspell_core.budget import Budget, Usage
    from llmspell_core.limits import Limits

__all__ = ["Entry", "Kind", "Run", "Status", "dump", "load", "policy_from", "policy_text", "spell_from", "spell_text"]

Kind: TypeAlias = Literal["fed", "asked", "once", "anew", "spent", "granted"]
"""What an entry holds.

fed      an inbox, as text; written before the session is fed with it
asked    the outbox that came of it, as text
once     what came of something that must not be done twice, as text; ``about`` is ``[call, key, ok]``, with the
         kind of an error that may be another the next time, and the entries of such in whose place it was done
anew     the calls that had not ended when the run was interrupted, and were made anew then
spent    what was spent on models, ``{requests, input_tokens, output_tokens, cost}``
granted  a capability that a person granted for the rest of the run
"""
Status: TypeAlias = Literal["running", "ok", "failed", "interrupted"]
"""``running``, also when its process has died; ended by itself well or badly; ended from outside, and can go on."""


@fact
class Entry(Fact):
    """One entry of a run's journal.

    :param number: counts the entries of a run from 1
    :param at: Unix seconds
    :param about: what a reader of ``body`` has to know; of ``fed`` the calls that its invocations come from
    """

    number: int
    kind: Kind
    at: float
    body: str
    about: Any = None


@record
class Run(Record):
    """One run, as the journal knows it.

    :param parent: the id of the run that cast it
    :param params: script values by name
    :param seed: what feeds its randomness
    :param versions: of what it runs with, by name
    :param epoch: how many processes have begun or taken it over so far; only the last may write
    :param owner: the process that runs it, or ran it last
    :param value: what it returned
    :param output: what it has printed, once it has ended
    :param error: what ended it: ``kind``, ``message`` and more, as in ``docs/protocol.md``
    """

    id: str
    parent: str | None
    spell: Spell
    engine: str
    params: dict[str, Any]
    seed: int
    model: str | None
    policy: Policy
    limits: Limits
    budget: Budget
    isolation: str
    versions: dict[str, str]
    status: Status
    epoch: int
    owner: str
    created: float
    changed: float
    duration: float = 0.0
    value: Any = None
    output: str = ""
    error: dict[str, Any] | None = None
    usage: Usage | None = None


def dump(value: Any) -> str:
    """Return plain data as JSON text."""
    return orjson.dumps(value).decode()


def load(text: str) -> Any:
    """Return the data of a JSON text."""
    return orjson.loads(text)


def spell_text(spell: Spell) -> str:
    """Return a spell as text."""
    return dump({**vars(spell), "manifest": vars(spell.manifest)})


def spell_from(text: str) -> Spell:
    """Return the spell of a text."""
    fields = load(text)
    return Spell(**{**fields, "manifest": Manifest(**fields["manifest"])})


def policy_text(policy: Policy) -> str:
    """Return a policy as text."""
    return dump(_policy_fields(policy))


def policy_from(text: str) -> Policy:
    """Return the policy of a text."""
    return _policy(load(text))


def _policy_fields(policy: Policy) -> dict[str, Any]:
    return {
        "grants": [vars(rule) for rule in policy.grants],
        "denials": [vars(rule) for rule in policy.denials],
        "rates": [[vars(rate.rule), rate.calls, rate.seconds] for rate in policy.rates],
        "bounds": [_policy_fields(bound) for bound in policy.bounds],
    }


def _policy(fields: Mapping[str, Any]) -> Policy:
    return Policy(
        tuple(Rule(**rule) for rule in fields["grants"]),
        tuple(Rule(**rule) for rule in fields["denials"]),
        tuple(Rate(Rule(**rule), calls, seconds) for rule, calls, seconds in fields["rates"]),
        tuple(_policy(bound) for bound in fields["bounds"]),
    )
