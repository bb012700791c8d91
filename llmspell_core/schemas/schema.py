"""JSON Schema (draft 2020-12) of strangers, checked against data of strangers, within bounds.

>>> check({"age": "old"}, {"type": "object", "properties": {"age": {"type": "integer"}}})
[Problem(path='$.age', message="must be an integer, not text 'old'")]

Nothing is ever fetched: ``$ref`` leads to places in the schema itself. Patterns are matched in linear time, and every
step is counted, so that no schema and no data can hold up the host.
"""

from __future__ import annotations

from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from llmspell_core.errors import CallError, LimitExceeded
from llmspell_core.facts import Fact, fact
from llmspell_core.schemas.faults import wrong
from llmspell_core.schemas.keywords import validator_class
from llmspell_core.schemas.patterns import BadPattern
from llmspell_core.schemas.places import places
from llmspell_core.schemas.steps import STEPS, TooCostly, bounded, spend
from llmspell_core.signatures import kind_of
from llmspell_core.values import path_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from llmspell_core.schemas.places import Place

__all__ = ["BadSchema", "DoesNotFit", "Problem", "Schema", "check"]

_MOST_PROBLEMS = 50
_MOST_NODES = 10_000
_DEEPEST = 100
_LISTS = ("allOf", "anyOf", "enum", "examples", "oneOf", "prefixItems", "required")
_DATA = ("const", "default", "enum", "examples")


