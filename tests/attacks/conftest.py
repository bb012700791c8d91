"""Canaries, and the four places in which attacks are cast."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if sys.platform == "linux":
    sys.path.insert(0, str(Path(__file__).parent))
else:
    collect_ignore_glob = ["test_*.py"]

if TYPE_CHECKING:
    from rig.canaries import Canaries
    from rig.places import Throwaway, Workers


@pytest.fixture(scope="session")
def canaries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Canaries]:
    from rig.canaries import Canaries

    made = Canaries(tmp_path_factory.mktemp("canaries"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def places(canaries: Canaries) -> Iterator[dict[str, Workers | Throwaway]]:
    """The four places by name; nothing of them is left behind."""
    from rig.places import Throwaway, Workers

    before = _kin()
    made = {
        "process-fresh": Workers(ahead=False),
        "process-pooled": Workers(ahead=True),
        "inline-fresh": Throwaway(used=False),
        "inline-used": Throwaway(used=True),
    }
    yield made
    for place in made.values():
        place.close()
    # What an earlier test left waiting may have gone meanwhile.
    children, descriptors = _kin()
    assert children <= before[0]
    assert descriptors <= before[1]


def _kin() -> tuple[set[str], int]:
    """This process's children, and how many descriptors it has open."""
    children = {pid for task in Path("/proc/self/task").glob("*/children") for pid in task.read_text().split()}
    return children, len(list(Path("/proc/self/fd").iterdir()))
