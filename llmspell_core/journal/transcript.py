"""A run as a file of JSON lines: its head, then its entries in order, each readable as it stands.

{"llmspell": "run", "version": 1, "run": {id, spell, engine, params, ...}}
{"run": id, "number": 1, "kind": "fed", "at": 1785000000.1, "body": [now, [event, ...]]}
{"run": id, "number": 2, "kind": "asked", "at": ..., "body": [request, ...]}

Runs that it cast follow it in the same file. Events, requests and values are written as in ``docs/protocol.md#wire``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_core.errors import ProtocolError, UsageError
from llmspell_core.journal.journal import fields_of, run_from
from llmspell_core.journal.past import BrokenJournal, Past
from llmspell_core.journal.records import Entry, dump, load

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from llmspell_core.journal.journal import Journal
    from llmspell_core.journal.records import Run

__all__ = ["NoTranscript", "read", "write"]

VERSION = 1


class NoTranscript(UsageError):
    """A file does not hold a run as it should."""

    def __init__(self, file: str, line: int, problem: object) -> None:
        self.file, self.line = file, line
        super().__init__(f"{file}:{line}: {problem}; write it again with `llmspell runs export`")


def write(journal: Journal, id: str) -> Iterator[str]:
    """Yield the lines of a run and of all that it has cast.

    :raises NoRun: when there is none
    :raises BrokenJournal: when an entry is not as it was written
    """
    run, entries = journal.run(id), journal.entries(id)
    Past(id, entries)
    fields = {name: value for name, value in fields_of(run).items() if value is not None}
    yield dump({"llmspell": "run", "version": VERSION, "run": {**fields, **_opened(fields)}})
    for entry in entries:
        line = {"run": id, "number": entry.number, "kind": entry.kind, "at": entry.at}
        about = {} if entry.about is None else {"about": entry.about}
        yield dump({**line, **about, "body": load(entry.body)})
    for child in journal.runs(parent=id, most=1_000_000)[::-1]:
        yield from write(journal, child.id)


def read(lines: Iterable[str], file: str) -> list[tuple[Run, list[Entry]]]:
    """Return the runs of a file, the first one's callers first.

    :raises NoTranscript: naming the line that is wrong
    """
    found: list[tuple[Run, list[Entry]]] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            _take(load(line), found)
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, ProtocolError) as error:
            raise NoTranscript(file, number, f"this is no line of a run ({error})") from error
    if not found:
        raise NoTranscript(file, 1, "there is no run in it")
    for run, entries in found:
        try:
            Past(run.id, entries)
        except BrokenJournal as error:
            raise NoTranscript(file, 1, error) from error
    return found


_TEXTS = ("spell", "params", "policy", "limits", "budget", "versions", "value", "output", "error", "usage")
"""The fields that the database holds as JSON text, and the file as what it stands for."""


def _opened(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: load(fields[name]) for name in _TEXTS if fields.get(name) is not None}


def _take(line: dict[str, Any], found: list[tuple[Run, list[Entry]]]) -> None:
    if line.get("llmspell") == "run":
        if line["version"] != VERSION:
            raise ValueError(f"it is of version {line['version']}, and this is {VERSION}")
        fields = dict(line["run"])
        texts = {name: dump(fields[name]) for name in _TEXTS if name in fields}
        found.append((run_from({**fields, **texts}), []))
        return
    run, entries = found[-1]
    if line["run"] != run.id:
        raise ValueError(f"the line belongs to {line['run']!r} and stands under {run.id!r}")
    entries.append(Entry(line["number"], line["kind"], line["at"], dump(line["body"]), line.get("about")))