@fact
class Problem(Fact):
    """What is wrong with data, and where: a path as ``$.a.b[3]``."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class BadSchema(CallError):
    """A schema is no JSON Schema, or one that is not checked here; ``data`` is ``{path}``, where in it the fault is."""

    kind = "schema"

    def __init__(self, problem: str, path: str = "$") -> None:
        self.path, self.problem = path, problem
        self.data = {"path": path}
        super().__init__(f"the schema is wrong at {path}: {problem}")


class DoesNotFit(CallError):
    """Data does not fit its schema; ``data`` is ``{errors = [{path, message}]}``.

    :param what: what does not fit: ``the answer``
    """

    kind = "validation"

    def __init__(self, what: str, problems: list[Problem]) -> None:
        self.problems = problems
        self.data = {"errors": [{"path": problem.path, "message": problem.message} for problem in problems]}
        more = f"; and {len(problems) - 5} more" if len(problems) > 5 else ""
        super().__init__(f"{what} does not fit its schema: {'; '.join(map(str, problems[:5]))}{more}")


class Schema:
    """One schema, read once and used often.

    :param schema: a map, or a boolean
    :raises BadSchema: when it is none that can be checked
    """

    def __init__(self, schema: Any) -> None:
        self.source: Any = _settled(schema)
        _check_size(self.source)
        with _telling():
            _check_form(self.source)
            _check_references(self.source)
        _check_together(self.source)

    @classmethod
    def trusted(cls, schema: dict[str, Any]) -> Schema:
        """Return a schema of our own, which is not looked at before it is used."""
        made = cls.__new__(cls)
        made.source = schema
        return made

    def problems(self, data: Any, *, steps: int = STEPS) -> list[Problem]:
        """Return what is wrong with data, at most fifty things; nothing is wrong when there is none.

        :raises LimitExceeded: when that takes too many steps
        """
        from referencing import Registry

        from llmspell_core.schemas.formats import checker

        with _telling(steps):
            found = validator_class()(self.source, registry=Registry(), format_checker=checker()).iter_errors(data)
            return [Problem(_path(error.absolute_path), error.message) for error in islice(found, _MOST_PROBLEMS)]

    def fit(self, data: Any, what: str) -> Any:
        """Return data with its defaults filled in; :raises DoesNotFit: when it does not fit."""
        filled = self.completed(data)
        if problems := self.problems(filled):
            raise DoesNotFit(what, problems)
        return filled

    def completed(self, data: Any) -> Any:
        """Return data with the defaults of what was left out; what was given is as it was."""
        if not isinstance(data, (dict, list)):
            return data
        with _telling():
            filled = _copied(data)
            for place in places(filled, self.source):
                _fill(place)
        return filled

    def asked(self, data: Any) -> Iterator[tuple[str, Any, str]]:
        """Yield the name, value and path of each check that the schema asks for by ``x-check``."""
        with _telling():
            found = [(place.path, place.value, place.schema.get("x-check")) for place in places(data, self.source)]
        for path, value, names in found:
            for name in names if isinstance(names, list) else [names] if isinstance(names, str) else []:
                yield name, value, path


def check(data: Any, schema: Any) -> list[Problem]:
    """Return what is wrong with data by a schema; :raises BadSchema: when the schema is none."""
    return Schema(schema).problems(data)


@contextmanager
def _telling(steps: int = STEPS) -> Iterator[None]:
    """Bound the work done inside, and raise what goes wrong in it as the script is to see it."""
    from referencing.exceptions import Unresolvable

    try:
        with bounded(steps):
            yield
    except TooCostly as error:
        raise LimitExceeded("schema_steps", error.steps, f"the check was ended: {error}") from error
    except BadPattern as error:
        raise BadSchema(str(error)) from error
    except Unresolvable as error:
        raise BadSchema(_unresolved(error.ref)) from error
    except RecursionError as error:
        raise BadSchema("it, or the data, nests too deeply, or it refers to itself without end") from error


def _settled(schema: Any) -> Any:
    """Return a schema with an empty map read as an empty list, where it can be nothing else."""
    if isinstance(schema, (bool, dict)):
        return _listed(schema, 0)
    raise BadSchema(f"a schema is a map or a boolean, not {kind_of(schema)}")


def _listed(value: Any, depth: int) -> Any:
    if depth > _DEEPEST:
        raise BadSchema(f"it nests deeper than {_DEEPEST} levels")
    if isinstance(value, list):
        return [_listed(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {
            name: [] if item == {} and name in _LISTS else item if name in _DATA else _listed(item, depth + 1)
            for name, item in value.items()
            # By this word the library would choose a class of its own, which counts nothing.
            if name != "$schema" or not isinstance(item, str)
        }
    return value


def _check_size(schema: Any) -> None:
    if _nodes(schema) > _MOST_NODES:
        raise BadSchema(f"it has more than {_MOST_NODES} parts")


def _check_form(schema: Any) -> None:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    from llmspell_core.schemas.formats import checker

    meta = Draft202012Validator(Draft202012Validator.META_SCHEMA, format_checker=checker())
    error = best_match(islice(meta.iter_errors(schema), _MOST_PROBLEMS))
    if error is not None:
        path, told = wrong(meta, error)
        raise BadSchema(told, _path(path))


def _check_references(schema: Any) -> None:
    """:raises BadSchema: when the schema refers to what is not in it."""
    from referencing import Registry
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import DRAFT202012

    if any("$id" in part for part, _ in _parts(schema)):
        return  # what a reference means depends on where it stands; it is told when it is followed
    resolver = Registry().resolver_with_root(DRAFT202012.create_resource(schema))
    for part, path in _parts(schema):
        for word in ("$ref", "$dynamicRef"):
            if not isinstance(part.get(word), str):
                continue
            try:
                resolver.lookup(part[word])
            except Unresolvable as error:
                raise BadSchema(_unresolved(part[word]), _path((*path, word))) from error


def _unresolved(reference: str) -> str:
    return f"it refers to {reference[:100]!r}, which is not in it; nothing is fetched from elsewhere"


def _check_together(schema: Any) -> None:
    # The library would run the patterns itself to find out what was evaluated.
    words = {word for part, _ in _parts(schema) for word in part}
    if "unevaluatedProperties" in words and words & {"patternProperties", "dependentSchemas"}:
        problem = "unevaluatedProperties cannot be used together with patternProperties or dependentSchemas"
        raise BadSchema(f"{problem}; name the fields under properties")


def _parts(schema: Any) -> Iterator[tuple[dict[str, Any], tuple[str | int, ...]]]:
    """Yield the maps in a schema, each with where it is."""
    todo: list[tuple[Any, tuple[str | int, ...]]] = [(schema, ())]
    while todo:
        part, path = todo.pop()
        if isinstance(part, dict):
            yield part, path
            todo += [(item, (*path, name)) for name, item in part.items() if name not in _DATA]
        elif isinstance(part, list):
            todo += [(item, (*path, i)) for i, item in enumerate(part)]


def _nodes(value: Any) -> int:
    todo, count = [value], 0
    while todo:
        item = todo.pop()
        count += 1
        if count > _MOST_NODES:
            break
        todo += item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
    return count


def _fill(place: Place) -> None:
    properties = place.schema.get("properties")
    if not isinstance(place.value, dict) or not isinstance(properties, dict):
        return
    for name, each in properties.items():
        if name not in place.value and isinstance(each, dict) and "default" in each:
            spend(_nodes(each["default"]))
            place.value[name] = _copied(each["default"])


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(item) for name, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _path(parts: Iterable[str | int]) -> str:
    path = "$"
    for part in parts:
        path = f"{path}[{part}]" if isinstance(part, int) else path_key(path, part)
    return path
