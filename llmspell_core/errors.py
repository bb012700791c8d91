"""Every error that llmspell raises: one tree, a stable ``kind`` each.

LlmspellError                 internal        our own failure
|-- PluginError               plugin          a plugin is missing or broken
|   |-- NotInstalled          not_installed   no engine or bridge of that name
|   `-- BrokenPlugin          broken_plugin   it does not import or breaks the contract
|-- UsageError                usage           the caller asked for something that cannot be
|   |-- NotLocked             not_locked      no process can be locked as it was asked for
|   |-- ManifestError         manifest        the manifest is not valid
|   `-- ParameterError        parameters      the parameters do not fit the manifest
|-- SpellFailed               runtime         the spell ended with an error
|   |-- SpellSyntaxError      syntax          the source is wrong
|   |   `-- IncompleteSource  incomplete      the source ends too early
|   |-- CallError             call            a bridge call that cannot be made
|   |   |-- UnknownBridge     unknown_bridge
|   |   |-- UnknownMethod     unknown_method
|   |   `-- BadArgument       argument
|   |-- ConversionError       conversion      a value that may not cross the border
|   `-- Deadlock              deadlock        a wait that nobody can end
|-- LimitExceeded             limit           the spell used more than it may
|-- Denied                    denied          policy or a hook refused
|   |-- Quarantined           quarantined     the spell has crashed too many workers
|   `-- RateLimited           rate_limited    what is granted was used too often
|-- BudgetSpent               budget          the run may not spend more
|-- ProviderError             provider        a model provider or the network failed
|-- Cancelled                 cancelled       the run was cancelled
|-- WorkerCrashed             crash           the process that the spell ran in ended
|-- NoProcess                 no_process      there is no process for the spell
`-- ProtocolError             protocol        an engine broke the step protocol
"""

from __future__ import annotations

from typing import TYPE_CHECKING

# Imported at once: a locked worker finds no file any more.
from llmspell_core.amounts import amount
from llmspell_core.present import spelled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from llmspell_core.values import ErrorValue, ScriptValue

__all__ = [
    "BadArgument",
    "BrokenPlugin",
    "BudgetSpent",
    "CallError",
    "Cancelled",
    "ConversionError",
    "Deadlock",
    "Denied",
    "IncompleteSource",
    "LimitExceeded",
    "LlmspellError",
    "ManifestError",
    "NoProcess",
    "NotInstalled",
    "NotLocked",
    "ParameterError",
    "PluginError",
    "ProtocolError",
    "ProviderError",
    "Quarantined",
    "RateLimited",
    "SpellFailed",
    "SpellSyntaxError",
    "UnknownBridge",
    "UnknownMethod",
    "UsageError",
    "WorkerCrashed",
    "closest",
    "meant",
]


class LlmspellError(Exception):
    """The root of the tree."""

    kind: str = "internal"
    data: ScriptValue = None
    value: ErrorValue | None = None
    """The error as the spell saw it, when it came out of a spell."""

    def __reduce__(self) -> tuple[Callable[..., LlmspellError], tuple[object, ...]]:
        """Have a copy say the same, in another process too: most are not made of the message that they have."""
        return _again, (type(self), self.args, vars(self))


class PluginError(LlmspellError):
    """A plugin is missing or broken."""

    kind = "plugin"


class NotInstalled(PluginError):
    """No installed plugin offers an engine or bridge of that name."""

    kind = "not_installed"

    def __init__(self, what: str, name: str, installed: Iterable[str]) -> None:
        self.what, self.name, self.installed = what, name, tuple(installed)
        known = ", ".join(self.installed) or "none"
        super().__init__(f"no {what} named {name!r} is installed (installed: {known}); install the plugin that has it")


class BrokenPlugin(PluginError):
    """An installed plugin does not import, clashes with another or breaks the contract."""

    kind = "broken_plugin"

    def __init__(self, what: str, name: str, cause: str, cure: str) -> None:
        self.what, self.name, self.cause, self.cure = what, name, cause, cure
        super().__init__(f"the {what} {name!r} is broken: {cause}; {cure}")


