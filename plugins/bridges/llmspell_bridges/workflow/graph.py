"""A workflow drawn as Mermaid text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_bridges.workflow.definition import Cases, Each, Loop, Nested, Parallel, Sequence
from llmspell_bridges.workflow.labels import condition, label

if TYPE_CHECKING:
    from llmspell_bridges.workflow.definition import Definition, Step

__all__ = ["mermaid"]


def mermaid(definition: Definition) -> str:
    """Return a flowchart of the steps, and of what undoes them."""
    return "\n".join(_Chart().whole(definition)) + "\n"


class _Chart:
    """The lines of a flowchart; its nodes are numbered."""

    def __init__(self) -> None:
        self._lines = ["flowchart TD"]
        self._nodes = 0
        self._indent = 1

    def whole(self, definition: Definition) -> list[str]:
        begin = self._node("([", definition.name, "])")
        ends = self._step(definition.root, [(begin, "")])
        end = self._node("([", "end", "])")
        self._arrows(ends, end)
        return self._lines

    def _step(self, step: Step, before: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Draw a step after others, and return what the next one comes after, each with what its arrow says."""
        what = step.what
        if isinstance(what, Sequence):
            return self._inside(step, what.steps, before) if step.name else self._row(what.steps, before)
        if isinstance(what, Parallel):
            fork = self._after(before, "[[", label(step), "]]")
            ends = [end for each in what.steps for end in self._step(each, [(fork, "")])]
            join = self._node("[[", f"merge: {condition(what.merge)}", "]]")
            self._arrows(ends, join)
            return [(join, "")]
        if isinstance(what, Cases):
            return self._choice(step, what, before)
        if isinstance(what, Loop | Each):
            return self._again(step, what, before)
        if isinstance(what, Nested):
            return self._inside(step, (what.definition.root,), before)
        node = self._after(before, "[", label(step), "]")
        if step.compensate is not None:
            undo = self._node("(", f"undo: {label(step.compensate)}", ")")
            self._line(f"{node} -.-> {undo}")
        return [(node, "")]

    def _row(self, steps: tuple[Step, ...], before: list[tuple[str, str]]) -> list[tuple[str, str]]:
        for each in steps:
            before = self._step(each, before)
        return before

    def _choice(self, step: Step, what: Cases, before: list[tuple[str, str]]) -> list[tuple[str, str]]:
        fork = self._after(before, "{", label(step), "}")
        ends = [end for when, each in what.cases for end in self._step(each, [(fork, condition(when))])]
        if what.default is None:
            return [*ends, (fork, "else")]
        return [*ends, *self._step(what.default, [(fork, "else")])]

    def _again(self, step: Step, what: Loop | Each, before: list[tuple[str, str]]) -> list[tuple[str, str]]:
        head = self._after(before, "{{", label(step), "}}")
        self._arrows(self._step(what.step, [(head, "each" if isinstance(what, Each) else "again")]), head)
        return [(head, "then")]

    def _inside(self, step: Step, steps: tuple[Step, ...], before: list[tuple[str, str]]) -> list[tuple[str, str]]:
        self._nodes += 1
        self._line(f'subgraph g{self._nodes}["{_quoted(label(step))}"]')
        self._indent += 1
        ends = self._row(steps, before)
        self._indent -= 1
        self._line("end")
        return ends

    def _after(self, before: list[tuple[str, str]], left: str, text: str, right: str) -> str:
        node = self._node(left, text, right)
        self._arrows(before, node)
        return node

    def _node(self, left: str, text: str, right: str) -> str:
        self._nodes += 1
        name = f"n{self._nodes}"
        self._line(f'{name}{left}"{_quoted(text)}"{right}')
        return name

    def _arrows(self, before: list[tuple[str, str]], node: str) -> None:
        for each, said in before:
            arrow = f'-- "{_quoted(said)}" -->' if said else "-->"
            self._line(f"{each} {arrow} {node}")

    def _line(self, text: str) -> None:
        self._lines.append("  " * self._indent + text)


def _quoted(text: str) -> str:
    """Return a text that Mermaid takes for nothing but text."""
    shown = "".join(each if each.isprintable() else " " for each in text)
    return "".join(_ENTITIES.get(each, each) for each in shown)


_ENTITIES = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "`": "#96;", "{": "#123;", "}": "#125;"}
