"""A workflow told as lines of text, what is in a step further to the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_bridges.workflow.definition import Cases, Each, Loop, Nested, Parallel, Sequence
from llmspell_bridges.workflow.labels import condition, label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_bridges.workflow.definition import Definition, Step

__all__ = ["outline"]


def outline(definition: Definition) -> str:
    """Return name, version, description, parameters and steps."""
    head = f"{definition.name} {definition.version}".strip()
    lines = [f"{head}: {definition.description}" if definition.description else head]
    if definition.parameters is not None:
        source = definition.parameters.source
        needed = source.get("required", ())
        for name, about in source.get("properties", {}).items():
            kind = about.get("type", "anything")
            lines.append(f"  parameter {name}: {kind}{'' if name in needed else ', optional'}")
    return "\n".join([*lines, *_lines(definition.root, "  ")]) + "\n"


def _lines(step: Step, indent: str) -> Iterator[str]:
    if step.name:
        yield f"{indent}{_shown(label(step) + _said(step))}"
        indent += "  "
    what = step.what
    if isinstance(what, Sequence | Parallel):
        for each in what.steps:
            yield from _lines(each, indent)
    elif isinstance(what, Cases):
        for when, each in what.cases:
            yield f"{indent}{_shown(f'when {condition(when)}:')}"
            yield from _lines(each, indent + "  ")
        if what.default is not None:
            yield f"{indent}else:"
            yield from _lines(what.default, indent + "  ")
    elif isinstance(what, Loop | Each):
        yield from _lines(what.step, indent)
    elif isinstance(what, Nested):
        yield from _lines(what.definition.root, indent)


def _said(step: Step) -> str:
    """Return what else is said of a step that changes how it is taken."""
    parts = [
        f"when {condition(step.when)}" if step.when is not None else "",
        f"within {step.timeout:g} s" if step.timeout is not None else "",
        f"undone by {label(step.compensate)}" if step.compensate is not None else "",
        "goes on after errors" if step.on_error is not None else "",
        "behind a breaker" if step.breaker is not None else "",
    ]
    said = "; ".join(part for part in parts if part)
    return f" ({said})" if said else ""


def _shown(text: str) -> str:
    return "".join(each if each.isprintable() else " " for each in text)