class UsageError(LlmspellError):
    """The caller asked for something that cannot be done."""

    kind = "usage"


class NotLocked(UsageError):
    """There are no locked processes here, or not all layers of the lock that were asked for."""

    kind = "not_locked"

    def __init__(self, missing: Mapping[str, str]) -> None:
        self.missing = dict(missing)
        self.data = dict(missing)
        told = "; ".join(f"{layer} ({state})" for layer, state in missing.items())
        cure = "isolation='process' does with the layers there are, isolation='inline' with none, for spells you trust"
        super().__init__(f"no process can be locked here as it was asked for: {told}; {cure}")


class ManifestError(UsageError):
    """A manifest is not valid."""

    kind = "manifest"


class ParameterError(UsageError):
    """The parameters of a cast do not fit the spell's manifest."""

    kind = "parameters"


class SpellFailed(LlmspellError):
    """The spell ended with an error of its own."""

    kind = "runtime"


class SpellSyntaxError(SpellFailed):
    """The source is not valid in its language."""

    kind = "syntax"

    def __init__(self, message: str, file: str, line: int | None) -> None:
        self.file, self.line = file, line
        super().__init__(message)


class IncompleteSource(SpellSyntaxError):
    """The source is right as far as it goes, and ends too early."""

    kind = "incomplete"


class CallError(SpellFailed):
    """A spell asked for a call that cannot be made."""

    kind = "call"


class UnknownBridge(CallError):
    """A spell called a bridge that is not mounted."""

    kind = "unknown_bridge"

    def __init__(self, name: str, mounted: Sequence[str]) -> None:
        self.name = name
        missing = f"with the role {name!r}" if name.startswith("_") else f"named {name!r}"
        super().__init__(f"no bridge {missing} is mounted{meant(name, mounted)}")


class UnknownMethod(CallError):
    """A spell called a method that the bridge or handle does not have."""

    kind = "unknown_method"

    def __init__(self, owner: str, method: str, methods: Sequence[str]) -> None:
        self.owner, self.method = owner, method
        hint = meant(method, methods) or f"; it has {', '.join(map(spelled, sorted(methods))) or 'none'}"
        super().__init__(f"{spelled(owner)} has no method {spelled(method)!r}{hint}")


class BadArgument(CallError):
    """An argument does not fit the parameter it was given for."""

    kind = "argument"

    def __init__(self, function: str, position: int | None, parameter: str, problem: str) -> None:
        self.function, self.position, self.parameter, self.problem = function, position, parameter, problem
        where = f"argument {position} ({spelled(parameter)})" if position else f"option {spelled(parameter)!r}"
        super().__init__(f"{spelled(function)}: {where}: {problem}")


class ConversionError(SpellFailed):
    """A value may not cross the border; ``path`` says where in it the fault is, as ``$.a.b[3]``."""

    kind = "conversion"

    def __init__(self, problem: str, path: str = "$") -> None:
        self.problem, self.path = problem, path
        super().__init__(f"{path}: {problem}")


class Deadlock(SpellFailed):
    """The spell waits for something that nobody can bring about."""

    kind = "deadlock"


class LimitExceeded(LlmspellError):
    """The spell used more of something than it may."""

    kind = "limit"

    def __init__(
        self,
        limit: str,
        allowed: float,
        message: str | None = None,
        *,
        used: float | None = None,
        file: str | None = None,
        line: int | None = None,
    ) -> None:
        self.limit, self.allowed, self.used = limit, allowed, used
        self.file, self.line = file, line
        data: dict[str, ScriptValue] = {"limit": limit, "allowed": allowed}
        if used is not None:
            data["used"] = used
        self.data = data
        super().__init__(message or _limit_words(limit, allowed, used))


class Denied(LlmspellError):
    """Policy or a hook refused."""

    kind = "denied"


