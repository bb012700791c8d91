"""What a person allowed for good: written into the spell's own manifest, in a set that only ``-P saved`` grants.

The file is changed where it has to be and nowhere else, so that comments and layout stay; what came of it is read
again before it is written.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import yaml

from llmspell_core.errors import CallError, UsageError
from llmspell_core.facts import Fact, fact
from llmspell_core.frontmatter import find
from llmspell_core.manifests import read
from llmspell_core.policy import Rule
from llmspell_core.sources import MANIFEST, manifest_path

if TYPE_CHECKING:
    from llmspell_core.spells import Manifest

__all__ = ["SAVED", "can_be_saved", "save"]

SAVED = "saved"
"""The permission set that answers are saved in."""
_SETS = "permission_sets"


def can_be_saved(capability: str) -> bool:
    """Tell whether a capability, written in a manifest, grants itself and no more."""
    try:
        rule, wanted = Rule.read(capability), Rule.exactly(capability)
    except (UsageError, CallError):
        return False
    return rule.exact and not rule.everything and (rule.path, rule.scope) == (wanted.path, wanted.scope)


def save(path: str, capability: str, comment: str) -> str:
    """Write a capability into the manifest of the spell at a path, and return the file that was changed.

    :param comment: what begins a comment line in the spell's language, for a spell that has no manifest yet
    :raises UsageError: when that cannot be done
    """
    real = manifest_path(path)
    with open(real, encoding="utf-8", newline="") as file:
        text = file.read()
    is_yaml = os.path.basename(real) == MANIFEST
    changed = _in_yaml(text, capability, real) if is_yaml else _in_front_matter(text, capability, real, comment)
    _write(real, changed)
    return real


@fact
class _Insertion(Fact):
    """Text to be put into a line, or lines to be put before one."""

    line: int
    column: int | None
    texts: tuple[str, ...]


def _in_yaml(text: str, capability: str, file: str) -> str:
    before, lines = read(text, file), text.split("\n")
    _insert(lines, _insertion(text, capability), 0, "", _ending(text))
    changed = "\n".join(lines)
    _check(before, read(changed, file), capability)
    return changed


def _in_front_matter(source: str, capability: str, file: str, comment: str) -> str:
    found = find(source, file)
    before = read(found[0] if found else "", file)
    lines, ending = source.split("\n"), _ending(source)
    if found is None:
        at = 1 if source.startswith("#!") else 0
        lines[at:at] = [f"{comment} {line}{ending}" for line in ("---", *_whole(capability), "---")]
    else:
        text, first = found
        fence = lines[first - 2].removeprefix("\ufeff")
        mark = fence.strip().partition(" ")[0]
        _insert(lines, _insertion(text, capability), first - 1, mark, ending)
    changed = "\n".join(lines)
    after = find(changed, file)
    _check(before, read(after[0] if after else "", file), capability)
    return changed


def _insertion(text: str, capability: str) -> _Insertion:
    """Return where a capability goes in a manifest's text, by the nodes that it has."""
    root, quoted = yaml.compose(text, yaml.SafeLoader), _quoted(capability)
    if root is None:
        return _Insertion(_last_line_of(text), None, tuple(_whole(capability)))
    if not isinstance(root, yaml.MappingNode):
        raise UsageError("the manifest is no map of fields")
    sets = _value(root, _SETS)
    if sets is None:
        return _into_mapping(root, _SETS, f"{{{SAVED}: [{quoted}]}}", (f"  {SAVED}:", f"    - {quoted}"))
    if not isinstance(sets, yaml.MappingNode):
        raise UsageError(f"{_SETS!r} of the manifest is no map")
    saved = _value(sets, SAVED)
    if saved is None:
        return _into_mapping(sets, SAVED, f"[{quoted}]", (f"  - {quoted}",))
    if not isinstance(saved, yaml.SequenceNode):
        raise UsageError(f"{_SETS}.{SAVED} of the manifest is no list")
    if saved.flow_style:
        return _before_end(saved, quoted)
    return _Insertion(_last_line(saved) + 1, None, (f"{' ' * saved.start_mark.column}- {quoted}",))


def _into_mapping(node: yaml.MappingNode, key: str, flow: str, block: tuple[str, ...]) -> _Insertion:
    """Return how a key that a mapping does not have gets into it."""
    if node.flow_style:
        return _before_end(node, f"{key}: {flow}")
    indent = " " * node.start_mark.column
    return _Insertion(_last_line(node) + 1, None, tuple(indent + line for line in (f"{key}:", *block)))


def _before_end(node: yaml.CollectionNode, text: str) -> _Insertion:
    """Return how something is added to what is written in brackets: behind the last of what is in them."""
    if not node.value:
        return _Insertion(node.end_mark.line, node.end_mark.column - 1, (text,))
    last = node.value[-1][1] if isinstance(node, yaml.MappingNode) else node.value[-1]
    return _Insertion(last.end_mark.line, last.end_mark.column, (f", {text}",))


def _value(node: yaml.MappingNode, name: str) -> yaml.Node | None:
    return next((value for key, value in node.value if key.value == name), None)


def _last_line(node: yaml.Node) -> int:
    """Return the last line of a node; comments behind it are not of it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return max(map(_last_line, last)) if isinstance(last, tuple) else _last_line(last)
    end = node.end_mark
    return end.line - 1 if end.column == 0 and end.line > node.start_mark.line else int(end.line)


def _last_line_of(text: str) -> int:
    return text.rstrip("\n").count("\n") + 1 if text.strip() else 0


def _whole(capability: str) -> list[str]:
    return [f"{_SETS}:", f"  {SAVED}:", f"    - {_quoted(capability)}"]


def _quoted(text: str) -> str:
    """Return a text in quotes; what some language takes for the end of a line, or does not show, is escaped."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in quoted)


def _insert(lines: list[str], what: _Insertion, first: int, mark: str, ending: str) -> None:
    """Put something into the lines of a file.

    :param first: the line in which the manifest's text begins
    :param mark: what its lines begin with
    """
    at = first + what.line
    if what.column is None:
        lines[at:at] = [f"{mark} {text}{ending}" if mark else text + ending for text in what.texts]
        if not mark and at and not lines[at - 1].endswith(ending):
            lines[at - 1] += ending
        return
    line = lines[at]
    begins = line.index(mark) + len(mark) if mark else 0
    column = begins + what.column + (1 if mark and line[begins : begins + 1] == " " else 0)
    lines[at] = line[:column] + what.texts[0] + line[column:]


def _check(before: Manifest, after: Manifest, capability: str) -> None:
    """:raises UsageError: when a change did more, or less, than add a capability."""
    saved = (*before.permission_sets.get(SAVED, ()), capability)
    sets = {name: tuple(names) for name, names in before.permission_sets.items()} | {SAVED: saved}
    told = {name: tuple(names) for name, names in after.permission_sets.items()}
    if told != sets or replace(after, permission_sets={}) != replace(before, permission_sets={}):
        raise UsageError(f"the manifest is too unusual to be changed; add {capability!r} to {_SETS}.{SAVED} yourself")


def _ending(text: str) -> str:
    return "\r" if "\r\n" in text else ""


def _write(path: str, text: str) -> None:
    """Replace a file at once, its permissions kept."""
    import shutil
    import tempfile

    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="", dir=os.path.dirname(path), delete=False
        ) as f:
            f.write(text)
        shutil.copymode(path, f.name)
        os.replace(f.name, path)
    except OSError as error:
        raise UsageError(f"cannot write {path!r}: {error.strerror}") from error
