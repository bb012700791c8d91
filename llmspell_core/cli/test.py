"""``llmspell test``: run tests in the languages of spells, by pytest."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import click

from llmspell_core.cli.exits import Exit
from llmspell_core.errors import PluginError, UsageError, closest
from llmspell_core.policy import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["command"]

_NONE = (
    "llmspell: no tests found; a file of tests is called NAME_test or NAME.test with the language's ending, as "
    "greet_test.lua, or is listed in a manifest's `tests`; `llmspell new greet` writes a spell that has one"
)
_OWN = {
    "--engine": "--cast-engine",
    "-e": "--cast-engine",
    "--model": "--cast-model",
    "--isolation": "--cast-isolation",
    "--policy": "--cast-policy",
    "--allow": "--cast-allow",
    "--deny": "--cast-deny",
    "--permission-set": "--cast-permission-set",
    "-P": "--cast-permission-set",
    "--cov-report": "--spell-cov-report",
    "--cov-fail-under": "--spell-cov-fail-under",
}
_FLAGS = {"--record": "--cast-record", "--replay": "--cast-replay", "--cov": "--spell-cov"}


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "allow_interspersed_args": True}
)
@click.option("--watch", is_flag=True, help="Run again whenever a file changes.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[PATHS] [OPTIONS OF PYTEST]")
def command(watch: bool, arguments: tuple[str, ...]) -> Exit:
    """Run the tests in PATHS, or here: files named *_test and *.test in the languages of spells.

    Each test is an item of pytest, in a session of its own, so pytest's options work: -k, --lf, -x, -n, --junit-xml.
    Beside them there are --model, --engine, --isolation, --policy, --permission-set, --allow-NAME[=SCOPE],
    --deny-NAME[=SCOPE] as for `llmspell run`, and --record, --replay, --update-snapshots, --fixed-snapshots.

    --cov shows which lines of spells the tests run, --cov-report term|xml|lcov|html|json[:PATH] tells it otherwise, and
    --cov-fail-under PERCENT makes the tests fail where it is less.
    """
    if find_spec("pytest") is None:
        raise PluginError("tests are run by pytest, which is not installed; pip install 'llmspell-core[test]'")
    given = [
        "--spell-tests",
        "--assert=plain",
        "--continue-on-collection-errors",
        "-o",
        "python_files=",
        *_translated(arguments),
    ]
    if watch:
        return _watched(given)
    import pytest

    status = pytest.main(given, plugins=[_Named()])
    if status in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        return Exit.DONE if status == pytest.ExitCode.OK else Exit.SPELL
    if status == pytest.ExitCode.NO_TESTS_COLLECTED:
        click.echo(_NONE, err=True)
    return Exit.OWN_FAULT if status == pytest.ExitCode.INTERNAL_ERROR else Exit.USAGE


class _Named:
    """A plugin of pytest that has it call itself by our name where it is called wrongly."""

    def pytest_addoption(self, parser: Any) -> None:
        parser.prog = "llmspell test"


def _translated(arguments: Iterable[str]) -> list[str]:
    """Return the arguments with llmspell's own options as the plugin of pytest has them."""
    made, words = [], iter(arguments)
    for argument in words:
        name, equals, value = argument.partition("=")
        if name == "--allow-all":
            made.append("--cast-policy=trusted")
        elif (verb := name.removeprefix("--").partition("-")[0]) in ("allow", "deny") and name.startswith(f"--{verb}-"):
            kind = _kind(name, verb)
            made += [f"--cast-{verb}={kind}:{scope}" for scope in (value.split(",") if equals else ["*"])]
        elif name in _FLAGS:
            made.append(f"{_FLAGS[name]}{equals}{value}")
        elif name in _OWN:
            made.append(f"{_OWN[name]}={_checked(name, value if equals else next(words, ''))}")
        else:
            made.append(argument)
    return made


def _checked(name: str, given: str) -> str:
    """Return what an option of llmspell's own is given; :raises UsageError: when it is nothing, or not one it takes."""
    from llmspell_core.spelltests.plugin import CHOICES

    choices = CHOICES.get(_OWN[name])
    if not given:
        raise UsageError(f"{name} needs a value; write {name}={'|'.join(choices or ['...'])}")
    if choices is not None and given not in choices:
        raise UsageError(f"{name} is one of {', '.join(choices)}, not {given!r}")
    return given


def _kind(name: str, verb: str) -> str:
    """Return the kind of capability that an option names; :raises UsageError: when there is none of that name."""
    kind = name.removeprefix(f"--{verb}-")
    if kind not in KINDS:
        known = [f"--{verb}-{each}" for each in KINDS]
        raise UsageError(f"there is no option {name}{closest(name, known) or '; there are ' + ', '.join(known)}")
    return kind


def _watched(given: list[str]) -> Exit:
    """Run the tests now and after each change, each time in a process of its own, until the user has enough."""
    if find_spec("watchfiles") is None:
        raise PluginError("--watch needs watchfiles, which is not installed; pip install 'llmspell-core[test]'")
    import subprocess

    from watchfiles import watch

    from llmspell_core.spelltests.files import folder_of

    folders = {folder_of(path) if os.path.isfile(path) else path for path in given if os.path.exists(path)}
    written = _reports(given)

    def is_source(change: object, path: str) -> bool:
        return _is_source(path) and not path.startswith(written)

    run = [sys.executable, "-m", "pytest", *given]
    try:
        subprocess.run(run, check=False)
        for _ in watch(*(folders or {"."}), watch_filter=is_source):
            subprocess.run(run, check=False)
    except KeyboardInterrupt:
        pass
    return Exit.DONE


def _is_source(path: str) -> bool:
    """Tell whether a change is one of the user's, not what a run of the tests writes."""
    parts = os.path.relpath(path).split(os.sep)
    return not any(part.startswith((".", "__")) and part != ".." for part in parts)


def _reports(given: Sequence[str]) -> tuple[str, ...]:
    """Return where reports of coverage are written to: what changes there nobody has changed."""
    from llmspell_core.spelltests.plugin import REPORTS

    told = [word.partition("=")[2].partition(":") for word in given if word.startswith("--spell-cov-report=")]
    places = [path or REPORTS.get(kind) for kind, _, path in told]
    return tuple(os.path.abspath(place) for place in places if place)