class Quarantined(Denied):
    """A spell has crashed so many workers that it is not run again."""

    kind = "quarantined"

    def __init__(self, mark: str, crashes: int) -> None:
        self.mark, self.crashes = mark, crashes
        what = f"the spell (SHA-256 {mark[:12]}) has crashed {crashes} workers"
        super().__init__(f"{what} and is not run again; a new runner would try it")


class RateLimited(Denied):
    """What is granted was used as often as it may be for now; ``data`` is ``{capability, rate, retry_after}``."""

    kind = "rate_limited"

    def __init__(self, where: str, capability: str, rate: str, retry_after: float) -> None:
        self.capability, self.rate, self.retry_after = capability, rate, retry_after
        self.data = {"capability": capability, "rate": rate, "retry_after": retry_after}
        super().__init__(
            f"{spelled(where)} needs {capability!r}, which the rate {rate!r} allows again in {retry_after:.3g} s; "
            "wait so long"
        )


class BudgetSpent(LlmspellError):
    """A call would pass what the run may spend; ``data`` is ``{what, allowed, used, wanted}``.

    :param what: ``requests``, ``tokens`` or ``cost``
    :param used: what is spent, or set aside for calls in flight
    :param wanted: the most that the call may take, None where nobody knows
    """

    kind = "budget"

    def __init__(
        self, what: str, allowed: float, used: float, wanted: float | None, message: str | None = None
    ) -> None:
        self.what, self.allowed, self.used, self.wanted = what, allowed, used, wanted
        self.data = {"what": what, "allowed": allowed, "used": used, "wanted": wanted}
        unit = "dollars" if what == "cost" else what
        takes = "what this call takes is unknown" if wanted is None else f"this call may take {wanted:g}"
        super().__init__(
            message
            or f"the budget of {allowed:g} {unit} would be passed: {used:g} are spent or set aside for calls in "
            f"flight, and {takes}; allow more with --max-{what}"
        )


class ProviderError(LlmspellError):
    """A model provider, or the way to it, failed."""

    kind = "provider"


class Cancelled(LlmspellError):
    """The run was cancelled."""

    kind = "cancelled"


class WorkerCrashed(LlmspellError):
    """The process that a spell ran in ended before the spell did."""

    kind = "crash"

    def __init__(self, signal: str | None, exit: int | None) -> None:
        self.signal, self.exit = signal, exit
        self.data = {"signal": signal} if signal else {"exit": exit} if exit is not None else None
        how = f"was ended by {signal}" if signal else f"exited with {exit}" if exit is not None else "vanished"
        hint = "; the machine may have run out of memory" if signal == "SIGKILL" else ""
        super().__init__(f"the process of the spell {how}{hint}")


class NoProcess(LlmspellError):
    """The machine has no process left, or no descriptor, for another spell."""

    kind = "no_process"

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"no process for the spell: {problem}; cast fewer at once, or raise the limits (ulimit -n, -u)"
        )


class ProtocolError(LlmspellError):
    """An engine broke the step protocol."""

    kind = "protocol"


def _again(kind: type[LlmspellError], args: tuple[object, ...], fields: Mapping[str, object]) -> LlmspellError:
    error = kind.__new__(kind, *args)
    vars(error).update(fields)
    return error


def _limit_words(limit: str, allowed: float, used: float | None) -> str:
    how_much = "" if used is None else f" ({amount(limit, used)} used)"
    return f"limit {limit} of {amount(limit, allowed)} was reached{how_much}"


def closest(name: str, names: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the nearest of the names, or nothing.

    One that the name ends with is nearest: ``inputSchema`` means ``schema``, not ``outputSchema``.
    """
    import difflib

    known = list(names)
    ends = [each for each in known if len(each) > 3 and name.lower().endswith(each.lower())]
    found = ends or difflib.get_close_matches(name, known, 1)
    return f"; did you mean {found[0]!r}?" if found else ""


def meant(name: str, names: Iterable[str]) -> str:
    """Return as :func:`closest` does which function, option or field is meant, as the spell would write it."""
    return closest(spelled(name), map(spelled, names))
