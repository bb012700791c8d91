"""What is submitted: a spell with all that its cast is granted, as plain JSON data."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - dataclasses read it
from dataclasses import field
from typing import TYPE_CHECKING, Any

from llmspell_core.budget import Budget
from llmspell_core.errors import ConversionError, LlmspellError, UsageError
from llmspell_core.facts import Fact, fact
from llmspell_core.journal.records import dump, load, policy_from, policy_text, spell_from, spell_text
from llmspell_core.limits import Limits
from llmspell_core.policy import Policy
from llmspell_core.spells import Spell  # noqa: TC001 - dataclasses read it
from llmspell_core.values import lower
from llmspell_core.wire import decode_value, encode_value

if TYPE_CHECKING:
    from llmspell_core.journal import Run

__all__ = ["USUAL", "BadJob", "Cap", "Job", "attributes"]

VERSION = 1
USUAL = 100
"""The priority of a job of which nothing is said: the smallest number goes first."""
PLACES = ("inline", "process", "strict")
"""Where spells run, the safer ones later."""


class BadJob(UsageError):
    """What a queue holds is no job, or one of another version of llmspell."""

    def __init__(self, problem: object) -> None:
        super().__init__(f"this is no job that can be cast here ({problem}); submit it anew with `llmspell submit`")


@fact
class Cap(Fact):
    """The most that a worker gives to any job, whatever the job was granted."""

    policy: Policy = Policy.trusted()
    limits: Limits = Limits.unbounded()
    budget: Budget = Budget()


@fact
class Job(Fact):
    """A cast that is to be made somewhere.

    :param queue: where it waits
    :param params: script values by name
    :param policy: what whoever submitted it grants; files in it are those of the machine that casts
    :param isolation: where it has to run at least; None leaves it to the worker
    """

    spell: Spell
    engine: str
    queue: str
    params: Mapping[str, Any] = field(default_factory=dict)
    policy: Policy = Policy.standard()
    limits: Limits = Limits()
    budget: Budget = Budget()
    model: str | None = None
    seed: int | None = None
    isolation: str | None = None

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON data; :raises ConversionError: when a parameter is no script value."""
        return {
            "job": VERSION,
            "spell": load(spell_text(self.spell)),
            "engine": self.engine,
            "queue": self.queue,
            # As text, for what JSON has no form for.
            "params": encode_value(lower(dict(self.params), _refuse)),
            "policy": load(policy_text(self.policy)),
            "limits": dict(vars(self.limits)),
            "budget": self.budget.as_dict(),
            "model": self.model,
            "seed": self.seed,
            "isolation": self.isolation,
        }

    @classmethod
    def from_data(cls, data: Any) -> Job:
        """Return the job of JSON data; :raises BadJob: when it is none."""
        try:
            if data["job"] != VERSION:
                raise ValueError(f"it is of version {data['job']}, and this is {VERSION}")
            return cls(
                spell_from(dump(data["spell"])),
                data["engine"],
                data["queue"],
                decode_value(data["params"]),
                policy_from(dump(data["policy"])),
                Limits(**data["limits"]),
                Budget(**data["budget"]),
                data["model"],
                data["seed"],
                data["isolation"],
            )
        except (ValueError, TypeError, KeyError, AttributeError, LlmspellError) as error:
            raise BadJob(error) from error

    def options(self, cap: Cap) -> dict[str, Any]:
        """Return what its cast is told: what both its submitter and its worker allow."""
        return {
            "engine": self.engine,
            "params": self.params,
            "policy": self.policy.within(cap.policy),
            "limits": self.limits.lowered_by(cap.limits),
            "budget": self.budget.lowered(cap.budget),
            "model": self.model,
            "seed": self.seed,
        }

    def place(self, least: str) -> str:
        """Return where it runs: the safer of what it asks for and what its worker has at least."""
        return max(self.isolation or least, least, key=PLACES.index)


def attributes(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what lists tell of a job that is JSON data."""
    spell = data["spell"]
    return {"spell": spell["manifest"]["name"] or spell["file"], "queue": data["queue"]}


def going_on(run: Run, cap: Cap) -> dict[str, Any]:
    """Return what a run is told that goes on in a worker: what it had, and what the worker allows."""
    return {
        "policy": run.policy.within(cap.policy),
        "limits": run.limits.lowered_by(cap.limits),
        "budget": run.budget.lowered(cap.budget),
    }


def _refuse(value: Any, path: str) -> Any:
    raise ConversionError(f"the parameters of a job are script values, and no {type(value).__name__}", path)
