"""The errors of workflows, as spells see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_core.errors import BadArgument, CallError, SpellFailed, closest
from llmspell_core.facts import Fact, fact

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from llmspell_core.values import ErrorValue

__all__ = [
    "BadDefinition",
    "Busy",
    "CannotExport",
    "CircuitOpen",
    "Fault",
    "LoopSpent",
    "NoApproval",
    "NotRunning",
    "Refused",
    "StepTimeout",
    "UnknownWorkflow",
    "WaitsForItself",
    "WorkflowCancelled",
    "WorkflowFailed",
    "WorkflowWaits",
]


@fact
class Fault(Fact):
    """What is wrong in a definition, and where: ``steps[2].retry.attempts``."""

    path: str
    problem: str

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}" if self.path else self.problem


class BadDefinition(BadArgument):
    """A definition is none; ``data`` is ``{errors = [{path, message}]}``."""

    def __init__(self, name: str, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        self.data = {"errors": [{"path": fault.path, "message": fault.problem} for fault in faults]}
        more = f"; and {len(faults) - 5} more" if len(faults) > 5 else ""
        told = "; ".join(map(str, faults[:5])) + more
        CallError.__init__(self, f"the workflow {name[:80]!r} is not well defined: {told}")


class UnknownWorkflow(CallError):
    """No workflow, function or template has that name; ``data`` is ``{name}``."""

    kind = "workflow_not_found"

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        self.name = name
        self.data = {"name": name}
        super().__init__(f"no {what} is named {name!r}{closest(name, known)}")


class Busy(CallError):
    """A workflow is run once at a time."""

    def __init__(self, name: str, state: str, wanted: str) -> None:
        super().__init__(
            f"the workflow {name!r} is {state}, so it cannot {wanted}; wait for result(), cancel() it,"
            " or create another"
        )


class NotRunning(CallError):
    """There is no run to do that with."""

    def __init__(self, name: str, state: str, wanted: str, cure: str) -> None:
        super().__init__(f"the workflow {name!r} is {state}, so there is nothing to {wanted}; {cure}")


class NoApproval(CallError):
    """A workflow has no approval of that name."""

    def __init__(self, workflow: str, name: str, known: Iterable[str]) -> None:
        told = sorted(known)
        hint = closest(name, told) or f"; there are {', '.join(told[:10]) or 'none'}"
        super().__init__(f"no approval of the workflow {workflow!r} is named {name!r}{hint}")


class WaitsForItself(CallError):
    """A step waits for the end of the workflow that it is a part of."""

    kind = "deadlock"

    def __init__(self, name: str) -> None:
        super().__init__(f"a step of the workflow {name!r} waits for its end, which would never come; return instead")


class CannotExport(CallError):
    """Something in a definition is no plain data."""

    def __init__(self, name: str, path: str, what: str, cure: str) -> None:
        super().__init__(f"the workflow {name!r} cannot be exported: {path} is {what}; {cure}")


class StepTimeout(SpellFailed):
    """A step, or the whole workflow, took longer than it may; ``data`` is ``{step, seconds}``."""

    kind = "timeout"

    def __init__(self, what: str, seconds: float) -> None:
        self.data = {"step": what, "seconds": seconds}
        super().__init__(f"{what!r} took longer than {seconds:g} seconds and was stopped; allow more with timeout")


class CircuitOpen(CallError):
    """A step has failed so often that it is left alone for a while; ``data`` is ``{breaker, failures}``."""

    kind = "circuit_open"

    def __init__(self, name: str, failures: int, reset: float) -> None:
        self.data = {"breaker": name, "failures": failures}
        super().__init__(
            f"the breaker {name!r} is open after {failures} failures in a row; it lets a call through {reset:g} s later"
        )


class LoopSpent(SpellFailed):
    """A loop that says no ``max`` has gone round too often; ``data`` is ``{step, allowed}``."""

    kind = "loop"

    def __init__(self, step: str, allowed: int) -> None:
        self.data = {"step": step, "allowed": allowed}
        super().__init__(f"the loop {step!r} has gone round {allowed} times; say how often it may with max")


class Refused(SpellFailed):
    """An approval was refused; ``data`` is ``{step, by, note}``."""

    kind = "refused"

    def __init__(self, step: str, by: str, note: str) -> None:
        self.data = {"step": step, "by": by, "note": note}
        super().__init__(f"{step!r} was refused by the {by}{f': {note}' if note else ''}")


class WorkflowWaits(CallError):
    """A workflow waits for something that nobody can bring about but the spell; ``data`` is ``{paused, approvals}``."""

    kind = "waiting"

    def __init__(self, name: str, paused: bool, approvals: Sequence[str]) -> None:
        self.data = {"paused": paused, "approvals": list(approvals)}
        if paused:
            told = "is paused; resume() goes on"
        else:
            first = approvals[0] if approvals else ""
            told = (
                f"waits for an approval of {', '.join(map(repr, approvals))}, and nobody can give it: no terminal,"
                f" no function on 'approval'; approve({first!r}) gives it, or --allow approval:{first} beforehand"
            )
        super().__init__(f"the workflow {name!r} {told}; then result() tells what comes of it")


class WorkflowCancelled(CallError):
    """A workflow was cancelled; ``data`` is ``{workflow, compensated, compensation_errors}``."""

    kind = "cancelled_workflow"

    def __init__(self, name: str, undone: dict[str, Any]) -> None:
        self.data = {"workflow": name, **undone}
        super().__init__(f"the workflow {name!r} was cancelled")


class WorkflowFailed(SpellFailed):
    """A workflow failed; ``cause`` is why.

    ``data`` is ``{workflow, step, path, kind, message, data, compensated, compensation_errors}``.
    """

    kind = "workflow"

    def __init__(self, name: str, step: str, path: str, cause: ErrorValue, undone: dict[str, Any]) -> None:
        told = {"kind": cause.kind, "message": cause.message, "data": cause.data}
        self.data = {"workflow": name, "step": step, "path": path, **told, **undone}
        where = f" at the step {step!r} ({path})" if step else ""
        super().__init__(f"the workflow {name!r} failed{where}: {cause.message}")
