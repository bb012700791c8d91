"""errors.py: what every error of the tree can do."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING

import pytest

from llmspell_core import errors
from llmspell_core.errors import LlmspellError
from llmspell_core.values import ErrorValue

if TYPE_CHECKING:
    from collections.abc import Callable

MADE = {
    "LlmspellError": LlmspellError("it broke"),
    "NotInstalled": errors.NotInstalled("engine", "lua", ["js"]),
    "BrokenPlugin": errors.BrokenPlugin("engine", "lua", "it does not import", "install it"),
    "NotLocked": errors.NotLocked({"seccomp": "missing"}),
    "UsageError": errors.UsageError("no such thing"),
    "SpellSyntaxError": errors.SpellSyntaxError("unexpected end", "a.lua", 3),
    "UnknownBridge": errors.UnknownBridge("lm", ["llm"]),
    "UnknownMethod": errors.UnknownMethod("llm", "chatt", ["chat"]),
    "BadArgument": errors.BadArgument("llm.chat", 1, "prompt", "must be text"),
    "ConversionError": errors.ConversionError("a cycle", "$.a"),
    "LimitExceeded": errors.LimitExceeded("cpu", 1.0, used=1.2, file="a.lua", line=2),
    "Quarantined": errors.Quarantined("0123456789abcdef", 3),
    "RateLimited": errors.RateLimited("http.get", "net:*", "1/s", 0.5),
    "BudgetSpent": errors.BudgetSpent("tokens", 10, 8, None),
    "WorkerCrashed": errors.WorkerCrashed("SIGSEGV", None),
    "NoProcess": errors.NoProcess("too many open files"),
}


def through_pickle(error: LlmspellError) -> LlmspellError:
    copied: LlmspellError = pickle.loads(pickle.dumps(error))
    return copied


@pytest.mark.parametrize("copied", [through_pickle, copy.copy, copy.deepcopy])
@pytest.mark.parametrize("name", MADE)
def test_a_copy_of_an_error_says_the_same(name: str, copied: Callable[[LlmspellError], LlmspellError]) -> None:
    error = copy.copy(MADE[name])
    error.value = ErrorValue(error.kind, str(error), file="a.lua", line=2)
    again = copied(error)
    assert type(again) is type(error)
    assert (str(again), again.kind, again.args) == (str(error), error.kind, error.args)
    assert vars(again) == vars(error)


def test_every_error_that_is_made_of_more_than_its_message_is_tried() -> None:
    own = {name for name in errors.__all__ if "__init__" in vars(getattr(errors, name))}
    assert own <= MADE.keys()
