"""A definition read from data: every step checked, and told by its path what is wrong with it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from llmspell_bridges.structured.schema import BadSchema, Schema
from llmspell_bridges.tools.folder import arguments_schema
from llmspell_bridges.workflow.definition import Breaker, Definition, Handling, Retry, Sequence, Step
from llmspell_bridges.workflow.failures import BadDefinition, Fault
from llmspell_bridges.workflow.fields import Fields
from llmspell_bridges.workflow.kinds import FIELDS, kind_of_step, what_of
from llmspell_bridges.workflow.places import faults_in
from llmspell_core.facts import Fact, fact
from llmspell_core.signatures import kind_of
from llmspell_core.values import Function

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Bounds", "Known", "Reader", "read_definition"]

_OWN = (
    "name", "description", "when", "input", "retry", "timeout", "compensate", "on_error", "save", "breaker",
)  # fmt: skip
_TOP = ("name", "version", "description", "parameters", "steps", "timeout", "max_concurrent")


@fact
class Bounds(Fact):
    """How large a workflow may be, and how much of it may happen.

    :param size: steps in a definition
    :param depth: how deep they nest
    :param steps: steps that one run takes, each attempt counted
    :param rounds: how often a loop goes round
    :param at_once: steps that run at the same time
    :param bytes: that what steps have made may take, of all workflows of a spell together
    """

    size: int = 1000
    depth: int = 16
    steps: int = 10_000
    rounds: int = 10_000
    at_once: int = 100
    bytes: int = 256 * 2**20


@fact
class Known(Fact):
    """Where what a definition names is found.

    :param function: returns a function that was registered, or None
    :param workflow: returns the definition of a workflow by name or handle, or None
    :param steps: returns what a builder has gathered, or None for any other handle
    """

    function: Callable[[str], Function | None]
    workflow: Callable[[Any], Definition | None]
    steps: Callable[[Any], list[Any] | None]


def read_definition(name: str, given: Mapping[str, Any], known: Known, bounds: Bounds) -> Definition:
    """Return the workflow that data stands for; :raises BadDefinition: naming the path of each fault."""
    faults: list[Fault] = []
    reader = Reader(known, bounds, faults)
    made = reader.definition(name, given, "", 1)
    if faults:
        raise BadDefinition(name, faults)
    # A builder gathers on.
    return replace(made, source=_settled(made.source, known))


def _settled(value: Any, known: Known) -> Any:
    """Return data with the steps that builders have gathered in their places."""
    if isinstance(value, dict):
        return {name: _settled(item, known) for name, item in value.items()}
    steps = value if isinstance(value, list) else known.steps(value)
    return value if steps is None else [_settled(item, known) for item in steps]


class Reader:
    """Reads the steps of one definition, and counts them."""

    def __init__(self, known: Known, bounds: Bounds, faults: list[Fault]) -> None:
        self.known, self.bounds, self.faults = known, bounds, faults
        self.size = self.depth = 0
        self._names: list[dict[str, str]] = []

    def definition(self, name: str, given: Mapping[str, Any], path: str, depth: int) -> Definition:
        """Return a whole workflow, whose steps have names of their own."""
        fields = Fields(given, path, self.faults)
        fields.any("name")
        self._names.append({})
        root = self.group(fields.any("steps"), fields.at("steps"), depth)
        self._names.pop()
        made = Definition(
            name,
            root,
            fields.text("version", ""),
            fields.text("description", "", most=10_000),
            self._parameters(fields),
            fields.number("timeout", least=0.001),
            fields.integer("max_concurrent", 16, least=1, most=self.bounds.at_once),
            dict(given),
            self.size,
            self.depth,
        )
        fields.end(_TOP)
        return made

    def group(self, given: Any, path: str, depth: int) -> Step:
        """Return a step for what may be one step, or several in order."""
        given = self._gathered(given)
        if not isinstance(given, list) and given != {}:  # an empty list may come as a map
            return self.step(given, path, depth)
        return Step("", "sequence", path, Sequence(self.several(given, path, depth)))

    def several(self, given: Any, path: str, depth: int) -> tuple[Step, ...]:
        """Return a list of steps."""
        given = self._gathered(given)
        if not isinstance(given, list) or not given:
            got = "none" if given in ([], {}) else kind_of(given)
            self.fault(path, f"must be a list of steps, at least one, not {got}")
            return ()
        if len(given) > self.bounds.size:
            self.fault(path, f"has {len(given)} steps; a workflow has at most {self.bounds.size}")
            return ()
        return tuple(self.step(each, f"{path}[{i}]", depth) for i, each in enumerate(given))

    def step(self, given: Any, path: str, depth: int) -> Step:
        """Return a step; where it is none, one that does nothing, and the fault is told."""
        self.count(path, 1, depth)
        nothing = Step("", "sequence", path, Sequence(()))
        if depth > self.bounds.depth or self.size > self.bounds.size:
            return nothing
        given = self._as_map(given)
        if not isinstance(given, dict):
            self.fault(path, f"must be a step: a map, a function, a workflow or an agent, not {kind_of(given)}")
            return nothing
        fields = Fields(given, path, self.faults)
        kind = kind_of_step(fields)
        if kind is None:
            words = ", ".join(FIELDS)
            self.fault(path, f"must have exactly one of {words}, which say what it does")
            return nothing
        made = Step(
            self._name(fields, kind),
            kind,
            path,
            what_of(kind, fields, self, depth),
            fields.text("description", "", most=10_000),
            self.condition(fields, "when"),
            self.data(fields, "input"),
            self._retry(fields),
            fields.number("timeout", least=0.001),
            self._undoing(fields, depth),
            self._handling(fields, depth),
            fields.text("save", most=200),
            self._breaker(fields, path),
        )
        fields.end((kind, *FIELDS[kind], *_OWN))
        return made

    def condition(self, fields: Fields, name: str) -> Any:
        """Return a function, a query, true or false."""
        value = fields.any(name)
        if value is None or isinstance(value, Function | bool) or (isinstance(value, str) and value.strip()):
            return value
        return fields.wrong(name, f"must be a function, or a JMESPath query as text, not {kind_of(value)}")

    def data(self, fields: Fields, name: str) -> Any:
        """Return data whose texts may have places, or a function that makes it."""
        value = fields.any(name)
        self.faults += [Fault(*fault) for fault in faults_in(value, fields.at(name))]
        return value

    def function(self, value: Any, path: str) -> Function | None:
        """Return a function, also one by the name that it was registered under."""
        if isinstance(value, Function):
            return value
        found = self.known.function(value) if isinstance(value, str) else None
        if found is None:
            problem = f"must be a function, or the name of one that was registered, not {kind_of(value)}"
            self.fault(path, problem)
        return found

    def count(self, path: str, steps: int, depth: int) -> None:
        """Count steps, and tell when there are too many or they nest too deep."""
        before = self.size <= self.bounds.size and self.depth <= self.bounds.depth
        self.size, self.depth = self.size + steps, max(self.depth, depth)
        if before and self.size > self.bounds.size:
            self.fault(path, f"is the step too much: a workflow has at most {self.bounds.size}")
        if before and self.depth > self.bounds.depth:
            self.fault(path, f"nests too deep: steps nest at most {self.bounds.depth} deep")

    def fault(self, path: str, problem: str) -> None:
        """Tell that something is wrong."""
        self.faults.append(Fault(path, problem))

    def _gathered(self, given: Any) -> Any:
        found = self.known.steps(given)
        return given if found is None else found

    def _as_map(self, given: Any) -> Any:
        """Return a step that was given in short as the map that it stands for."""
        given = self._gathered(given)
        if isinstance(given, Function):
            return {"run": given}
        if isinstance(given, list):
            return {"sequence": given}
        if isinstance(given, dict) or given is None or isinstance(given, str | bool | int | float | bytes):
            return given
        if self.known.workflow(given) is not None:
            return {"workflow": given}
        return {"agent": given}

    def _name(self, fields: Fields, kind: str) -> str:
        names = self._names[-1]
        given: str | None = fields.text("name", most=100)
        if given is not None and given in names:
            fields.wrong("name", f"{given!r} is the name of {names[given]} too; give each step a name of its own")
        name = given or next(each for n in range(1, len(names) + 2) if (each := f"{kind}_{n}") not in names)
        names[name] = fields.at("name").rpartition(".")[0]
        return name

    def _retry(self, fields: Fields) -> Retry:
        given = fields.any("retry")
        if given is None:
            return Retry()
        whole = {"attempts": given} if not isinstance(given, dict) else given
        inner = Fields(whole, fields.at("retry"), self.faults)
        if not isinstance(given, dict) and not (type(given) in (int, float) and 1 <= given <= 100):
            fields.wrong("retry", f"must be a number of attempts from 1 to 100, or a map, not {kind_of(given)}")
            return Retry()
        made = Retry(
            inner.integer("attempts", 3, least=1, most=100),
            inner.number("delay", 0.0, most=86_400),
            inner.choice("strategy", ("constant", "linear", "exponential"), "constant"),
            inner.number("max_delay", 60.0, most=86_400),
            inner.texts("on"),
        )
        inner.end(("attempts", "delay", "strategy", "max_delay", "on"))
        return made

    def _undoing(self, fields: Fields, depth: int) -> Step | None:
        given = fields.any("compensate")
        return None if given is None else self._aside(given, fields.at("compensate"), depth)

    def _handling(self, fields: Fields, depth: int) -> Handling | None:
        given = fields.any("on_error")
        if given is None or given == "fail":
            return None
        if given == "continue":
            return Handling()
        if isinstance(given, Function):
            return Handling(function=given)
        if isinstance(given, str):
            fields.wrong("on_error", f"must be 'fail', 'continue', a function or a step, not {kind_of(given)}")
            return None
        return Handling(step=self._aside(given, fields.at("on_error"), depth))

    def _aside(self, given: Any, path: str, depth: int) -> Step:
        """Return a step beside the others, whose outputs these do not see."""
        self._names.append({})
        made = self.group(given, path, depth + 1)
        self._names.pop()
        return made

    def _breaker(self, fields: Fields, path: str) -> Breaker | None:
        given = fields.any("breaker")
        if given is None or given is False:
            return None
        if not isinstance(given, dict) and given is not True:
            fields.wrong("breaker", f"must be true or a map, not {kind_of(given)}")
            return None
        inner = Fields(given if isinstance(given, dict) else {}, fields.at("breaker"), self.faults)
        made = Breaker(
            inner.text("name", path, most=200),
            inner.integer("threshold", 5, least=1),
            inner.number("reset", 30.0),
        )
        inner.end(("name", "threshold", "reset"))
        return made

    def _parameters(self, fields: Fields) -> Schema | None:
        given = fields.map("parameters")
        if not given:
            return None
        if not all(isinstance(each, dict) for each in given.values()):
            fields.wrong("parameters", "must be a JSON Schema by the name of each parameter")
            return None
        try:
            return Schema(arguments_schema(given))
        except BadSchema as error:
            fields.wrong("parameters", str(error))
            return None
