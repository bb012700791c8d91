"""What the spell bridge takes and tells."""

from __future__ import annotations

from typing import Any, TypedDict

# Arguments are checked by pydantic, which wants this one on Python 3.11.
from typing_extensions import TypedDict as Checked

from llmspell_core.bridge import Usage
from llmspell_core.values import Function, ScriptValue

__all__ = ["ContextRecord", "InfoRecord", "ProgressRecord", "RunRecord", "StepRecord"]


class InfoRecord(TypedDict):
    """What a spell's manifest says.

    :param entry: the file that is run
    :param engine: the engine that it asks for; nil when its file's name tells
    :param parameters: a JSON Schema by parameter name; nil where it takes any
    :param permissions: the capabilities that it asks for
    :param limits: a profile's name, or limits by name; nil when it sets none
    :param dependencies: the spells that it runs by name, and which versions of each
    :param plugins: the Python distributions that it needs, and which versions of each
    :param tests: its files that hold tests
    """

    name: str
    version: str
    description: str
    entry: str
    engine: str | None
    parameters: dict[str, Any] | None
    permissions: list[str]
    limits: dict[str, Any] | str | None
    dependencies: dict[str, str]
    plugins: dict[str, str]
    tests: list[str]


class ContextRecord(TypedDict):
    """The run that a spell is in.

    :param run: its id
    :param name: what the spell is called
    :param file: the entry file
    :param model: the model that the caller chose; nil when none
    :param now: Unix seconds
    :param usage: what the run has spent on models so far
    """

    run: str
    name: str
    version: str
    file: str
    model: str | None
    now: float
    usage: Usage


class RunRecord(TypedDict):
    """What came of a spell.

    :param value: what it returned
    :param output: all that it printed
    :param run: the id of its run
    :param usage: what it spent on models
    :param seconds: how long it took
    """

    value: ScriptValue
    output: str
    run: str
    usage: Usage
    seconds: float


class _Step(Checked):
    run: str | Function


class StepRecord(_Step, total=False):
    """A part of a composition.

    :param run: a spell, by its name or path, or a function
    :param params: of the spell, beside ``input``
    :param allow: as in ``spell.run``
    """

    params: dict[str, Any]
    allow: list[str]


class ProgressRecord(TypedDict):
    """How far a spell is.

    :param run: the id of its run
    :param total: None when it is not known
    """

    run: str
    spell: str
    done: float
    total: float | None
    note: str
