"""Runs in words that the commands on them have in common."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from llmspell_core import plugins
from llmspell_core.errors import LlmspellError, UsageError
from llmspell_core.journal.owners import is_alive
from llmspell_core.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmspell_core.journal import Entry, Run
    from llmspell_core.journal.told import Told
    from llmspell_core.protocol import Call

__all__ = ["check_language", "cost", "moment", "shown_calls", "state"]


def moment(seconds: float) -> str:
    """Return a time as the machine's own calendar has it."""
    return datetime.fromtimestamp(seconds).astimezone().isoformat(sep=" ", timespec="seconds")


def state(run: Run) -> str:
    """Return what became of a run: its status, ``killed`` where its process is no more."""
    if run.status == "running" and is_alive(run.owner) is False:
        return "killed"
    return run.status


def cost(run: Run) -> str:
    """Return what a run has cost, in dollars."""
    if run.usage is None:
        return ""
    return "unknown" if run.usage.cost is None else f"{run.usage.cost:.4f}"


def check_language(run: Run) -> None:
    """Do nothing for a run of a language; :raises UsageError: naming the command that casts what is of none."""
    if run.engine not in plugins.engine_names() and run.engine in plugins.command_names():
        cure = f"`llmspell {run.engine} resume {run.id}` goes on with it"
        raise UsageError(f"the run {run.id} is no spell's but one of `llmspell {run.engine}`; {cure}")


def shown_calls(entries: Sequence[Entry]) -> list[Told]:
    """Return the calls of a run as anybody may see them: without what installed bridges declare secret."""
    from llmspell_core.journal.told import calls

    secrets = Secrets()

    def args(call: Call) -> Sequence[Any]:
        shown, texts = _veiled(call)
        for text in texts:
            secrets.add_given(text)
        return shown

    told = calls(entries, args)
    for each in told:
        each.args = secrets.redact(each.args)
        each.answer = None if each.answer is None else secrets.redact(each.answer)
    return told


def _veiled(call: Call) -> tuple[Sequence[Any], Sequence[str]]:
    from llmspell_core.bridge import secret_of
    from llmspell_core.mount import signatures_of
    from llmspell_core.veils import veiled_args

    if call.target not in plugins.bridge_names():
        return call.args, ()
    try:
        cls = plugins.bridge_class(str(call.target))
    except LlmspellError:
        return call.args, ()
    read = signatures_of(cls, cls.name).get(call.method)
    secret = () if read is None else secret_of(getattr(cls, read[0]))
    return veiled_args(read[1], call.args, secret) if read is not None and secret else (call.args, ())
