"""One attack cast once: what was seen, and the judgement on it."""

from __future__ import annotations

import os
import resource
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmspell_core.spells import Spell
from rig.canaries import SECRET
from rig.corpus import Attack

if TYPE_CHECKING:
    from llmspell_core.limits import Limits
    from llmspell_core.policy import Policy
    from llmspell_core.runner import Runner

UTIL = {"util.lua": "return {twice = function(n) return 2 * n end}", "util.js": "exports.twice = n => 2 * n"}
GROWTH = 160 * 2**20
LATE = 2.5
"""CPU seconds past its limit that a spell may take in the caller's own process.

JavaScript's VM looks at the clock every 10,000 jumps. Where each allocates and drops 16 MiB, that takes about a second;
a worker is killed at its deadline all the same.
"""
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Seen:
    """What came of one attack.

    :param came: the kind of its error; "ok" when its value is "ok" or true; else the value
    :param said: all of value, output, error and traceback
    :param late: CPU seconds that this process used beyond the limit on time
    :param next: whether the next spell ran clean
    """

    came: str
    said: str
    growth: int = 0
    descriptors: int = 0
    late: float = 0.0
    next: bool = True


def attempt(
    runner: Runner, attack: Attack, params: dict[str, Any], policy: Policy, limits: Limits | None = None
) -> Seen:
    """Cast an attack, then a clean spell; return what was seen."""
    limits = limits or attack.limits
    before, open_before, cpu = _memory(), len(os.listdir("/proc/self/fd")), _cpu()
    spell = Spell(attack.source, f"{attack.name}.{attack.engine}", modules=UTIL)
    result = runner.cast(spell, engine=attack.engine, params=params, policy=policy, limits=limits)
    late = _cpu() - cpu - (limits.wall or 0.0)
    seen = Seen(_came(result), _said(result), _memory() - before, late=late)
    clean = Spell(attack.next, f"next.{attack.engine}", modules=UTIL)
    seen.next = runner.cast(clean, engine=attack.engine, policy=policy).value is True
    seen.descriptors = len(os.listdir("/proc/self/fd")) - open_before
    return seen


def holds(attack: Attack, seen: Seen) -> None:
    """Do nothing when the attack ended as its first line says; :raises AssertionError: when it did not."""
    shown = asdict(seen) | {"said": seen.said[:2000]}
    assert not seen.came.startswith("'ESCAPE"), shown
    assert SECRET not in seen.said, shown
    assert "root:x:0:" not in seen.said, shown
    if attack.expect == "harmless":
        assert seen.came == "ok", shown
    elif attack.expect == "limit":
        assert seen.came == "limit", shown
        assert seen.late < LATE, shown
    else:
        assert seen.came not in ("crash", "internal", "protocol", "hang"), shown
        assert not seen.came.startswith("'"), shown
    assert seen.growth < GROWTH, shown
    assert seen.next, shown


def _came(result: Any) -> str:
    if result.error is not None:
        return type(result.error).kind  # not the error's own: a spell may say any
    return "ok" if result.value in ("ok", True) else repr(str(result.value))


def _said(result: Any) -> str:
    error = result.error
    return "\n".join(
        [repr(result.value), result.output, repr(error), repr(error and error.value), repr(error and error.data)]
    )


def _memory() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
