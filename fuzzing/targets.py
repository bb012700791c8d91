"""All that is fuzzed, by name."""

from __future__ import annotations

from fuzzing import border, calls, mutated, texts
from fuzzing.target import Target

TARGETS: dict[str, Target] = {
    target.name: target for group in (border, calls, texts, mutated) for target in group.TARGETS
}
