"""A workflow drawn as SVG: boxes in columns, frames around what is taken again, nothing but text and lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from llmspell_bridges.workflow.definition import Cases, Each, Loop, Nested, Parallel, Sequence
from llmspell_bridges.workflow.labels import condition, label
from llmspell_core.facts import Fact, fact

if TYPE_CHECKING:
    from llmspell_bridges.workflow.definition import Definition, Step

__all__ = ["svg"]

_LETTER, _LINE, _GAP, _PAD = 7.3, 36.0, 30.0, 16.0
_STYLE = (
    "text{font:13px ui-monospace,monospace;text-anchor:middle;dominant-baseline:middle;fill:#1a202c}"
    "rect{fill:#fff;stroke:#4a5568;rx:6px}.frame{fill:none;stroke-dasharray:5 4}.round{rx:18px;fill:#edf2f7}"
    ".undo{fill:#fff5f5;stroke:#c53030}path{fill:none;stroke:#4a5568}.bar{fill:#4a5568}"
)
_HEAD = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0L8 4L0 8z" style="fill:#4a5568;stroke:none"/></marker></defs>'
)
_Draw: TypeAlias = Callable[[float, float], list[str]]
"""Returns the elements of a block whose upper edge has its middle there."""


@fact
class _Block(Fact):
    """A part of the picture: entered in the middle of its upper edge, left in the middle of its lower one."""

    width: float
    height: float
    draw: _Draw


def svg(definition: Definition) -> str:
    """Return the picture."""
    blocks = [_box(definition.name, "round"), _step(definition.root), _box("end", "round")]
    whole = _column(blocks)
    width, height = whole.width + 2 * _PAD, whole.height + 2 * _PAD
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    begin = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img"><style>{_STYLE}</style>{_HEAD}'
    title = f"<title>{_text(definition.name)}</title>"
    return "\n".join([begin, title, *whole.draw(width / 2, _PAD), "</svg>", ""])


def _step(step: Step) -> _Block:
    what = step.what
    if isinstance(what, Sequence):
        inner = _column([_step(each) for each in what.steps])
        return _frame(label(step), inner) if step.name else inner
    if isinstance(what, Parallel):
        row = _row([(_step(each), "") for each in what.steps])
        return _column([_box(label(step)), row, _box(f"merge: {condition(what.merge)}")], joined=True)
    if isinstance(what, Cases):
        cases = [(_step(each), condition(when)) for when, each in what.cases]
        default = _nothing() if what.default is None else _step(what.default)
        return _column([_box(label(step), "round"), _row([*cases, (default, "else")])], joined=True)
    if isinstance(what, Loop | Each):
        return _frame(label(step), _step(what.step))
    if isinstance(what, Nested):
        return _frame(label(step), _step(what.definition.root))
    if step.compensate is None:
        return _box(label(step))
    return _beside(_box(label(step)), _box(f"undo: {label(step.compensate)}", "undo"))


def _box(text: str, kind: str = "") -> _Block:
    width = max(90.0, len(text) * _LETTER + 24)

    def draw(x: float, y: float) -> list[str]:
        style = f' class="{kind}"' if kind else ""
        box = f'<rect{style} x="{x - width / 2:.1f}" y="{y:.1f}" width="{width:.1f}" height="{_LINE:.1f}"/>'
        return [box, f'<text x="{x:.1f}" y="{y + _LINE / 2:.1f}">{_text(text)}</text>']

    return _Block(width, _LINE, draw)


def _nothing() -> _Block:
    return _Block(60.0, _LINE, lambda x, y: [f'<path d="M{x:.1f} {y:.1f}V{y + _LINE:.1f}"/>'])


def _column(blocks: list[_Block], *, joined: bool = False) -> _Block:
    """Return blocks below one another.

    :param joined: without arrows, for those that bring lines of their own
    """
    width, height = max(block.width for block in blocks), sum(block.height for block in blocks)
    gap = 0.0 if joined else _GAP

    def draw(x: float, y: float) -> list[str]:
        made: list[str] = []
        for i, block in enumerate(blocks):
            if i and not joined:
                made.append(f'<path d="M{x:.1f} {y - gap:.1f}V{y:.1f}" marker-end="url(#tip)"/>')
            made += block.draw(x, y)
            y += block.height + gap
        return made

    return _Block(width, height + gap * (len(blocks) - 1), draw)


def _row(parts: list[tuple[_Block, str]]) -> _Block:
    """Return blocks side by side, each reached by a line that says something, and left by one."""
    widths = [max(block.width, len(said) * _LETTER + 8) for block, said in parts]
    width, deep = sum(widths) + _PAD * (len(parts) - 1), max(block.height for block, _ in parts)
    above, below = _GAP + 14, _GAP

    def draw(x: float, y: float) -> list[str]:
        made: list[str] = []
        left = x - width / 2
        for (block, said), room in zip(parts, widths, strict=True):
            middle = left + room / 2
            way = f"M{x:.1f} {y:.1f}V{y + 10:.1f}H{middle:.1f}V{y + above:.1f}"
            made.append(f'<path d="{way}" marker-end="url(#tip)"/>')
            if said:
                made.append(f'<text x="{middle:.1f}" y="{y + 22:.1f}">{_text(said)}</text>')
            made += block.draw(middle, y + above)
            ends = y + above + block.height
            made.append(f'<path d="M{middle:.1f} {ends:.1f}V{y + above + deep + below - 10:.1f}H{x:.1f}v10"/>')
            left += room + _PAD
        return made

    return _Block(width, above + deep + below, draw)


def _frame(title: str, inner: _Block) -> _Block:
    width = max(inner.width, len(title) * _LETTER) + 2 * _PAD
    height = inner.height + 2 * _PAD + 20

    def draw(x: float, y: float) -> list[str]:
        frame = f'<rect class="frame" x="{x - width / 2:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'
        return [frame, f'<text x="{x:.1f}" y="{y + 14:.1f}">{_text(title)}</text>', *inner.draw(x, y + 20 + _PAD)]

    return _Block(width, height, draw)


def _beside(block: _Block, other: _Block) -> _Block:
    """Return a block with another at its side; the first stays in the middle."""
    reach = block.width / 2 + _PAD + other.width

    def draw(x: float, y: float) -> list[str]:
        edge = x + block.width / 2
        line = f'<path d="M{edge:.1f} {y + _LINE / 2:.1f}h{_PAD:.1f}" stroke-dasharray="3 3"/>'
        return [*block.draw(x, y), line, *other.draw(edge + _PAD + other.width / 2, y)]

    return _Block(2 * reach, block.height, draw)


def _text(text: str) -> str:
    from html import escape

    return escape("".join(each if each.isprintable() else " " for each in text))
