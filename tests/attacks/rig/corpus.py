"""The hostile spells, and what the first line of each says must hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from llmspell_core.limits import Limits

HERE = Path(__file__).parent.parent
_FIRST = re.compile(
    r"(?://|--) expect: (?P<expect>denied|limit|harmless) \| group: (?P<group>[a-z]+) \| holds: (?P<holds>.+?)"
    r"(?: \| inline: (?P<inline>.+))?$"
)
_NEXT = re.compile(r"^(?://|--) next: (.*)$", re.MULTILINE)
_CLEAN = {"lua": "return probe.echo(5) == 5 and #probe.items() == 3", "js": "return await probe.echo(5) === 5"}
_WALL = {"limit": 0.5, "denied": 5.0, "harmless": 5.0}


@dataclass(frozen=True)
class Attack:
    """One hostile spell.

    :param expect: how it ends: ``denied``, ``limit`` or ``harmless``
    :param inline: why it is not to be stopped in the caller's own process; None where it is
    """

    name: str
    engine: str
    source: str
    expect: str
    group: str
    holds: str
    inline: str | None = None

    @property
    def id(self) -> str:
        return f"{self.engine}-{self.name}"

    @property
    def never_inline(self) -> bool:
        """True when inline cannot stop it, False when it can or sometimes can."""
        return self.inline is not None and not self.inline.startswith("sometimes")

    @property
    def limits(self) -> Limits:
        mb = 2**20
        return Limits(wall=_WALL[self.expect], memory=64 * mb, output=mb, message=mb, calls=10_000)

    @property
    def next(self) -> str:
        """The spell that runs after it, which returns true when it finds nothing of this one."""
        own = _NEXT.search(self.source)
        if own is None:
            return _CLEAN[self.engine]
        return own[1] if "return " in own[1] else f"return {own[1]}"


def read(path: Path) -> Attack:
    """Return the attack that a file holds; :raises ValueError: when its first line does not say what must hold."""
    source = path.read_text()
    first = _FIRST.fullmatch(source.partition("\n")[0])
    if first is None:
        raise ValueError(f"the first line of {path} does not say what must hold")
    return Attack(path.stem, path.parent.name, source, **first.groupdict())


ATTACKS = [read(path) for path in sorted([*HERE.glob("lua/*.lua"), *HERE.glob("js/*.js")])]


def named(id: str) -> Attack:
    """Return the attack of that language and name."""
    return next(attack for attack in ATTACKS if attack.id == id)


def inline_table() -> str:
    """Return what inline cannot stop as the table that the README holds."""
    rows = [f"| `{each.engine}/{each.name}` | {each.inline} |" for each in ATTACKS if each.inline]
    return "\n".join(["| attack | why |", "|---|---|", *rows])
