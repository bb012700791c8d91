"""A manifest's text, read and checked: ``spell.yaml``, or the front matter of a spell."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from llmspell_core.budget import Budget
from llmspell_core.docstrings import read_docstring
from llmspell_core.errors import ManifestError, UsageError, closest
from llmspell_core.limits import PROFILES, Limits
from llmspell_core.measures import limits_of
from llmspell_core.spells import ASKED, Manifest
from llmspell_core.yamltext import Loader

__all__ = ["json_schema", "read"]

MAX_LENGTH = 64 * 1024
"""Characters of a manifest: reading YAML takes a second for so many."""


def read(text: str, file: str, line: int = 1) -> Manifest:
    """Return the manifest that a YAML text holds.

    :param line: of the file, where the text begins
    :raises ManifestError: naming the file, each wrong field and the cure
    """
    if len(text) > MAX_LENGTH:
        raise ManifestError(f"{file}: a manifest has at most {MAX_LENGTH} characters; move what is long into the spell")
    fields = _parse(text, file, line)
    if fields is None:
        return Manifest()
    if not isinstance(fields, dict):
        raise ManifestError(f"{file}: a manifest is a map of fields such as `description: ...`; this is none")
    if unknown := [str(name) for name in fields if name not in _FIELDS]:
        problems = [f"unknown field {name!r}{closest(name, _FIELDS) or _KNOWN}" for name in unknown]
        raise ManifestError(f"{file}: {'; '.join(problems)}")
    required = fields.pop("required", [])
    try:
        manifest = _adapter().validate_python(fields)
    except ValidationError as error:
        problems = [_problem(detail["loc"], detail["msg"]) for detail in error.errors()]
        raise ManifestError(f"{file}: {'; '.join(problems)}") from error
    _mark_required(manifest, required, file)
    _check_permissions(manifest, file)
    _check_budget(manifest, file)
    _check_limits(manifest, file)
    _check_dependencies(manifest, file)
    return manifest


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``spell.yaml``, for editors; ``spell.schema.json`` holds it."""
    schema = _adapter().json_schema()
    schema["properties"]["required"] = {"type": "array", "items": {"type": "string"}}
    for name, text in _described().items():
        schema["properties"][name]["description"] = text
    for field in schema["properties"].values():
        field.pop("title", None)
    for name, more in _completed().items():
        schema["properties"][name].update(more)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The manifest of a spell",
        "type": "object",
        "properties": schema["properties"],
        "additionalProperties": False,
    }


def _described() -> dict[str, str]:
    """Return what each field is, by its name."""
    told = read_docstring(Manifest.__doc__).params
    return {**_OWN, **{name: text for name, text in told.items() if name in _FIELDS}}


def _completed() -> dict[str, dict[str, Any]]:
    """Return what lets editors complete the fields that are maps, where a manifest itself is checked by others."""
    number = {"anyOf": [{"type": "number"}, {"type": "string"}]}
    bounds = {
        name: {**number, "description": text}
        for name, text in read_docstring(Limits.__doc__).params.items()
        if name in Limits.__dataclass_fields__
    }
    profile = {"enum": list(PROFILES)}
    limits = {"type": "object", "properties": {"profile": profile, **bounds}, "additionalProperties": False}
    spent = {"requests": {"type": "integer"}, "tokens": {"type": "integer"}, "cost": {"type": "number"}}
    budget = {"type": "object", "properties": spent, "additionalProperties": False}
    parameters = {"type": "object", "additionalProperties": {"type": "object", "properties": _PARAMETER}}
    nothing = {"type": "null"}
    return {
        "parameters": {"anyOf": [parameters, nothing]},
        "limits": {"anyOf": [limits, profile, nothing]},
        "budget": {"anyOf": [budget, nothing]},
        "permissions": {"examples": ["net:api.example.com", "read:./data", "write:./out", "env:HOME", "llm:*"]},
    }


