"""The spell writer's library as every engine with ``Feature.LIBRARY`` has it: declared here, written in each language.

The classes say what there is, for editors, reference pages and tests; nothing of them runs.
"""

from __future__ import annotations

from llmspell_core.bridge import exposed_methods
from llmspell_core.library.channels import ChannelLibrary
from llmspell_core.library.core import CoreLibrary
from llmspell_core.library.data import DataLibrary
from llmspell_core.library.errors import ErrorsLibrary
from llmspell_core.library.promises import PromiseLibrary
from llmspell_core.library.testing import TestingLibrary

__all__ = ["LIBRARY", "functions"]

LIBRARY = (ChannelLibrary, CoreLibrary, DataLibrary, ErrorsLibrary, PromiseLibrary, TestingLibrary)


def functions() -> frozenset[str]:
    """Return the functions of the library as the host spells them: ``errors.try``."""
    return frozenset(f"{module.name}.{name.rstrip('_')}" for module in LIBRARY for name in exposed_methods(module))
