"""All that is fuzzed, by name."""

from __future__ import annotations

from tests.fuzzing import border, calls, mutated, texts
from tests.fuzzing.target import Target

TARGETS: dict[str, Target] = {
    target.name: target for group in (border, calls, texts, mutated) for target in group.TARGETS
}
