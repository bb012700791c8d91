"""One cast: what a caller may say of it, and what comes of it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any, TypedDict

from llmspell_core.asking import check_kinds, check_names
from llmspell_core.budget import Budget, Purse, Usage
from llmspell_core.drive import Output
from llmspell_core.errors import LlmspellError, UsageError
from llmspell_core.facts import Fact, Record, fact, record
from llmspell_core.limits import Limits
from llmspell_core.policy import Policy
from llmspell_core.protocol import Fail, Finish, Inbox, Outbox
from llmspell_core.secrets import Secrets
from llmspell_core.spells import Spell

if TYPE_CHECKING:
    from llmspell_core.guard import Guard
    from llmspell_core.journal import Logbook, Past, Run
    from llmspell_core.journal.cassette import Cassette  # noqa: TC004 - nobody evaluates it, and it takes its time

__all__ = ["Cast", "CastOptions", "Isolated", "Result", "ResumeOptions", "checked", "prepare", "run_id"]


_LONGEST_ID = 64
"""Those of the runs that a run casts begin with its own, and a database has room for 200."""


@fact
class Isolated(Fact):
    """Where a spell ran, and behind what.

    :param mode: as the runner was told: ``inline``, ``process`` or ``strict``
    :param layers: what each layer of the lock around its process came to: ``held``, or why not; empty without one
    """

    mode: str
    layers: Mapping[str, str] = field(default_factory=dict)

    @property
    def missing(self) -> dict[str, str]:
        """The layers that did not hold, and why not."""
        return {name: state for name, state in self.layers.items() if state != "held"}


@record
class Result(Record):
    """What came of one cast.

    :param value: what the spell returned, as plain Python (see ``docs/values.md``); None when it failed
    :param output: all it printed
    :param usage: what it spent on models: ``requests``, ``input_tokens``, ``output_tokens``, ``cost`` in US dollars
    :param run_id: the run's id
    :param engine: the name of the engine
    :param duration: seconds from start to end
    :param error: what ended it, or None; ``error.kind`` is stable, ``error.value`` has file, line and guest traceback
    :param budget: what was left of its budget: ``requests``, ``tokens``, ``cost``, None where it was unbounded
    :param isolation: where it ran, and behind which layers of the lock
    """

    value: Any
    output: str
    usage: Usage
    run_id: str
    engine: str
    duration: float
    error: LlmspellError | None = None
    budget: Budget = field(default_factory=Budget)
    isolation: Isolated = field(default_factory=lambda: Isolated("inline"))

    @property
    def ok(self) -> bool:
        """True when the spell ended without an error."""
        return self.error is None

    def unwrap(self) -> Any:
        """Return the value; :raises LlmspellError: when the spell failed."""
        if self.error is not None:
            raise self.error
        return self.value


class CastOptions(TypedDict, total=False):
    """What a cast may be told, all optional.

    ``engine``
        the engine's name; None lets the spell's manifest and file name decide
    ``params``
        the spell's parameters by name: script values, or rich types that a converter knows
    ``limits``
        what this cast may use; the spell's manifest may lower it
    ``budget``
        what this cast may spend on models
    ``purse``
        pays for this cast as well, so that several may share one budget
    ``policy``
        which capabilities this cast has
    ``model``
        the model of this cast, ``provider:model``
    ``run_id``
        the run's id; a new one when None
    ``seed``
        53 bits that feed all randomness; new ones when None
    ``on_output``
        called with each printed text and its level (``info``, ``debug``, ``warn``, ``error``)
    ``record``
        called with every inbox and outbox of the session, in order
    ``cassette``
        answers what it has answers to, and is told of all the others
    """

    engine: str | None
    params: Mapping[str, Any] | None
    limits: Limits | None
    budget: Budget | None
    purse: Purse | None
    policy: Policy | None
    model: str | None
    run_id: str | None
    seed: int | None
    on_output: Output | None
    record: Callable[[Inbox, Outbox], None] | None
    cassette: Cassette | None


class ResumeOptions(TypedDict, total=False):
    """What is to be otherwise when a run goes on than it was when the run began, all optional.

    ``spell``
        another version of the spell, which has to ask for what the run has asked for so far
    ``limits``, ``budget``, ``purse``, ``policy``, ``model``
        as in :class:`CastOptions`; the run's own where they are left out. What was spent before counts
    ``on_output``, ``record``
        as in :class:`CastOptions`; told of the whole run, from its beginning
    """

    spell: Spell
    limits: Limits | None
    budget: Budget | None
    purse: Purse | None
    policy: Policy | None
    model: str | None
    on_output: Output | None
    record: Callable[[Inbox, Outbox], None] | None


@record
class Cast(Record):
    """One cast: what was asked for, and what came of it so far.

    :param caller: decides for the run that casts it, where one does
    :param depth: how many runs stand above it
    :param caller_id: the id of that run
    :param children: how many spells each call of its own run, and each thing done once in one, has cast
    :param cassette: answers what it has answers to
    :param called: what its calls are called there, by their numbers
    :param begun: when it began, on the monotonic clock
    :param past: the run that it goes on with, and what its journal holds
    :param log: its journal, once it has begun
    :param ending: how the spell ended by itself, once it has
    :param secrets: those of its run, and of the host
    """

    spell: Spell
    engine: str
    params: dict[str, Any]
    limits: Limits
    purse: Purse
    policy: Policy
    model: str | None
    run_id: str
    seed: int
    on_output: Output | None
    record: Callable[[Inbox, Outbox], None] | None
    printed: list[str] = field(default_factory=list)
    layers: Mapping[str, str] = field(default_factory=dict)
    caller: Guard | None = None
    depth: int = 0
    caller_id: str | None = None
    children: dict[int, int] = field(default_factory=dict)
    cassette: Cassette | None = None
    called: dict[int, str] = field(default_factory=dict)
    begun: float = field(default_factory=time.monotonic)
    past: tuple[Run, Past] | None = None
    log: Logbook | None = None
    ending: Finish | Fail | None = None
    secrets: Secrets = field(default_factory=Secrets)

    @property
    def name(self) -> str:
        """What the run is called where it is looked at."""
        return self.spell.manifest.name or self.spell.file

    def facts(self) -> dict[str, Any]:
        """Return what whoever watches the run may want to know of it; what is spent is told as it grows."""
        return {"engine": self.engine, "model": self.model, "usage": self.purse.usage}

    def print(self, text: str, level: str) -> None:
        """Keep what the spell prints, and pass it on."""
        self.printed.append(text)
        if self.on_output is not None:
            self.on_output(text, level)


def prepare(
    spell: Spell | str, options: CastOptions, *, limits: Limits, budget: Budget, policy: Policy, model: str | None
) -> Cast:
    """Return the cast of a spell, its engine chosen and its parameters checked.

    :param limits: where the options name none; so too ``budget``, ``policy`` and ``model``
    :raises UsageError: when the cast cannot begin
    """
    check_names(options, CastOptions.__optional_keys__)
    check_kinds(options)
    engine = options.get("engine")
    if isinstance(spell, str):
        if engine is None:
            raise UsageError("a spell given as text needs an engine: cast(source, engine='lua')")
        spell = Spell.text(spell)
    elif not isinstance(spell, Spell):
        raise UsageError(f"a spell is a Spell, as of Spell.load(path), or its source as text, not {spell!r:.100}")
    if engine is None:
        from llmspell_core.router import route

        engine = route(spell)
    given = checked(spell, dict(options.get("params") or {}))
    if spell.manifest.plugins:
        _check_plugins(spell)
    seed = options.get("seed")
    return Cast(
        spell,
        engine,
        given,
        _limits(spell, options.get("limits") or limits),
        Purse(_budget(spell, options.get("budget") or budget), options.get("purse")),
        options.get("policy") or policy,
        options.get("model") or model,
        run_id(options.get("run_id")),
        int.from_bytes(os.urandom(7), "big") >> 3 if seed is None else seed,
        options.get("on_output"),
        options.get("record"),
        cassette=options.get("cassette"),
    )


def run_id(given: str | None) -> str:
    """Return the id of a run, a new one where none is given; :raises UsageError: when it cannot be one."""
    if not given:
        return os.urandom(8).hex()
    if len(given) > _LONGEST_ID or not given.isprintable() or any(character.isspace() for character in given):
        raise UsageError(
            f"{given[:80]!r} is no id of a run: it has at most {_LONGEST_ID} characters, no white space among them"
        )
    return given


def checked(spell: Spell, params: dict[str, Any]) -> dict[str, Any]:
    """Return parameters as the spell's manifest wants them; :raises ParameterError: when they do not fit it."""
    if spell.manifest.parameters is None:
        return params
    from llmspell_core.parameters import check

    return check(spell.manifest, params)


def _check_plugins(spell: Spell) -> None:
    from llmspell_core.versions import PackageError, installed_faults

    if faults := installed_faults(spell.manifest.plugins):
        raise PackageError(f"{spell.manifest.name or spell.file}: {'; '.join(faults)}")


def _limits(spell: Spell, allowed: Limits) -> Limits:
    if not spell.manifest.limits:
        return allowed
    from llmspell_core.measures import limits_of

    return allowed.lowered_by(limits_of(spell.manifest.limits, Limits.unbounded()))


def _budget(spell: Spell, granted: Budget) -> Budget:
    """Return what the caller allows, lowered to what the spell's manifest says it needs."""
    asked = spell.manifest.budget
    return granted if asked is None else granted.lowered(Budget.of(asked))
