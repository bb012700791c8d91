"""The program ``llmspell``, also ``python -m llmspell_core``."""

from __future__ import annotations

import gc
import os
import sys

from llmspell_core.isolation import headstart

__all__ = ["run"]


def run() -> None:
    """Run the command line and leave the process.

    Short of Python's own ceremonies, which take a tenth of the time of a short cast: nothing that is imported becomes
    garbage, and nothing that is left at the end needs to be taken apart.
    """
    gc.disable()
    # A process for the spell warms up meanwhile.
    headstart.begin(sys.argv[1:])
    from llmspell_core.cli import main

    try:
        main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        pass
    if "logging" in sys.modules:
        sys.modules["logging"].shutdown()
    headstart.drop()
    os._exit(status)


if __name__ == "__main__":
    run()
