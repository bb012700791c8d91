"""Cast spells: short untrusted scripts, in several languages, that make language models work.

>>> import llmspell_core
>>> llmspell_core.cast("return 1 + 1", engine="lua").value
2
"""

from __future__ import annotations

# `typing` itself would be imported before a zygote is started, see `__main__`.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from llmspell_core.budget import Budget
    from llmspell_core.limits import Limits
    from llmspell_core.policy import Policy
    from llmspell_core.runner import Result, Runner, acast, cast
    from llmspell_core.spells import Spell

__all__ = ["Budget", "Limits", "Policy", "Result", "Runner", "Spell", "__version__", "acast", "cast"]

__version__ = "0.1.0"


_HOMES = {"Budget": "budget", "Limits": "limits", "Policy": "policy", "Spell": "spells"}
"""The modules of what is not the runner's own."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'runner')}"), name)
