"""Definitions as plain data, and as JSON or YAML text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from llmspell_bridges.workflow.failures import CannotExport
from llmspell_core.errors import CallError
from llmspell_core.values import Function, Handle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmspell_bridges.workflow.definition import Definition

__all__ = ["Format", "as_text", "exported", "read_text"]

Format: TypeAlias = Literal["data", "json", "yaml"]
_LONGEST, _LONGEST_YAML = 2**20, 2**16
"""Characters of a text: a second is what reading the longest YAML takes."""


def exported(definition: Definition) -> dict[str, Any]:
    """Return a definition as plain data; :raises CannotExport: where it has a function, or an object of the run."""
    given: dict[str, Any] = {"name": definition.name, "version": definition.version, **definition.source}
    return {name: _plain(value, name, definition.name) for name, value in given.items() if value not in (None, "")}


def as_text(data: Mapping[str, Any], format: Format) -> Any:
    """Return data in a format."""
    if format == "data":
        return data
    if format == "json":
        return json.dumps(data, ensure_ascii=False, indent=2)
    import yaml

    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def read_text(text: str) -> dict[str, Any]:
    """Return the data in a text that is JSON or YAML; :raises CallError: when it is neither, or no map."""
    if len(text) > _LONGEST:
        raise CallError(f"the definition of a workflow has at most {_LONGEST} characters")
    found = _json(text) if text.lstrip().startswith("{") else _yaml(text)
    if not isinstance(found, dict):
        raise CallError("the definition of a workflow is a map with `name` and `steps`; this is none")
    return found


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _yaml(text)  # which may begin with a brace as well, and tells the line of what is wrong


def _yaml(text: str) -> Any:
    import yaml

    from llmspell_core.yamltext import Loader

    if len(text) > _LONGEST_YAML:
        raise CallError(f"YAML of a workflow has at most {_LONGEST_YAML} characters; write JSON, or smaller workflows")
    try:
        return yaml.load(text, Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}: " if mark else ""
        raise CallError(f"the definition of a workflow is no YAML: {where}{error.problem}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise CallError(f"the definition of a workflow is no YAML: {str(error)[:300]}") from error


def _plain(value: Any, path: str, name: str) -> Any:
    from llmspell_bridges.agent.agent import Agent
    from llmspell_bridges.workflow.workflow import Workflow

    if isinstance(value, Function):
        cure = "keep it with workflow.register(name, function), and name it in the step"
        raise CannotExport(name, path, "a function of the spell", cure)
    if isinstance(value, Workflow):
        return exported(value.definition)
    if isinstance(value, Agent):
        return value.name
    if isinstance(value, Handle):
        raise CannotExport(name, path, f"a {type(value).__name__}", "name it, or leave it out")
    if isinstance(value, dict):
        return {key: _plain(item, f"{path}.{key}", name) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, f"{path}[{i}]", name) for i, item in enumerate(value)]
    return value
