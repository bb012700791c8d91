"""Fuzzing guided by coverage, with atheris: a process of its own, for it ends with the process.

python -m tests.fuzzing.guided TARGET [libFuzzer's options and folders ...]
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.fuzzing.target import Target

_MEMORY = 2048
"""Megabytes that a process may take."""
_TIMEOUT = 10
"""Seconds that one input may take."""


def is_there() -> bool:
    """Tell whether atheris is installed."""
    return importlib.util.find_spec("atheris") is not None


def run(target: Target, seconds: float, chance: int) -> tuple[int, bytes | None]:
    """Try inputs for so long; return how many, and one that is a find.

    What it learns is kept in the folder ``.fuzz`` and is where the next time begins.
    """
    grown = Path(".fuzz") / target.name
    grown.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as found:
        words = Path(found) / "words"
        words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words))
        options = [f"-max_total_time={max(1, int(seconds))}", f"-timeout={_TIMEOUT}", f"-rss_limit_mb={_MEMORY}"]
        options += [f"-artifact_prefix={found}/find-", f"-seed={chance + 1}", "-print_final_stats=1"]
        options += [f"-dict={words}"] if target.words else []  # it takes no empty one
        options += [str(grown), *sorted({str(path.parent) for path in target.seeds()})]
        ended = subprocess.run(
            [sys.executable, "-m", "tests.fuzzing.guided", target.name, *options],
            capture_output=True,
            text=True,
            check=False,
        )
        finds = sorted(Path(found).glob("find-*"), key=lambda path: path.stat().st_size)
        tried = re.findall(r"number_of_executed_units: (\d+)|^#(\d+)\s", ended.stderr, re.MULTILINE)
        if finds or ended.returncode:
            print(ended.stdout[-4000:], ended.stderr[-4000:], file=sys.stderr)
        if ended.returncode and not finds:
            raise SystemExit("atheris ended without a find")
        count = max((int(first or second) for first, second in tried), default=0)
        return count, finds[0].read_bytes() if finds else None


def _escaped(word: str) -> str:
    return "".join(f"\\x{byte:02X}" for byte in word.encode("utf-8", "surrogatepass"))


def main() -> None:
    """Fuzz in this process until libFuzzer ends it."""
    import atheris

    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    with atheris.instrument_imports(include=["llmspell_core", "yaml"]):
        from tests.fuzzing.targets import TARGETS

    target = TARGETS[sys.argv[1]]
    atheris.Setup([sys.argv[0], *sys.argv[2:]], target.try_on)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
