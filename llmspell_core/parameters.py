"""The parameters of a cast, checked against what the spell's manifest declares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_core.errors import LimitExceeded, ManifestError, ParameterError, closest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmspell_core.spells import Manifest

__all__ = ["check"]

_STEPS = 50_000
"""Steps that the check of a parameter may take: nothing else goes on meanwhile."""


def check(manifest: Manifest, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters with defaults filled in; without declarations, as they are given.

    :raises ParameterError: naming every parameter that is unknown, missing or wrong
    :raises ManifestError: when a declaration is no valid JSON Schema
    """
    declared = manifest.parameters
    if declared is None:
        return dict(given)
    checked = {name: schema["default"] for name, schema in declared.items() if "default" in schema} | dict(given)
    problems = [f"unknown parameter {name!r}{closest(name, declared)}" for name in given if name not in declared]
    problems += [
        f"parameter {name!r} is missing (on the command line: -p {name}=...)"
        for name, schema in declared.items()
        if schema.get("required") is True and name not in checked
    ]
    for name, schema in declared.items():
        if schema and name in checked:
            problems += _faults(name, schema, checked[name])
    if problems:
        raise ParameterError(f"{'; '.join(problems)} ({_takes(declared)})")
    return checked


def _faults(name: str, schema: Mapping[str, Any], value: Any) -> Iterator[str]:
    from llmspell_core.schemas.schema import BadSchema, Schema

    # `required: true` is the manifest's own; in JSON Schema the word names fields of an object.
    schema = {key: part for key, part in schema.items() if not (key == "required" and isinstance(part, bool))}
    try:
        for problem in Schema(schema).problems(value, steps=_STEPS):
            place = problem.path.removeprefix("$").removeprefix(".")
            yield f"parameter {name!r}: {f'at {place}: ' if place else ''}{problem.message}"
    except (BadSchema, LimitExceeded) as error:
        raise ManifestError(f"parameters.{name}: {error}") from error


def _takes(declared: Mapping[str, Mapping[str, Any]]) -> str:
    return f"the spell takes {', '.join(_summary(*item) for item in declared.items()) or 'no parameters'}"


def _summary(name: str, schema: Mapping[str, Any]) -> str:
    return f"{name}: {schema['type']}" if isinstance(schema.get("type"), str) else name
