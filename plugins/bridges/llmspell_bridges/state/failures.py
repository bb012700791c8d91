"""What goes wrong with kept values, told to the script."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from llmspell_bridges.state.compare import Clash
from llmspell_bridges.state.paths import NoPlace, written
from llmspell_bridges.state.space import NotFree
from llmspell_bridges.state.store import Contended, Full, Unheld
from llmspell_core.errors import CallError, LimitExceeded

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LockLost", "LockTaken", "MergeConflict", "TransactionOver", "telling"]


class LockTaken(CallError):
    """Others had a lock as long as was waited for it; ``data`` is ``{lock, timeout}``."""

    kind = "timeout"

    def __init__(self, name: str, timeout: float, problem: str) -> None:
        self.data = {"lock": name, "timeout": timeout}
        super().__init__(problem)


class LockLost(CallError):
    """A lock is not held any more; ``data`` is ``{lock}``."""

    kind = "lock"

    def __init__(self, name: str, problem: str) -> None:
        self.data = {"lock": name}
        super().__init__(problem)


class MergeConflict(CallError):
    """Two values differ where they must not; ``data`` is ``{path}``."""

    kind = "conflict"

    def __init__(self, path: str) -> None:
        self.data = {"path": path}
        super().__init__(
            f"both values say something else at {path}; choose another strategy, or settle it by a function"
        )


class TransactionOver(CallError):
    """A transaction was used after its end."""

    def __init__(self) -> None:
        super().__init__("the transaction has ended; use its handle only in the function that was called with it")


@contextmanager
def telling(method: str) -> Iterator[None]:
    """Raise in the words of llmspell what goes wrong in a block.

    :param method: what is done there: ``state.set``
    """
    try:
        yield
    except Full as full:
        name = {"bytes": "state", "keys": "state_keys", "key": "state_key"}[full.what]
        raise LimitExceeded(name, full.allowed, f"{method}: {full}") from full
    except (Contended, NoPlace) as error:
        raise CallError(f"{method}: {error}") from error
    except NotFree as error:
        raise LockTaken(error.name, error.timeout, f"{method}: {error}") from error
    except Unheld as error:
        raise LockLost(error.name, f"{method}: {error}") from error
    except Clash as error:
        raise MergeConflict(written(error.steps)) from error
