"""Print one table of figures: ours, a peer's in the same run, the ratio, and what we promise.

python -m benchmarks [NAME ...]
"""

from __future__ import annotations

import sys

from benchmarks import (
    calls,
    compute,
    journal,
    library,
    models,
    observability,
    processes,
    queue,
    sessions,
    startup,
    values,
)
from benchmarks.timing import Figure

GROUPS = {
    "startup": startup,
    "sessions": sessions,
    "library": library,
    "processes": processes,
    "calls": calls,
    "journal": journal,
    "queue": queue,
    "compute": compute,
    "values": values,
    "models": models,
    "observability": observability,
}


def main() -> None:
    wanted = sys.argv[1:] or list(GROUPS)
    print(f"{'what':46} {'ours':>12} {'peer':>12} {'ratio':>8}  goal")
    for name in wanted:
        for figure in GROUPS[name].figures():
            show(figure)


def show(figure: Figure) -> None:
    ratio = f"{figure.ours / figure.peer:.2f}" if figure.peer else ""
    peer = f"{figure.peer:.4g} {figure.unit}" if figure.peer else ""
    print(f"{figure.what:46} {f'{figure.ours:.4g} {figure.unit}':>12} {peer:>12} {ratio:>8}  {figure.goal}", flush=True)


if __name__ == "__main__":
    main()
