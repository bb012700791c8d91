"""The YAML of case files: safe YAML, and tags for the script values that YAML has no form for.

``!bytes "ff 00"`` is bytes in hexadecimal, ``!error {kind: k, message: m, data: 1, cause: !error {...}}`` an error,
``!nest {list: 3}`` is ``[[[]]]`` and ``!nest {map: 2}`` ``{a: {}}``, ``!repeat [3, a]`` a text, bytes or list three
times over, and ``!count 3`` is ``[1, 2, 3]``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from llmspell_core.values import ErrorValue

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["load"]


def load(path: Path) -> Any:
    """Return what a YAML file holds."""
    with path.open(encoding="utf-8") as file:
        return yaml.load(file, _Loader)


class _Loader(yaml.SafeLoader):
    """SafeLoader with the tags above, in which only ``true`` and ``false`` are bools and no text is a date."""


def _bytes(loader: yaml.SafeLoader, node: Any) -> bytes:
    return bytes.fromhex(str(loader.construct_scalar(node)))


def _error(loader: yaml.SafeLoader, node: Any) -> ErrorValue:
    return ErrorValue(**{str(key): value for key, value in loader.construct_mapping(node, deep=True).items()})


def _nest(loader: yaml.SafeLoader, node: Any) -> Any:
    [(shape, depth)] = loader.construct_mapping(node).items()
    value: Any = [] if shape == "list" else {}
    for _ in range(depth - 1):
        value = [value] if shape == "list" else {"a": value}
    return value


def _repeat(loader: yaml.SafeLoader, node: Any) -> Any:
    count, part = loader.construct_sequence(node, deep=True)
    return part * count


def _count(loader: yaml.SafeLoader, node: Any) -> list[int]:
    return list(range(1, int(loader.construct_scalar(node)) + 1))


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))
for _tag, _construct in (("bytes", _bytes), ("error", _error), ("nest", _nest), ("repeat", _repeat), ("count", _count)):
    _Loader.add_constructor(f"!{_tag}", _construct)
