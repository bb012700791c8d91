"""Write the pages: ``python -m docs.handbook FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

from docs.handbook.pages import pages


def main(folder: Path) -> None:
    """Write all pages into a folder."""
    for name, text in pages().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