_TYPES = {"enum": ["string", "integer", "number", "boolean", "array", "object", "null"]}
_COUNT = {"type": "integer", "minimum": 0}
_PARAMETER: dict[str, Any] = {
    "type": {"anyOf": [_TYPES, {"type": "array", "items": _TYPES}]},
    "description": {"type": "string"},
    "default": {"description": "its value where none is given"},
    "required": {"description": "true: it has to be given; of an object, the fields that it has to have"},
    "enum": {"type": "array", "description": "the values that it may have"},
    "minimum": {"type": "number"},
    "maximum": {"type": "number"},
    "minLength": _COUNT,
    "maxLength": _COUNT,
    "pattern": {"type": "string"},
    "format": {"type": "string"},
    "items": {"description": "a JSON Schema of what a list holds"},
    "properties": {"type": "object", "description": "a JSON Schema by field of an object"},
}
_OWN = {
    "name": "what it is called: of a package, letters, digits, - and _",
    "version": "three numbers, as 1.0.0",
    "description": "what it does, in a sentence",
    "engine": "the engine or language that runs it; else the file's name tells",
    "entry": "the file that is run; else spell.*",
    "required": "the parameters that have to be given",
}


_FIELDS = (*Manifest.__dataclass_fields__, "required")
_QUOTES = "; put text with signs such as ? : # in quotes"
_KNOWN = f"; a manifest has {', '.join(_FIELDS)}"


@cache
def _adapter() -> TypeAdapter[Manifest]:
    return TypeAdapter(Manifest)


def _mark_required(manifest: Manifest, required: Any, file: str) -> None:
    parameters: Any = manifest.parameters or {}
    if not isinstance(required, list):
        raise ManifestError(f"{file}: required: write a list of parameter names, as [name]")
    for name in required:
        if not isinstance(name, str) or name not in parameters:
            raise ManifestError(f"{file}: required: no parameter {name!r} is declared; add it to parameters")
        parameters[name]["required"] = True


def _check_permissions(manifest: Manifest, file: str) -> None:
    if ASKED in manifest.permission_sets:
        raise ManifestError(f"{file}: permission_sets: {ASKED!r} is what `permissions` asks for; choose another name")
    if not manifest.rates:
        return
    from llmspell_core.policy import Policy
    from llmspell_core.rates import rated

    for capability, rate in manifest.rates.items():
        try:
            rated(Policy(), capability, rate)
        except UsageError as error:
            raise ManifestError(f"{file}: rates: {error}") from error


def _check_budget(manifest: Manifest, file: str) -> None:
    try:
        Budget.of(manifest.budget or {})
    except UsageError as error:
        raise ManifestError(f"{file}: {error}") from error


def _check_limits(manifest: Manifest, file: str) -> None:
    try:
        limits_of(manifest.limits or {}, Limits.unbounded())
    except UsageError as error:
        raise ManifestError(f"{file}: limits: {error}") from error


def _check_dependencies(manifest: Manifest, file: str) -> None:
    if not manifest.dependencies:
        return
    from llmspell_core.versions import check_name, check_range

    for name, versions in manifest.dependencies.items():
        try:
            check_name(name)
            check_range(versions)
        except UsageError as error:
            raise ManifestError(f"{file}: dependencies.{name}: {error}") from error


def _problem(location: tuple[int | str, ...], message: str) -> str:
    where = ".".join(str(part) for part in location)
    cure = "; put it in quotes" if message.endswith("valid string") else ""
    if location[0] == "parameters":
        cure = "; write `parameters: {name: {type: string}}`"
    return f"{where}: {message[:1].lower()}{message[1:]}{cure}"


def _parse(text: str, file: str, line: int) -> Any:
    try:
        return yaml.load(text, Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{file}:{mark.line + line}" if mark else file
        cure = _QUOTES if str(error.problem).startswith("expected") else ""
        raise ManifestError(f"{where}: not valid YAML: {error.problem}{cure}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise ManifestError(f"{file}: not valid YAML: {error}") from error
    except RecursionError as error:
        raise ManifestError(f"{file}: the manifest nests too deeply") from error
